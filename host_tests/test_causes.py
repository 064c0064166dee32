"""Tier 3: each thing that may keep an owner from the data, brought about, and its word on the `diagnosis` topic."""

import json
import threading
import time
from itertools import cycle
from typing import NamedTuple

import pytest

import host
import schemas
import whynodata
from identity import Identity
from linesearch import LINES
from simulated import pushes
from simulator.checks import x25
from simulator.links import FLAG
from simulator.makers import MAKERS
from simulator.outputs import PtyOutput
from stage import WIFI, Stage

pytestmark = pytest.mark.tier3

# Firmware and meter live so many times as fast; the line's bits too, and so the numbers of what is heard are real.
_SPEED = 10
_NOON = "2026-01-15T12:10:00"  # far from the list that sets the clock
_KEY, _OTHER_KEY = "000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
_ENCRYPTED = ("kamstrup-dk", "--security", "30", "--key", _KEY, "--auth-key", _KEY)


# What happens in the course of time


@pytest.fixture
def fast(monkeypatch):
    """Ten times as fast is too slow for these."""
    monkeypatch.setenv("HAN_SPEED", "20")
    return ("--clock", _NOON, "--speed", "20")


def _lines(stage, words):
    return [line.split(words)[1] for line in list(stage.log) if words in line]


def test_a_meter_that_falls_silent_has_stopped_also_for_a_dongle_that_starts_anew(stage, fast):
    stage.broker.start()
    stage.listen()
    meter = stage.start_meter("aidon", *fast)
    firmware = stage.start_firmware({"line": "auto"})
    stage.wait_for_log("diagnosis: ok", 20)
    host.stop(meter)
    stage.wait_for_log("diagnosis: stopped", 20)
    host.stop(firmware)
    stage.log.clear()
    stage.start_firmware({"line": "2400 8E1"})
    stage.wait_for_log("diagnosis: stopped", 20)
    assert not any("port_shut" in line for line in stage.log)


def test_a_kamstrup_is_found_in_the_first_lap_and_kept_through_noise_and_a_restart(stage, fast):
    stage.broker.start()
    stage.listen()
    meter = stage.start_meter("kamstrup", *fast)
    firmware = stage.start_firmware({"line": "auto"})
    stage.wait_for_log("diagnosis: ok", 30)
    tried = _lines(stage, "listening at ")
    assert tried[-1] == "2400 8N1" and len(tried) <= 2
    assert _lines(stage, "frames at ") == ["2400 8N1"]
    assert (stage.folder / "line").read_text() == "2400 8N1"

    host.stop(meter)
    noisy = stage.start_meter("kamstrup", *fast, "--fault", "flip=0.02")
    stage.wait_for_log("diagnosis: noise", 20)
    time.sleep(5)  # 100 s
    assert _lines(stage, "listening at ") == tried
    host.stop(noisy)
    ok = len(_lines(stage, "diagnosis: ok"))
    stage.start_meter("kamstrup", *fast)
    stage.wait(lambda: len(_lines(stage, "diagnosis: ok")) > ok, 20, "ok again")
    assert _lines(stage, "listening at ") == tried

    host.stop(firmware)
    stage.log.clear()
    stage.start_firmware({"line": "auto"})
    stage.wait_for_log("diagnosis: ok", 20)
    # By its pulses alone it would have been 2400 8E1.
    assert _lines(stage, "listening at ") == ["2400 8N1"]


def test_another_meter_at_another_line_is_found_and_kept(stage, fast):
    stage.broker.start()
    (stage.folder / "line").write_text("115200 8E1 inverted")
    stage.start_meter("aidon", *fast)
    stage.start_firmware({"line": "auto"})
    stage.wait_for_log("frames at", 30)
    assert _lines(stage, "listening at ")[0] == "115200 8E1 inverted"
    (found,) = _lines(stage, "frames at ")
    stage.wait(lambda: (stage.folder / "line").read_text() == found, 5, "the line's name in its file")


# One fault at a time, each on a stage of its own


class Fault(NamedTuple):
    """What is wrong, as words for the simulated meter and as settings."""

    word: str
    meter: tuple = ("aidon",)
    line: str = None  # the meter's own
    settings: dict = {}
    mqtt: dict = {}
    has_broker: bool = True
    air: tuple = None
    is_logged: bool = False  # where no broker hears of it
    is_strange: bool = False
    also: tuple = ()  # words that are right too, for a while


FAULTS = {
    "nothing": Fault("ok"),
    "no meter": Fault("port_shut", meter=None, line="auto"),
    "no meter at the owner's line": Fault("port_shut", meter=None, line="2400 8E1"),
    "another speed": Fault("wrong_speed", line="9600 8E1"),
    "a much higher speed": Fault("wrong_speed", line="115200 8N1"),
    # On a busy computer a list may stop for 25 ms, a quarter of a second here, and then looks like several.
    "another parity": Fault("wrong_parity", ("kamstrup",), "2400 8E1", also=("noise",)),
    "another parity at P1": Fault("wrong_parity", ("p1-se",), "115200 8E1 inverted", also=("noise",)),
    "upside down": Fault("inverted", line="2400 8E1 inverted"),
    "P1 without its inverter": Fault("inverted", ("p1-se",), "115200 8N1"),
    "flipped bits": Fault("noise", ("aidon", "--fault", "flip=0.02")),
    "flipped bits now and then": Fault("noise", ("kaifa", "--fault", "flip=0.005"), also=("stopped", "noise")),
    "encrypted": Fault("no_key", _ENCRYPTED),
    "another meter's key": Fault("wrong_key", _ENCRYPTED, settings={"key": _OTHER_KEY}),
    "another meter's authentication key": Fault(
        "wrong_tag", _ENCRYPTED, settings={"key": _KEY, "auth_key": _OTHER_KEY}
    ),
    "no checksum": Fault("no_check", ("p1-se", "--type", "adn9")),
    "a new list": Fault("unknown_list", ("kaifa",), is_strange=True),
    "another WiFi password": Fault("wifi_password", air=({**WIFI, "password": "other-secret"},), is_logged=True),
    "no such WiFi": Fault("wifi_not_found", air=({"ssid": "another"},), is_logged=True),
    # Only a scan tells how strong it is, and that comes behind the first try.
    "a weak router": Fault(
        "wifi_weak", air=({**WIFI, "password": "x" * 8, "rssi": -85},), is_logged=True, also=("wifi_password",)
    ),
    "a router without addresses": Fault("wifi_no_address", air=({**WIFI, "address": False},), is_logged=True),
    "no broker": Fault("broker_refused", has_broker=False, is_logged=True),
    # A label of 64 letters is in no name system, so that nobody is asked for it.
    "an unknown broker": Fault("broker_name", mqtt={"host": "x" * 64 + ".invalid"}, is_logged=True),
    "no broker's name": Fault("broker_not_set", mqtt={"host": ""}, is_logged=True),
    "no time for TLS": Fault("clock", mqtt={"tls": True, "ca_file": "ca.pem"}, is_logged=True),
    "no CA for TLS": Fault("broker_ca", mqtt={"tls": True}, is_logged=True),
}


class _StrangeMeter:
    """Sends a maker's lists under a name that nobody knows."""

    def __init__(self, folder, name):
        maker = MAKERS[name]
        self._sent = pushes(maker, maker.types[0].name, _NOON, 120)
        self._output = PtyOutput(maker.line, str(folder / "meter"))
        self._is_over = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        before_ms = self._sent[0].due_ms
        for push in cycle(self._sent):  # as long as the tests take
            if self._is_over.wait(max(0, push.due_ms - before_ms) / 1000 / _SPEED):
                break
            before_ms = push.due_ms
            body = push.frame[1:-3].replace(b"KFM_001", b"NEW_001")
            self._output.write(FLAG + body + x25(body).to_bytes(2, "little") + FLAG)
        self._output.close()

    def close(self):
        self._is_over.set()


class _Case:
    """A fault on a stage of its own."""

    def __init__(self, folder, fault):
        self.stage = stage = Stage(folder)
        self.fault = fault
        self._strange = None
        if fault.air is not None:
            (folder / "air.json").write_text(json.dumps(fault.air))
        (folder / "ca.pem").write_bytes(Identity("CA").pem())
        if fault.has_broker:
            stage.broker.start()
            stage.listen()
        if fault.is_strange:
            self._strange = _StrangeMeter(folder, fault.meter[0])
        elif fault.meter:
            stage.start_meter(*fault.meter, "--clock", _NOON, "--speed", str(_SPEED))
        stage.pty = folder / "meter"
        line = {"line": fault.line} if fault.line else {}
        stage.start_firmware({**line, **fault.settings}, **fault.mqtt)

    def causes(self):
        """The words that were logged, in their order."""
        return [line.split("diagnosis: ")[1] for line in list(self.stage.log) if "] diagnosis: " in line]

    def report(self):
        """The message that has the word, as soon as it is there."""
        reports = self.stage.named("diagnosis")
        return next((report for report in reports if report["state"] == self.fault.word), None)

    def close(self):
        if self._strange:
            self._strange.close()
        self.stage.close()


@pytest.fixture(scope="module")
def cases(tmp_path_factory, compiled):
    """All of them at the same time: {what is wrong: its case}."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAN_SPEED", str(_SPEED))
        cases = {what: _Case(tmp_path_factory.mktemp("cause"), fault) for what, fault in FAULTS.items()}
    yield cases
    for case in cases.values():
        case.close()


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_gets_its_word(cases, what):
    case = cases[what]
    word = case.fault.word
    case.stage.wait(lambda: word in case.causes(), 60, word)
    # Beside it there are only words that promise nothing, and those of the fault itself.
    assert set(case.causes()) - {word} <= {"ok", "starting", "searching", *case.fault.also}, case.causes()
    if not case.fault.is_logged:
        report = case.stage.wait(case.report, 10, f"a report of {word}")
        schemas.validate("diagnosis", report)
        if word != "ok":
            assert (report["title"], report["next"]) == whynodata.text(word, "nb")
    assert not any("fault" in line or "Traceback" in line for line in case.stage.log), case.stage.log


def test_a_word_stays_as_long_as_its_fault_does(cases):
    """The last word that was said is still the one, when all others have come too."""
    for what, case in cases.items():
        if "noise" not in case.fault.also:
            assert case.causes()[-1] == case.fault.word, (what, case.causes())


def test_the_port_is_not_called_shut_before_every_setting_was_tried(cases):
    log = cases["no meter"].stage.log
    tried = [line.split("listening at ")[1] for line in log if "listening at" in line]
    assert sorted(tried[: len(LINES)]) == sorted(LINES)
    assert [line for line in log if "diagnosis: port_shut" in line][0] > [line for line in log if LINES[-1] in line][
        0
    ]


def test_the_owners_line_is_never_changed(cases):
    for what in ("another speed", "another parity", "upside down", "flipped bits"):
        log = cases[what].stage.log
        assert sum("listening at" in line for line in log) == 1, what


def test_what_is_heard_at_the_owners_line_is_on_the_scoreboard(cases):
    (row,) = cases["another parity"].report()["scoreboard"]
    assert row["line"] == "2400 8E1" and row["bytes"] > 100 and row["headers"] == row["frames"] == 0
    assert cases["no meter"].report()["scoreboard"] == []
    assert "scoreboard" not in cases["encrypted"].report()
