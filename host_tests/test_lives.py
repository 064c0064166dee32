"""Tier 3: a dongle that lives from the meter, and one that crashes, on the real MicroPython."""

import json
import os
import signal
import time

import pytest

import alone
from setup_stage import SetupStage
from stage import WIFI

pytestmark = [pytest.mark.tier3, pytest.mark.long(1)]

_BUS = {
    "power": "bus",
    "vcc_adc": {"pin": 10, "divider": [33, 22], "source": "as the Pow-U's"},
    "supply": {"wifi_mv": 3200, "low_mv": 2900, "source": "a test"},
}


def _feed(stage, mv):
    """The supply has so many mV from now on."""
    (stage.folder / "adc.new").write_text(json.dumps({"10": mv * 1000 * 22 // 55}))
    os.rename(stage.folder / "adc.new", stage.folder / "adc.json")


def _seen(stage, *words):
    """The lines of the log that have one of these in them."""
    return [line for line in list(stage.log) if any(word in line for word in words)]


# Bus power


@pytest.fixture
def fed(stage, monkeypatch):
    """A dongle that lives from the meter, as it starts with too little for WiFi; 20 times as fast."""
    monkeypatch.setenv("HAN_SPEED", "20")
    _feed(stage, 3000)
    stage.broker.start()
    stage.listen()
    stage.start_meter("kamstrup", "--clock", "2026-01-15T10:59:30", "--speed", "20")
    settings = {
        "wifi": WIFI,
        "mqtt": {"host": "127.0.0.1", "port": stage.broker.port},
        "meter": {"line": "2400 8N1"},
        "time": {"server": ""},
        "owner": {"language": "en"},
    }
    stage.start_firmware_with(json.dumps(settings), changes=_BUS)
    return stage


def test_on_bus_power_the_meter_comes_first_and_wifi_when_there_is_enough_and_a_fall_saves_the_hour(fed):
    fed.wait_for_log("frames at 2400 8N1", 20)
    time.sleep(1)
    assert len(_seen(fed, "mV: WiFi waits")) == 1 and not _seen(fed, "wifi: connected", "no longer")
    _feed(fed, 3250)
    fed.wait_for_log("wifi: connected", 10)
    # What it has is published, and Home Assistant is told of it.
    fed.wait(lambda: any(r.get("supply_mv") == 3250 for r in fed.named("diagnosis")), 20, "the supply's voltage")
    fed.wait(lambda: [m for m in fed.messages if m.topic.endswith("/supply/config")], 60, "the entity")

    # Right behind a save of the running hour the voltage falls: no five minutes (15 s here) are waited for.
    state = fed.folder / "state.json"
    fed.wait(state.exists, 40, "the first save")
    saved = state.stat().st_mtime_ns
    fed.wait(lambda: state.stat().st_mtime_ns != saved, 30, "the next one")
    saved = state.stat().st_mtime_ns
    _feed(fed, 2850)
    fed.wait(lambda: state.stat().st_mtime_ns != saved, 5, "one more, when the voltage falls")
    saved = state.stat().st_mtime_ns
    fed.wait(lambda: fed.named("diagnosis")[-1]["state"] == "weak_supply", 10, "the cause")
    assert fed.named("diagnosis")[-1]["title"] == "The dongle gets too little power."
    # Within the hysteresis it is still the same fall.
    _feed(fed, 2950)
    time.sleep(1)
    _feed(fed, 2850)
    time.sleep(1)
    assert state.stat().st_mtime_ns == saved and len(_seen(fed, "mV: low")) == 1
    _feed(fed, 3250)
    fed.wait(lambda: fed.named("diagnosis")[-1]["state"] == "ok", 10, "all is well again")
    assert not _seen(fed, "fault", "Traceback")


def test_what_never_charges_tries_wifi_after_three_minutes(fed):
    fed.wait_for_log("mV: WiFi waits", 10)
    fed.wait_for_log("3000 mV: WiFi waits no longer", 20)
    waits, gives_up = (int(line[1:7]) for line in _seen(fed, "WiFi waits")[:2])
    assert 180 <= gives_up - waits <= 190
    # To switch the radio on, and once more to connect.
    fed.wait_for_log("wifi: connected", 20)


_RADIO = """
import asyncio, machine, network
from app import wifi
from app.board import Board
from app.health import Health

board = Board()
health = Health(board, {}, False, False)
settings = {"wifi.ssid": "Stua", "wifi.password": "", "wifi.hostname": "", "wifi.address": ""}
station = wifi.Wifi(settings, "han", health)

class Link:
    network_up = False

async def main():
    task = asyncio.create_task(station.run(Link))
    while not Link.network_up:
        await asyncio.sleep(1)
    print("sends with", network.WLAN(network.STA_IF).config("txpower"), "at", machine.freq())

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "power, said", [("bus", "sends with 11 at 80000000"), ("usb", "sends with 20.0 at 160000000")]
)
def test_on_bus_power_clock_and_radio_are_turned_down(tmp_path, compiled, monkeypatch, power, said):
    monkeypatch.setenv("HAN_SPEED", "20")
    board = json.loads((alone.build.ROOT / "boards" / "host" / "board.json").read_text())
    (tmp_path / "board.json").write_text(json.dumps({**board, "power": power}))
    assert said in alone.run(_RADIO, tmp_path)


# Crashes

# main.py, but for what a dongle does then.
_CRASHING = """
import asyncio, time
import machine
from app import dongle
from app.start import restart

watchdog = machine.WDT.__init__
machine.WDT.__init__ = lambda self, timeout: watchdog(self, timeout=500)

async def exception(self):
    raise RuntimeError("a fault of ours")

async def hang(self):
    watchdog = self.board.watchdog()
    time.sleep(1)
    watchdog.feed()

async def asked(self):
    restart()

dongle.Dongle.run = HOW
exec(open("main.py").read())
"""
_AT_HOME = {"wifi": WIFI, "meter": {"line": "2400 8E1"}, "time": {"server": ""}}


@pytest.fixture
def setup(tmp_path, compiled):
    stage = SetupStage(tmp_path)
    stage.broker.start()
    yield stage
    stage.close()


def _live(stage, how):
    """One life that ends so; what the first line of its log says of how it began."""
    stage.log.clear()
    if how in ("killed", "stopped"):
        firmware = stage.start(settings=_AT_HOME)
        stage.wait_for_log("meter: listening", 20)
        firmware.send_signal(signal.SIGKILL if how == "killed" else signal.SIGINT)
    else:
        (stage.folder / "crashing.py").write_text(_CRASHING.replace("HOW", how))
        firmware = stage.start_firmware_with(json.dumps(_AT_HOME), ports=stage.ports, program="crashing.py")
    firmware.wait(20)
    return stage.wait_for_log("; start ", 5) and _seen(stage, "; start ")[0].split("; ")[1]


def _counted(stage):
    return json.loads((stage.folder / "starts").read_text())


def test_exceptions_and_hangs_are_crashes_and_power_cuts_restarts_and_people_at_the_console_are_not(setup):
    assert _live(setup, "killed") == "start 1 by power, crashes 0"
    assert _live(setup, "exception") == "start 2 by power, crashes 0"
    assert _seen(setup, "RuntimeError: a fault of ours")
    assert _live(setup, "hang") == "start 3 by crash, crashes 1"
    assert _live(setup, "asked") == "start 4 by watchdog, crashes 2"
    assert _live(setup, "stopped") == "start 5 by asked, crashes 2"
    # Who has stopped it at the console starts it anew as he likes: mpremote by machine.reset().
    (setup.folder / "reset").write_text("2")
    assert _live(setup, "killed") == "start 6 by asked, crashes 2"
    assert _counted(setup) == [6, 2, 2, 0]


def test_after_five_crashes_in_a_row_there_is_only_the_setup_network_and_after_a_while_the_dongle_is_tried_again(
    setup,
):
    setup.listen()
    setup.start_meter("aidon", "--speed", "60")
    (setup.folder / "starts").write_text("[10, 4, 4, 0]")
    assert _live(setup, "exception") == "start 11 by power, crashes 4"
    settings = {**_AT_HOME, "mqtt": {"host": "127.0.0.1", "port": setup.broker.port}}
    firmware = setup.open(speed=60, settings=settings)
    assert _seen(setup, "start 12 by crash, crashes 5") and _seen(setup, "safe mode after crashes")
    assert setup.phone.state()["is_safe"]
    setup.until("meter", 10, cause="ok")
    setup.until("wifi", 10, state="connected")
    # It lives for longer than five minutes, and then, by itself, the dongle is at home.
    assert firmware.wait(30) == 0
    assert _seen(setup, "the dongle starts anew") and not setup.messages
    assert int(setup.log[-1][1:7]) >= 900
    assert _counted(setup) == [12, 5, 4, 0]
    setup.start(speed=60, settings=settings)
    setup.wait(lambda: setup.named("power"), 20, "a reading, published")
    config = setup.wait(lambda: setup.named("config"), 10, "what it is")[0]
    assert (config["starts"], config["crashes"], config["reset"]) == (13, 5, "asked")
    assert not _seen(setup, "safe mode")
    # Five minutes at home: it has proven itself.
    setup.wait(lambda: _counted(setup) == [13, 5, 0, 0], 20, "a life that lasts")
