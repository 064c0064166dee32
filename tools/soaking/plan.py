"""What goes wrong in a simulated stretch, and when: drawn from a seed, so that it can be had again."""

import random
from typing import NamedTuple

from simulator.clock import unix_ms
from simulator.maker import HOUR_S

# How many times as fast each meter can be, so that the firmware reads every list on two cores that do other work too.
SPEEDS = {"kamstrup": 2000, "aidon": 1000, "kaifa": 1000, "embriq": 1000}
# A winter week, one across the turn of a month, and those with the nights in which summer time begins and ends.
CLOCKS = ("2026-01-13T23:30:00", "2026-01-28T23:30:00", "2026-03-26T23:30:00", "2026-10-22T23:30:00")
LEAD_S = 1800  # from the start to the first hour mark

# In real seconds.
FIRST_S = 3  # nothing goes wrong before
QUIET_S = 8  # nor in so many at the end: what waits is delivered
PAUSE_S = (1.5, 4)  # between two troubles
MARK_S = 0.15  # so close behind an hour mark a power cut is likely to meet the journal or an acknowledgement
OUTAGE_S = 0.5  # the broker is away for so long before the power fails too

# Kinds of trouble, and how long each lasts in real seconds. A silent network lasts longer than the 10 s that the
# firmware waits for an answer, or shorter.
BROKER, CUT, SILENT, POWER, POWER_AT_MARK, POWER_IN_OUTAGE = (
    "the broker is killed",
    "the network is cut",
    "the network swallows",
    "the firmware is killed",
    "the firmware is killed behind an hour mark",
    "the broker is killed, and then the firmware",
)
LENGTHS_S = {
    BROKER: (0.2, 3),
    CUT: (0.2, 3),
    SILENT: (1, 12),
    POWER: (0.02, 1),
    POWER_AT_MARK: (0.02, 0.5),
    POWER_IN_OUTAGE: (1, 2.5),
}
POWERS = (POWER, POWER_AT_MARK, POWER_IN_OUTAGE)
WAYS = ("up", "down", "up and down")

# The meter's troubles, in simulated seconds.
SILENCE_EVERY_S = 20 * HOUR_S
LONGEST_SILENCE_S = 3 * HOUR_S
REPEATED = 0.1  # of the lists 3
# What a meter that is exchanged in the middle of an hour has counted, nobody can tell exactly. So that it is known
# how far off it may be, nothing else goes wrong so long before and after.
APART_S = 2 * HOUR_S


class Trouble(NamedTuple):
    """`at_s` after the start, for `length_s`, both in real seconds; `way` is what a silent network swallows."""

    kind: str
    at_s: float
    length_s: float
    way: str = ""

    def __str__(self):
        way = " what goes " + self.way if self.way else ""
        return f"{self.at_s:6.1f} s: {self.kind}{way}, for {self.length_s:.2f} s"


class Plan(NamedTuple):
    """`hours` hours are to be had from `start_s` (Unix time of the household) + LEAD_S on."""

    seed: int
    meter: str
    speed: int
    hours: int
    start_s: int
    silences: tuple  # (from, until) in simulated seconds after the start
    exchange_s: float  # when the meter is exchanged, in the same way
    troubles: tuple

    @property
    def first_s(self):
        return self.start_s + LEAD_S

    @property
    def end_s(self):
        return self.first_s + self.hours * HOUR_S

    def meter_words(self):
        """The meter's faults in the words of meter.py."""
        faults = [f"silent@{start:.0f}+{end - start:.0f}" for start, end in self.silences]
        faults += [f"new-id@{self.exchange_s:.0f}", f"repeat={REPEATED}"]
        return [word for fault in faults for word in ("--fault", fault)]

    def __str__(self):
        silent = ", ".join(f"{start / HOUR_S:.1f} to {end / HOUR_S:.1f}" for start, end in self.silences) or "never"
        lines = [
            f"seed {self.seed}: {self.hours} hours of a {self.meter} meter, {self.speed} times as fast",
            f"the meter is silent in the hours {silent}; it is exchanged in hour {self.exchange_s / HOUR_S:.1f}; "
            f"{REPEATED:.0%} of its lists 3 repeat the one before",
        ]
        return "\n".join(lines + [str(trouble) for trouble in self.troubles])


def drawn(seed, meter, hours, slower=1):
    """The Plan of so many hours of that meter, at its speed or so many times slower."""
    rng = random.Random(f"{seed}/{meter}/{hours}")
    length_s = LEAD_S + hours * HOUR_S
    exchange_s = LEAD_S + HOUR_S * int(hours * rng.uniform(0.4, 0.6)) + rng.uniform(600, 3000)
    speed = SPEEDS[meter] // slower
    return Plan(
        seed=seed,
        meter=meter,
        speed=speed,
        hours=hours,
        start_s=unix_ms(rng.choice(CLOCKS)) // 1000,
        silences=_silences(rng, FIRST_S * speed, length_s - QUIET_S * speed, exchange_s),
        exchange_s=exchange_s,
        troubles=tuple(_troubles(rng, length_s, exchange_s, speed)),
    )


def _silences(rng, from_s, until_s, exchange_s):
    """The meter's silences, each across an hour mark at the least, and apart from its exchange."""
    found = []
    at_s = from_s
    while at_s + SILENCE_EVERY_S < until_s or (not found and at_s + LONGEST_SILENCE_S < until_s):
        mark_s = LEAD_S + -(-at_s // HOUR_S) * HOUR_S
        start_s = mark_s - rng.uniform(60, 3000)
        end_s = min(mark_s + rng.uniform(60, LONGEST_SILENCE_S), until_s)
        if not (exchange_s - APART_S < end_s and start_s < exchange_s + APART_S):
            found.append((start_s, end_s))
        at_s = end_s + rng.uniform(0.4, 1.6) * SILENCE_EVERY_S
    return tuple(found)


def _troubles(rng, length_s, exchange_s, speed):
    """One after the other; each kind comes before any comes once more."""
    until_s = length_s / speed - QUIET_S
    apart = (exchange_s - APART_S) / speed, (exchange_s + APART_S) / speed
    waiting = []
    at_s = FIRST_S
    while True:
        if not waiting:
            waiting = list(LENGTHS_S)
            rng.shuffle(waiting)
        kind = waiting.pop()
        trouble_s = rng.uniform(*LENGTHS_S[kind])
        if kind in POWERS and at_s < apart[1] and at_s + trouble_s + HOUR_S / speed > apart[0]:
            at_s = apart[1]
        if kind == POWER_AT_MARK:
            mark = (at_s * speed - LEAD_S) // HOUR_S + 1
            at_s = (LEAD_S + mark * HOUR_S) / speed + rng.uniform(0, MARK_S)
        if at_s + trouble_s > until_s:
            return
        yield Trouble(kind, at_s, trouble_s, rng.choice(WAYS) if kind == SILENT else "")
        at_s += trouble_s + rng.uniform(*PAUSE_S)
