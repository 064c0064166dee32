"""The unix port as a board, its `machine`: a UART over a pseudo-terminal, and pins that only remember, but for the
UART's own RX pin, which shows the line's level. What an ADC measures, a test writes to `adc.json`; why the program
was started, the one before it has left in the file `reset`, or a test: without it, it was the power.

This folder holds everything that the host fakes.
"""

import json
import os
import socket  # noqa: F401, before umqtt.simple looks for it
import sys
import time

import hostclock
import hostdelay
import hostlevels
import hostline

_ID = bytes.fromhex(os.getenv("HAN_ID") or "02486f737431")
_PARITY = {None: "N", 0: "E", 1: "O"}
_CHUNK = 256
# The line is idle when nothing has come for so long, in real time: a loaded meter is late by less.
_SILENCE_MS = 50

_RESET_FILE = "reset"
# Those of the ESP32's port.
PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = range(1, 6)

_line = hostline.SerialLine()
_hz = 160000000
hostclock.install()


def _took_reset():
    try:
        with open(_RESET_FILE, "r") as file:
            cause = int(file.read())
        os.remove(_RESET_FILE)
        return cause
    except OSError:
        return PWRON_RESET


def _leave_reset(cause):
    with open(_RESET_FILE, "w") as file:
        file.write(str(cause))


_reset_cause = _took_reset()


def reset_cause():
    """One of the constants above, or 0 for what has no name."""
    return _reset_cause


def freq(hz=None):
    """Get or set the CPU's clock."""
    global _hz
    if hz is None:
        return _hz
    if hz not in (20000000, 40000000, 80000000, 160000000, 240000000):
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    _hz = hz


def unique_id():
    """Six bytes, as an ESP32's MAC address; a locally administered one."""
    return _ID


def reset():
    """On a board the program starts anew; here it ends, and whoever started it may start it again."""
    _leave_reset(HARD_RESET)
    try:
        import ffi
    except ImportError:
        sys.exit(0)
    # At once, as a board: sys.exit() ends threads one by one, for which the C library wants a file that is not there.
    ffi.open(None).func("v", "_exit", "i")(0)


def _rx_pin():
    """The number of the pin that the meter's line comes in at, by board.json; None where there is no such file."""
    try:
        with open("board.json", "r") as file:
            return json.load(file)["uart"]["rx"]
    except OSError:
        return None


class Pin:
    """A pin with nothing connected; the UART's RX pin has the line's idle level."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=1):
        if number > 39:
            raise ValueError("invalid pin")  # as on an ESP32
        self.number = number
        self.is_rx = mode == Pin.IN and number == _rx_pin()
        self._value = value

    def value(self, level=None):
        if level is None:
            return _idle_level() if self.is_rx else self._value
        self._value = level


def _idle_level():
    sent = hostline.announced()
    return 0 if sent and sent["invert"] else 1


def time_pulse_us(pin, level, timeout_us=1000000):
    """How long a pulse of this level is, on the RX pin one of the bytes that come meanwhile and are lost by this; -2
    when the level does not come within the timeout, -1 when it does not end."""
    began_us = time.ticks_us()
    byte = bytearray(1)
    while True:
        left_us = timeout_us - time.ticks_diff(time.ticks_us(), began_us)
        if left_us <= 0:
            return -1 if pin.value() == level else -2
        sent = hostline.announced() if pin.is_rx else None
        if sent and _line.is_ready(left_us // 1000) and _line.readinto(byte):
            found_us = hostlevels.pulse_us(byte[0], sent, level)
            if found_us:
                return found_us
        else:
            time.sleep_us(min(left_us, 1000))


class ADC:
    """What a pin has by adc.json, {"10": microvolts}; 0 where nothing is said."""

    ATTN_11DB = 3

    def __init__(self, pin, atten=None):
        self._pin = str(pin.number)

    def read_uv(self):
        """Microvolts. OSError where a test says so by null: the ESP32's second ADC, taken by the radio."""
        try:
            with open("adc.json", "r") as file:
                uv = json.load(file).get(self._pin, 0)
        except OSError:
            return 0
        if uv is None:
            raise OSError(110)
        return uv


class RTC:
    """The host's own clock is right."""

    def datetime(self, when=None):
        pass


class WDT:
    """A watchdog that ends the program, since no reset can be had."""

    def __init__(self, id=0, timeout=5000):
        self._timeout_ms = timeout
        self._fed_ms = time.ticks_ms()

    def feed(self):
        now_ms = time.ticks_ms()
        if time.ticks_diff(now_ms, self._fed_ms) > self._timeout_ms:
            print("watchdog: not fed in time")
            _leave_reset(WDT_RESET)
            sys.exit(3)
        self._fed_ms = now_ms


class UART:
    """A serial line over a pty. Where the other side announces another setting than the UART's, it hears what a real
    one would (hostlevels.py)."""

    INV_RX = 4
    INV_TX = 32

    def __init__(self, id, **settings):
        hostdelay.install()
        self.init(**settings)

    def init(self, baudrate=9600, bits=8, parity=None, stop=1, invert=0, **_):
        """Set the UART anew; what it has heard until now is forgotten."""
        self._setting = (baudrate, bits, _PARITY[parity], bool(invert & UART.INV_RX))
        self._listen()

    def readinto(self, buffer, size=None):
        """As machine.UART.readinto with timeout=0: how many bytes came, None when there were none."""
        began_us = time.ticks_us()
        n = self._read(buffer, size)
        hostdelay.asked(time.ticks_diff(time.ticks_us(), began_us))
        return n

    def _read(self, buffer, size):
        is_ready = _line.is_ready()
        if self._opened != _line.opened:
            self._listen()  # the other side may be another one now
        if self._listener is None:
            return _line.readinto(buffer, size) if is_ready else None
        self._hear(is_ready)
        return self._listener.take(buffer, len(buffer) if size is None else size)

    def _listen(self):
        """Find out whether the UART has the other side's setting; the stop bits are no matter for who hears."""
        sent = hostline.announced()
        self._opened = _line.opened
        self._listener = None
        if sent and hostlevels.setting(sent) != self._setting:
            self._listener = hostlevels.Listener(sent, self._setting)
            self._raw = bytearray(_CHUNK)
            self._heard_ms = time.ticks_ms()

    def _hear(self, is_ready):
        n = _line.readinto(self._raw) if is_ready else None
        now_ms = time.ticks_ms()
        if n:
            self._listener.hear(self._raw, n)
            self._heard_ms = now_ms
        elif time.ticks_diff(now_ms, self._heard_ms) > _SILENCE_MS:
            self._listener.hear_silence()
