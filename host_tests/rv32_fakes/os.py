"""The machine's own module, with numbers that stand for chance."""

import time

from uos import *  # noqa: F403


def urandom(count):
    return bytes((time.ticks_us() * 7 + number * 31) & 255 for number in range(count))
