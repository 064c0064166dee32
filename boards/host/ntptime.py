"""The unix port as a board, its `ntptime`: this computer's clock, or the household's in a simulation.

HAN_CLOCK="<then> <origin>", in seconds since 1970: at the real time `origin` it is `then` in the household, and from
there on HAN_SPEED times as fast. A file `ntp-down` in the working folder is a server that does not answer, a file
`ntp-off` has how many seconds it is wrong.
"""

import os
import time as _time

host = "pool.ntp.org"
timeout = 1

_SPEED = float(os.getenv("HAN_SPEED") or 1)


def time():
    """Whole seconds since this port's epoch, 1970."""
    if "ntp-down" in os.listdir("."):
        raise OSError(110)
    now_s = _time.time()
    given = os.getenv("HAN_CLOCK")
    if given:
        then_s, origin_s = (float(part) for part in given.split())
        now_s = then_s + (now_s - origin_s) * _SPEED
    return int(now_s) + _off_s()


def _off_s():
    try:
        with open("ntp-off", "r") as file:
            return int(file.read())
    except OSError:
        return 0
