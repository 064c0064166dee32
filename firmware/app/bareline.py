"""The meter's line before the UART listens: which level it rests at, and how short its pulses are."""

import asyncio
import time

import machine

from app import clock

_LOOK_MS = 12000  # Kamstrup begins a list every 10 s
_STEP_MS = 3
_STEADY = 32  # looks in a row at one level: no byte of 2400 baud has it for half as long
_SLICE_US = 15000  # for which nothing else runs
_ENOUGH = 40  # pulses; the shortest of so many is one bit


async def rest(pin):
    """The pin's level between lists, 0 or 1: the first that lasts; -1 when none does."""
    began_ms = clock.ticks_ms()
    level = pin.value()
    looks = 0
    while looks < _STEADY:
        if _is_over(began_ms):
            return -1
        await asyncio.sleep_ms(_STEP_MS)
        before, level = level, pin.value()
        looks = looks + 1 if level == before else 0
    return level


async def look(pin, resting):
    """(how many pulses were seen; microseconds of the shortest, 0 for none) on a pin that rests at this level.

    What comes meanwhile is not read.
    """
    began_ms = clock.ticks_ms()
    shortest_us = pulses = 0
    while pulses < _ENOUGH and not _is_over(began_ms):
        found_us = machine.time_pulse_us(pin, 1 - resting, _SLICE_US)
        if found_us > 0:
            shortest_us = min(shortest_us, found_us) if pulses else found_us
            pulses += 1
        await asyncio.sleep_ms(1)
    return pulses, shortest_us


def _is_over(began_ms):
    return time.ticks_diff(clock.ticks_ms(), began_ms) >= _LOOK_MS
