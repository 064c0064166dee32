"""What goes wrong between a house and its reader, on request and drawn from the seed.

Rates: `lost` of the bytes are lost, `flip` of the bits are flipped; before `noise` of the frames come a few random
bytes; `repeat` of the lists 3 repeat clock and registers of the one before, as some Aidons do; after `replay` of the
encrypted frames the same frame comes again. Times, in seconds after the start: from `stuck` on the meter is silent;
after `silent` it is so for as many seconds as are given behind it, while the house goes on; at `new-id` it is
exchanged for one with another id, whose registers begin at 0; at `counter-back` its frame counter starts anew; after
`clock`, for as many seconds as are given behind it, its clock shows a time that is so many seconds off. The first
frame from a moment of `noise` on has a few random bytes before it, from a moment of `lost` on it lacks a byte, the
first list 3 from a moment of `repeat` on repeats the one before. And `line` is the setting of a reader that was set
wrongly: see uart.heard.
"""

import random
import re
from collections import Counter
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
    silences: tuple = ()  # (from, until), in seconds after the start
    clocks: tuple = ()  # (from, until, seconds that the clock is off)
    moments: tuple = ()  # (one of MOMENTS, when)

    def is_silent(self, age_s):
        return any(start <= age_s < end for start, end in self.silences)

    def clock_at(self, age_s):
        """The one of `clocks` whose time it is; None when the clock is right."""
        return next((clock for clock in self.clocks if clock[0] <= age_s < clock[1]), None)

    def clock_off_s(self, age_s):
        clock = self.clock_at(age_s)
        return clock[2] if clock else 0


RATES = ("lost", "flip", "noise", "repeat", "replay")
MOMENTS = ("lost", "noise", "repeat")
TIMES = {"stuck": "stuck_s", "new-id": "new_id_s", "counter-back": "counter_back_s"}


_CLOCK = re.compile(r"clock@(\d+)\+(\d+)=(-?\d+)")


def faults_named(words):
    """The Faults of words such as "lost=0.001", "stuck@60", "line=2400-8N1". Raises ValueError for others."""
    faults = Faults()
    for word in words:
        name, _, rate = word.partition("=")
        moment, _, seconds = word.partition("@")
        start, _, length = seconds.partition("+")
        if name == "line":
            faults = faults._replace(line=line_named(rate))
        elif name in RATES and 0 <= _number(rate) <= 1:
            faults = faults._replace(**{name: float(rate)})
        elif moment == "silent" and _number(start) >= 0 and 0 < _number(length) < float("inf"):
            silence = float(start), float(start) + float(length)
            faults = faults._replace(silences=(*faults.silences, silence))
        elif moment == "clock" and _CLOCK.fullmatch(word):
            at_s, length_s, off_s = (int(number) for number in _CLOCK.fullmatch(word).groups())
            faults = faults._replace(clocks=(*faults.clocks, (at_s, at_s + length_s, off_s)))
        elif moment in MOMENTS and _number(seconds) >= 0:
            faults = faults._replace(moments=(*faults.moments, (moment, float(seconds))))
        elif moment in TIMES and _number(seconds) >= 0:
            faults = faults._replace(**{TIMES[moment]: float(seconds)})
        else:
            known = ", ".join((*(f"{rate}=0.01" for rate in RATES), *(f"{time}@60" for time in (*MOMENTS, *TIMES))))
            raise ValueError(f"{word} is no fault like {known}, silent@60+30, clock@60+30=-90, line=2400-8N1")
    return faults


def _number(text):
    try:
        return float(text)
    except ValueError:
        return -1


class Damage:
    """Draws which of the faults happen, and what they make of the bytes; `done` counts those with a moment."""

    def __init__(self, faults, line, seed):
        self._faults = faults
        self._line = line
        self._rng = random.Random(f"{seed}/faults")
        self._flag_was_heard = False
        self._moments = {name: sorted(at for kind, at in faults.moments if kind == name) for name in MOMENTS}
        self._last_clock = None
        self.done = Counter()

    def happens(self, rate):
        return self._rng.random() < rate

    def has_come(self, name, age_s):
        """Whether a moment of one of MOMENTS has come; each comes once."""
        moments = self._moments[name]
        if not moments or moments[0] > age_s:
            return False
        del moments[0]
        self.done[name] += 1
        return True

    def note_clock(self, age_s):
        """A list says what the clock shows."""
        clock = self._faults.clock_at(age_s)
        self.done["clock"] += clock not in (None, self._last_clock)
        self._last_clock = clock

    def on_the_way(self, frame, age_s=0, shares_flags=False):
        """What arrives of a frame, with the noise before it, and whether a reader can read the frame in it.

        With `shares_flags`, what begins without a flag has the one that ended the frame before.
        """
        noise = self._noise(age_s)
        arrived = self._flipped(self._without_lost(frame, age_s))
        if self._faults.line:
            arrived = heard(arrived, self._line, self._faults.line)
        has_flag = not shares_flags or frame.startswith(FLAG) or (self._flag_was_heard and not noise)
        self._flag_was_heard = arrived.endswith(FLAG)
        return noise + arrived, arrived == frame and has_flag

    def _noise(self, age_s):
        is_by_chance = self.happens(self._faults.noise)
        if not (self.has_come("noise", age_s) or is_by_chance):
            return b""
        return bytes(self._rng.randrange(256) for _ in range(self._rng.randint(1, LONGEST_NOISE)))

    def _without_lost(self, data, age_s):
        if self.has_come("lost", age_s):
            # None of the flags at its ends: the one of the frame beside it would do.
            at = self._rng.randrange(1, len(data) - 1)
            data = data[:at] + data[at + 1 :]
        if not self._faults.lost:
            return data
        return bytes(byte for byte in data if not self.happens(self._faults.lost))

    def _flipped(self, data):
        if not self._faults.flip:
            return data
        return bytes(byte ^ sum(1 << bit for bit in range(8) if self.happens(self._faults.flip)) for byte in data)
