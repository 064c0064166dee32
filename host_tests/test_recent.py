"""What the house drew in the last hour, and the kept lines of the log."""

import importlib.util
import sys
from types import ModuleType
from unittest import mock

import pytest

from app.recent import SLOTS, STEP_S, Recent
from conftest import ROOT
from hanport.registers import INDEX


class _List:
    """A reading of these powers."""

    def __init__(self, import_w=None, export_w=None, number=1):
        self.list = number
        self._values = {INDEX["power_import_w"]: import_w, INDEX["power_export_w"]: export_w}

    def has(self, index):
        return self._values[index] is not None

    def value(self, index):
        return self._values[index]


def _run(recent, seconds, silent_ms=0):
    for _ in range(seconds):
        recent.tick(silent_ms)


def test_means_are_of_quarters_of_a_minute_the_oldest_first():
    recent = Recent()
    _run(recent, STEP_S)
    recent.note(_List(1000))
    _run(recent, STEP_S - 5)
    recent.note(_List(4000))
    _run(recent, 5)
    recent.note(_List(0, 600, 2))
    _run(recent, STEP_S + 7)
    watts = list(recent.watts())
    assert len(watts) == SLOTS and recent.age_s == 7
    assert watts[-3:] == [None, 2000, -600] and not any(watts[:-3])


def test_after_an_hour_the_first_is_gone():
    recent = Recent()
    recent.note(_List(1))
    for watt in range(SLOTS + 10):
        recent.note(_List(watt))
        _run(recent, STEP_S)
    assert list(recent.watts()) == list(range(10, SLOTS + 10))


def test_a_silent_meter_leaves_a_gap():
    recent = Recent()
    recent.note(_List(500))
    _run(recent, STEP_S, 0)
    _run(recent, STEP_S, 60000)
    assert list(recent.watts())[-2:] == [500, None]


def test_who_imports_does_not_export():
    recent = Recent(0)
    recent.note(_List(300))
    assert (recent.import_w, recent.export_w, recent.readings) == (300, None, 1)
    recent.note(_List(0, 900, 2))
    recent.note(_List(0))
    assert (recent.import_w, recent.export_w, recent.list) == (0, 900, 1)
    recent.note(_List(300))
    assert (recent.import_w, recent.export_w) == (300, 0)


def test_where_no_means_are_kept_there_are_none():
    recent = Recent(0)
    recent.note(_List(300))
    assert list(recent.watts()) == []


@pytest.fixture
def log():
    """A log of its own."""
    clock = ModuleType("app.clock")
    clock.uptime_s = lambda: 42
    spec = importlib.util.spec_from_file_location("a_log", ROOT / "firmware" / "app" / "log.py")
    module = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, {"app.clock": clock}):
        spec.loader.exec_module(module)
    return module


def test_the_log_keeps_its_last_lines_whole(log, capsys):
    assert log.lines() == b""
    log.log("one", "å")
    assert log.lines().decode() == capsys.readouterr().out
    for number in range(200):
        log.log("count", str(number))
    kept = log.lines().decode()
    assert capsys.readouterr().out.endswith(kept) and kept.startswith("[") and kept.endswith("count: 199\n")
    assert 900 < len(kept) <= 1024
    log.log("long", "x" * 5000)
    assert log.lines().count(b"\n") <= 1
