"""The loops over bytes: checksums against published check values, and A-XDR items and lines read one by one."""

from array import array

from hanport import Reading, registers
from hanport.codes import MALFORMED, READING, SHORT, UNKNOWN_LIST
from hanport.fields import (
    BAD,
    CODE,
    COUNT,
    END,
    HIGH,
    ITEM,
    KIND,
    LEFT,
    LOW,
    NESTED,
    NO_CODE,
    NO_UNIT,
    NUMBER,
    ODD_CODE,
    OTHER,
    PLACES,
    POS,
    REGISTER,
    SCALER,
    START,
    TEXT,
    UNIT,
    UNKNOWN_SHIFT,
    WIDTH,
)
from hanport.loops import copy, differ, length, lines, skip, text, total, walk, x25


def test_x25_of_the_standard_check_text():
    check_text = b"123456789"
    assert x25(check_text, 0, len(check_text), 0xFFFF) ^ 0xFFFF == 0x906E


def test_x25_over_data_and_its_check_sequence_leaves_the_good_remainder():
    assert x25(b"\x03\x3f\x5b\xec", 0, 4, 0xFFFF) == 0xF0B8


def test_x25_goes_on_where_it_stopped():
    data = bytes(range(256))
    for cut in (0, 1, 100, 256):
        assert x25(data, cut, 256, x25(data, 0, cut, 0xFFFF)) == x25(data, 0, 256, 0xFFFF)


def test_the_p1_check_of_the_standard_check_text():
    # CRC-16/ARC of "123456789" is BB3D.
    state = array("i", (0, 0))
    assert text(b"123456789", 9, state) == 0
    assert list(state) == [9, 0xBB3D]


def test_a_p1_text_ends_with_its_mark_and_before_what_no_text_has():
    for data, stopped, pos in ((b"ab!c", 0x21, 3), (b"ab/c", 0x2F, 2), (b"a\x00bc", 1, 1), (b"ab\x7f", 0x7F, 2)):
        state = array("i", (0, 0))
        assert text(data, len(data), state) == stopped, data
        assert state[0] == pos, data
    state = array("i", (0, 0))
    assert text(b"a\r\n\tb ~", 7, state) == 0


def test_the_m_bus_sum_is_taken_modulo_256():
    assert total(b"\xff\xff\x03", 0, 3) == 1
    assert total(b"\xff\xff\x03", 1, 2) == 0xFF


def test_copy_moves_overlapping_bytes_to_the_front():
    buffer = bytearray(b"..abcdef")
    copy(buffer, 2, buffer, 0, 6)
    assert buffer == b"abcdefef"


def test_bytes_differ_wherever_they_do():
    for i in range(4):
        other = bytearray(b"abcd")
        other[i] ^= 0x80
        assert differ(b"-abcd", 1, other, 0, 4) == 0x80
    assert differ(b"-abcd", 1, b"abcd", 0, 4) == 0


_POWER = "09 06 0100010700FF "
_CURRENT = "09 06 01001F0700FF "
_LIST_ID = "09 06 0101000281FF "  # of which every value is left to the caller
_LEFT = 9


class _Reader:
    """What walk() and lines() need of their caller."""

    def __init__(self, data, end, left, shift=0, places=b""):
        self.buffer = data
        self.state = array("i", [0] * 64)  # theirs, and the stream's
        self.state[END] = end
        self.state[COUNT] = self.state[LEFT] = left
        self.shifts = array("b", [shift] * registers.COUNT)
        self.places = places
        self.state[PLACES] = len(places)


def _walk(words, cut=0, left=_LEFT, shift=0, places=b""):
    """(status, state, reading) of walking items in hexadecimal text."""
    data = bytes.fromhex(words.replace(" ", ""))
    reader = _Reader(data, len(data) - cut, left, shift, places)
    reading = Reading()
    return walk(reader, reader, reading), reader.state, reading


def _item(words, cut=0):
    """(status, state) of the first item in hexadecimal text."""
    return _walk(words, cut)[:2]


def test_numbers_of_every_size_and_sign():
    for words, low, high in (
        ("0F 80", -128, -1),
        ("11 FF", 255, 0),
        ("10 FFB6", -74, -1),
        ("12 FFB6", 65462, 0),
        ("05 FFFFFFFF", -1, -1),
        ("06 FFFFFFFF", -1, 0),
        ("14 FFFFFFFFFFFFFFFE", -2, -1),
        ("15 0000000000BC614E", 12345678, 0),
        ("15 00000001FFFFFFFF", -1, 1),
        ("16 1B", 27, 0),
        ("03 01", 1, 0),
    ):
        status, state = _item(words)
        assert status == ITEM, words
        assert (state[KIND], state[LOW], state[HIGH]) == (NUMBER, low, high), words
        assert (state[CODE], state[UNIT], state[LEFT]) == (NO_CODE, NO_UNIT, _LEFT - 1), words
        assert state[POS] == state[END], words


def test_values_that_are_no_numbers_tell_what_they_are():
    for words, kind, width in (
        ("0A 03 414243", TEXT, 3),
        ("09 00", TEXT, 0),
        ("0C 02 C3A6", TEXT, 2),
        ("19 07E80C09000E0000FF000000", TEXT, 12),
        ("17 00000000", OTHER, 4),
        ("18 0000000000000000", OTHER, 8),
        ("1A 07E80C0900", OTHER, 5),
        ("1B 0E000000", OTHER, 4),
        ("04 09 FF80", OTHER, 2),
    ):
        status, state = _item(words)
        assert status == ITEM, words
        assert (state[KIND], state[WIDTH], state[POS]) == (kind, width, state[END]), words


def test_an_item_may_have_a_code_a_scaler_and_a_unit():
    scaled = _LIST_ID + "06 0000067D 02 02 0F FE 16 1B"
    for words, elements, unit in (
        (_LIST_ID + "06 0000067D", 2, NO_UNIT),
        (scaled, 3, 27),
        ("02 02 " + _LIST_ID + "06 0000067D", 1, NO_UNIT),
        ("02 03 " + scaled, 1, 27),
    ):
        status, state = _item(words)
        assert status == ITEM, words
        assert (state[CODE], state[LOW], _LEFT - state[LEFT], state[UNIT]) == (0x01000281, 1661, elements, unit), (
            words
        )
        assert state[POS] == state[END]
        if unit == 27:
            assert state[SCALER] == -2


def test_a_code_of_another_medium_or_period_is_passed_over():
    for words, elements in (
        ("09 06 0100010700 01 06 00000001", 2),
        ("02 02 09 06 0100010700 01 06 00000001", 1),
        ("02 02 09 06 8100010700 FF 06 00000001", 1),
        ("02 02 09 06 4000010700 FF 06 00000001", 1),
    ):
        status, state, _reading = _walk(words, left=elements)
        assert (status, state[CODE], state[POS]) == (UNKNOWN_LIST, ODD_CODE, state[END]), words


def test_a_registers_number_is_stored_as_its_unit_and_scaler_say():
    for words, value in (
        ("12 04D2 02 02 0F 00 16 1B", 1234),
        ("12 04D2 02 02 0F 03 16 1B", 1234000),
        ("12 04D8 02 02 0F FE 16 1B", None),
        ("12 04B0 02 02 0F FE 16 1B", 12),
        ("10 FFB6 02 02 0F 00 16 1B", -74),
        ("10 FF9C 02 02 0F FF 16 1B", -10),
        ("06 7FFFFFFF 02 02 0F 00 16 1B", 0x7FFFFFFF),
        ("06 80000000 02 02 0F 00 16 1B", None),
        ("06 0CCCCCCC 02 02 0F 01 16 1B", 2147483640),
        ("06 0CCCCCCD 02 02 0F 01 16 1B", None),
        ("15 00000000000004D2 02 02 0F 00 16 1B", 1234),
        ("15 00000001000004D2 02 02 0F 00 16 1B", None),
        ("12 04D2 02 02 0F 00 16 1C", None),
        ("12 04D2 02 02 0F 7F 16 1B", None),
        ("12 0000 02 02 0F 80 16 1B", None),
    ):
        for wrapped in (_POWER + words, "02 03 " + _POWER + words):
            status, _state, reading = _walk(wrapped, left=1 if wrapped[:2] == "02" else 3)
            assert reading.get("power_import_w") == value, wrapped
            assert status == (READING if value is not None else ITEM), wrapped
            assert reading.list == (1 if value is not None else 0), wrapped


def test_a_number_without_scaler_is_stored_as_the_shift_says():
    words = _POWER + "12 04D2"
    for shift, value in ((1, 12340), (0, 1234), (-1, None), (UNKNOWN_SHIFT, None)):
        status, state, reading = _walk(words, left=2, shift=shift)
        assert reading.get("power_import_w") == value
        assert status == (ITEM if value is None else READING)
    assert (state[REGISTER], state[LOW]) == (registers.POWER_IMPORT, 1234)


def test_where_places_have_a_meaning_a_number_alone_is_stored():
    places = bytes((registers.POWER_IMPORT,))
    assert _walk("12 04D2", left=1, places=places)[2].as_dict() == {"power_import_w": 1234}
    status, state, reading = _walk("12 04D2", left=1)
    assert (status, state[REGISTER], reading.as_dict()) == (ITEM, -1, {})


def test_a_list_that_ends_too_early_or_goes_on_too_long_is_bad():
    for words, left in (("06 000004D2 00", 1), ("00", 2), ("", 1), ("00", 0)):
        assert _walk(words, left=left)[0] == BAD, words


def test_a_text_is_stored_without_its_padding():
    words = "09 06 0000600100FF 0A 0A 30303030303030310000"
    assert _walk(words, left=2)[2].as_dict() == {"meter_id": "00000001"}
    assert _walk("09 06 0000600107FF 09 03 000000", left=2)[2].as_dict() == {}
    long = "09 06 0000600107FF 09 22 " + "41" * 34
    assert _walk(long, left=2)[2].as_dict() == {"meter_type": "A" * 32}


def test_a_length_that_is_none_is_told_from_one_that_is_not_whole():
    for words, found in (("80", -MALFORMED), ("85", -MALFORMED), ("82 01", SHORT), ("82 0102", 258), ("", SHORT)):
        data = bytes.fromhex(words.replace(" ", ""))
        assert length(data, 0, len(data)) == found, words


def test_nulls_are_passed_over():
    words = "00 00 09 06 0100010700FF 00 02 02 09 06 0100010700FF 00 00"
    status, state, reading = _walk(words, left=6, places=bytes((registers.POWER_IMPORT,)))
    assert (status, reading.as_dict(), state[POS]) == (UNKNOWN_LIST, {}, state[END])


def test_six_letters_are_a_text_and_no_code():
    status, state = _item("09 06 4D4133303448")
    assert status == ITEM
    assert (state[CODE], state[KIND], state[WIDTH]) == (NO_CODE, TEXT, 6)


def test_lengths_may_be_longer_than_needed():
    for form in ("03", "81 03", "82 0003", "83 000003", "84 00000003"):
        status, state = _item("09 " + form + " 414243")
        assert status == ITEM
        assert (state[WIDTH], state[POS] - state[START]) == (3, 3), form


def test_an_item_that_is_cut_off_says_that_bytes_ran_out():
    words = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B"
    size = len(bytes.fromhex(words.replace(" ", "")))
    for cut in range(1, size):
        assert _walk(words, cut, left=1)[0] in (BAD, NESTED), cut
    assert skip(bytes.fromhex(words.replace(" ", "")), 0, size) == size
    for cut in range(1, size):
        assert skip(bytes.fromhex(words.replace(" ", "")), 0, size - cut) == SHORT


def test_what_is_no_value_is_bad():
    for words in ("07 00", "1C 00 00", "FF", "09 80 00", "09 85 0000000001", "13 00", "09 84 01000000 00"):
        assert _item(words + " 06 00000001")[0] == BAD, words
        assert skip(bytes.fromhex(words.replace(" ", "") + "0600000001"), 0, 20) == -MALFORMED, words


def test_what_has_elements_is_passed_over_whole():
    data = bytes.fromhex("01 03 02 01 11 05 02 00 04 09 FFFF 11 07".replace(" ", ""))
    status, state = _item("01 03 02 01 11 05 02 00 04 09 FFFF 11 07")
    assert (status, state[POS]) == (NESTED, 0)
    assert skip(data, 0, len(data)) == len(data) - 2


def test_a_count_that_cannot_be_is_not_believed():
    assert skip(bytes.fromhex("0183FFFFFF00"), 0, 6) == SHORT


def _lines(words):
    """(status, state, reading, text in the last bracket) of P1 lines."""
    data = words.encode()
    reader = _Reader(data, len(data), 0)
    reading = Reading()
    status = lines(reader, reader, reading)
    start = reader.state[START]
    return status, reader.state, reading, data[start : start + reader.state[WIDTH]]


def test_what_stands_in_a_bracket_is_taken_apart():
    for words, low, high, scaler, unit in (
        ("1-0:1.8.0(99999999.999*kWh)", 999999999, 99, 0, 30),
        ("1-0:1.8.0(-99999999.999*kWh)", -999999999, -100, 0, 30),
        ("1-0:3.8.0(1.5*V)", 15, 0, -1, 35),
        ("1-0:3.7.0(1.5*A)", 15, 0, -1, 33),
        ("1-0:31.7.0(0002*s)", 2, 0, 0, 0),
        ("1-0:31.7.0(2.25)", 225, 0, -2, 255),
    ):
        status, state, _reading, _text = _lines("\r\n" + words + "\r\n")
        assert status == ITEM, words
        found = (state[KIND], state[LOW], state[HIGH], state[SCALER], state[UNIT])
        assert found == (NUMBER, low, high, scaler, unit), (words, found)


def test_a_lines_number_is_stored_with_its_registers_decimals():
    for words, key, value in (
        ("1-0:1.7.0(0001.846*kW)", "power_import_w", 1846),
        ("1-0:1.7.0(1846*W)", "power_import_w", 1846),
        ("1-0:1.7.0(0001.8465*kW)", "power_import_w", None),
        ("1-0:1.7.0(0001.8460*kW)", "power_import_w", 1846),
        ("1-0:1.7.0(0001.846*kVA)", "power_import_w", None),
        ("1-0:1.7.0(0001.846)", "power_import_w", None),
        ("1-0:1.7.0(-0001.846*KW)", "power_import_w", -1846),
        ("1-0:1.7.0(-0.000*kW)", "power_import_w", None),
        ("1-0:3.7.0(0000.077*kVAr)", "reactive_import_var", 77),
        ("1-0:3.7.0(0000.077*kvarh)", "reactive_import_var", 77),
        ("1-0:3.8.0(00000001.5*KVARH)", "reactive_energy_import_varh", 1500),
        ("1-0:3.8.0(00000001.5*kvar)", "reactive_energy_import_varh", 1500),
        ("1-0:1.8.0(00012345.678*kWh)", "energy_import_wh", 12345678),
        ("1-0:31.7.0(002.7*A)", "l1_current_a", 2700),
        ("1-0:31.7.0(-02.7*A)", "l1_current_a", -2700),
        ("1-0:31.7.0(999999.999*A)", "l1_current_a", 999999999),
        ("1-0:31.7.0(1000000.000*A)", "l1_current_a", None),
        ("1-0:32.7.0(231.1*V)", "l1_voltage_v", 231100),
        ("1-0:13.7.0(0.98)", "power_factor", 980),
    ):
        status, state, reading, _text = _lines(words)
        assert reading.get(key) == value, words
        assert status == (READING if value is not None else ITEM), words


def test_lines_codes():
    for words, code in (
        ("1-0:1.7.0(1)", 0x01010700),
        ("1.7.0(1)", 0x01010700),
        ("1-0:1.7.0*255(1)", 0x01010700),
        ("1-0:4:24.7.0(1)", 0x01180700),
        ("0-0:1.0.0(240115120010W)", 0x00010000),
        ("1-0:1.8.0*1(1)", ODD_CODE),
        ("0-1:96.1.0(31)", ODD_CODE),
        ("1-0:300.7.0(1)", ODD_CODE),
        ("(0001)", ODD_CODE),
    ):
        status, state, _reading, _text = _lines(words)
        assert state[CODE] == code, words
        assert status == ITEM, words
        assert (state[REGISTER] < 0) == (code == ODD_CODE), words


def test_a_lines_last_bracket_is_its_value():
    assert _lines("1-0:1.7.0(240715120000S)(00.123*kW)\n")[2].as_dict() == {"power_import_w": 123}
    status, state, _reading, found = _lines("1-0:1.7.0(A12 b)\n")
    assert (status, state[KIND], found) == (ITEM, TEXT, b"A12 b")
    assert _lines("1-0:1.7.0()\n")[0] == UNKNOWN_LIST


def test_what_is_no_data_line_is_passed_over_and_a_bracket_left_open_is_bad():
    assert _lines("\r\nhello\r\n\r\n1-0:1.7.0(7*W)\r\n")[2].as_dict() == {"power_import_w": 7}
    assert _lines("\r\nhello\r\n")[0] == UNKNOWN_LIST
    for words in ("1-0:2.7.0(7", "1-0:2.7.0(7\r\n1-0:1.7.0(1)", "1-0:2.7.0(7*kW\r\n", "1-0:2.7.0((7)"):
        assert _lines(words)[0] == BAD, words
