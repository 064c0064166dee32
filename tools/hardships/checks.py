"""Whether what came of a hard day is what it should be. Each check yields a line for every fault that it finds."""

import bisect
import json
import re

from soaking.checks import thirds
from soaking.verdict import LONGEST_DELAY_MS

from .board import CUT, ENDED

# A reading that is shown on the page can be so old: list 2 may have been damaged some times in a row.
OLD_S = 600
# Seconds of the household that clocks may differ.
SLACK_S = 5
LEAK = 4096  # bytes
# So many looks at the heap in each third of the long life, to judge it by.
LOOKS = 2
# Of what was planned so much must really have been done.
DONE = 0.95

_START = re.compile(r"\] start: firmware .* start (\d+) by (\w+), crashes (\d+)")
# What the log says before a start that somebody has asked for.
_REASONS = (
    "start: restart, since the owner says so",
    "wifi: no connection for ten minutes: setup network",
    "setup: is over; the dongle starts anew",
)


def readings(messages, truth):
    """Every reading that was published is one that the meter sent, in their order. `messages` are (name, payload,
    when it came in Unix time of the household), `truth` the rows of meter.py."""
    views = {"power": _power, "state": _state, "energy": _energy}
    sent = {name: [(row["due_ms"] / 1000, view(row)) for row in truth if view(row)] for name, view in views.items()}
    reached = dict.fromkeys(views, 0)
    for name, payload, came_s in messages:
        if name not in views:
            continue
        found = _plain(json.loads(payload))
        rows, at = sent[name], reached[name]
        while at < len(rows) and rows[at][0] <= came_s + SLACK_S:
            if rows[at][1] == found:
                reached[name] = at
                break
            at += 1
        else:
            yield f"a false reading in {name}: {payload.decode()}"


def _plain(content):
    """Without what the dongle worked out."""
    return {key: value for key, value in content.items() if key not in ("calculated", *content.get("calculated", ()))}


def _power(row):
    return {key: value for key, value in row.items() if key.endswith(("_w", "_var"))}


def _state(row):
    hidden = ("list", "due_ms", "meter_id", "p1_ident")
    return {key: value for key, value in row.items() if "energy" not in key and key not in hidden and row["list"] > 1}


def _energy(row):
    return {key: value for key, value in row.items() if "energy" in key or (key == "timestamp" and row["list"] == 3)}


def powers(shown, truth):
    """Every power on the page is one that the meter said lately. `shown` are (Unix time of the household, W)."""
    due = [row["due_ms"] / 1000 for row in truth]
    for at_s, watt in shown:
        lately = truth[bisect.bisect_left(due, at_s - OLD_S) : bisect.bisect_right(due, at_s + SLACK_S)]
        if all(row.get("power_import_w") != watt for row in lately):
            yield f"a false reading on the page: {watt} W at {at_s:.0f}"


def starts(log):
    """Every start but the first is explained by the lines before it: the power was cut, or somebody wanted it."""
    is_first, was_cut, reason = True, False, ""
    for line in log:
        found = _START.search(line)
        if line == CUT:
            was_cut = True
        elif any(text in line for text in _REASONS):
            reason = line
        elif line.startswith(ENDED + "-"):
            was_cut = True  # of power there is no more to say, either
            yield f"MicroPython itself died of signal {line[len(ENDED) + 1 :]}"
        elif line.startswith(ENDED) and not (line == ENDED + "0" and reason):
            yield f"the firmware ended for no reason that the log has: {line[len(ENDED) :]}"
        elif found:
            number, by, crashes = found.groups()
            is_explained = is_first or (by == "power" and was_cut) or (by == "asked" and reason)
            if not is_explained or crashes != "0":
                yield f"a start that the log does not explain: {line}"
            is_first, was_cut, reason = False, False, ""


def heap(free):
    """`free` are looks at the heap of one life, all of a moment when nobody is at the page."""
    start, end = thirds(free)
    if len(free) < 3 * LOOKS:
        yield f"only {len(free)} looks at the heap while nobody was at the page: too few to judge it"
    elif start - end > LEAK:
        yield f"the heap shrinks from {start} to {end} bytes free"


def delays(probes):
    """The firmware never kept the reader from its UART for longer."""
    for probe in probes:
        if probe.delay_ms > LONGEST_DELAY_MS:
            yield f"the UART waited for {probe.delay_ms:.0f} ms"


def done(planned, counts):
    """What was planned has really been done: of each kind some, and of all nearly all. Both are {kind: how often}."""
    for kind, count in planned.items():
        if count and not counts.get(kind):
            yield f"not once: {kind}"
    if sum(counts.values()) < DONE * sum(planned.values()):
        yield f"of {sum(planned.values())} faults only {sum(counts.values())} came about"
