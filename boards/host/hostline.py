"""The serial line under the host's `machine`: a pty that the simulated meter made, or a real serial port.

A pty has neither speed nor parity. A file beside it, its name and ".line", tells the setting of the other side:
{"baudrate": 2400, "bits": 8, "parity": "E", "stop": 1, "invert": false, "idle_bits": 0}. Without it nothing is known
of the other side, and what comes is taken as it is.
"""

import json
import os
import select
import termios

_NAME = os.getenv("HAN_PTY")
# termios: c_cc within tcgetattr()'s list, and Linux's places in it.
_CC = 6
_VTIME = 5
_VMIN = 6


def announced():
    """What the other side's setting is, as a dict; None when nobody says."""
    try:
        with open(_NAME + ".line", "r") as file:
            return json.load(file)
    except (OSError, TypeError):  # there may be no name either
        return None


class SerialLine:
    """The line's bytes; it is opened when somebody reads, and again when the other side has gone and come back.

    `opened` counts how often it was.
    """

    def __init__(self):
        self._file = None
        self._poller = select.poll()
        self.opened = 0

    def close(self):
        """Close it until somebody reads again."""
        if self._file:
            self._poller.unregister(self._file)
            self._file.close()
        self._file = None

    def readinto(self, buffer, size=None):
        """How many bytes came, when it is ready; None when the other side has gone."""
        try:
            n = self._file.readinto(buffer) if size is None else self._file.readinto(buffer, size)
        except OSError:
            n = 0
        if not n:
            self.close()  # ready and yet empty: the other side has closed the pty
        return n or None

    def is_ready(self, wait_ms=0):
        """Whether there is something to read, now or within so many milliseconds."""
        if self._file is None and not self._open():
            return False
        for _file, event in self._poller.ipoll(wait_ms):
            if event & select.POLLIN:
                return True
            self.close()
        return False

    def _open(self):
        try:
            self._file = open(_NAME, "rb", 0)
        except (OSError, TypeError):
            return False
        self._poller.register(self._file, select.POLLIN)
        line = self._file.fileno()
        try:
            termios.setraw(line)
            attributes = termios.tcgetattr(line)
            attributes[_CC][_VMIN] = attributes[_CC][_VTIME] = 0
            termios.tcsetattr(line, termios.TCSANOW, attributes)
        except OSError:
            self.close()  # no serial line is there now
            return False
        self.opened += 1
        return True
