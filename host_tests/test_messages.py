"""What is published: JSON texts in fixed buffers, and the newest message of each topic."""

import json

import pytest

from app import messages
from app.jsontext import JsonText
from app.outbox import Outbox
from energy.hour import ESTIMATE, HOUR, Hour
from hanport import Reading, Receiver
from hanport.registers import DECIMALS, INDEX, KEYS, TEXT
from vectors import golden


def _text(size=200):
    text = JsonText(size)
    text.begin()
    return text


def _read(frame):
    receiver = Receiver("hdlc")
    reading = Reading()
    receiver.feed(frame, len(frame))
    assert receiver.next(reading)
    return reading


def test_numbers_are_written_exactly_and_without_idle_zeros():
    for value, decimals, written in (
        (0, 0, "0"),
        (0, 3, "0"),
        (7, 0, "7"),
        (-74, 0, "-74"),
        (4600, 3, "4.6"),
        (-7400, 3, "-7.4"),
        (237000, 3, "237"),
        (5, 3, "0.005"),
        (1019, 3, "1.019"),
        (100, 0, "100"),
        (109552248, 3, "109552.248"),
        (18446744073709551615, 0, "18446744073709551615"),
    ):
        text = _text()
        text.number("n", value, decimals)
        text.end()
        assert text.payload() == b'{"n":' + written.encode() + b"}"


def test_any_bytes_make_sound_json():
    text = _text(4000)
    text.text("t", bytes(range(256)))
    text.end()
    assert json.loads(text.payload())["t"] == "".join(map(chr, range(256)))


def test_a_text_that_is_too_long_says_so_and_the_next_one_is_whole():
    text = _text(20)
    text.text("t", b"x" * 20)
    text.end()
    assert not text.fits
    text.begin()
    text.number("n", 1)
    text.end()
    assert text.fits and text.payload() == b'{"n":1}'


def test_the_messages_of_a_reading_hold_its_values_under_its_keys():
    for name, frame, expected in golden():
        reading = _read(frame)
        merged = {}
        for registers in (messages.POWER, messages.state_registers(True), messages.ENERGY):
            text = JsonText(2000)
            messages.write_registers(text, reading, registers)
            assert text.fits
            merged.update(json.loads(text.payload()))
        assert merged == expected, name


def test_the_meter_id_is_in_no_message_unless_wanted():
    for _name, frame, _expected in golden():
        for registers in (messages.POWER, messages.state_registers(False), messages.ENERGY):
            text = JsonText(2000)
            messages.write_registers(text, _read(frame), registers)
            assert "meter_id" not in json.loads(text.payload())


def test_the_ident_of_a_p1_meter_is_as_personal_as_a_meter_id():
    reading = Reading()
    ident = b"ELL5\\253000001_A"
    reading.put_text(INDEX["p1_ident"], ident, 0, len(ident))
    assert _written(reading, messages.state_registers(False)) == {}
    assert _written(reading, messages.state_registers(True)) == {"p1_ident": ident.decode()}


def test_every_register_is_in_a_message_and_those_of_each_phase_in_the_same():
    reading = _full_reading()
    power = _written(reading, messages.POWER)
    state = _written(reading, messages.state_registers(True))
    energy = _written(reading, messages.ENERGY)
    assert set(power) == {key for key in KEYS if key.endswith(("_w", "_var"))}
    assert set(energy) == {key for key in KEYS if "energy" in key} | {"timestamp"}
    assert set(state) == {key for key in KEYS if "energy" not in key}
    assert "l3_reactive_export_var" in power and "energy_import_t2_wh" in energy and "timestamp_dst" in state


def _written(reading, registers):
    text = JsonText(2000)
    messages.write_registers(text, reading, registers)
    return json.loads(text.payload())


def _full_reading():
    """Every register there is, at its longest."""
    reading = Reading()
    for key in KEYS:
        if key == "timestamp":
            reading.put_clock_text(b"261209140000W", 0, 13)
        elif DECIMALS[INDEX[key]] == TEXT:
            reading.put_text(INDEX[key], b"W" * 32, 0, 32)
        elif key.endswith(("_a", "_v")):
            reading.put_number(INDEX[key], -2147483648, -3)
        elif "energy" in key:
            reading.put_number(INDEX[key], 42949672950, 0)
        elif key.endswith(("_w", "_var")):
            reading.put_number(INDEX[key], 4294967295, 0)
        else:
            reading.put(INDEX[key], -720)
    return reading


def test_every_topics_slot_is_large_enough_for_the_longest_values():
    reading = _full_reading()
    outbox = Outbox(b"han/x")
    outbox.post("power", messages.write_registers, reading, messages.POWER)
    both = (INDEX["l2_voltage_v"], INDEX["l2_current_a"])
    outbox.post("state", messages.write_state, reading, messages.state_registers(True), both)
    outbox.post("energy", messages.write_registers, reading, messages.ENERGY)
    outbox.post("total", messages.write_total, 18446744073709551615, 18446744073709551615)
    most = (10**9, 10**9)
    outbox.post("usage", messages.write_usage, most, most, most)
    assert outbox.too_long == 0


def test_totals_that_are_not_known_are_not_in_the_message():
    text = JsonText(100)
    messages.write_total(text, 1234, None)
    assert json.loads(text.payload()) == {"energy_import_wh": 1234}
    messages.write_usage(text, (1, None), (None, None), (3, 4))
    assert json.loads(text.payload()) == {"hour_import_wh": 1, "month_import_wh": 3, "month_export_wh": 4}


def test_what_was_calculated_and_not_measured_is_named():
    reading = Reading()
    reading.put(INDEX["l2_current_a"], 3400)
    text = JsonText(100)
    messages.write_state(text, reading, messages.state_registers(False), (INDEX["l2_current_a"],))
    assert json.loads(text.payload()) == {"l2_current_a": 3.4, "calculated": ["l2_current_a"]}
    messages.write_state(text, reading, messages.state_registers(False), ())
    assert json.loads(text.payload()) == {"l2_current_a": 3.4}


def test_an_hour_is_published_with_its_times_on_the_wall_and_where_it_comes_from():
    hour = Hour()
    hour.kind, hour.hour, hour.wh = HOUR, 6 * 365 * 24 + 2 * 24 + 11, [1234, 0]  # 2026-01-01 11:00 UTC
    assert messages.hour(hour, 1) == {
        "start": "2026-01-01T12:00:00+01:00",
        "end": "2026-01-01T13:00:00+01:00",
        "source": "meter",
        "import_wh": 1234,
        "export_wh": 0,
    }
    hour.kind, hour.wh = ESTIMATE, [7, None]
    message = messages.hour(hour, 2)
    assert (message["start"], message["source"]) == ("2026-01-01T13:00:00+02:00", "estimate")
    assert "export_wh" not in message


def test_a_newer_message_replaces_the_one_that_waits_and_is_counted():
    outbox = Outbox(b"han/x")
    for watts in (1, 2, 3):
        outbox.post("power", messages.write_json, {"power_import_w": watts})
    assert outbox.replaced == 2
    slot, payload, version = outbox.take()
    assert (slot.topic, slot.retain) == (b"han/x/power", False)
    assert json.loads(payload) == {"power_import_w": 3}
    outbox.sent(slot, version)
    assert outbox.take() is None
    assert outbox.published == 1


def test_a_message_waits_until_it_is_sent_and_a_newer_one_is_not_taken_for_it():
    outbox = Outbox(b"han/x")
    outbox.post("energy", messages.write_json, {"n": 1})
    slot, payload, version = outbox.take()
    assert outbox.take()[1] == payload
    outbox.post("energy", messages.write_json, {"n": 2})
    outbox.sent(slot, version)
    assert json.loads(outbox.take()[1]) == {"n": 2}


def test_half_a_message_is_never_sent():
    def fails(text):
        text.begin()
        text.number("n", 2)
        raise ValueError

    outbox = Outbox(b"han/x")
    outbox.post("power", messages.write_json, {"n": 1})
    with pytest.raises(ValueError):
        outbox.post("power", fails)
    assert outbox.take() is None


def test_retained_messages_are_repeated_for_a_broker_that_forgot_them():
    outbox = Outbox(b"han/x")
    outbox.post("energy", messages.write_json, {"n": 1})
    outbox.post("power", messages.write_json, {"n": 2})
    while outbox.take():
        slot, _payload, version = outbox.take()
        outbox.sent(slot, version)
    outbox.repeat_retained()
    slot, payload, version = outbox.take()
    assert slot.topic == b"han/x/energy" and json.loads(payload) == {"n": 1}
    outbox.sent(slot, version)
    assert outbox.take() is None


def test_a_message_that_does_not_fit_is_counted_and_not_sent():
    outbox = Outbox(b"han/x")
    outbox.post("power", messages.write_json, {"text": "x" * 1152})
    assert outbox.too_long == 1
    assert outbox.take() is None


def test_half_a_message_is_neither_sent_nor_shown_nor_sent_again():
    outbox = Outbox(b"han/x")

    def fail(text):
        text.begin()
        text.number("n", 1, 0)
        raise MemoryError

    with pytest.raises(MemoryError):
        outbox.post("total", fail)
    outbox.repeat_retained()
    assert outbox.take() is None and outbox.newest("total") is None
    outbox.post("total", messages.write_total, 1, 2)
    assert json.loads(outbox.take()[1]) == {"energy_import_wh": 1, "energy_export_wh": 2}
