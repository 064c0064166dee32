"""One receiver, one stream of bytes, and what must hold whatever the bytes are.

Nothing raises; the memory does not grow; no piece takes long; every intact frame among the bytes is delivered, with
its own values, before a buffer length of bytes has come behind it; and whatever else is delivered is in frames that
the oracle calls intact, too.
"""

import gc
import random
import signal
import sys
import time
import types
from typing import NamedTuple, Optional

from fuzzing.oracle import intact_frames
from hanport import REASONS, Reading, Receiver

SLOWEST_S = 0.5  # a piece of at most LONGEST_PIECE bytes, on a machine that does other things as well
LONGEST_PIECE = 600
LONGEST_TRIAL_S = 2  # of work, where 0.05 s are usual: it does not come to an end
LARGEST_BUFFER = 4096  # that any trial asks for
GROWTH = 10240  # bytes that a receiver may become heavier: what it notes of makers, the shapes of lists, and integers
_NOT_DELIVERED = "not delivered in time"

_NO_MEMORY = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


class Part(NamedTuple):
    """Bytes of a stream; of an intact push, `expected` is what it gives."""

    data: bytes
    expected: Optional[dict] = None


class Trial(NamedTuple):
    options: dict  # the Receiver's
    parts: tuple
    tail: tuple  # intact parts, within which everything before must have been resolved
    pieces: str  # seed of where the stream is cut
    only_known: tuple = ()  # if any: whatever is delivered must be one of these readings

    @property
    def all_parts(self):
        return self.parts + self.tail


class Outcome(NamedTuple):
    finding: str = ""
    bytes: int = 0
    frames: int = 0
    readings: int = 0
    lies: int = 0  # readings out of frames that are intact by their checks, though no meter has sent them
    collisions: int = 0  # intact frames that were swallowed by such a frame
    slowest_s: float = 0
    slowest_bytes: int = 0


def run(trial):
    """The Outcome of a trial."""
    receiver = Receiver(**trial.options)
    stream = b"".join(part.data for part in trial.all_parts)
    watch = _Watch(receiver)
    signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST_TRIAL_S)
    try:
        watch.feed(stream, random.Random(trial.pieces))
    except Exception as error:
        return Outcome(f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finding = watch.finding or _finding_in_counters(receiver, len(stream))
    lies = collisions = 0
    if not finding:
        finding, lies, collisions = _compare(trial, stream, watch.found)
    counters = receiver.counters
    return Outcome(
        finding,
        len(stream),
        counters["frames"],
        counters["readings"],
        lies,
        collisions,
        watch.slowest_s,
        watch.slowest_bytes,
    )


def _give_up(number, frame):
    raise TimeoutError(f"no end after {LONGEST_TRIAL_S} s of work")


class _Watch:
    """Feeds a receiver; `found` is [(bytes fed until then, reading)]."""

    def __init__(self, receiver):
        self._receiver = receiver
        self.found = []
        self.finding = ""
        self.slowest_s = self.slowest_bytes = 0

    def feed(self, stream, rng):
        receiver, reading = self._receiver, Reading()
        weight = _weight(receiver)
        longest = rng.choice((1, 20, 100, LONGEST_PIECE, LONGEST_PIECE))
        lent = bytearray(LONGEST_PIECE)  # as a dongle does, the same one every time
        fed = 0
        while fed < len(stream):
            piece = stream[fed : fed + rng.randint(1, longest)]
            lent[: len(piece)] = piece
            fed += len(piece)
            began = time.thread_time()
            receiver.feed(lent, len(piece))
            while receiver.next(reading):
                self._take(reading, fed)
            took = time.thread_time() - began
            if took > self.slowest_s:
                self.slowest_s, self.slowest_bytes = took, len(piece)
        if self.slowest_s > SLOWEST_S:
            self.finding = f"slow: a piece of {self.slowest_bytes} bytes took {self.slowest_s:.1f} s"
        if len(receiver.buffer) > LARGEST_BUFFER or _weight(receiver) > weight + GROWTH:
            self.finding = "the receiver has grown"

    def _take(self, reading, fed):
        values = reading.as_dict()
        self.found.append((fed, values))
        if reading.list not in (1, 2, 3) or not all(type(value) in (int, float, str) for value in values.values()):
            self.finding = f"no reading of a meter: list {reading.list}, {values}"


def _weight(receiver):
    """Bytes of memory that are reached from here, but for code, and for the buffer, which once becomes larger."""
    seen, waiting, weight = {id(receiver.buffer)}, [receiver], 0
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen and not isinstance(thing, _NO_MEMORY):
            seen.add(id(thing))
            weight += sys.getsizeof(thing)
            waiting += gc.get_referents(thing)
    return weight


def _finding_in_counters(receiver, fed):
    counters = receiver.counters
    if counters["bytes"] != fed or counters["lost_bytes"]:
        return f"bytes: {fed} were fed, and all were fetched: {counters}"
    if min(counters.values()) < 0 or receiver.frames != counters["frames"] < counters["readings"]:
        return f"counters contradict each other: {counters}"
    if sum(counters[reason] for reason in REASONS) > 4 * fed:
        return f"more refusals than bytes: {counters}"
    return ""


def _compare(trial, stream, found):
    """(what is wrong, lies, collisions), from what was delivered and what should have been."""
    if trial.options["link"] in ("llc", "apdu"):  # no checks, nothing to be sure of
        return "", 0, 0
    missing, others = _match(trial, found)
    if not missing and not others:
        return "", 0, 0
    link, unchecked = trial.options["link"], trial.options.get("unchecked", False)
    frames = intact_frames(stream, link, unchecked)
    for start, stop in missing:
        if not any(frame.start < start < frame.stop or frame.start < stop < frame.stop for frame in frames):
            return f"{_NOT_DELIVERED}: bytes {start} to {stop}, which are intact", 0, 0
    known = [part.expected for part in trial.all_parts if part.expected]
    if trial.only_known:
        invented = [values for values in others if values not in trial.only_known]
    else:
        possible = _readings_of(trial, frames)
        invented = [values for values in others if values not in possible]
    if invented:
        return f"no intact frame says: {invented[0]}", 0, 0
    return "", sum(values not in known for values in others), len(missing)


def _match(trial, found):
    """[(start, stop) of the intact pushes that did not come in time], [readings that came besides]."""
    missing, others, at, end = [], [], 0, 0
    in_time = trial.options["size"] + LONGEST_PIECE
    for part in trial.all_parts:
        start, end = end, end + len(part.data)
        if part.expected is None:
            continue
        place = at
        while place < len(found) and (found[place][0] <= start or found[place][1] != part.expected):
            place += 1
        if place < len(found) and found[place][0] <= end + in_time:
            others += [values for _, values in found[at:place]]
            at = place + 1
        else:
            missing.append((start, end))
    others += [values for _, values in found[at:]]
    return missing, others


def _readings_of(trial, frames):
    """What a new receiver reads of nothing but these frames."""
    receiver, reading, found = Receiver(**trial.options), Reading(), []
    for frame in frames:
        receiver.feed(frame.data)
        while receiver.next(reading):
            found.append(reading.as_dict())
    return found


def shrunk(trial, seconds=10):
    """A shorter Trial with a finding of the same kind."""
    kind = _kind(run(trial))
    until = time.monotonic() + seconds
    if _kind(run(trial._replace(tail=()))) == kind != _NOT_DELIVERED:
        trial = trial._replace(tail=())
    size = max(1, len(trial.parts) // 2)
    while size and time.monotonic() < until:
        place = 0
        while place < len(trial.parts) and time.monotonic() < until:
            shorter = trial._replace(parts=trial.parts[:place] + trial.parts[place + size :])
            if _kind(run(shorter)) == kind:
                trial = shorter
            else:
                place += size
        size //= 2
    for place in range(len(trial.parts)):
        trial = _with_shorter_part(trial, place, kind, until)
    return trial


def _with_shorter_part(trial, place, kind, until):
    """The same trial with less of a part that is no intact push."""
    size = len(trial.parts[place].data) // 2
    while size and not trial.parts[place].expected and time.monotonic() < until:
        data = trial.parts[place].data
        for start in range(0, len(data), size):
            part = Part(data[:start] + data[start + size :])
            shorter = trial._replace(parts=(*trial.parts[:place], part, *trial.parts[place + 1 :]))
            if part.data and _kind(run(shorter)) == kind:
                trial = shorter
                break
        else:
            size //= 2
    return trial


def _kind(outcome):
    """The finding without its numbers and values."""
    return outcome.finding.partition(":")[0]
