"""What goes wrong in a hard day, and when: drawn from a seed, so that it can be had again."""

import random
from collections import Counter
from typing import NamedTuple

from simulator.clock import unix_ms
from soaking.plan import CLOCKS, HOUR_S, WAYS

METER = "aidon"
SPEED = 72  # a day takes 20 minutes; the page's deadlines of 15 s are 0.2 s
DAY_H = 24
OF_A_DAY = 2000

NOISE, LOST, REPEAT, CLOCK = "noise", "lost bytes", "meter repeats", "clock jumps"
BROKER, SILENT, DNS, WIFI = "broker killed", "silent broker", "DNS gone", "WiFi gone"
SLOW, OVERSIZED, MALFORMED, POWER = "slow HTTP", "oversized HTTP", "malformed DNS", "power cuts"
# How many of each a whole day has.
SHARES = {
    NOISE: 480,
    LOST: 440,
    REPEAT: 5,
    CLOCK: 25,
    BROKER: 100,
    SILENT: 30,
    DNS: 60,
    WIFI: 60,
    SLOW: 310,
    OVERSIZED: 310,
    MALFORMED: 160,
    POWER: 20,
}
KINDS = tuple(SHARES)
# The meter's own, as meter.py names them.
OF_THE_METER = {NOISE: "noise", LOST: "lost", REPEAT: "repeat", CLOCK: "clock"}
BY_TIME_SERVER = "the time server's"
# The setup network: wished for by the owner, or because WiFi is away for more than ten minutes. No fault by itself,
# but where the malformed DNS goes to.
WISH, AWAY = "setup network, by the owner's wish", "setup network, WiFi being away"

# In seconds of the household, all but those of a silent broker: its deadlines go by the real clock.
LEAD_S = 600  # from the start to the first hour mark
FIRST_S = LEAD_S + 60  # nothing goes wrong before that has been read
QUIET_S = 600  # nor in so many at the end, until the last mark
LENGTHS_S = {BROKER: (5, 150), DNS: (20, 240), WIFI: (20, 240), POWER: (2, 60)}
SILENT_REAL_S = (0.5, 14)
BUSY_REAL_S = 0.4  # what it takes to bring about one of these
WISH_S, AWAY_S = 600, 2700  # at the most
STEP_S = 2.5  # between two lists of the meter
# The firmware starts anew in the first and in the last part of the day; what lies between is one life, long enough
# to see whether its heap shrinks.
FIRST_PART, LAST_PART = 0.25, 0.75
# Nobody is at the page for the last part of each cycle; for so long before the page has gone from the heap.
CYCLE_S, SHORT_CYCLE_S = 3600, 900
ALONE_S, GOING_S = 480, 360
SHORT_H = 6
# How far an hour's list 3 can be from its mark.
MARK_S = 60
NTP_OFF_S = 1200  # less than what tells one zone's clock from another
CLOCKS_OFF_S = (-31536000, -86400, -7200, -3600, -1800, -90, 90, 1800, 3600, 7200, 86400, 31536000)


class Fault(NamedTuple):
    """`at_s` after the start, for `length_s`, both in seconds of the household; `about` says more of it."""

    kind: str
    at_s: float
    length_s: float = 0
    about: object = None

    def __str__(self):
        return f"{self.at_s / HOUR_S:6.3f} h: {self.kind}" + (f", {self.about}" if self.about else "")


class Plan(NamedTuple):
    """As soaking.plan's Plan, as far as its checks go; `faults` has all in their order, setup networks among them."""

    seed: int
    hours: int
    speed: int
    start_s: int
    faults: tuple

    meter = METER

    @property
    def first_s(self):
        return self.start_s + LEAD_S

    @property
    def end_s(self):
        return self.first_s + self.hours * HOUR_S

    @property
    def counts(self):
        """{kind: how often} of all that is a fault."""
        counted = Counter(fault.kind for fault in self.faults)
        return {kind: counted[kind] for kind in KINDS}

    def of(self, *kinds):
        return [fault for fault in self.faults if fault.kind in kinds]

    def meter_words(self):
        """The meter's faults in the words of meter.py."""
        words = []
        for fault in self.of(NOISE, LOST, REPEAT):
            words.append(f"{OF_THE_METER[fault.kind]}@{fault.at_s:.1f}")
        for fault in self.of(CLOCK):
            if fault.about != BY_TIME_SERVER:
                words.append(f"clock@{fault.at_s:.0f}+{fault.length_s:.0f}={fault.about}")
        return [part for word in words for part in ("--fault", word)]

    def is_visited(self, at_s):
        """Whether somebody is at the page then."""
        cycle_s = _cycle_s(self.hours)
        return at_s % cycle_s < cycle_s - ALONE_S

    def is_alone(self, at_s):
        """Whether the page has long gone from the heap then, in the life that is long."""
        first, last = _parts(self.hours)
        cycle_s = _cycle_s(self.hours)
        return first[1] + GOING_S < at_s < last[0] and at_s % cycle_s > cycle_s - ALONE_S + GOING_S

    def __str__(self):
        about = f"{self.hours} hours of meter {self.meter}, {self.speed} times as fast"
        return f"seed {self.seed}: {about}, with {sum(self.counts.values())} faults: {listed(self.counts)}"


def listed(counts):
    """As text."""
    return ", ".join(f"{kind} {count}" for kind, count in counts.items())


def wanted(count, hours):
    """{kind: how many} of so many faults in so many hours: at least one of each that there can be."""
    found = {kind: max(round(share * count / OF_A_DAY), 1) for kind, share in SHARES.items()}
    found[REPEAT] = min(found[REPEAT], hours - 1)  # neither of the first mark nor of the last
    jumps = found[CLOCK] - found[POWER]
    found[CLOCK] = min(found[CLOCK], found[POWER]) + min(max(jumps, 0), len(_jumping_marks(hours)))
    found[NOISE] += count - sum(found.values())
    return found


def drawn(seed, hours=DAY_H, count=None, speed=SPEED):
    """The Plan of so many hours, two at the least, with so many faults, by default as many as a day has."""
    count = round(OF_A_DAY * hours / DAY_H) if count is None else count
    rng = random.Random(f"{seed}/{hours}/{count}")
    numbers = wanted(count, hours)
    faults = [*_of_the_meter(rng, hours, numbers), *_of_the_network(rng, hours, numbers, speed)]
    faults += [*_of_the_page(rng, hours, numbers), *_starts(rng, hours, numbers)]
    start_s = unix_ms(rng.choice(CLOCKS)) // 1000 + 1800 - LEAD_S
    return Plan(seed, hours, speed, start_s, tuple(sorted(faults, key=lambda fault: fault.at_s)))


def _until_s(hours):
    return LEAD_S + hours * HOUR_S - QUIET_S


def _cycle_s(hours):
    return CYCLE_S if hours >= SHORT_H else SHORT_CYCLE_S


def _parts(hours):
    """The parts of the day in which the firmware starts anew: ((from, until), (from, until))."""
    length_s = LEAD_S + hours * HOUR_S
    return (FIRST_S, length_s * FIRST_PART), (length_s * LAST_PART, _until_s(hours))


def _jumping_marks(hours):
    """The hour marks, counted from the first one, at which the meter's clock can be wrong: they are in the long life,
    and the one before and the one behind each are right."""
    first, last = _parts(hours)
    return range(int((first[1] - LEAD_S) // HOUR_S) + 2, int((last[0] - LEAD_S) // HOUR_S), 2)


def _of_the_meter(rng, hours, numbers):
    ticks = range(int(FIRST_S / STEP_S), int(_until_s(hours) / STEP_S))
    moments = [tick * STEP_S for tick in rng.sample(ticks, numbers[NOISE] + numbers[LOST])]
    yield from (Fault(NOISE, at_s) for at_s in moments[: numbers[NOISE]])
    yield from (Fault(LOST, at_s) for at_s in moments[numbers[NOISE] :])
    jumps = numbers[CLOCK] - min(numbers[CLOCK], numbers[POWER])
    jumping = rng.sample(_jumping_marks(hours), jumps)
    others = [mark for mark in range(1, hours) if mark not in jumping]
    for mark in rng.sample(others, min(numbers[REPEAT], len(others))):
        yield Fault(REPEAT, LEAD_S + mark * HOUR_S - MARK_S)
    for mark in jumping:
        yield Fault(CLOCK, LEAD_S + mark * HOUR_S - MARK_S, 2 * MARK_S, rng.choice(CLOCKS_OFF_S))


def _of_the_network(rng, hours, numbers, speed):
    """One after the other."""
    kinds = [kind for kind in (BROKER, SILENT, DNS, WIFI) for _ in range(numbers[kind])]
    rng.shuffle(kinds)
    faults = []
    for kind in kinds:
        if kind == SILENT:
            faults.append(Fault(kind, 0, rng.uniform(*SILENT_REAL_S) * speed, rng.choice(WAYS)))
        else:
            faults.append(Fault(kind, 0, rng.uniform(*LENGTHS_S[kind])))
    return _spread(rng, faults, FIRST_S, _until_s(hours), BUSY_REAL_S * speed)


def _of_the_page(rng, hours, numbers):
    plan = Plan(0, hours, SPEED, 0, ())
    visited = [at_s for at_s in range(FIRST_S, _until_s(hours)) if plan.is_visited(at_s)]
    for kind in (SLOW, OVERSIZED):
        yield from (Fault(kind, rng.choice(visited) + rng.random()) for _ in range(numbers[kind]))


def _starts(rng, hours, numbers):
    """Power cuts and setup networks, in the first and the last part; before a cut the time server goes wrong."""
    parts = _parts(hours)
    networks = [[WISH, AWAY], [WISH]] if hours >= SHORT_H else [[], [WISH]]
    cuts = [numbers[POWER] // 2, numbers[POWER] - numbers[POWER] // 2]
    wrong = min(numbers[CLOCK], numbers[POWER])
    questions = _shared(numbers[MALFORMED], len(networks[0]) + len(networks[1]))
    for (from_s, until_s), kinds, count in zip(parts, networks, cuts):
        kinds = [*kinds, *[POWER] * count]
        rng.shuffle(kinds)
        lengths = {WISH: WISH_S, AWAY: AWAY_S}
        faults = [Fault(kind, 0, lengths.get(kind) or rng.uniform(*LENGTHS_S[POWER])) for kind in kinds]
        for fault in _spread(rng, faults, from_s, until_s, MARK_S):
            yield fault
            if fault.kind == POWER and wrong:
                wrong -= 1
                yield Fault(CLOCK, fault.at_s - MARK_S / 2, fault.length_s + 2 * MARK_S, BY_TIME_SERVER)
            if fault.kind in lengths:
                yield from (Fault(MALFORMED, fault.at_s, 0, number) for number in range(questions.pop()))


def _shared(count, parts):
    return [count // parts + (number < count % parts) for number in range(parts)]


def _spread(rng, faults, from_s, until_s, apart_s):
    """The faults one after the other in that time, so far apart at the least."""
    free_s = until_s - from_s - sum(fault.length_s + apart_s for fault in faults)
    if free_s < 0:
        raise ValueError("so many faults do not fit into so short a day")
    at_s = from_s
    placed = []
    for fault, before in zip(faults, sorted(rng.uniform(0, free_s) for _ in faults)):
        placed.append(fault._replace(at_s=at_s + before))
        at_s += fault.length_s + apart_s
    return placed
