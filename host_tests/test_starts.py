"""How starts are counted on CPython: what is a crash, what is none, and when what crashes is left alone."""

import importlib
import json
import sys
from types import ModuleType
from unittest import mock

import pytest

POWER, HARD, WATCHDOG, DEEP_SLEEP, SOFT = range(1, 6)  # as on the ESP32
UNKNOWN = 0


@pytest.fixture
def chip(tmp_path, monkeypatch):
    """The `machine` of app.starts; a test sets `cause`."""
    monkeypatch.chdir(tmp_path)
    machine = ModuleType("machine")
    machine.PWRON_RESET, machine.HARD_RESET, machine.WDT_RESET = POWER, HARD, WATCHDOG
    machine.DEEPSLEEP_RESET, machine.SOFT_RESET = DEEP_SLEEP, SOFT
    machine.reset_cause = lambda: machine.cause
    with mock.patch.dict(sys.modules, {"machine": machine}):
        sys.modules.pop("app.starts", None)
        machine.starts = importlib.import_module("app.starts")
        yield machine


def _start(chip, cause, is_asked=False):
    chip.cause = cause
    return chip.starts.begin(is_asked)


def _row(chip, *causes):
    """Starts by these causes; the last one's (life, is_beaten, is_starved)."""
    return [_start(chip, cause) for cause in causes][-1]


def test_the_first_start_of_all_is_no_crash_whatever_began_it(chip):
    assert _start(chip, HARD)[0] == {"starts": 1, "crashes": 0, "reset": "crash"}


@pytest.mark.parametrize(
    "cause, is_asked, word, crashes",
    [
        (POWER, False, "power", 0),
        (WATCHDOG, False, "watchdog", 1),
        (HARD, False, "crash", 1),
        (HARD, True, "asked", 0),
        (SOFT, False, "soft", 0),
        (DEEP_SLEEP, False, "deep_sleep", 0),
        (UNKNOWN, False, "unknown", 0),
        # Somebody had asked for a restart, and then something else came first.
        (WATCHDOG, True, "watchdog", 1),
        (POWER, True, "power", 0),
    ],
)
def test_what_nobody_asked_for_and_is_no_power_cut_is_a_crash(chip, cause, is_asked, word, crashes):
    _start(chip, POWER)
    life, is_beaten, is_starved = _start(chip, cause, is_asked)
    assert life == {"starts": 2, "crashes": crashes, "reset": word}
    assert not is_beaten and not is_starved


def test_a_port_that_has_a_name_for_a_brownout_is_believed_at_once(chip):
    _start(chip, POWER)
    chip.BROWNOUT_RESET = 6
    assert _start(chip, 6) == ({"starts": 2, "crashes": 0, "reset": "brownout"}, False, True)


def test_after_five_crashes_in_a_row_what_crashes_is_left_alone_once_and_then_tried_again(chip):
    assert not _row(chip, POWER, HARD, WATCHDOG, HARD, WATCHDOG)[1]
    assert _start(chip, HARD)[1]
    # Out of safe mode: the next is as usual, and one more crash is enough.
    assert not _start(chip, HARD, is_asked=True)[1]
    life, is_beaten, _starved = _start(chip, WATCHDOG)
    assert is_beaten and life == {"starts": 8, "crashes": 6, "reset": "watchdog"}
    # Also when safe mode itself has crashed.
    assert _start(chip, WATCHDOG)[1]


def test_a_life_that_lasts_ends_the_row_and_not_the_count(chip):
    _row(chip, POWER, *[HARD] * 4)
    chip.starts.lasts()
    life, is_beaten, _starved = _row(chip, *[HARD] * 4)
    assert not is_beaten and life["crashes"] == 8
    assert _start(chip, HARD)[1]


def test_power_cuts_and_restarts_between_crashes_neither_count_nor_wipe_them_out(chip):
    _row(chip, POWER, HARD, HARD)
    _start(chip, HARD, is_asked=True)
    assert not _row(chip, POWER, SOFT, HARD, HARD)[1]
    assert _start(chip, HARD)[1]


def test_power_that_goes_soon_after_each_start_is_a_weak_supply(chip):
    assert not _row(chip, *[POWER] * 5)[2]
    assert _start(chip, POWER)[2]
    chip.starts.lasts()
    assert not _row(chip, *[POWER] * 4)[2]
    # A crash in between is no power cut.
    assert not _row(chip, HARD, *[POWER] * 4)[2]
    assert _start(chip, POWER)[2]


@pytest.mark.parametrize(
    "content",
    [b"", b"[1, 2", b"{}", b"[1]", b"[1,2,3,-4]", b'["1",0,0,0]', b"[true,0,0,0]", b"7", b"\xff", b"9" * 65],
)
def test_a_file_that_makes_no_sense_is_counted_anew(chip, tmp_path, content):
    (tmp_path / "starts").write_bytes(content)
    life, is_beaten, is_starved = _start(chip, POWER)
    assert life == {"starts": 1, "crashes": 0, "reset": "power"} and not is_beaten and not is_starved
    assert json.loads((tmp_path / "starts").read_text())[0] == 1


def test_a_flash_that_refuses_keeps_nobody_from_starting(chip, monkeypatch):
    def refuse(*_about):
        raise OSError(28)

    _row(chip, POWER, *[HARD] * 4)
    monkeypatch.setattr(chip.starts.storage, "write_file", refuse)
    assert _start(chip, HARD)[1]
    chip.starts.lasts()


def test_a_life_that_lasts_writes_only_where_something_was_counted(chip, monkeypatch):
    _start(chip, SOFT)
    monkeypatch.setattr(chip.starts.storage, "write_file", None)
    chip.starts.lasts()
