"""The checks of a whole run, in words and in figures."""

import json
from datetime import datetime
from typing import NamedTuple

from simulator.clock import meter_clock
from simulator.makers import MAKERS

from . import checks
from .plan import HOUR_S

# How long the list 3 of a mark may take in the household's time; and in real seconds how long before it the firmware
# has to be started to hear it for certain, and how long to live behind it to have kept it.
MARK_S = 60
BOOT_S = 2
KEEP_S = 0.3
# A host that is busy for a moment costs a list 3 at this speed; one hour in so many may be an estimate for that.
UNEXPLAINED = 20
# One life of the firmware tells whether its heap shrinks when so many reports of it have come.
REPORTS = 60
# What comes later looks like a meter whose clock is wrong (energy.meterclock), at the speed of a Kamstrup.
TOO_LATE_MS = 600
LONGEST_DELAY_MS = 100  # real ones


class Verdict(NamedTuple):
    faults: list
    figures: dict
    late_ms: int  # TOO_LATE_MS and more: the host could not keep up, and the run says nothing

    def __str__(self):
        lines = [f"{name}: {value}" for name, value in self.figures.items()]
        return "\n".join(lines + [f"FAULT {fault}" for fault in self.faults])


def judged(plan, folder, listener, downs, late_ms):
    """The Verdict of a run of a World: its plan, its folder, who listened, when the firmware was not there, and how
    late the meter has been: in real milliseconds, as all delays."""
    lives = checks.lives(listener.named("diagnosis"))
    long_lives = [reports for reports in lives if checks.well(reports) >= REPORTS]
    delay_ms = max((report["reader_delay_ms"] for reports in lives for report in reports), default=0) // plan.speed
    certain = marks_heard(plan, json_lines(folder / "meter-truth"), downs)
    faults, unexplained, figures = judged_hours(plan, folder, listener, certain)
    if len(unexplained) * UNEXPLAINED > figures["hours received"]:
        faults += unexplained
    for reports in long_lives:
        faults += checks.memory(reports)
    if not long_lives:
        faults.append("no life of the firmware was long enough to judge its heap")
    if delay_ms >= LONGEST_DELAY_MS:
        faults.append(f"the UART task was held up for {delay_ms} ms")
    faults += checks.own_faults((folder / "log").read_text(errors="replace").splitlines())
    heaps = [checks.heap(reports) for reports in long_lives] or [(0, 0)]
    return Verdict(
        faults,
        {
            **figures,
            "starts of the firmware": len(downs) + 1,
            "longest UART delay": f"{delay_ms} ms",
            "the meter was late by": f"{late_ms} ms",
            "heap free at the start": f"{heaps[0][0]} bytes",
            "heap free at the end": f"{heaps[-1][1]} bytes",
        },
        late_ms,
    )


def judged_hours(plan, folder, listener, certain):
    """(faults, estimates for no reason that is known, figures) of the hours that were heard, and of what goes with
    them; `certain` are the marks (Unix time) whose list 3 has reached the firmware."""
    meter = checks.Meter(json_lines(folder / "meter-hours"))
    payloads = listener.named("hour")
    hours, faults = checks.distinct(payloads)
    faults += checks.presence(hours, plan.first_s, plan.end_s)
    faults += checks.order(payloads)
    faults += checks.energy(hours, meter)
    faults += checks.peaks(listener.named("capacity"), hours)
    faults += checks.totals(listener.named("total"))
    unexplained = list(checks.estimates(hours, certain - meter.around_exchanges()))
    expected = range(plan.first_s, plan.end_s, HOUR_S)
    figures = {
        "hours expected": len(expected),
        "hours received": sum(start_s in hours for start_s in expected),
        "hours lost": sum(start_s not in hours for start_s in expected),
        "hours doubled": sum(fault.count("came twice") for fault in faults),
        "hours sent again, the same": len(payloads) - len(hours),
        "hours by the meter's registers": sum(hour["source"] == "meter" for hour in hours.values()),
        "hours estimated": sum(hour["source"] == "estimate" for hour in hours.values()),
        "hours estimated for no reason that is known": len(unexplained),
    }
    return faults, unexplained, figures


def json_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def marks_heard(plan, truth, downs):
    """The hour marks (Unix time) whose list 3 the firmware was there to hear for certain.

    A list 3 that is the one before it once more, clock and all, tells of no mark, nor does one whose clock is wrong.
    """
    follows = MAKERS[plan.meter].message.clock.follows_summer_time
    marks = set()
    for row in truth:
        if row["list"] == 3:
            mark_s = row["due_ms"] // 1000 // HOUR_S * HOUR_S
            shown_s = (datetime.fromisoformat(row["timestamp"]) - meter_clock(mark_s, follows)).total_seconds()
            if 0 <= shown_s < MARK_S:
                marks.add(mark_s)
    before_s, after_s = BOOT_S * plan.speed, KEEP_S * plan.speed + MARK_S
    return {
        mark
        for mark in marks
        if mark - plan.start_s > before_s
        and not any(began_s - after_s <= mark <= ended_s + before_s for began_s, ended_s in downs)
    }
