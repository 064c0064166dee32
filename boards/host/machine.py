"""The unix port as a board, its `machine`: a UART over a pseudo-terminal, and pins that only remember.

This folder holds everything that the host fakes. A file beside the pty (its name and ".line") may tell which line
setting the other side speaks; nothing here needs it yet.
"""

import os
import select
import sys
import termios
import time

import hostclock

# Where the serial line is: a pty that the simulated meter made, or a real serial port.
_PTY = os.getenv("HAN_PTY")
_ID = bytes.fromhex(os.getenv("HAN_ID") or "02486f737431")
# termios: c_cc within tcgetattr()'s list, and Linux's places in it.
_CC = 6
_VTIME = 5
_VMIN = 6

hostclock.install()


def unique_id():
    """Six bytes, as an ESP32's MAC address; a locally administered one."""
    return _ID


def reset():
    """On a board the program starts anew; here it ends, and whoever started it may start it again."""
    sys.exit(0)


class Pin:
    """A pin with nothing connected."""

    IN = 0
    OUT = 1
    PULL_UP = 2

    def __init__(self, number, mode=IN, pull=None, value=1):
        self._value = value

    def value(self, level=None):
        if level is None:
            return self._value
        self._value = level


class RTC:
    """The host's own clock is right."""

    def datetime(self, when=None):
        pass


class WDT:
    """A watchdog that ends the program, since no reset can be had."""

    def __init__(self, id=0, timeout=5000):
        self._timeout_ms = timeout
        self.feed()

    def feed(self):
        now_ms = time.ticks_ms()
        late = getattr(self, "_fed_ms", now_ms)
        if time.ticks_diff(now_ms, late) > self._timeout_ms:
            print("watchdog: not fed in time")
            sys.exit(3)
        self._fed_ms = now_ms


class UART:
    """A serial line over a pty, opened again when the other side has gone and come back."""

    INV_RX = 1
    INV_TX = 2

    def __init__(self, id, **settings):
        self._file = None
        self._poller = select.poll()
        self.init(**settings)

    def init(self, baudrate=9600, bits=8, parity=None, stop=1, **_):
        """A pty has neither speed nor parity."""

    def deinit(self):
        """Close the line."""
        if self._file:
            self._poller.unregister(self._file)
            self._file.close()
        self._file = None

    def readinto(self, buffer, size=None):
        """As machine.UART.readinto with timeout=0: how many bytes came, None when there were none."""
        if not self._ready():
            return None
        try:
            n = self._file.readinto(buffer) if size is None else self._file.readinto(buffer, size)
        except OSError:
            n = 0
        if not n:
            self.deinit()  # ready and yet empty: the other side has closed the pty
        return n or None

    def _ready(self):
        if self._file is None and not self._open():
            return False
        for _file, event in self._poller.ipoll(0):
            if event & select.POLLIN:
                return True
            self.deinit()
        return False

    def _open(self):
        try:
            self._file = open(_PTY, "rb", 0)
        except OSError:
            return False
        self._poller.register(self._file, select.POLLIN)
        line = self._file.fileno()
        try:
            termios.setraw(line)
            attributes = termios.tcgetattr(line)
            attributes[_CC][_VMIN] = attributes[_CC][_VTIME] = 0
            termios.tcsetattr(line, termios.TCSANOW, attributes)
        except OSError:
            self.deinit()  # no serial line is there now
            return False
        return True
