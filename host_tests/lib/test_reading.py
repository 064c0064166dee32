"""The Reading and the table of registers."""

from hanport import Reading, registers
from hanport.registers import INDEX


def _put(reading, key, raw, scaler=0):
    reading.put_number(INDEX[key], raw, scaler)


def _clock(text):
    return bytes.fromhex(text.replace(" ", ""))


def test_every_obis_code_leads_to_its_own_register():
    for obis, key in (
        ("0100010700FF", "power_import_w"),
        ("0101010700FF", "power_import_w"),
        ("0100480700FF", "l3_voltage_v"),
        ("0101000005FF", "meter_id"),
        ("0000600100FF", "meter_id"),
        ("0101600101FF", "meter_type"),
        ("0100010000FF", None),
        ("0001010000FF", "timestamp"),
        ("FF00010700FF", None),
        ("010001080001", None),
    ):
        found = registers.find(bytes.fromhex(obis), 0)
        assert (registers.KEYS[found] if found >= 0 else None) == key, obis


def test_scalers_are_applied_exactly():
    reading = Reading()
    _put(reading, "l1_current_a", 46, -1)
    _put(reading, "l2_current_a", -74, -1)
    _put(reading, "l3_current_a", 1019, -3)
    _put(reading, "energy_import_wh", 109552248, 1)
    _put(reading, "energy_export_wh", 18446744073709551615, 0)
    assert reading.get("l1_current_a") == 4600
    assert reading.get("l2_current_a") == -7400
    assert reading.get("l3_current_a") == 1019
    assert reading.get("energy_import_wh") == 1095522480
    assert reading.get("energy_export_wh") == 18446744073709551615
    assert reading.unreadable == 0
    assert reading.as_dict()["l1_current_a"] == 4.6


def test_what_would_lose_digits_or_is_no_number_stays_out_and_is_counted():
    reading = Reading()
    _put(reading, "energy_import_wh", 5, -1)
    _put(reading, "l1_current_a", 5, -4)
    _put(reading, "power_import_w", 5, 127)
    _put(reading, "power_import_w", None)
    assert reading.as_dict() == {}
    assert reading.unreadable == 4


def test_keys_that_are_not_there_are_none():
    reading = Reading()
    assert reading.get("power_import_w") is None
    assert reading.get("no_such_key") is None


def test_iteration_gives_key_value_and_decimals():
    reading = Reading()
    reading.put_text(INDEX["meter_type"], b"..6525", 2, 4)
    _put(reading, "power_import_w", 2077)
    _put(reading, "l1_voltage_v", 2376, -1)
    assert list(reading) == [
        ("meter_type", b"6525", None),
        ("power_import_w", 2077, 0),
        ("l1_voltage_v", 237600, 3),
    ]


def test_texts_lose_their_padding_and_overlong_ones_are_cut():
    reading = Reading()
    reading.put_text(INDEX["meter_id"], b"00000001\0\0\0\0\0\0\0\0", 0, 16)
    reading.put_text(INDEX["meter_type"], b"\0\0\0\0", 0, 4)
    reading.put_text(INDEX["list_version"], b"x" * 100, 0, 100)
    assert reading.as_dict() == {"meter_id": "00000001", "list_version": "x" * 32}


def test_a_clock_gives_its_time_and_the_offset_that_it_claims():
    reading = Reading()
    for clock, time, offset in (
        ("07E80C09000E0000FF000000", "2024-12-09T14:00:00", 0),
        ("07E3060C03120000FF003C00", "2019-06-12T18:00:00", -60),
        ("07E60A0F060F080FFFFFC400", "2022-10-15T15:08:15", 60),
        ("07E50101050000000 0FF8880".replace(" ", ""), "2021-01-01T00:00:00", 120),
        ("07E402030110000AFF800000", "2020-02-03T16:00:10", None),
        ("07E8021D0410000AFFFFC400", "2024-02-29T16:00:10", 60),
        ("07E8021D0410000AFF7FFF00", "2024-02-29T16:00:10", None),
    ):
        reading.clear()
        reading.put_clock(_clock(clock), 0)
        assert reading.get("timestamp") == time.encode(), clock
        assert reading.get("utc_offset_min") == offset, clock
        assert reading.unreadable == 0


def test_an_unspecified_time_is_absent_and_an_impossible_one_is_counted():
    reading = Reading()
    for clock in (
        "FFFF0C09000E0000FF000000",
        "07E8FF09000E0000FF000000",
        "07E8FD09000E0000FF000000",
        "07E80CFE000E0000FF000000",
        "07E80C0900FF0000FF000000",
        "07E80C09000EFF00FF000000",
        "07E80C09000E00FFFF000000",
    ):
        reading.put_clock(_clock(clock), 0)
    assert reading.as_dict() == {} and reading.unreadable == 0
    for clock in ("07E80D09000E0000FF000000", "07E8000900 0E0000FF000000", "07E80C20000E0000FF000000"):
        reading.put_clock(_clock(clock), 0)
    for clock in ("07E8021E000E0000FF000000", "07E9021D000E0000FF000000", "00000C09000E0000FF000000"):
        reading.put_clock(_clock(clock), 0)
    for clock in ("07E80C0900180000FF000000", "07E80C09000E3C00FF000000", "07E80C09000E003CFF000000"):
        reading.put_clock(_clock(clock), 0)
    assert reading.as_dict() == {} and reading.unreadable == 9


def test_a_list_is_numbered_by_what_it_holds():
    reading = Reading()
    assert not reading.finish()
    reading.put_text(INDEX["meter_type"], b"6525", 0, 4)
    assert not reading.finish() and reading.list == 0
    _put(reading, "power_import_w", 1)
    assert reading.finish() and reading.list == 1
    _put(reading, "l1_voltage_v", 230)
    assert reading.finish() and reading.list == 2
    _put(reading, "energy_import_wh", 1)
    assert reading.finish() and reading.list == 3
    reading.clear()
    assert reading.list == 0 and reading.as_dict() == {}
