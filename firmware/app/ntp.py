"""The time from an NTP server, by MicroPython's ntptime. It blocks: only the network's thread calls it."""

import time

import ntptime

# 2020-01-01 as each port's clock counts: from 1970, or as the ESP32 does from 2000.
_START_S = {1970: 1577836800, 2000: 631152000}
_ANSWER_S = 2


def ask(server):
    """Seconds since 2020-01-01 00:00 UTC. Raises OSError when the server's name or answer does not come."""
    ntptime.host = server
    ntptime.timeout = _ANSWER_S
    return ntptime.time() - _START_S[time.gmtime(0)[0]]
