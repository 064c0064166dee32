"""Home Assistant: each discovery message by its documentation, each template with what its topic holds, and when they
are sent."""

import json
import re
import sys
from types import SimpleNamespace

import pytest

import hadiscovery
import homeassistant_rules as ha
import schemas
from app import config, other
from app.homeassistant import Discovery
from hanport import Reading, extras
from hanport.registers import COUNT, DECIMALS, INDEX, KEYS, TEXT

DEVICE = "han-a1b2c3"
# A whole message of each topic, and what the entities must show of it.
SAMPLES = {
    "power": {"power_import_w": 1142, "power_export_w": 0, "reactive_import_var": 26, "l1_power_import_w": 380},
    "state": {"power_import_w": 1142, "l1_current_a": 4.6, "l2_voltage_v": 237, "power_factor": 0.98},
    "energy": {"timestamp": "2026-01-15T12:00:00", "energy_import_wh": 57364650, "energy_import_t1_wh": 7},
    "other": {"tariff": 2, "month_peak_w": 2589, "gas_m3": 12785.123, "gas_timestamp": "2026-01-15T11:00:00"},
    "total": {"energy_import_wh": 57364651, "energy_export_wh": 12},
    "hour": {
        "start": "2026-01-15T12:00:00+01:00",
        "end": "2026-01-15T13:00:00+01:00",
        "import_wh": 1234,
        "export_wh": 5,
        "source": "meter",
    },
    "usage": {"hour_import_wh": 345, "day_import_wh": 15678, "day_export_wh": 3, "month_import_wh": 412345},
    "capacity": {
        "peaks": [
            {"start": "2026-01-09T17:00:00+01:00", "import_wh": 5120},
            {"start": "2026-01-12T18:00:00+01:00", "import_wh": 4980},
        ],
        "mean_wh": 5050,
        "step": 3,
        "step_limit_wh": 10000,
        "hour_limit_wh": 9000,
        "hour_forecast_wh": 3100,
        "hour_remaining_wh": 7600,
    },
    "load": {"reduce": True, "reason": "hour"},
    "diagnosis": {
        "state": "stopped",
        "title": "The meter sent data, and has stopped.",
        "next": "Take the dongle out.",
        "mqtt": "ok",
        "tls": "off",
        "clock": "ntp",
        "meter_clock": "standard",
        "line": "2400 8E1",
        "silent_s": 31,
        "uptime_s": 86400,
        "heap_free": 52000,
        "reader_delay_ms": 12,
        "hours_pending": 2,
        "rssi_dbm": -61,
        "supply_mv": 3260,
        "mqtt_connections": 3,
        "dropped": 0,
        "published": 40000,
        "replaced": 0,
        "too_long": 0,
        "counters": {"bytes": 900000, "frames": 34000, "readings": 33990, "frame_check": 4, "truncated": 3},
    },
}
SHOWN = {
    "power_import_w": "1142",
    "power_export_w": "0",
    "reactive_import_var": "26",
    "l1_power_import_w": "380",
    "l1_current_a": "4.6",
    "l2_voltage_v": "237",
    "power_factor": "0.98",
    "energy_import_wh": "57364650",
    "energy_import_t1_wh": "7",
    "tariff": "2",
    "month_peak_w": "2589",
    "gas_m3": "12785.123",
    "total_import": "57364651",
    "total_export": "12",
    "last_hour_import": "1234",
    "last_hour_export": "5",
    "hour_import": "345",
    "day_import": "15678",
    "day_export": "3",
    "month_import": "412345",
    "mean": "5050",
    "step": "3",
    "step_limit": "10000",
    "hour_limit": "9000",
    "hour_forecast": "3100",
    "hour_remaining": "7600",
    "peak_1": "5120",
    "peak_2": "4980",
    # There is no such hour in the month yet.
    "peak_3": None,
    "peak_4": None,
    "peak_5": None,
    "load_reduce": "ON",
    "load_reason": "hour",
    "problem": "ON",
    "reading_state": "stopped",
    "reason": "The meter sent data, and has stopped.",
    "frames_good": "34000",
    "frames_bad": "7",
    "line": "2400 8E1",
    "hours_pending": "2",
    "rssi": "-61",
    "supply": "3260",
    "uptime": "86400",
    "mqtt": "ok",
    "mqtt_connections": "3",
}


def _announced(has=lambda _what: True, language="en"):
    """[(topic, payload)] of all messages."""
    about = ("homeassistant", "0.1.0", "generic ESP32", language)
    announcement = hadiscovery.Announcement(DEVICE, f"han/{DEVICE}", *about)
    messages = [announcement.message(number, has) for number in range(hadiscovery.count)]
    return [message for message in messages if message]


def _components():
    """{key: component in full} of all messages."""
    found = {}
    for _topic, payload in _announced():
        found.update(ha.read(payload)[1])
    return found


COMPONENTS = _components()
SENSORS = {key: c for key, c in COMPONENTS.items() if c["platform"] == "sensor"}


def _topic(component):
    return component["state_topic"].rsplit("/", 1)[1]


# The messages by Home Assistant's documentation


def test_a_message_has_the_options_that_a_device_may_have_and_no_others():
    for topic, payload in _announced():
        root, _components = ha.read(payload)
        assert set(root) >= ha.ROOT_REQUIRED and set(root) <= ha.ROOT_OPTIONS
        assert set(root["device"]) <= set(ha.DEVICE_ABBREVIATIONS.values())
        assert set(root["origin"]) == set(ha.ORIGIN_ABBREVIATIONS.values())
        assert ha.TOPIC.fullmatch(topic.decode()[len("homeassistant/") :])


@pytest.mark.parametrize("key", COMPONENTS)
def test_a_component_has_the_options_of_its_platform_and_no_others(key):
    component = COMPONENTS[key]
    platform = component["platform"]
    assert set(component) <= ha.OPTIONS[platform]
    assert component["unique_id"] == f"{DEVICE}_{key}"
    assert component["availability_topic"] == f"han/{DEVICE}/status"
    assert component.get("entity_category", "diagnostic") in ha.ENTITY_CATEGORIES[platform]
    entity_id = component["default_entity_id"]
    assert ha.ENTITY_ID.fullmatch(entity_id) and entity_id.startswith(platform + ".")


@pytest.mark.parametrize("key", SENSORS)
def test_a_sensors_unit_and_state_class_are_those_of_its_device_class(key):
    sensor = SENSORS[key]
    units, state_classes = ha.SENSOR_CLASSES[sensor.get("device_class")]
    assert sensor.get("unit_of_measurement") in units
    assert sensor.get("state_class") in state_classes | {None}
    assert ("options" in sensor) == (sensor.get("device_class") == "enum")


def test_other_components_are_of_a_class_that_there_is():
    for component in COMPONENTS.values():
        if component["platform"] == "binary_sensor":
            assert component.get("device_class") in ha.BINARY_CLASSES
        elif component["platform"] == "button":
            assert component["device_class"] in ha.BUTTON_CLASSES


def test_values_with_decimals_say_how_many_are_shown():
    for key, sensor in SENSORS.items():
        has_decimals = key in ("gas_m3", "water_m3", "heat_gj") or (key in INDEX and DECIMALS[INDEX[key]] > 0)
        assert ("suggested_display_precision" in sensor) == has_decimals, key


def test_only_what_comes_regularly_expires():
    expiring = {_topic(c) for c in COMPONENTS.values() if "expire_after" in c}
    assert expiring == {"power", "state"}
    for component in COMPONENTS.values():
        if "state_topic" in component and _topic(component) in expiring:
            # A meter that has restarted is silent for up to a minute; lists come every 10 s.
            assert component["expire_after"] == 60


def test_the_energy_dashboard_finds_import_and_export_and_no_register_beside_them():
    """It offers what has device class energy and a sum (home-assistant.io/docs/energy/faq)."""
    offered = {k for k, c in SENSORS.items() if c.get("device_class") == "energy" and "state_class" in c}
    usage = {f"{time}_{way}" for time in ("hour", "day", "month") for way in ("import", "export")}
    assert offered == {"total_import", "total_export", "heat_gj"} | usage
    for way in ("import", "export"):
        total = SENSORS["total_" + way]
        assert total["state_class"] == "total_increasing" and total["unit_of_measurement"] == "Wh"
        assert total["state_topic"] == f"han/{DEVICE}/total"
        assert "entity_category" not in total and "expire_after" not in total
    assert SENSORS["gas_m3"]["state_class"] == "total_increasing"


def test_the_tariffs_mean_and_step_are_powers_as_the_steps_are_and_the_hours_energies():
    for key in ("mean", "step_limit"):
        assert SENSORS[key]["unit_of_measurement"] == "W"
    for key in ("hour_limit", "hour_forecast", "hour_remaining", "peak_1"):
        assert SENSORS[key]["unit_of_measurement"] == "Wh" and "state_class" not in SENSORS[key]


def test_the_restart_button_sends_the_command():
    button = COMPONENTS["restart"]
    assert button["command_topic"] == f"han/{DEVICE}/command"
    schemas.validate("command", button["payload_press"].encode())


def test_enumerations_are_those_of_the_schemas():
    assert SENSORS["load_reason"]["options"] == schemas.schema("load")["properties"]["reason"]["enum"]


def test_a_states_word_may_be_any():
    """An enumeration would have to be announced anew for each word that a later firmware has."""
    assert "options" not in SENSORS["reading_state"]


def test_there_is_a_file_for_every_language_that_the_owner_can_choose():
    for language in config.SCHEMA["owner.language"][2]:
        assert _announced(language=language)


# The templates


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_what_the_schemas_allow(name):
    schemas.validate(name, json.dumps(SAMPLES[name]).encode())


def test_every_template_asks_for_what_its_topic_may_hold():
    for key, component in COMPONENTS.items():
        if "value_template" in component:
            members = schemas.schema(_topic(component))["properties"]
            asked = re.findall(r"value_json\.(\w+)", component["value_template"])
            assert asked and set(asked) <= set(members), key


@pytest.mark.parametrize("key", SHOWN)
def test_an_entity_shows_what_its_topic_says(key):
    component = COMPONENTS[key]
    assert ha.state(component, json.dumps(SAMPLES[_topic(component)])) == SHOWN[key]


def test_every_entity_of_a_whole_message_was_looked_at():
    of_readings = {"power", "state", "energy", "other"}
    for key, component in COMPONENTS.items():
        if key not in SHOWN and component["platform"] != "button":
            assert _topic(component) in of_readings or key in ("hour_export", "month_export")


@pytest.mark.parametrize("key", [key for key, c in COMPONENTS.items() if "value_template" in c])
def test_what_a_message_may_leave_out_is_no_fault(key):
    """A list 1, a meter of one phase, an hour without a forecast: the entity stays as it is, or is unknown."""
    component = COMPONENTS[key]
    name = _topic(component)
    least = {member: SAMPLES[name][member] for member in schemas.schema(name).get("required", ())}
    if name == "capacity":
        least["peaks"] = []
    if name == "diagnosis":
        least["counters"] = {}
    shown = ha.state(component, json.dumps(least))
    if key in ("frames_good", "frames_bad"):
        assert shown == "0"
    elif key == "reason":
        # An empty text would leave the trouble that is over.
        assert shown == "OK"
    elif re.search(r"value_json\.(\w+)", component["value_template"]).group(1) in set(least) - {"peaks"}:
        assert shown == SHOWN[key]
    else:
        # Of the tariff, what holds no more is unknown; else what a list does not say is as before.
        assert shown == (None if name == "capacity" or key in ("rssi", "supply") else "")


def test_every_register_is_shown_under_its_own_key():
    for key in (*KEYS, *extras.KEYS):
        if key in COMPONENTS:
            assert ha.state(COMPONENTS[key], json.dumps({key: 12345})) == "12345"


def test_all_is_well_when_the_reader_says_so():
    for state in schemas.schema("diagnosis")["properties"]["state"]["enum"]:
        shown = "OFF" if state in ("ok", "starting", "searching") else "ON"
        sample = dict(SAMPLES["diagnosis"], state=state)
        assert ha.state(COMPONENTS["problem"], json.dumps(sample)) == shown
    assert ha.state(COMPONENTS["load_reduce"], json.dumps({"reduce": False, "reason": "none"})) == "OFF"


# When they are sent


class _Outbox:
    """Takes parcels, and has them delivered when it is told to."""

    def __init__(self):
        self.sent = []
        self.parcel_free = True

    def send(self, topic, payload, retain, qos):
        assert self.parcel_free and retain and qos == 1
        assert type(topic) is bytes and type(payload) is bytes
        self.sent.append((topic.decode(), payload))


class _Dongle:
    """A Discovery in a dongle's place; `changes` are to the settings' defaults."""

    def __init__(self, **changes):
        settings = dict(config.defaults(), **{key.replace("__", "."): value for key, value in changes.items()})
        self.outbox = _Outbox()
        self.may_send = True
        about = (DEVICE, f"han/{DEVICE}".encode(), "0.1.0", "generic ESP32")
        self.discovery = Discovery(settings, *about, self.outbox, lambda: self.may_send)

    def read(self, *keys, times=1):
        """Take a reading of these registers."""
        reading = Reading()
        for key in keys:
            if DECIMALS[INDEX[key]] == TEXT:
                reading.put_text(INDEX[key], b"7359992895661234", 0, 16)
            else:
                reading.put(INDEX[key], 1)
        for _ in range(times):
            self.discovery.note(reading)

    def run(self, seconds=60):
        """Let time pass; returns what was sent in it: [(topic, payload)]."""
        self.outbox.sent.clear()
        for _ in range(seconds):
            self.discovery.tick()
        return list(self.outbox.sent)


LIST_1 = ("power_import_w",)
LIST_2 = ("list_version", "meter_id", "power_import_w", "power_export_w", "l1_current_a", "l1_voltage_v")
LIST_3 = (*LIST_2, "timestamp", "energy_import_wh", "energy_export_wh")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    """What a dongle writes is in a folder of its own; and this computer's heap, which is large, is let alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("app.homeassistant.gc", SimpleNamespace(collect=lambda: None))


def _groups(sent):
    return [topic.split("/")[-2] for topic, _payload in sent]


def test_the_supply_is_announced_where_the_board_measures_it():
    dongle = _Dongle()
    dongle.discovery.has_supply = True
    dongle.read(*LIST_1)
    assert _groups(dongle.run()) == ["power", "load", "reading", "dongle", "supply"]


def test_where_power_is_scarce_there_is_a_pause_behind_each_message():
    dongle = _Dongle()
    dongle.discovery.pause_s = 5
    dongle.read(*LIST_1)
    times = []
    for second in range(60):
        times += [second] * len(dongle.run(1))
    assert len(times) == 4
    assert min(later - earlier for earlier, later in zip(times, times[1:])) == 6


def test_what_the_meter_has_is_announced_once():
    dongle = _Dongle()
    dongle.read(*LIST_2)
    sent = dongle.run()
    assert _groups(sent) == ["power", "currents", "voltages", "load", "reading", "dongle"]
    assert dongle.run() == []
    dongle.read(*LIST_2, times=100)
    assert dongle.run() == []


def test_no_more_than_one_message_is_made_and_sent_a_second():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    sent = [len(dongle.run(1)) for _ in range(hadiscovery.count)]
    assert max(sent) == 1 and sum(sent) == 12
    assert dongle.run() == []


def test_no_more_than_one_message_is_looked_at_a_second():
    """Each reads the flash: several in a row would keep the reader from its UART."""
    dongle = _Dongle()
    numbers = []
    for _ in range(hadiscovery.count):
        dongle.run(1)
        numbers.append(dongle.discovery.number)
    assert numbers == list(range(1, hadiscovery.count + 1))


def test_what_the_first_list_3_brings_is_announced_too():
    dongle = _Dongle()
    dongle.read(*LIST_2)
    dongle.run()
    dongle.read(*LIST_3)
    added = {"registers", "total", "hour", "usage", "capacity"}
    assert (
        set(_groups(dongle.run())) == {"power", "currents", "voltages", "peaks", "load", "reading", "dongle"} | added
    )


def test_a_register_that_appears_later_is_found_among_those_that_were_there():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    dongle.run()
    dongle.read(*LIST_3, "l3_voltage_v", times=COUNT // 4 + 1)
    voltages = dict(dongle.run())[f"homeassistant/device/{DEVICE}/voltages/config"]
    assert set(json.loads(voltages)["cmps"]) == {"l1_voltage_v", "l3_voltage_v"}


def test_tariff_registers_alone_are_import_too():
    dongle = _Dongle()
    dongle.read("power_import_w", "energy_import_t1_wh", "energy_import_t2_wh")
    sent = dict(dongle.run())
    assert set(json.loads(sent[f"homeassistant/device/{DEVICE}/total/config"])["cmps"]) == {"total_import"}


def _with_extras(dongle, **values):
    """The dongle reads a list that has these extra registers."""
    reading = Reading()
    reading.more = extras.Extras(reading.store)
    for key, value in values.items():
        reading.more.put(extras.KEYS.index(key), value)
    other._tell(dongle.discovery, reading.more)


def test_what_the_meter_sends_beside_electricity_is_announced_when_it_has_come():
    dongle = _Dongle()
    dongle.read(*LIST_2)
    assert not {"other", "other_meters"} & set(_groups(dongle.run()))
    _with_extras(dongle, tariff=2, gas_m3=12785123)
    sent = dict(dongle.run())
    assert set(json.loads(sent[f"homeassistant/device/{DEVICE}/other_meters/config"])["cmps"]) == {"gas_m3"}
    assert set(json.loads(sent[f"homeassistant/device/{DEVICE}/other/config"])["cmps"]) == {"tariff"}
    _with_extras(dongle, tariff=1, gas_m3=12785124)
    assert dongle.run() == []


def test_what_it_has_sent_beside_electricity_is_known_after_a_restart():
    dongle = _Dongle()
    dongle.read(*LIST_2)
    _with_extras(dongle, water_m3=1)
    before = dongle.run()
    assert "other_meters" in _groups(before)
    assert _Dongle().run() == before


def test_there_are_as_many_highest_hours_as_the_tariff_counts():
    dongle = _Dongle(tariff__hours=2)
    dongle.read(*LIST_3)
    sent = dict(dongle.run())
    assert set(json.loads(sent[f"homeassistant/device/{DEVICE}/peaks/config"])["cmps"]) == {"peak_1", "peak_2"}


def test_without_a_meter_the_dongle_itself_is_announced_so_that_its_owner_sees_what_is_wrong():
    assert {"reading", "dongle"} <= set(_groups(_Dongle().run()))


def test_hours_and_whatever_else_waits_go_first():
    dongle = _Dongle()
    dongle.read(*LIST_2)
    dongle.may_send = False
    assert dongle.run() == []
    dongle.may_send, dongle.outbox.parcel_free = True, False
    assert dongle.run() == []
    dongle.outbox.parcel_free = True
    assert len(dongle.run()) == 6


def test_when_home_assistant_has_started_all_is_announced_again_after_a_moment():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    first = dongle.run()
    delays = set()
    for _ in range(40):
        dongle.discovery.announce_again()
        delay = 0
        again = dongle.run(1)
        while not again:
            delay += 1
            again = dongle.run(1)
        delays.add(delay)
        assert again + dongle.run() == first
    assert min(delays) >= 1 and max(delays) <= 8 and len(delays) > 2


def test_after_a_restart_all_is_announced_at_once():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    first = dongle.run()
    assert _Dongle().run() == first


def test_what_was_announced_is_taken_back_when_the_owner_switches_it_off_and_once():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    announced = {topic for topic, _payload in dongle.run()}
    off = _Dongle(homeassistant__discovery=False)
    off.read(*LIST_3)
    off.discovery.announce_again()
    taken_back = off.run()
    assert announced <= {topic for topic, _payload in taken_back}
    assert {payload for _topic, payload in taken_back} == {b""}
    off.read(*LIST_3)
    off.discovery.announce_again()
    assert off.run() == []
    assert _Dongle(homeassistant__discovery=False).run() == []


def test_where_nothing_was_announced_nothing_is_taken_back():
    dongle = _Dongle(homeassistant__discovery=False)
    dongle.read(*LIST_3)
    assert dongle.run() == []


def test_a_power_cut_while_it_is_taken_back_leaves_nothing_behind():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    announced = {topic for topic, _payload in dongle.run()}
    _Dongle(homeassistant__discovery=False).run(hadiscovery.count)
    taken_back = {topic for topic, _payload in _Dongle(homeassistant__discovery=False).run()}
    assert announced <= taken_back


def test_under_another_prefix_it_is_taken_back_from_the_old_one():
    dongle = _Dongle()
    dongle.read(*LIST_3)
    first = dongle.run()
    other = _Dongle(homeassistant__prefix="other").run()
    taken_back = other[: hadiscovery.count]
    assert {topic for topic, _payload in first} <= {topic for topic, payload in taken_back if payload == b""}
    announced = other[hadiscovery.count :]
    assert [topic for topic, _payload in announced] == [t.replace("homeassistant/", "other/", 1) for t, _ in first]
    assert _Dongle(homeassistant__prefix="other").run() == announced


def test_with_another_firmwares_table_of_registers_they_are_learnt_anew(tmp_path):
    (tmp_path / "discovery").write_bytes(b"1" * (COUNT - 1) + b"\nhomeassistant")
    dongle = _Dongle()
    assert "power" not in _groups(dongle.run())
    dongle.read(*LIST_2)
    assert "power" in _groups(dongle.run())


def test_a_file_that_makes_no_sense_costs_nothing(tmp_path):
    for content in (b"", b"\n", b"\xff\xfe", b"1\n\xff", b"0" * 5000, b"0" * COUNT + b" x\nhomeassistant"):
        (tmp_path / "discovery").write_bytes(content)
        dongle = _Dongle()
        dongle.read(*LIST_2)
        assert "power" in _groups(dongle.run())


def test_what_it_takes_to_announce_is_forgotten_behind_it():
    dongle = _Dongle()
    assert not _loaded()
    dongle.read(*LIST_2)
    dongle.run(2)
    assert _loaded()
    dongle.run()
    assert not _loaded()


def test_what_it_takes_to_announce_is_not_kept_while_the_broker_is_away():
    dongle = _Dongle()
    dongle.run(2)
    dongle.may_send = False
    dongle.run(1)
    assert not _loaded()


def _loaded():
    return [name for name in sys.modules if name.startswith(("hadiscovery", "app.announcer"))]


def test_without_heap_it_is_tried_again_a_minute_later(monkeypatch):
    dongle = _Dongle()
    dongle.read(*LIST_2)
    tries = []

    def no_heap(*_about):
        tries.append(_about)
        raise MemoryError

    dongle.run(2)
    with monkeypatch.context() as patch:
        patch.setattr(dongle.outbox, "send", no_heap)
        dongle.run(50)
    assert len(tries) == 1 and not _loaded()
    assert dongle.run(10) == []
    assert _groups(dongle.run()) == ["currents", "voltages", "load", "reading", "dongle"]


def test_the_meters_number_is_in_no_message():
    dongle = _Dongle(mqtt__meter_id=True)
    dongle.read(*LIST_3, "p1_ident", "meter_type")
    for _topic, payload in dongle.run():
        assert b"735999" not in payload and b"meter_id" not in payload and b"p1_ident" not in payload
