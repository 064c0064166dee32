"""The house's hours over restarts, outages and a flash that refuses: on the real journal, in a folder of its own."""

import json
import sys
import types

import pytest

import journal as journal_module
from energy.calendar import seconds
from energy.hour import HOUR, Hour

_NOON_H = seconds(2026, 1, 15, 12) // 3600


@pytest.fixture
def app(tmp_path, monkeypatch):
    """The firmware's ledger on CPython, with a clock that the tests set; files lie in a folder of the test."""
    monkeypatch.chdir(tmp_path)
    clock = types.ModuleType("app.clock")
    clock.now = 0
    clock.uptime_s = lambda: clock.now
    log = types.ModuleType("app.log")
    log.lines = []
    log.log = lambda subject, text: log.lines.append(f"{subject}: {text}")
    monkeypatch.setitem(sys.modules, "app.clock", clock)
    monkeypatch.setitem(sys.modules, "app.log", log)
    monkeypatch.delitem(sys.modules, "app.ledger", raising=False)
    import app

    monkeypatch.setattr(app, "clock", clock, raising=False)
    from app.ledger import Ledger
    from app.totals import Totals

    yield types.SimpleNamespace(clock=clock, log=log.lines, Ledger=Ledger, Totals=Totals)
    sys.modules.pop("app.ledger", None)


class _Outbox:
    """Takes one parcel at a time, and delivers when the test says so."""

    def __init__(self):
        self.sent = []
        self.delivered = 0

    @property
    def parcel_free(self):
        return len(self.sent) == self.delivered

    def send(self, topic, payload, retain, qos):
        assert (topic, retain, qos) == (b"han/x/hour", False, 1) and self.parcel_free
        self.sent.append(json.loads(payload))
        return len(self.sent)

    def deliver(self):
        self.delivered = len(self.sent)


class _Dongle:
    def __init__(self, app, is_read=True):
        self.app = app
        self.outbox = _Outbox()
        self.totals = app.Totals(1)
        settings = {"tariff.hours": 3, "time.zone": "CET"}
        self.ledger = app.Ledger(settings, self.totals, self.outbox, b"han/x")
        if is_read:
            self.read()

    def read(self):
        for _ in self.ledger.replay():
            pass

    def mark(self, hour, wh):
        self.totals.imported.set_register(wh)
        self.totals.hours.complete(hour, (wh, None), (self.totals.imported.wh, None), 7, True)
        self.ledger.tick()

    def publish(self, times=50):
        """The broker takes what there is; the hours that it got, as (hour of the day in UTC, Wh)."""
        before = len(self.outbox.sent)
        for _ in range(times):
            self.outbox.deliver()
            self.ledger.tick()
        return [(int(m["start"][11:13]) - 1, m["import_wh"]) for m in self.outbox.sent[before:]]


def test_each_hour_is_published_once_and_in_order(app):
    dongle = _Dongle(app)
    for i in range(5):
        dongle.mark(_NOON_H + i, 1000 * i)
    assert dongle.ledger.pending == 4
    dongle.publish()
    assert [m["start"][11:13] for m in dongle.outbox.sent] == ["13", "14", "15", "16"]
    assert {m["source"] for m in dongle.outbox.sent} == {"meter"}
    assert dongle.ledger.pending == 0
    assert dongle.publish() == []


def test_after_a_restart_only_what_was_not_acknowledged_is_sent_again(app):
    dongle = _Dongle(app)
    for i in range(3):
        dongle.mark(_NOON_H + i, 1000 * i)
    dongle.publish()
    dongle.mark(_NOON_H + 3, 3000)
    dongle.mark(_NOON_H + 4, 4000)
    again = _Dongle(app)
    assert again.ledger.pending == 2
    again.ledger.tick()
    again.publish()
    assert [m["start"][11:13] for m in again.outbox.sent] == ["15", "16"]
    assert _Dongle(app).ledger.pending == 0


def test_a_registers_hour_is_whole_though_the_dongle_was_off_in_the_middle_of_it(app):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    again = _Dongle(app)
    assert again.totals.wh == (5000, None)
    again.mark(_NOON_H + 1, 6200)
    again.publish()
    assert [(m["import_wh"], m["source"]) for m in again.outbox.sent] == [(1200, "meter")]


def test_peaks_and_the_months_use_are_found_again(app):
    dongle = _Dongle(app)
    for i, wh in enumerate((0, 2000, 5000)):
        dongle.mark(_NOON_H + i, wh)
    again = _Dongle(app)
    assert again.ledger.peaks.highest == dongle.ledger.peaks.highest == [[3000, _NOON_H + 1, 15]]
    assert again.ledger.usage.day((6000, None)) == (6000, None)


def test_of_an_estimate_five_minutes_are_lost_at_the_most(app):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    for second in range(0, 900, 10):
        app.clock.now = second
        added = dongle.totals.imported.add_power(3600, 10000)
        dongle.totals.hours.add(_NOON_H, 10000, added, 0)
        dongle.ledger.tick()
    again = _Dongle(app)
    assert dongle.totals.imported.wh - 300 <= again.totals.imported.wh < dongle.totals.imported.wh
    assert again.totals.hours.so_far(_NOON_H, 0) == again.totals.imported.wh - 5000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"mark": 1}',
        b"\xff\xfe",
        b'{"mark":"x","pending":[[1]],"clock":[],"totals":5}',
        b"1",
    ],
)
def test_a_state_file_that_makes_no_sense_is_left(app, tmp_path, content):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    (tmp_path / "state.json").write_bytes(content)
    again = _Dongle(app)
    assert again.totals.wh == (5000, None)
    again.mark(_NOON_H + 1, 6000)
    assert again.ledger.pending == 1
    assert any("state.json" in line for line in app.log)


def test_an_hour_is_not_lost_while_the_flash_refuses(app, monkeypatch):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    with monkeypatch.context() as broken:

        def refuse(*_):
            raise OSError(28)

        broken.setattr(journal_module.Journal, "append", refuse)
        dongle.mark(_NOON_H + 1, 6000)
        dongle.ledger.tick()
        assert dongle.ledger.pending == 0
    assert sum("flash refuses" in line for line in app.log) == 1
    dongle.ledger.tick()
    assert dongle.ledger.pending == 1
    assert _Dongle(app).ledger.pending == 1


def test_the_broker_remembers_how_high_the_total_was(app):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    dongle.ledger.raise_totals((5300, 17))
    dongle.ledger.tick()
    assert dongle.totals.wh == (5300, None)
    # What no house uses in the minutes that may have been lost is somebody else's number.
    dongle.ledger.raise_totals((5300 + 20001, None))
    dongle.ledger.tick()
    assert dongle.totals.wh == (5300, None)


def test_what_the_broker_remembers_is_kept_until_the_total_is_known(app):
    dongle = _Dongle(app)
    dongle.mark(_NOON_H, 5000)
    again = _Dongle(app, is_read=False)
    again.ledger.raise_totals((5300, None))  # while the journal is still being read
    again.read()
    again.ledger.tick()
    assert again.totals.wh == (5300, None)


def test_a_meter_that_has_not_said_its_register_yet_is_raised_when_it_does(app):
    dongle = _Dongle(app)
    dongle.ledger.raise_totals((5300, None))
    dongle.ledger.tick()
    assert dongle.totals.wh == (None, None)
    dongle.totals.imported.set_register(5000)
    dongle.ledger.tick()
    assert dongle.totals.wh == (5300, None)


def test_a_kept_hour_survives_damage_behind_it(app, tmp_path):
    dongle = _Dongle(app)
    for i in range(3):
        dongle.mark(_NOON_H + i, 1000 * i)
    segment = next((tmp_path / "hours").iterdir())
    segment.write_bytes(segment.read_bytes()[:-20])
    again = _Dongle(app)
    assert again.totals.hours.mark == _NOON_H + 1
    assert any("damaged" in line for line in app.log)
    again.mark(_NOON_H + 2, 2000)
    kept = Hour()
    for _seq, payload in journal_module.Journal("hours", 48, 73, 28).replay():
        kept.unpack(payload)
    assert (kept.hour, kept.kind, kept.wh[0]) == (_NOON_H + 1, HOUR, 1000)
