#!/usr/bin/env python3
"""Feeds the decoder mutated frames of every simulated meter, and says when it does what it must not.

    tools/fuzz.py --seconds 60 --seed 1

fuzzing/ has its parts; fuzzing/trial.py says what is checked. The exit code is 1 with a finding.
"""

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import NamedTuple, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from fuzzing import mutations  # noqa: E402
from fuzzing.sources import KEYS, dumps, sources  # noqa: E402
from fuzzing.trial import Part, Trial, run, shrunk  # noqa: E402

ENOUGH = 10_000_000  # mutated bytes in a run
STRETCHES = 12  # mutated ones in a trial
SIZES = (4096, 4096, 4096, 2049, 1600)  # of the receive buffer
LINKS_FOR_ALL = ("line", "line", "line", "auto")
# By link: what comes behind a trial's stretches.
FILLERS = {"hdlc": "Aidon 6534", "mbus": "Netz NOe MA309M in the clear", "p1": "P1 (SE) efs"}


class Tally(NamedTuple):
    """What was done; or the trial with a finding."""

    trials: int = 0
    mutated: int = 0  # bytes
    fed: int = 0
    frames: int = 0
    readings: int = 0
    lies: int = 0
    collisions: int = 0
    slowest_s: float = 0
    slowest_bytes: int = 0
    finding: str = ""
    name: str = ""
    trial: Optional[Trial] = None

    def with_trial(self, trial, outcome):
        slowest = max((self.slowest_s, self.slowest_bytes), (outcome.slowest_s, outcome.slowest_bytes))
        return Tally(
            self.trials + 1,
            self.mutated + sum(len(part.data) for part in trial.parts if part.expected is None),
            self.fed + outcome.bytes,
            self.frames + outcome.frames,
            self.readings + outcome.readings,
            self.lies + outcome.lies,
            self.collisions + outcome.collisions,
            *slowest,
        )


def mutated(rng, pushes, link, may_lie):
    """A stretch of bytes that was a push or some once."""
    push = rng.choice(pushes)
    data = push.data
    if may_lie and rng.random() < 0.3:
        data = mutations.lie(rng, push, link)
        if rng.random() < 0.6:
            return data
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        data = rng.choice(mutations.DAMAGES)(rng, data or b"\x7e", pushes)
    return data


def make_trial(name, known):
    """The Trial of that name, which is its seed."""
    rng = random.Random(name)
    source = rng.choice(known)
    link = rng.choice((*LINKS_FOR_ALL, source.link, "dump"))
    options = {"size": rng.choice(SIZES), **source.options}
    if link == "dump":
        return _dump_trial(rng, name, source, options)
    options["link"] = link
    # What has a tag is proved by it, as long as nothing else is sent.
    is_proved = source.has_tag and rng.random() < 0.5
    if not is_proved:
        options.update(_more_options(rng, source))
    parts = _stretches(rng, source, [] if is_proved else _others(rng, source, known, options))
    tail = _filling(rng, source, known, options["size"])
    only_known = tuple(push.expected for push in (*source.pushes, *tail)) if is_proved else ()
    return Trial(options, parts, tail, name, only_known)


def _more_options(rng, source):
    """What a receiver of this meter does not need, and may have."""
    options = {"unchecked": True} if rng.random() < 0.2 else {}
    return options if source.options else {**options, **rng.choice(({}, {"key": KEYS["key"]}, KEYS))}


def _others(rng, source, known, options):
    """Meters whose frames may come on the same line; now and then of other links."""
    is_mixed = rng.random() < 0.2
    return [
        other
        for other in known
        if not other.has_tag and other.options.keys() <= options.keys() and (is_mixed or other.link == source.link)
        if other.options.get("size", 0) <= options["size"]
    ]


def _stretches(rng, source, others):
    """Mutated bytes and an intact push in turn; without others, the meter's own, and none that lie."""
    parts = []
    for place in range(1, STRETCHES):
        # Only what the meter has sent before: it must not be called a replay of what was in the stretch.
        pushes, link = source.pushes[:place], source.link
        if others and rng.random() < 0.4:
            other = rng.choice(others)
            pushes, link = other.pushes, other.link
        parts += [Part(mutated(rng, pushes, link, bool(others))), Part(*source.pushes[place])]
    return tuple(parts)


def _filling(rng, source, known, size):
    """An intact frame again and again for a buffer length, within which all before must have been resolved."""
    filler = next(other for other in known if other.name == FILLERS[source.link])
    push = rng.choice(filler.pushes)
    return (Part(*push),) * (1 + size // len(push.data))


def _dump_trial(rng, name, source, options):
    """Dumps have no checks: only that nothing breaks is of interest."""
    link = rng.choice(("llc", "apdu"))
    pushes = dumps(source, link) or source.pushes
    parts = []
    for push in pushes[:STRETCHES]:
        data = push.data
        for _ in range(rng.choice((1, 2, 5))):
            data = rng.choice(mutations.DAMAGES)(rng, data or b"\x0f", pushes)
        parts += [Part(data), Part(*push)]
    return Trial({**options, "link": link}, tuple(parts), (), name)


def work(seed, worker, seconds):
    """The Tally of one process after so many seconds, or after its first finding."""
    until = time.monotonic() + seconds
    known = sources()
    tally = Tally()
    while time.monotonic() < until:
        name = f"{seed}/{worker}/{tally.trials}"
        trial = make_trial(name, known)
        outcome = run(trial)
        tally = tally.with_trial(trial, outcome)
        if outcome.finding:
            return tally._replace(finding=outcome.finding, name=name, trial=shrunk(trial))
    return tally


def report(tallies, seconds):
    """Print what was done; True when nothing was found."""
    done = Tally(*(sum(tally[i] for tally in tallies) for i in range(7)))
    slowest_s, slowest_bytes = max(tally[7:9] for tally in tallies)
    print(f"{done.mutated:,} mutated bytes, {done.fed:,} fed, {done.trials:,} receivers, {seconds:.0f} s")
    print(f"{done.frames:,} frames called intact, {done.readings:,} readings")
    print(f"{done.lies:,} readings of mutated frames with right checks; {done.collisions:,} frames swallowed by such")
    print(f"slowest piece: {1000 * slowest_s:.1f} ms for {slowest_bytes} bytes")
    if done.mutated < ENOUGH:
        print(f"these are fewer than {ENOUGH:,} mutated bytes: more SECONDS would be better")
    for tally in tallies:
        if tally.finding:
            print_finding(tally)
    return not any(tally.finding for tally in tallies)


def print_finding(tally):
    """What is needed to see it again."""
    print(f"FOUND in trial {tally.name}: {tally.finding}")
    trial = tally.trial
    print(f"shrunk: {run(trial).finding}")
    print(f"Receiver(**{trial.options}), cut with random.Random({trial.pieces!r}), fed with")
    for part in trial.parts:
        print(f"  {part.data.hex()}" + (f"  # intact: {part.expected}" if part.expected else ""))
    if trial.tail:
        print(f"  {trial.tail[0].data.hex()}  # intact, {len(trial.tail)} times")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=str(time.time_ns() % 1_000_000_000))
    parser.add_argument("--jobs", type=int, default=cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--trial", help="run the one trial of this name, as a finding prints it")
    args = parser.parse_args()
    if args.trial:
        trial = make_trial(args.trial, sources())
        outcome = run(trial)
        tally = Tally().with_trial(trial, outcome)
        if outcome.finding:
            tally = tally._replace(finding=outcome.finding, name=args.trial, trial=shrunk(trial))
        sys.exit(not report([tally], 0))
    print(f"seed {args.seed}, {args.jobs} processes", flush=True)
    began = time.monotonic()
    with ProcessPoolExecutor(args.jobs) as pool:
        tallies = list(pool.map(work, *zip(*((args.seed, i, args.seconds) for i in range(args.jobs)))))
    sys.exit(not report(tallies, time.monotonic() - began))


if __name__ == "__main__":
    main()
