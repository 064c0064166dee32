"""The dongle's starts, and how the lives before them ended: a firmware that crashes again and again is to be noticed.

A life is good when it has lasted five minutes. Loaded for the start and for that moment only.
"""

import json

import machine

from app import storage

_FILE = "starts"
_LARGEST_FILE = 64
_MOST_CRASHES = 5  # in a row, and then the firmware is left alone for a while
_MOST_CUTS = 5  # in a row, each soon after a start: nobody pulls the plug so often
_LARGEST = 0x3FFFFFFF
_CRASHES = ("watchdog", "crash")
# MicroPython's ESP32 port (modmachine.c) says PWRON_RESET of a brownout; a name of its own has been proposed (pull
# request 7771). machine.reset() is HARD_RESET, and so is what MicroPython itself stumbles on.
_WORDS = (
    ("PWRON_RESET", "power"),
    ("BROWNOUT_RESET", "brownout"),
    ("WDT_RESET", "watchdog"),
    ("DEEPSLEEP_RESET", "deep_sleep"),
    ("SOFT_RESET", "soft"),
    ("HARD_RESET", "crash"),
)


def begin(is_asked):
    """Count this start, which somebody has asked for or not.

    Returns what is said of it, {"starts", "crashes": of all lives, "reset": why this one began}; whether what crashes
    had better be left alone; and whether the supply seems to be too weak.
    """
    reset = _reset()
    if is_asked and reset == "crash":
        reset = "asked"
    content = storage.read_file(_FILE, _LARGEST_FILE)
    starts, crashes, in_a_row, cuts = _numbers(content)
    # What loses its power is no crash, and leaves what was counted of them.
    if content is not None and reset in _CRASHES:
        crashes += 1
        in_a_row += 1
    cuts = cuts + 1 if content is not None and reset in ("power", "brownout") else 0
    starts += 1
    is_beaten = in_a_row >= _MOST_CRASHES
    # The one after this is tried; if that crashes too, it is this again.
    _save(starts, crashes, _MOST_CRASHES - 1 if is_beaten else in_a_row, cuts)
    life = {"starts": starts, "crashes": crashes, "reset": reset}
    return life, is_beaten, reset == "brownout" or cuts >= _MOST_CUTS


def lasts():
    """This life is a good one: what was counted in a row begins anew."""
    starts, crashes, in_a_row, cuts = _numbers(storage.read_file(_FILE, _LARGEST_FILE))
    if in_a_row or cuts:
        _save(starts, crashes, 0, 0)


def _reset():
    cause = machine.reset_cause()
    for name, word in _WORDS:
        if getattr(machine, name, -1) == cause:
            return word
    return "unknown"


def _numbers(content):
    """What the file holds: starts, crashes, crashes and power cuts in a row; zeros where it makes no sense."""
    try:
        numbers = json.loads(content or b"")
        if len(numbers) == 4 and all(type(number) is int and 0 <= number < _LARGEST for number in numbers):
            return numbers
    except (ValueError, TypeError):
        pass
    return 0, 0, 0, 0


def _save(*numbers):
    try:
        storage.write_file(_FILE, json.dumps(numbers).encode())
    except OSError:
        pass  # then nothing is counted, and nobody is kept from anything
