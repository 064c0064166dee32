"""Tier 3: the whole firmware, compiled, with an ESP32's heap, from a serial line to a real broker."""

import json
import socket
import threading
import time

import pytest

import host
from simulator.makers import MAKERS
from stage import WIFI, Stage

pytestmark = [pytest.mark.tier3, pytest.mark.long(4)]

# A clock a little before an hour's end, so that each maker's hourly list comes within the run; and before a second
# in which any of them sends, so that the firmware has the line open when the first byte comes.
_BEFORE_THE_HOUR = "2026-01-15T17:59:41"
_MAKERS = ("aidon", "embriq", "kaifa", "kamstrup")


@pytest.fixture(scope="module")
def minutes(tmp_path_factory, compiled):
    """A minute of every maker's meter, all at the same time: {maker: its stage}."""
    stages = {maker: Stage(tmp_path_factory.mktemp(maker)) for maker in _MAKERS}
    for maker, stage in stages.items():
        stage.broker.start()
        stage.listen()
        # First the firmware, so that it is there for the meter's first byte: it opens the line when there is one.
        stage.pty = stage.folder / "meter"
        stage.start_firmware({"calculate_l2": False, "line": MAKERS[maker].line.name})
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
    assert stage.named("power") == [_power(reading) for reading in truth]
    states = [reading for reading in truth if reading["list"] > 1]
    energies = [reading for reading in truth if reading["list"] == 3]
    assert len(energies) == 1 and len(states) >= 5
    assert stage.named("state") == [_state(reading) for reading in states]
    assert stage.named("energy") == [_energy(reading) for reading in energies]


def _power(reading):
    return {key: value for key, value in reading.items() if key.endswith(("_w", "_var"))}


def _state(reading):
    hidden = ("list", "due_ms", "meter_id", "p1_ident")
    return {key: value for key, value in reading.items() if "energy" not in key and key not in hidden}


def _energy(reading):
    return {key: value for key, value in reading.items() if "energy" in key or key == "timestamp"}


def _check_meter_whose_every_list_has_registers(stage):
    """Its first lists are published as the meter sent them."""
    stage.wait(lambda: len(stage.named("state")) >= 4 and stage.named("energy"), 40, "four lists")
    stage.wait(lambda: stage.named("total"), 15, "a total")
    # The firmware may have missed what was sent before it was there.
    truth = stage.truth()
    first = [_state(reading) for reading in truth].index(stage.named("state")[0])
    for name, view in (("power", _power), ("state", _state)):
        published = stage.named(name)[:4]
        assert published == [view(reading) for reading in truth[first : first + 4]]
    assert stage.named("energy") == [_energy(truth[first])]
    assert stage.named("total")[0]["energy_import_wh"] >= truth[first]["energy_import_wh"]
    assert not any("fault" in line or "Traceback" in line for line in stage.log)


def test_a_swedish_p1_meter_is_read_and_its_ident_kept_back(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("p1-se", "--type", "ell5", "--clock", _BEFORE_THE_HOUR, "--speed", "4", "--sun")
    stage.start_firmware()
    _check_meter_whose_every_list_has_registers(stage)
    assert "l3_reactive_export_var" in stage.named("power")[0]
    assert "ELL5" not in str([message.content for message in stage.messages]) + "".join(stage.log)


_KEY, _AUTH_KEY = "000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"


def test_an_encrypted_danish_meter_is_read_with_its_keys_and_without_them_it_is_said_what_lacks(stage):
    stage.broker.start()
    stage.listen()
    keys = ("--security", "30", "--key", _KEY, "--auth-key", _AUTH_KEY)
    stage.start_meter("kamstrup-dk", *keys, "--clock", _BEFORE_THE_HOUR, "--speed", "4", "--sun")
    for meter, state in (
        ({}, "no_key"),
        ({"key": "0123"}, "no_key"),
        ({"key": _AUTH_KEY, "auth_key": _AUTH_KEY}, "wrong_key"),
        ({"key": _KEY, "auth_key": _KEY}, "wrong_tag"),
    ):
        firmware = stage.start_firmware(meter)
        stage.wait(lambda state=state: any(r["state"] == state for r in stage.named("diagnosis")), 20, state)
        host.stop(firmware)
        assert stage.named("state") == []
        stage.messages.clear()
    stage.start_firmware({"key": _KEY.lower(), "auth_key": _AUTH_KEY})
    _check_meter_whose_every_list_has_registers(stage)
    assert "l3_energy_export_wh" in stage.named("energy")[0]
    said = str([message.content for message in stage.messages]) + "".join(stage.log)
    assert _KEY not in said and _KEY.lower() not in said and _AUTH_KEY not in said


def test_a_telegram_without_a_check_is_read_only_when_the_owner_allows_it(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("p1-se", "--type", "adn9", "--clock", _BEFORE_THE_HOUR, "--speed", "4")
    firmware = stage.start_firmware()
    stage.wait(lambda: any(r["state"] == "no_check" for r in stage.named("diagnosis")), 20, "no_check")
    host.stop(firmware)
    assert stage.named("power") == []
    stage.start_firmware({"unchecked": True})
    _check_meter_whose_every_list_has_registers(stage)


@pytest.mark.parametrize("maker", ["kamstrup", "p1-se"])
def test_a_meter_whose_line_nobody_has_set_is_found_by_trying(stage, monkeypatch, maker):
    monkeypatch.setenv("HAN_SPEED", "20")
    line = MAKERS[maker].line.name
    stage.broker.start()
    stage.start_meter(maker, "--speed", "20")
    stage.start_firmware({"line": "auto"})
    stage.wait_for_log("diagnosis: ok", 30)
    # What is heard with the settings before it is no frame.
    assert [entry.split("frames at ")[1] for entry in stage.log if "meter: frames at" in entry] == [line]
    assert any("listening at " + line[:4] in entry for entry in stage.log)


def test_the_tariffs_of_a_dutch_meter_make_one_total(stage):
    stage.broker.start()
    stage.listen()
    stage.start_meter("p1-nl", "--clock", _BEFORE_THE_HOUR)
    stage.start_firmware()
    total = stage.wait(lambda: stage.named("total"), 30, "a total")[0]
    energy = stage.named("energy")[0]
    assert total["energy_import_wh"] >= energy["energy_import_t1_wh"] + energy["energy_import_t2_wh"] > 0


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
        stage.wait_for_log("diagnosis: broker_no_answer", 5)
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


def test_a_load_pin_that_the_chip_has_not_costs_no_start(stage):
    stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware_with(json.dumps({"wifi": WIFI, "load": {"pin": 45}}))
    stage.wait_for_log("load: load.pin cannot be used: invalid pin", 20)
    stage.wait_for_log("meter: frames at", 40)


@pytest.mark.parametrize("text", ["[" * 4000, '{"a":' * 600, "x" * 100000, '{"mqtt": ', '{"mqtt": {"port": 1}'])
def test_a_settings_file_that_is_none_is_one_line_and_costs_no_start(stage, text):
    stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware_with(text)
    stage.wait_for_log("diagnosis: ok", 40)
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
    stage.wait_for_log("diagnosis: ok", 40)


def test_a_broker_whose_name_is_not_known_is_said_so(stage):
    stage.start_meter("kaifa", "--speed", "4")
    # A label of 64 letters is in no name system, so that nobody is asked for it.
    stage.start_firmware(host="x" * 64 + ".invalid")
    stage.wait_for_log("the broker's name", 30)
    stage.wait_for_log("diagnosis: broker_name", 20)


def test_the_heap_is_the_same_after_hundreds_of_readings(stage, monkeypatch):
    monkeypatch.setenv("HAN_SPEED", "40")
    stage.broker.start()
    stage.listen()
    stage.start_meter("kaifa", "--clock", _BEFORE_THE_HOUR, "--speed", "40", "--seconds", "1800")
    stage.start_firmware()
    ok = stage.wait(lambda: [r for r in stage.named("diagnosis") if r["state"] == "ok"][:1], 15, "a report")
    many = ok[0]["counters"]["readings"] + 300

    def later():
        return [report for report in stage.named("diagnosis") if report["counters"]["readings"] > many]

    ok.append(stage.wait(later, 60, "a report after 300 readings more")[0])
    assert ok[0]["heap_free"] - ok[1]["heap_free"] < 2048
    assert ok[1]["heap_free"] > 34000
