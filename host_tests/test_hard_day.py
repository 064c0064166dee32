"""The checks of a hard day find what they look for, and nothing in a day that went well; and a short hard day."""

import json
import random
import re

import pytest

import hardday
from hardships import checks
from hardships.board import CUT, ENDED, Probe
from hardships.plan import (
    AWAY,
    CLOCK,
    DAY_H,
    KINDS,
    MALFORMED,
    OF_A_DAY,
    POWER,
    SHORT_H,
    SPEED,
    WISH,
    drawn,
)
from hardships.questions import malformed
from soaking.checks import own_faults
from soaking.verdict import TOO_LATE_MS

_NOON_S = 1768474800
_ROWS = [
    {"list": 1, "due_ms": 1000 * _NOON_S, "power_import_w": 1200},
    {"list": 1, "due_ms": 1000 * _NOON_S + 2500, "power_import_w": 1300},
    {"list": 2, "due_ms": 1000 * _NOON_S + 5000, "power_import_w": 1250, "meter_id": "7", "l1_current_a": 5.4},
    {
        "list": 3,
        "due_ms": 1000 * _NOON_S + 10000,
        "power_import_w": 1100,
        "l1_current_a": 4.7,
        "timestamp": "2026-01-15T12:00:00",
        "energy_import_wh": 57364640,
    },
]


def _readings(*messages):
    """The faults of (name, content, seconds after noon)."""
    return list(checks.readings([(n, json.dumps(c).encode(), _NOON_S + s) for n, c, s in messages], _ROWS))


def test_what_the_meter_sent_is_no_false_reading_be_it_late_or_sent_again():
    last = {"timestamp": "2026-01-15T12:00:00", "energy_import_wh": 57364640}
    assert not _readings(
        ("power", {"power_import_w": 1200}, 1),
        ("power", {"power_import_w": 1250}, 20),  # one between was lost
        (
            "state",
            {"power_import_w": 1250, "l1_current_a": 5.4, "l2_current_a": 4, "calculated": ["l2_current_a"]},
            20,
        ),
        ("energy", last, 21),
        ("energy", last, 900),
        ("total", {"energy_import_wh": 1}, 21),
    )


@pytest.mark.parametrize(
    "message",
    [
        ("power", {"power_import_w": 1201}, 20),
        ("power", {"power_import_w": 1250, "power_export_w": 0}, 20),
        ("power", {"power_import_w": 1100}, 3),  # before the meter has said it
        ("state", {"power_import_w": 1250, "l1_current_a": 4.7}, 20),  # of two lists
        ("energy", {"timestamp": "2026-01-15T12:00:00", "energy_import_wh": 57364641}, 20),
        ("energy", {"timestamp": "2026-01-15T13:00:00", "energy_import_wh": 57364640}, 20),
    ],
)
def test_a_false_reading_is_named(message):
    (fault,) = _readings(message)
    assert "a false reading in " + message[0] in fault


def test_readings_that_come_in_another_order_than_the_meters_are_false():
    assert len(_readings(("power", {"power_import_w": 1300}, 9), ("power", {"power_import_w": 1200}, 9))) == 1


def test_a_power_on_the_page_is_one_that_the_meter_said_lately():
    assert not list(checks.powers([(_NOON_S + 300, 1250), (_NOON_S + 3, 1200)], _ROWS))
    for at_s, watt in ((300, 1251), (-10, 1200), (700, 1200)):
        assert len(list(checks.powers([(_NOON_S + at_s, watt)], _ROWS))) == 1


def _start(number, by, crashes=0):
    return f"[     0] start: firmware 1.0 on a board, device han-1; start {number} by {by}, crashes {crashes}"


_ASKED = "[   900] start: restart, since the owner says so"


def test_a_start_is_explained_by_a_power_cut_or_by_what_the_log_says_before_it():
    away = "[  1000] wifi: no connection for ten minutes: setup network"
    over = "[  1000] setup: is over; the dongle starts anew"
    log = [_start(1, "power"), CUT, _start(2, "power")]
    for number, reason in enumerate((_ASKED, away, over), 3):
        log += [reason, ENDED + "0", _start(number, "asked")]
    assert not list(checks.starts(log))


@pytest.mark.parametrize(
    "log",
    [
        [_start(1, "power"), _start(2, "power")],
        [_start(1, "power"), _start(2, "asked")],
        [_start(1, "power"), CUT, _start(2, "power"), _start(3, "power")],
        [_start(1, "power"), _ASKED, _start(2, "crash")],
        [_start(1, "power"), CUT, _start(2, "watchdog")],
        [_start(1, "power"), CUT, _start(2, "power", crashes=1)],
    ],
)
def test_a_start_that_nothing_explains_is_named(log):
    (fault,) = checks.starts(log)
    assert "does not explain" in fault


def test_an_end_that_nobody_asked_for_is_named():
    (fault,) = checks.starts([_start(1, "power"), ENDED + "-11", _start(2, "power")])
    assert fault == "MicroPython itself died of signal 11"
    for code, reason in (("0", ()), ("1", ()), ("3", (_ASKED,))):
        assert len(list(checks.starts([_start(1, "power"), *reason, ENDED + code]))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "[    12] fault: a task has failed and starts again",
        "[    12] fault: GET /api/v1/usage: ValueError()",
        "Traceback (most recent call last):",
        "watchdog: not fed in time",
        _start(2, "watchdog"),
        "[    12] mqtt: a fault of the firmware's own: TypeError()",
        "Task exception wasn't retrieved",
    ],
)
def test_an_exception_that_nobody_handled_is_named(line):
    assert list(own_faults(["[ 1] mqtt: the broker does not answer", line])) == ["in the log: " + line]


def test_a_heap_that_shrinks_by_more_than_4_kb_is_named_and_one_that_is_not_seen():
    assert not list(checks.heap([30000, 26000, 31000, 30500, 30100, 30000, 26000, 29000]))
    assert len(list(checks.heap(range(34000, 26000, -500)))) == 1
    assert len(list(checks.heap([30000, 30000]))) == 1


def test_a_reader_that_waited_is_named():
    def faults(delay_ms):
        return len(list(checks.delays([Probe(0, 30000, 20), Probe(1, 30000, delay_ms)])))

    assert (faults(99), faults(101)) == (0, 1)


def test_a_kind_that_was_never_done_is_named_and_a_day_that_fell_short():
    planned = {"noise": 90, "lost bytes": 9, "power cuts": 1}
    assert not list(checks.done(planned, {"noise": 87, "lost bytes": 9, "power cuts": 1}))
    assert len(list(checks.done(planned, {"noise": 90, "lost bytes": 9}))) == 1
    assert len(list(checks.done(planned, {"noise": 70, "lost bytes": 9, "power cuts": 1}))) == 1


@pytest.mark.parametrize("hours", [2, 3, SHORT_H, DAY_H])
def test_a_plan_is_the_same_from_the_same_seed_and_has_all_kinds(hours):
    assert drawn(7, hours) == drawn(7, hours) != drawn(8, hours)
    for seed in range(10):
        plan = drawn(seed, hours)
        assert sum(plan.counts.values()) == round(OF_A_DAY * hours / DAY_H)
        assert all(plan.counts[kind] for kind in KINDS)
        assert any(plan.is_alone(at_s) for at_s in range(plan.hours * 3600))
        # The long life is one, and only its clock jumps.
        for fault in plan.of(POWER, WISH, AWAY, MALFORMED):
            assert not any(plan.is_alone(fault.at_s + s) for s in range(int(fault.length_s) + 1)), fault
        starts = plan.of(POWER, WISH, AWAY)
        for first, second in zip(starts, starts[1:]):
            assert first.at_s + first.length_s < second.at_s
    if hours == DAY_H:
        kinds = {type(fault.about) for fault in plan.of(CLOCK)}
        assert kinds == {int, str} and plan.of(AWAY)


def test_a_day_with_too_many_faults_for_it_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        drawn(1, 2, 2000)


def test_malformed_questions_are_of_many_kinds():
    rng = random.Random(1)
    sizes = {len(malformed(rng)) for _ in range(200)}
    assert min(sizes) == 0 and max(sizes) > 512 and len(sizes) > 30


@pytest.mark.tier3
@pytest.mark.long(2)
@pytest.mark.mosquitto
def test_two_hours_in_which_everything_goes_wrong(tmp_path, compiled, say):
    told = []
    for seed, speed in ((1, SPEED), (2, SPEED // 2)):
        plan = drawn(seed, 2, speed=speed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        verdict = hardday.run(plan, folder, told.append)
        if not verdict.faults or verdict.late_ms < TOO_LATE_MS:
            break
    else:
        pytest.skip(f"this machine is too busy for a hard day: the meter was {verdict.late_ms} ms late")
    assert not verdict.faults, "\n".join([str(plan), *told, str(verdict)])
    figures = verdict.figures
    assert figures["hours expected"] == figures["hours received"] == 2
    # That it was a bad day, and the firmware not merely there.
    log = (folder / "log").read_text()
    for sign in (
        "mqtt: connected to localhost",
        "mqtt: the broker closed the connection",
        "its password is on the label",
        "the owner says so",
        "by asked",
        CUT,
    ):
        assert sign in log, sign
    assert re.search("name is not known|no name server", log)
    assert figures["readings published"] > 500 and figures["readings on the page"] > 100
    say("a hard day: " + ", ".join(f"{name}: {value}" for name, value in figures.items()))
