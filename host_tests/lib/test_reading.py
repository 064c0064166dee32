"""The Reading and the table of registers."""

from hanport import Reading, registers
from hanport.loops import date_time
from hanport.registers import INDEX


def _put(reading, key, raw, scaler=0):
    reading.put_number(INDEX[key], raw, scaler)


def _put_clock(reading, text):
    date_time(bytes.fromhex(text.replace(" ", "")), 0, reading)


def test_every_obis_code_leads_to_its_own_register():
    for code, key in (
        (0x01010700, "power_import_w"),
        (0x01480700, "l3_voltage_v"),
        (0x01290700, "l2_power_import_w"),
        (0x01400700, "l3_reactive_export_var"),
        (0x01350700, "l2_power_factor"),
        (0x013E0800, "l3_energy_export_wh"),
        (0x01020802, "energy_export_t2_wh"),
        (0x01000005, "meter_id"),
        (0x01000001, "meter_id"),
        (0x00600100, "meter_id"),
        (0x01600101, "meter_type"),
        (0x00010000, "timestamp"),
    ):
        n = registers.SEARCH[0]
        codes = [registers.SEARCH[1 + 2 * i] for i in range(n)]
        assert codes == sorted(codes)
        assert registers.KEYS[registers.SEARCH[2 + 2 * codes.index(code)]] == key
    assert 0x01010000 not in codes
    assert registers.KEYS[registers.TIMESTAMP] == "timestamp"
    assert registers.KEYS[registers.UTC_OFFSET] == "utc_offset_min"
    assert registers.KEYS[registers.POWER_IMPORT] == "power_import_w"
    assert len(registers.KEYS) == len(registers.INDEX) == registers.COUNT


def test_scalers_are_applied_exactly():
    reading = Reading()
    _put(reading, "l1_current_a", 46, -1)
    _put(reading, "l2_current_a", -74, -1)
    _put(reading, "l3_current_a", 1019, -3)
    _put(reading, "energy_import_wh", 109552248, 1)
    _put(reading, "energy_export_wh", 9223372036854775807, 0)
    assert reading.get("l1_current_a") == 4600
    assert reading.get("l2_current_a") == -7400
    assert reading.get("l3_current_a") == 1019
    assert reading.get("energy_import_wh") == 1095522480
    assert reading.get("energy_export_wh") == 9223372036854775807
    assert reading.unreadable == 0
    assert reading.as_dict()["l1_current_a"] == 4.6


def test_what_would_lose_digits_or_is_no_number_stays_out_and_is_counted():
    reading = Reading()
    _put(reading, "energy_import_wh", 5, -1)
    _put(reading, "l1_current_a", 5, -4)
    _put(reading, "power_import_w", 5, 127)
    _put(reading, "energy_export_wh", 18446744073709551615)
    assert reading.as_dict() == {}
    assert reading.unreadable == 4


def test_digits_that_say_nothing_are_not_lost():
    reading = Reading()
    _put(reading, "power_import_w", 18460, -1)
    _put(reading, "l1_voltage_v", 2301000, -4)
    assert reading.as_dict() == {"power_import_w": 1846, "l1_voltage_v": 230.1}
    assert reading.unreadable == 0


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
        _put_clock(reading, clock)
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
        _put_clock(reading, clock)
    assert reading.as_dict() == {} and reading.unreadable == 0
    for clock in ("07E80D09000E0000FF000000", "07E8000900 0E0000FF000000", "07E80C20000E0000FF000000"):
        _put_clock(reading, clock)
    for clock in ("07E8021E000E0000FF000000", "07E9021D000E0000FF000000", "00000C09000E0000FF000000"):
        _put_clock(reading, clock)
    for clock in ("07E80C0900180000FF000000", "07E80C09000E3C00FF000000", "07E80C09000E003CFF000000"):
        _put_clock(reading, clock)
    assert reading.as_dict() == {} and reading.unreadable == 9


def test_the_time_of_a_p1_telegram_is_read_in_each_makers_form():
    reading = Reading()
    for text, time, dst in (
        (b"240115120010W", b"2024-01-15T12:00:10", 0),
        (b"240715120010S", b"2024-07-15T12:00:10", 1),
        (b"240115120010", b"2024-01-15T12:00:10", None),
        (b"20240111 09:35:00", b"2024-01-11T09:35:00", None),
        (b"2024-01-11 09:35:59", b"2024-01-11T09:35:59", None),
    ):
        reading.clear()
        reading.put_clock_text(b"((" + text + b")", 2, len(text))
        assert reading.get("timestamp") == time, text
        assert reading.get("timestamp_dst") == dst, text


def test_a_p1_time_that_cannot_be_is_counted():
    reading = Reading()
    texts = (b"241315120010W", b"24011512001W", b"", b"W", b"240115240010W", b"19991231 23:59:59", b"2 0240111093500")
    for text in texts:
        reading.put_clock_text(text + b")", 0, len(text))
    assert reading.as_dict() == {} and reading.unreadable == len(texts)


def test_an_impossible_list_clock_takes_the_headers_with_it():
    reading = Reading()
    _put_clock(reading, "07E80C09000E0000FF003C00")
    _put_clock(reading, "07E80D09000E0000FF000000")
    assert reading.as_dict() == {} and reading.unreadable == 1


def test_a_number_becomes_a_text_where_the_register_is_one():
    reading = Reading()
    for number, text in ((0, b"0"), (7, b"7"), (16909060, b"16909060"), (4294967295, b"4294967295")):
        reading.put_decimal(INDEX["meter_id"], number)
        assert reading.get("meter_id") == text


def test_a_list_is_numbered_by_what_it_holds():
    reading = Reading()
    reading.put_text(INDEX["meter_type"], b"6525", 0, 4)
    assert reading.list == 0
    _put(reading, "power_import_w", 1)
    assert reading.list == 1
    _put(reading, "l1_voltage_v", 230)
    assert reading.list == 2
    _put(reading, "energy_import_wh", 1)
    assert reading.list == 3
    _put(reading, "power_import_w", 1)
    assert reading.list == 3
    reading.clear()
    assert reading.list == 0 and reading.as_dict() == {}


def test_a_cleared_value_stays_forgotten_however_often_the_reading_is_used():
    reading = Reading()
    _put(reading, "power_import_w", 1)
    for _ in range(600):
        reading.clear()
        assert reading.get("power_import_w") is None
        assert not reading.has(INDEX["power_import_w"])
