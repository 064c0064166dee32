"""Button and LED: what the LED shows in the course of time, and what a press of each length does."""

import asyncio
import json
import sys
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest

import alone
import whynodata
from app import button, led

_PRESSED = 0


class _Over(BaseException):
    """The time of a test is over."""


class _Time:
    """asyncio as the firmware has it, in a time of the test's own: what is to happen happens while it sleeps."""

    def __init__(self, **events):
        self.now_ms = 0
        self._events = sorted((int(at[1:]), event) for at, event in events.items())

    async def sleep_ms(self, ms):
        end_ms = self.now_ms + ms
        while self._events and self._events[0][0] <= end_ms:
            self.now_ms, event = self._events.pop(0)
            event()
        self.now_ms = end_ms
        if not self._events:
            raise _Over


def _run(module, run, **events):
    """Run this task of a module with events, t<ms>=function; it ends with the last one."""
    time = _Time(**events)
    with mock.patch.object(module, "asyncio", SimpleNamespace(sleep_ms=time.sleep_ms)), pytest.raises(_Over):
        asyncio.run(run(time))


# The LED


class _Board:
    """Notes when the LED is switched, and in which colour."""

    def __init__(self):
        self.time = None
        self.edges = []  # (ms, whether it is on)
        self.colours = []  # of each time that it went on, whether it was that for faults

    def led(self, is_on, is_fault=False):
        if is_on != (self.edges[-1][1] if self.edges else False):
            self.edges.append((self.time.now_ms, is_on))
            if is_on:
                self.colours.append(is_fault)
            else:
                assert is_fault == self.colours[-1]


def _shown(seconds=20, cause="ok", setup=False, board=None, **events):
    """[(ms when it went on, ms for which it was), ...] of the LED in so many seconds; events get the Led."""
    board = board or _Board()
    one = led.Led(board)
    one.show(cause)
    one.setup_is_open = setup

    async def run(time):
        board.time = time
        await one.run()

    events = {at: (lambda event=event: event(one)) for at, event in events.items()}
    _run(led, run, **events, **{f"t{1000 * seconds}": lambda: None})
    times = [ms for ms, _is_on in board.edges]
    if len(times) % 2:
        times.append(1000 * seconds)
    return [(on, off - on) for on, off in zip(times[::2], times[1::2])]


def _groups(shown):
    """How many blinks there were between pauses of a second or more."""
    groups = []
    before_ms = -5000
    for on_ms, _ms in shown:
        if on_ms - before_ms > 1000:
            groups.append(0)
        groups[-1] += 1
        before_ms = on_ms
    return groups


def _causes():
    with open(whynodata.__file__.rsplit("/", 1)[0] + "/en.txt", encoding="utf-8") as file:
        return [line.split(" ")[0] for line in file if " | " in line]


def test_when_all_is_well_the_led_flashes_once_for_each_reading_whenever_it_comes():
    readings = {f"t{2500 * n + 37 * n}": led.Led.flash for n in range(1, 7)}
    shown = _shown(cause="ok", **readings)
    assert len(shown) == 6
    for (on_ms, ms), at in zip(shown, readings):
        assert 0 <= on_ms - int(at[1:]) <= 100 and ms == 120


@pytest.mark.parametrize("cause", ["ok", "starting", "searching"])
def test_without_readings_and_without_trouble_it_is_dark(cause):
    assert _shown(cause=cause) == []


@pytest.mark.parametrize("cause", _causes())
def test_the_number_of_blinks_says_where_to_look(cause):
    begin = cause.split("_")[0]
    number = {"wifi": 3, "broker": 4, "clock": 5, "firmware": 6}.get(begin, 2)
    shown = _shown(30, cause)
    if cause in ("ok", "starting", "searching"):
        assert shown == []
    else:
        assert len(_groups(shown)) > 4 and set(_groups(shown)[:-1]) == {number}


def test_readings_do_not_blur_the_number_and_leave_one_flash_behind_at_most():
    readings = {f"t{2500 * n}": led.Led.flash for n in range(1, 8)}
    shown = _shown(30, "wifi_password", **readings, t20000=lambda one: one.show("ok"))
    groups = _groups([blink for blink in shown if blink[0] < 20000])
    assert set(groups[:-1]) == {3}
    assert len([blink for blink in shown if blink[0] > 23000]) <= 1


def test_who_asks_is_shown_the_number_three_times_also_when_all_is_well():
    assert _groups(_shown(cause="ok", t1000=led.Led.ask)) == [1, 1, 1]


def test_faults_have_a_colour_of_their_own_and_all_else_the_other():
    """Also when they end in the middle of a number, and when who asks is told that all is well."""
    board = _Board()
    events = {"t5200": lambda one: one.show("ok"), "t9000": led.Led.flash, "t12000": led.Led.ask}
    _shown(25, "broker_refused", board=board, **events)
    assert board.colours[:4] == [True] * 4
    assert board.colours[-4:] == [False] * 4  # the reading, and 1 for who asks, three times
    board = _Board()
    _shown(10, "wifi_not_set", setup=True, board=board, t5000=lambda one: one.show_level(1))
    assert board.colours and not any(board.colours)


def test_the_open_setup_network_blinks_slowly():
    shown = _shown(10, "wifi_not_set", setup=True)
    assert [on_ms for on_ms, _ms in shown] == list(range(0, 10000, 1000))
    assert {ms for _on_ms, ms in shown} == {500}


@pytest.mark.parametrize("cause, setup", [("ok", False), ("stopped", False), ("firmware", False), ("ok", True)])
def test_a_held_button_is_seen_within_a_second_and_its_release_too(cause, setup):
    levels = {
        "t5000": lambda one: one.show_level(1),
        "t10000": lambda one: one.show_level(2),
        "t12000": lambda one: one.show_level(0),
    }
    shown = _shown(13, cause, setup, **levels)
    fast = [ms for on_ms, ms in shown if 6000 <= on_ms < 9900]
    assert len(fast) >= 19 and set(fast) == {100}
    # Steady until it is released, and then dark.
    (steady,) = [(on_ms, ms) for on_ms, ms in shown if ms > 1000]
    assert 9800 <= steady[0] <= 10200 and 12000 <= sum(steady) <= 12620


def test_after_the_steady_light_of_a_dongle_that_is_well_it_is_dark():
    levels = {"t1000": lambda one: one.show_level(2), "t3000": lambda one: one.show_level(0)}
    ((on_ms, ms),) = _shown(60, "ok", **levels)
    assert 1000 <= on_ms <= 1100 and 1900 <= ms <= 2100


# The button


class _Pin:
    level = 1 - _PRESSED

    def value(self):
        return self.level

    def press(self):
        self.level = _PRESSED

    def release(self):
        self.level = 1 - _PRESSED


def _done(*presses, seconds=60):
    """What comes of presses, (ms when, ms for how long): (actions, levels that were shown)."""
    pin, did, levels = _Pin(), [], []
    actions = [lambda what=what: did.append(what) for what in ("short", "setup", "forget")]
    one = button.Button(pin, _PRESSED, *actions, levels.append)
    events = {f"t{1000 * seconds}": lambda: None}
    for at_ms, ms in presses:
        events[f"t{at_ms}"] = pin.press
        events[f"t{at_ms + ms}"] = pin.release
    _run(button, lambda _time: one.run(), **events)
    return did, levels


@pytest.mark.parametrize(
    "ms, did, levels",
    [
        (30, [], []),  # a spark
        (120, ["short"], []),
        (800, ["short"], []),
        (4800, ["short"], []),
        (5200, ["setup"], [1, 0]),
        (9800, ["setup"], [1, 0]),
        (10200, ["forget"], [1, 2, 0]),
        (50000, ["forget"], [1, 2, 0]),
    ],
)
def test_what_a_press_is_for_depends_on_how_long_it_is(ms, did, levels):
    assert _done((1010, ms)) == (did, levels)


def test_nothing_happens_before_the_release():
    assert _done((1010, 59000)) == ([], [1, 2])


def test_each_press_counts_by_itself():
    assert _done((1000, 300), (2000, 300), (4000, 6000), (20000, 200)) == (
        ["short", "short", "setup", "short"],
        [1, 0],
    )


def test_a_button_that_is_held_at_the_start_is_pressed():
    assert _done((0, 6000)) == (["setup"], [1, 0])


# What a press does


@pytest.fixture
def panel():
    """app.panel; the log wants the event loop's core, which is not on a PC."""
    with mock.patch.dict(sys.modules, {"app.log": ModuleType("app.log")}):
        sys.modules["app.log"].log = lambda *_about: None
        sys.modules.pop("app.panel", None)
        from app import panel

        yield panel


def _panel(panel, settings, has_button=True):
    """A Panel; (it, what it has told others)."""
    told = []
    pin = (_Pin(), _PRESSED) if has_button else None
    board = SimpleNamespace(has_led=has_button, led=lambda *_how: None, button_pin=lambda: pin)
    wifi = SimpleNamespace(change=lambda: told.append("wifi"))
    return panel.Panel(board, settings, wifi, lambda: told.append("setup")), told


_FILE = {
    "wifi": {"ssid": "Stua", "password": "hemmelig1", "hostname": "maaler"},
    "mqtt": {"host": "192.168.1.10", "password": "its own"},
    "owner": {"password": "pbkdf2", "language": "nn"},
    "unknown": {"kept": [1, 2]},
}


def test_forgetting_takes_wifi_and_password_and_leaves_all_else(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.json").write_text(json.dumps(_FILE))
    hours = {tmp_path / name: name.encode() for name in ("journal.0", "state", "line", "discovery")}
    for path, content in hours.items():
        path.write_bytes(content)
    settings = {"wifi.ssid": "Stua", "wifi.password": "hemmelig1", "owner.password": "pbkdf2", "mqtt.host": "x"}
    one, told = _panel(panel, settings)
    one._forget()
    assert json.loads((tmp_path / "settings.json").read_text()) == {
        **_FILE,
        "wifi": {"ssid": "", "password": "", "hostname": "maaler"},
        "owner": {"password": "", "language": "nn"},
    }
    assert settings == {"wifi.ssid": "", "wifi.password": "", "owner.password": "", "mqtt.host": "x"}
    assert {path: path.read_bytes() for path in hours} == hours
    # Whoever forgets wants to set it up anew.
    assert told == ["wifi", "setup"]


@pytest.mark.parametrize("content", [None, "", "[1", "x" * 5000])
def test_a_file_that_is_none_is_no_reason_not_to_forget(panel, tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "settings.json").write_text(content)
    one, told = _panel(panel, {})
    one._forget()
    assert json.loads((tmp_path / "settings.json").read_text())["wifi"] == {"ssid": "", "password": ""}
    assert told == ["wifi", "setup"]


def test_a_flash_that_refuses_still_forgets_until_the_next_start(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from app import config

    def refuse(_changes):
        raise OSError(28)

    monkeypatch.setattr(config, "change", refuse)
    settings = {"wifi.ssid": "Stua"}
    one, told = _panel(panel, settings)
    one._forget()
    assert settings["wifi.ssid"] == "" and told == ["wifi", "setup"]


def test_without_button_and_led_nothing_runs(panel):
    assert _panel(panel, {}, has_button=False)[0].runs == []
    assert len(_panel(panel, {})[0].runs) == 2


# On the real MicroPython: the whole way from a pin to the files

_ON_THE_BOARD = """
import asyncio, json, os, sys, time
import machine
from app import panel, start
from app.board import Board

with open("board.json") as file:
    content = json.load(file)
content.update(led={"pin": 2, "active_low": False}, button={"pin": 0, "active_low": True})
with open("pressed.json", "w") as file:
    json.dump(content, file)

class Wifi:
    def change(self):
        print("wifi", settings["wifi.ssid"] == "")

def reset():
    print("reset", sorted(name for name in os.listdir() if name in ("setup", "journal")))
    sys.exit(0)

machine.reset = reset
settings = {"wifi.ssid": "Stua"}
board = Board("pressed.json")
pin = board.button_pin()[0]
board.button_pin = lambda: (pin, 0)
one = panel.Panel(board, settings, Wifi(), start.wish_for_setup)

async def press():
    await asyncio.sleep_ms(200)
    pin.value(0)
    await asyncio.sleep_ms(HELD_MS)
    print("led", board.leds[0].value())
    pin.value(1)
    await asyncio.sleep(5)

async def main():
    await asyncio.gather(press(), *[run() for run in one.runs])

asyncio.run(main())
"""


@pytest.mark.tier3
@pytest.mark.parametrize("held_ms, forgets", [(7000, False), (12000, True)])
def test_a_long_press_wishes_for_the_setup_network_and_restarts(tmp_path, compiled, monkeypatch, held_ms, forgets):
    monkeypatch.setenv("HAN_SPEED", "10")
    (tmp_path / "settings.json").write_text(json.dumps(_FILE))
    (tmp_path / "board.json").write_text(
        (alone.build.ROOT / "boards" / "host" / "board.json").read_text().replace('"rx": 0', '"rx": 9')
    )
    (tmp_path / "journal").mkdir()
    said = alone.run(_ON_THE_BOARD.replace("HELD_MS", str(held_ms)), tmp_path)
    assert "reset ['journal', 'setup']" in said
    assert ("wifi True" in said) == forgets
    left = json.loads((tmp_path / "settings.json").read_text())
    assert left == _FILE if not forgets else left["wifi"]["ssid"] == "" and left["mqtt"] == _FILE["mqtt"]
