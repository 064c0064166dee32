"""The event loop's clock of the unix port, HAN_SPEED (a whole number) times as fast as the real one: a simulated week
then takes minutes. `time` itself stays real, and with it the deadlines of the network's steps.
"""

import asyncio.core as loop
import os
import sys
import time

_SPEED = int(os.getenv("HAN_SPEED") or 1)
_TOO_LONG = 4  # the exit code
# The loop's queue is C and takes the real clock for what is to run at once: "now" must not look like the future. On a
# 32-bit MicroPython that is after 149 hours; one of them is left for what sleeps.
_LONGEST_MS = (time.ticks_add(0, -1) >> 1) - 3600000

_now_ms = time.ticks_ms()
_seen_us = time.ticks_us()
_rest_us = 0
_lived_ms = 0
_real_wait = loop.IOQueue.wait_io_event


def install():
    """Put it in the place of the loop's own; before any task is made."""
    if _SPEED != 1:
        loop.ticks = _ticks
        loop.IOQueue.wait_io_event = _wait


def _ticks():
    """As time.ticks_ms(); the firmware's threads ask too, though none while another is here (hostthreads.py)."""
    global _now_ms, _seen_us, _rest_us, _lived_ms
    us = time.ticks_us()
    fast_us = time.ticks_diff(us, _seen_us) * _SPEED + _rest_us
    _seen_us = us
    _rest_us = fast_us % 1000
    passed_ms = fast_us // 1000
    _lived_ms += passed_ms
    _now_ms = time.ticks_add(_now_ms, passed_ms)
    return _now_ms


def _wait(queue, fast_ms):
    """As IOQueue.wait_io_event(); -1 is for ever."""
    if _lived_ms > _LONGEST_MS:
        print(f"HAN_SPEED: no process can live longer than {_LONGEST_MS // 3600000} hours of the fast clock")
        sys.exit(_TOO_LONG)
    _real_wait(queue, fast_ms // _SPEED)
    if 0 < fast_ms < _SPEED:
        # Less than poll() can wait; not to wait at all would take the processor from those who are waited for.
        time.sleep_us(fast_ms * 1000 // _SPEED)
