"""The host's `time`: who sleeps lets others run (hostthreads.py)."""

import utime
from hostthreads import waiting
from utime import *  # noqa: F403, it is that module but for what waits


def sleep(seconds):
    with waiting:
        utime.sleep(seconds)


def sleep_ms(ms):
    with waiting:
        utime.sleep_ms(ms)


def sleep_us(us):
    with waiting:
        utime.sleep_us(us)
