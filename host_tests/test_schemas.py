"""The schemas of the topics: they know every register and no more, and they refuse what is not so."""

import json
from types import SimpleNamespace

import pytest
from jsonschema import Draft202012Validator, ValidationError

import schemas
from app import messages
from app.jsontext import JsonText
from app.outbox import TOPICS
from diagnosed import Dongle
from hanport import Reading, Receiver
from hanport.counts import NAMES
from hanport.registers import DECIMALS, INDEX, KEYS, TEXT
from vectors import golden, nordics

# What the outbox has no slot for: parcels, the will, and what comes from outside.
OTHERS = {"hour", "status", "command", "other"}
REGISTERS = {"power": messages.POWER, "state": messages.state_registers(True), "energy": messages.ENERGY}
UNITS = {"_w": "W", "_var": "var", "_wh": "Wh", "_varh": "varh", "_a": "A", "_v": "V", "_min": "min", "_s": "s"}
HOUR = {
    "start": "2026-03-29T01:00:00+01:00",
    "end": "2026-03-29T03:00:00+02:00",
    "import_wh": 1234,
    "export_wh": 0,
    "source": "meter",
}
CONFIG = {
    "device": "han-a1b2c3",
    "version": "0.1.0",
    "board": "x",
    "starts": 12,
    "crashes": 1,
    "reset": "power",
}


def _written(write, *about):
    text = JsonText(4000)
    write(text, *about)
    assert text.fits
    return text.payload()


def _objects(schema):
    """Every schema of an object within this one."""
    if schema.get("type") == "object":
        yield schema
    for inner in schema.get("properties", {}).values():
        yield from _objects(inner)
    if "items" in schema:
        yield from _objects(schema["items"])


def test_there_is_a_schema_for_every_topic():
    assert set(schemas.TOPICS) == {name for name, _size, _retain in TOPICS} | OTHERS


@pytest.mark.parametrize("name", schemas.TOPICS)
def test_a_schema_is_sound_strict_and_says_what_everything_is(name):
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == name and schema["description"]
    for inner in _objects(schema):
        assert inner["additionalProperties"] is False
        assert set(inner.get("required", ())) <= set(inner["properties"])


@pytest.mark.parametrize("name", schemas.TOPICS)
def test_a_number_says_its_unit(name):
    for inner in _objects(schemas.schema(name)):
        for key, member in inner["properties"].items():
            if name == "diagnosis" and key in NAMES:
                continue
            assert member["description"], key
            unit = next((unit for end, unit in UNITS.items() if key.endswith(end)), None)
            if unit:
                assert member["description"].split(";")[0].split(" ")[0] == unit, key


@pytest.mark.parametrize("name", REGISTERS)
def test_the_topics_of_readings_have_the_registers_as_they_are_in_the_table(name):
    members = dict(schemas.schema(name)["properties"])
    if name == "state":
        assert members.pop("calculated")["items"]["enum"] == ["l2_current_a", "l2_voltage_v"]
    assert list(members) == [KEYS[index] for index in REGISTERS[name]]
    for key, member in members.items():
        if DECIMALS[INDEX[key]] == TEXT:
            assert member["type"] == "string"
        elif key != "timestamp_dst":
            assert member["type"] == ("number" if DECIMALS[INDEX[key]] else "integer")


def _frames():
    """(name, bytes, what the decoder needs for them) of every frame that stands in the repository."""
    yield from ((name, frame, {"link": "hdlc"}) for name, frame, _expected in golden())
    for entry in nordics():
        keys = {name: bytes.fromhex(entry[name]) for name in ("key", "auth_key") if name in entry}
        yield entry["name"], bytes.fromhex(entry["hex"]), {"link": entry.get("link", "hdlc"), **keys}


def test_what_is_read_of_every_meter_is_as_the_schemas_say():
    readings = 0
    for _name, frame, options in _frames():
        receiver = Receiver(**options)
        reading = Reading()
        receiver.feed(frame, len(frame))
        while receiver.next(reading):
            readings += 1
            for topic, registers in REGISTERS.items():
                schemas.validate(topic, _written(messages.write_registers, reading, registers))
    assert readings > len(golden())


def test_the_diagnosis_is_as_its_schema_says():
    dongle = Dongle()
    dongle.reader.silent_ms, dongle.reader.unknown_list = 31000, b""
    dongle.reader.receiver.feed(b"noise" * 100, 500)
    outbox = SimpleNamespace(published=1, replaced=2, too_long=3)
    for more in ({}, {"rssi_dbm": -61}, {"supply_mv": 3260}):
        about = {"clock": "ntp", "meter_clock": "marked", "hours_pending": 0, **more}
        report = dongle.diagnosis.report("searching", outbox, 50000, about)
        assert schemas.validate("diagnosis", _written(messages.write_json, report))["counters"] == {"bytes": 500}
    untitled = {key: value for key, value in report.items() if key not in ("title", "next")}
    schemas.validate("diagnosis", {**untitled, "state": "ok"})
    for wrong in ({**report, "state": "ok"}, untitled, {**untitled, "title": "Without a next step."}):
        with pytest.raises(ValidationError):
            schemas.validate("diagnosis", wrong)


def test_what_a_dongle_is_is_as_its_schema_says():
    schemas.validate("config", json.dumps(CONFIG).encode())


def test_what_is_written_of_energies_is_as_the_schemas_say():
    schemas.validate("total", _written(messages.write_total, 57364650, None))
    schemas.validate("total", _written(messages.write_total, None, 0))
    schemas.validate("usage", _written(messages.write_usage, (None, None), (3, None), (4, 0)))
    schemas.validate("hour", json.dumps(HOUR).encode())


def test_calculated_values_are_named():
    reading = Reading()
    reading.put(INDEX["l2_current_a"], 4600)
    payload = _written(messages.write_state, reading, REGISTERS["state"], [INDEX["l2_current_a"]])
    assert schemas.validate("state", payload)["calculated"] == ["l2_current_a"]


def test_the_decoders_counters_are_those_of_the_schema():
    counters = schemas.schema("diagnosis")["properties"]["counters"]["properties"]
    assert list(counters) == list(NAMES)


@pytest.mark.parametrize(
    "name, wrong",
    [
        ("power", {"power_import_w": 1.5}),
        ("power", {"l1_current_a": 4.6}),
        ("power", {"power_import_kw": 1}),
        ("state", {"energy_import_wh": 1}),
        ("state", {"calculated": []}),
        ("energy", {"energy_import_wh": -1}),
        ("energy", {"timestamp": "2026-01-15 12:00:00"}),
        ("total", {}),
        ("total", {"energy_import_wh": None}),
        ("hour", {key: HOUR[key] for key in HOUR if key != "source"}),
        ("hour", dict(HOUR, source="guess")),
        ("hour", dict(HOUR, start="2026-03-29T01:00:00")),
        ("hour", dict(HOUR, start="2026-03-29T01:30:00+01:00")),
        ("usage", {"week_import_wh": 1}),
        ("capacity", {"peaks": [{"import_wh": 1}], "mean_wh": 1, "step": 1}),
        ("capacity", {"peaks": [], "mean_wh": 1, "step": 0}),
        ("load", {"reduce": True, "reason": "none"}),
        ("load", {"reduce": False, "reason": "hour"}),
        ("config", {**CONFIG, "password": "y"}),
        ("config", {**CONFIG, "reset": "fell"}),
        ("status", "Online"),
        ("command", "reset"),
    ],
)
def test_what_is_not_so_is_refused(name, wrong):
    with pytest.raises(ValidationError):
        schemas.validate(name, wrong)


def test_a_payload_is_judged_as_it_was_published():
    assert schemas.validate("han/han-a1b2c3/status", b"online") == "online"
    assert schemas.validate("han/han-a1b2c3/load", b'{"reduce":false,"reason":"none"}')["reason"] == "none"
    for payload in (b"", b"online", b'{"reduce":false,"reduce":true,"reason":"none"}', b"\xff"):
        with pytest.raises(ValueError):
            schemas.validate("load", payload)
