"""The machine's own module, and the parts of an ESP32 that nothing is connected to."""

from umachine import reset as reset

_ID = b"\x02\x52\x56\x33\x32\x01"
PWRON_RESET = 1


def unique_id():
    return _ID


def reset_cause():
    return PWRON_RESET


def freq(_hz=0):
    return 160000000


def time_pulse_us(_pin, _level, _timeout_us=1000000):
    return -2


class Pin:
    IN, OUT, PULL_UP, PULL_DOWN = 0, 1, 2, 3

    def __init__(self, number, *_settings, **_more):
        self._value = 1

    def value(self, level=None):
        if level is None:
            return self._value
        self._value = level


class UART:
    INV_RX, INV_TX = 4, 32

    def __init__(self, number, **_settings):
        pass

    def init(self, **_settings):
        pass

    def any(self):
        return 0

    def readinto(self, _into, _most=0):
        return None


class WDT:
    def __init__(self, id=0, timeout=5000):
        pass

    def feed(self):
        pass


class RTC:
    def datetime(self, _when=None):
        return (2026, 1, 15, 3, 12, 0, 0, 0)
