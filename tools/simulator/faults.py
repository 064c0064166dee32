"""What goes wrong between a house and its reader, on request and drawn from the seed.

Rates: `lost` of the bytes are lost, `flip` of the bits are flipped; before `noise` of the frames come a few random
bytes; `repeat` of the lists 3 repeat clock and registers of the one before, as some Aidons do; after `replay` of the
encrypted frames the same frame comes again. Times, in seconds after the start: from `stuck` on the meter is silent;
at `new-id` it is exchanged for one with another id, whose registers begin at 0; at `counter-back` its frame counter
starts anew. And `line` is the setting of a reader that was set wrongly: see uart.heard.
"""

import random
from typing import NamedTuple, Optional

from simulator.line import Line, line_named
from simulator.links import FLAG
from simulator.uart import heard

LONGEST_NOISE = 40  # bytes


class Faults(NamedTuple):
    lost: float = 0
    flip: float = 0
    noise: float = 0
    repeat: float = 0
    replay: float = 0
    stuck_s: float = float("inf")
    new_id_s: float = float("inf")
    counter_back_s: float = float("inf")
    line: Optional[Line] = None


RATES = ("lost", "flip", "noise", "repeat", "replay")
TIMES = {"stuck": "stuck_s", "new-id": "new_id_s", "counter-back": "counter_back_s"}


def faults_named(words):
    """The Faults of words such as "lost=0.001", "stuck@60", "line=2400-8N1". Raises ValueError for others."""
    faults = Faults()
    for word in words:
        name, _, rate = word.partition("=")
        moment, _, seconds = word.partition("@")
        if name == "line":
            faults = faults._replace(line=line_named(rate))
        elif name in RATES and 0 <= _number(rate) <= 1:
            faults = faults._replace(**{name: float(rate)})
        elif moment in TIMES and _number(seconds) >= 0:
            faults = faults._replace(**{TIMES[moment]: float(seconds)})
        else:
            known = ", ".join((*(f"{rate}=0.01" for rate in RATES), *(f"{time}@60" for time in TIMES)))
            raise ValueError(f"{word} is no fault like {known}, line=2400-8N1")
    return faults


def _number(text):
    try:
        return float(text)
    except ValueError:
        return -1


class Damage:
    """Draws which of the faults happen, and what they make of the bytes."""

    def __init__(self, faults, line, seed):
        self._faults = faults
        self._line = line
        self._rng = random.Random(f"{seed}/faults")
        self._flag_was_heard = False

    def happens(self, rate):
        return self._rng.random() < rate

    def on_the_way(self, frame, shares_flags=False):
        """What arrives of a frame, with the noise before it, and whether a reader can read the frame in it.

        With `shares_flags`, what begins without a flag has the one that ended the frame before.
        """
        noise = self._noise()
        arrived = self._flipped(self._without_lost(frame))
        if self._faults.line:
            arrived = heard(arrived, self._line, self._faults.line)
        has_flag = not shares_flags or frame.startswith(FLAG) or (self._flag_was_heard and not noise)
        self._flag_was_heard = arrived.endswith(FLAG)
        return noise + arrived, arrived == frame and has_flag

    def _noise(self):
        if not self.happens(self._faults.noise):
            return b""
        return bytes(self._rng.randrange(256) for _ in range(self._rng.randint(1, LONGEST_NOISE)))

    def _without_lost(self, data):
        if not self._faults.lost:
            return data
        return bytes(byte for byte in data if not self.happens(self._faults.lost))

    def _flipped(self, data):
        if not self._faults.flip:
            return data
        return bytes(byte ^ sum(1 << bit for bit in range(8) if self.happens(self._faults.flip)) for byte in data)
