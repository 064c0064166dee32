"""Tier 3: completed hours on the real MicroPython and a real broker, at speed: none lost, none wrong."""

import time

import pytest

pytestmark = pytest.mark.tier3

_SPEED = 600
# Half a second before the first full hour: by then the firmware listens.
_CLOCK = "2026-01-15T10:55:00"
_TWO_HOURS_S = 7200 / _SPEED


def _hours(stage):
    """{start: message} of what the broker got; the same hour may come twice, and then says the same."""
    hours = {}
    for message in stage.named("hour"):
        assert hours.setdefault(message["start"], message) == message
    return hours


def _wanted(stage):
    """{start: Wh}: the differences of the registers in the lists 3 that the meter has sent."""
    registers = {r["timestamp"][:13]: r["energy_import_wh"] for r in stage.truth() if r["list"] == 3}
    starts = sorted(registers)
    return {first + ":00:00+01:00": registers[second] - registers[first] for first, second in zip(starts, starts[1:])}


def test_hours_survive_a_broker_that_is_away_and_a_dongle_that_is_killed(stage, monkeypatch):
    monkeypatch.setenv("HAN_SPEED", str(_SPEED))
    stage.broker.start()
    stage.listen()
    stage.start_meter("kamstrup", "--clock", _CLOCK, "--speed", str(_SPEED))
    firmware = stage.start_firmware()
    stage.wait(lambda: len(_hours(stage)) >= 3, 60, "three hours")
    stage.broker.stop()
    time.sleep(_TWO_HOURS_S)
    # Right behind an hour's list 3, so that it is there again for the next one.
    kept = len(_wanted(stage))
    stage.wait(lambda: len(_wanted(stage)) > kept, 10, "the next hour")
    time.sleep(0.5)
    firmware.kill()
    firmware.wait()
    stage.broker.start()
    # The listener first: what this broker hands out while nobody listens, nobody hears.
    stage.wait(stage.is_listening, 10, "a listener at the broker that has come back")
    stage.start_firmware()
    missed = _wanted(stage)
    stage.wait(lambda: len(_hours(stage)) > len(missed), 60, "all hours")
    wanted, hours = _wanted(stage), _hours(stage)
    assert {start: message["import_wh"] for start, message in hours.items()} == {
        start: wanted[start] for start in sorted(wanted)[: len(hours)]
    }
    assert {message["source"] for message in hours.values()} == {"meter"}
    totals = [message["energy_import_wh"] for message in stage.named("total")]
    assert totals == sorted(totals)
    assert not any("fault" in line or "Traceback" in line for line in stage.log)
