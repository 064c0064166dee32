"""The serial line between meter and reader: its setting and its pace."""

import re
import time
from typing import NamedTuple

LONGEST_SLEEP_S = 0.1  # how late a signal may be noticed
SHORTEST_SLEEP_S = 0.001  # what is due in less goes out in one piece


class Line(NamedTuple):
    """A setting of the line, and the idle bit times that the meter leaves after each character."""

    baudrate: int
    bits: int
    parity: str  # "N", "E" or "O"
    stop: int
    idle_bits: int = 0
    is_inverted: bool = False

    @property
    def byte_s(self):
        """Seconds from one byte to the next."""
        return (1 + self.bits + (self.parity != "N") + self.stop + self.idle_bits) / self.baudrate

    @property
    def setting(self):
        """What the meter announces beside its pseudo-terminal, which itself has neither speed nor parity."""
        return {
            "baudrate": self.baudrate,
            "bits": self.bits,
            "parity": self.parity,
            "stop": self.stop,
            "invert": self.is_inverted,
            "idle_bits": self.idle_bits,
        }

    @property
    def name(self):
        """As the firmware's settings name it, and line_named() reads it: "115200 8N1 inverted"."""
        return f"{self.baudrate} {self.bits}{self.parity}{self.stop}" + " inverted" * self.is_inverted


def line_announced(setting):
    """The Line that a meter announces, from its `setting`."""
    return Line(*(setting[name] for name in ("baudrate", "bits", "parity", "stop", "idle_bits", "invert")))


def line_named(text):
    """The Line of a text such as "2400-8E1" or "115200-8N1-inverted". Raises ValueError for others."""
    match = re.fullmatch(r"(\d{3,6})[- ]([78])([NEO])([12])([- ]inverted)?", text)
    if not match:
        raise ValueError(f"{text} is no line setting like 2400-8E1 or 115200-8N1-inverted")
    baudrate, bits, parity, stop, inverted = match.groups()
    return Line(int(baudrate), int(bits), parity, int(stop), is_inverted=bool(inverted))


class PacedLine:
    """Sends frames to an output when they are due, byte by byte, in a time `speed` times as fast as the real
    one.

    `stopped()` is asked all the time; when it says True, sending and waiting end at once. `start_ms` is at `started`
    of time.monotonic(), by default now. `latest_s` is how late in real seconds a frame was sent, at the most.
    """

    def __init__(self, line, output, start_ms, speed, stopped, started=None):
        self._byte_s = line.byte_s / speed
        self._output = output
        self._speed = speed
        self._stopped = stopped
        self._start_ms = start_ms
        self._started = time.monotonic() if started is None else started
        self.latest_s = 0

    def send(self, frame, due_ms):
        """Send a frame from `due_ms` on, or now if that has passed. Returns whether it went out whole."""
        self.wait_until(due_ms)
        began, sent = time.monotonic(), 0
        self.latest_s = max(self.latest_s, began - self._moment(due_ms))
        while sent < len(frame) and not self._stopped():
            ready = int((time.monotonic() - began) / self._byte_s)
            if ready > sent:
                self._output.write(frame[sent:ready])
                sent = min(ready, len(frame))
            else:
                left_s = (len(frame) - sent) * self._byte_s
                time.sleep(max(self._byte_s, min(left_s, SHORTEST_SLEEP_S)))
        return sent == len(frame)

    def wait_until(self, due_ms):
        due = self._moment(due_ms)
        while not self._stopped():
            left_s = due - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(left_s, LONGEST_SLEEP_S))

    def _moment(self, due_ms):
        return self._started + (due_ms - self._start_ms) / 1000 / self._speed
