"""Tier 3: a simulated week in which all goes wrong that goes wrong in a house, and no hour is lost or doubled."""

import pytest

import soak
from soaking.plan import drawn
from soaking.verdict import TOO_LATE_MS

pytestmark = [pytest.mark.tier3, pytest.mark.timed]

_HOURS = 168
_SEED = 1


def test_every_hour_of_a_bad_week_comes_once_and_is_the_registers(tmp_path, compiled, say):
    told = []
    for slower in (1, 2):
        plan = drawn(_SEED, "kamstrup", _HOURS, slower)
        folder = tmp_path / str(slower)
        folder.mkdir()
        verdict = soak.run(plan, folder, told.append)
        if not verdict.faults or verdict.late_ms < TOO_LATE_MS * slower:
            break
    else:
        pytest.skip(f"this machine is too busy for a week in minutes: the meter was {verdict.late_ms} ms late")
    figures = verdict.figures
    assert not verdict.faults, "\n".join([str(plan), *told, str(verdict)])
    assert figures["hours expected"] == figures["hours received"] == _HOURS
    # That the week was a bad one, and the firmware not merely there.
    assert figures["starts of the firmware"] > 10
    assert figures["hours by the meter's registers"] > _HOURS // 3
    say(", ".join(f"{name}: {value}" for name, value in figures.items()))
