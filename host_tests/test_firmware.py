"""Tier 3: the whole firmware, compiled, with an ESP32's heap, from a serial line to a real broker."""

import json
import socket
import threading
import time

import pytest
from stage import WIFI, Stage

import host

pytestmark = pytest.mark.tier3

# A clock a little before an hour's end, so that each maker's hourly list comes within the run; and before a second
# in which any of them sends, so that the firmware has the line open when the first byte comes.
_BEFORE_THE_HOUR = "2026-01-15T17:59:41"
_MAKERS = ("aidon", "embriq", "kaifa", "kamstrup")


@pytest.fixture(scope="module")
def minutes(tmp_path_factory, compiled):
    """A minute of every maker's meter, all at the same time: {maker: its stage}."""
    stages = {maker: Stage(tmp_path_factory.mktemp(maker)) for maker in _MAKERS}
    for stage in stages.values():
        stage.broker.start()
        stage.listen()
        # First the firmware, so that it is there for the meter's first byte: it opens the line when there is one.
        stage.pty = stage.folder / "meter"
        stage.start_firmware()
        stage.wait_for_log("mqtt: connected", 10)
    words = ("--clock", _BEFORE_THE_HOUR, "--speed", "4", "--seconds", "60", "--sun")
    meters = [stage.start_meter(maker, *words) for maker, stage in stages.items()]
    for meter in meters:
        meter.wait(40)
    yield stages
    for stage in stages.values():
        stage.close()


@pytest.mark.parametrize("maker", _MAKERS)
def test_what_the_broker_gets_is_what_the_meter_sent(minutes, maker):
    stage = minutes[maker]
    truth = stage.truth()
    stage.wait(lambda: len(stage.named("power")) >= len(truth), 5, f"{len(truth)} messages of power")
    powers = [{key: value for key, value in reading.items() if key.endswith(("_w", "_var"))} for reading in truth]
    assert stage.named("power") == powers
    states = [reading for reading in truth if reading["list"] > 1]
    energies = [reading for reading in truth if reading["list"] == 3]
    assert len(energies) == 1 and len(states) >= 5
    assert stage.named("state") == [
        {key: value for key, value in reading.items() if "energy" not in key and key not in ("list", "meter_id")}
        for reading in states
    ]
    assert stage.named("energy") == [
        {key: value for key, value in reading.items() if "energy" in key or key == "timestamp"}
        for reading in energies
    ]


def test_a_broker_away_for_minutes_costs_no_frame_and_gets_the_newest_values(stage):
    # 150 simulated seconds, six times as fast, before any broker is there.
    stage.pty = stage.folder / "meter"
    stage.start_firmware()
    stage.wait_for_log("nothing listens at the broker's address and port", 10)
    meter = stage.start_meter("aidon", "--clock", _BEFORE_THE_HOUR, "--speed", "6", "--seconds", "150")
    meter.wait(40)
    truth = stage.truth()
    stage.broker.start()
    stage.listen()  # within milliseconds; the firmware tries again after seconds
    # The meter has ended; 25 s later that is a new state, which is reported with the counters.
    report = stage.wait(lambda: [r for r in stage.named("diagnosis") if r["state"] == "stopped"], 60, "stopped")[0]
    assert report["counters"]["readings"] == report["counters"]["frames"] == len(truth)
    assert report["reader_delay_ms"] < 100
    assert report["replaced"] > 0
    assert stage.named("power")[-1]["power_import_w"] == truth[-1]["power_import_w"]
    hourly = [reading for reading in truth if reading["list"] == 3]
    assert stage.named("energy")[0]["energy_import_wh"] == hourly[0]["energy_import_wh"]
    assert stage.named("total")[-1]["energy_import_wh"] >= hourly[0]["energy_import_wh"]


def test_a_broker_that_restarts_is_found_again_and_told_what_it_forgot(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("kaifa", "--clock", "2026-01-15T18:00:05", "--speed", "4")
    stage.start_firmware()
    stage.wait(lambda: stage.named("energy"), 20, "an hourly reading")
    stage.broker.stop()
    stage.wait_for_log("closed the connection", 10)
    stage.messages.clear()
    stage.broker.start()
    stage.wait(lambda: stage.named("power"), 30, "a power after the restart")
    stage.wait(lambda: stage.named("energy") and stage.named("config"), 10, "the retained messages again")
    assert stage.named("status") == ["online"]


def test_a_dongle_that_vanishes_is_offline_by_its_will(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("kaifa")
    firmware = stage.start_firmware()
    stage.wait(lambda: stage.named("power"), 15, "a power")
    firmware.kill()
    stage.wait(lambda: stage.named("status") == ["online", "offline"], 10, "offline")
    # Who comes later is told too: the status is retained.
    stage.messages.clear()
    stage.listen()
    stage.wait(lambda: any(m.name == "status" and m.content == "offline" for m in stage.messages), 5, "retained")
    assert all(message.retained for message in stage.messages if message.name == "status")


def test_a_broker_that_accepts_and_says_nothing_holds_up_no_frame(stage):
    with socket.create_server(("127.0.0.1", stage.broker.port)) as silent:
        accepted = []
        threading.Thread(target=lambda: accepted.append(silent.accept()), daemon=True).start()
        stage.start_meter("aidon", "--speed", "4", "--seconds", "80")
        stage.start_firmware()
        stage.wait_for_log("the broker does not answer", 20)
        assert accepted
        stage.wait_for_log("state: ok", 5)
        accepted[0][0].close()
    time.sleep(1)
    stage.broker.start()
    stage.listen()
    stage.wait(lambda: stage.named("power"), 30, "a power when there is a broker again")
    report = stage.wait(lambda: stage.named("diagnosis"), 70, "a diagnosis")[-1]
    assert report["reader_delay_ms"] < 100


@pytest.mark.mosquitto
def test_a_login_is_needed_and_given_and_no_secret_is_logged(stage):
    secret = "brøker-secret"
    stage.broker = type(stage.broker)(stage.folder, user="han", password=secret)
    stage.broker.start()
    stage.start_meter("kaifa", "--speed", "4")
    wrong = stage.start_firmware(user="han", password="wrong-secret")
    stage.wait_for_log("wrong user or password", 15)
    host.stop(wrong)
    stage.listen("han", secret)
    stage.start_firmware(user="han", password=secret)
    stage.wait(lambda: stage.named("power"), 15, "a power")
    log = "\n".join(stage.log)
    assert secret not in log and "wrong-secret" not in log and WIFI["password"] not in log


def test_the_meter_id_is_published_only_when_wanted(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("kamstrup", "--speed", "4", "--meter-id", "5706567000000042")
    first = stage.start_firmware()
    stage.wait(lambda: stage.named("state"), 15, "a state")
    assert "5706567000000042" not in str([message.content for message in stage.messages]) + "".join(stage.log)
    host.stop(first)
    stage.messages.clear()
    stage.start_firmware(meter_id=True)
    state = stage.wait(lambda: stage.named("state"), 15, "a state")[0]
    assert state["meter_id"] == "5706567000000042"


def test_a_faulty_settings_file_is_said_in_lines_and_costs_no_start(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("kaifa", "--speed", "4")
    mqtt = {"host": "127.0.0.1", "port": stage.broker.port, "prot": 1, "topic": 5}
    stage.start_firmware_with(json.dumps({"wifi": WIFI, "mqtt": mqtt, "color": {}}))
    stage.wait(lambda: stage.named("power"), 15, "a power")
    faults = [line.split("settings: ")[1] for line in stage.log if "settings: " in line]
    assert sorted(fault.split(":")[1].strip() for fault in faults) == ["color", "mqtt.prot", "mqtt.topic"]


@pytest.mark.parametrize("text", ["[" * 4000, '{"a":' * 600, "x" * 100000, '{"mqtt": ', '{"mqtt": {"port": 1}'])
def test_a_settings_file_that_is_none_is_one_line_and_costs_no_start(stage, text):
    stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware_with(text)
    stage.wait_for_log("state: ok", 20)
    assert sum("settings: " in line for line in stage.log) == 1


def test_a_meter_that_goes_and_comes_back_is_read_again(stage):
    stage.broker.start()
    stage.listen()
    meter = stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware()
    stage.wait(lambda: stage.named("power"), 15, "a power")
    host.stop(meter)
    time.sleep(1)
    stage.messages.clear()
    stage.start_meter("kaifa", "--speed", "4")
    stage.wait(lambda: stage.named("power"), 15, "a power of the meter that came back")


def test_without_a_network_or_a_broker_the_meter_is_read_all_the_same(stage):
    stage.start_meter("aidon", "--speed", "4")
    stage.start_firmware_with("{}")
    stage.wait_for_log("no network is set (wifi.ssid)", 10)
    stage.wait_for_log("no broker is set (mqtt.host)", 10)
    stage.wait_for_log("state: ok", 20)


def test_a_broker_whose_name_is_not_known_is_said_so(stage):
    stage.start_meter("kaifa", "--speed", "4")
    # A label of 64 letters is in no name system, so that nobody is asked for it.
    stage.start_firmware(host="x" * 64 + ".invalid")
    stage.wait_for_log("the broker's name", 30)
    stage.wait_for_log("state: ok", 20)


def test_the_heap_is_the_same_after_hundreds_of_readings(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("kaifa", "--clock", _BEFORE_THE_HOUR, "--speed", "20", "--seconds", "1200")
    stage.start_firmware()
    ok = stage.wait(lambda: [r for r in stage.named("diagnosis") if r["state"] == "ok"][:1], 15, "a report")
    stage.wait(lambda: len(stage.named("power")) > 300, 70, "300 readings")
    ok += stage.wait(lambda: [r for r in stage.named("diagnosis") if r["uptime_s"] > 30][:1], 70, "a later report")
    assert ok[1]["counters"]["readings"] - ok[0]["counters"]["readings"] > 300
    assert ok[0]["heap_free"] - ok[1]["heap_free"] < 2048
    assert ok[1]["heap_free"] > 64000
