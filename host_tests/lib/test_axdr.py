"""The A-XDR cursor."""

from hanport import axdr
from hanport.axdr import Cursor


def _open(text, cut=0):
    data = bytes.fromhex(text.replace(" ", ""))
    cursor = Cursor()
    cursor.open(data, 0, len(data) - cut)
    return cursor


def test_numbers_of_every_size_and_sign():
    for text, value in (
        ("0F 80", -128),
        ("11 FF", 255),
        ("10 FFB6", -74),
        ("12 FFB6", 65462),
        ("05 FFFFFFFF", -1),
        ("06 FFFFFFFF", 4294967295),
        ("14 FFFFFFFFFFFFFFFE", -2),
        ("15 0000000000BC614E", 12345678),
        ("15 FFFFFFFFFFFFFFFF", 18446744073709551615),
        ("16 1B", 27),
        ("03 01", 1),
    ):
        cursor = _open(text)
        assert cursor.read() >= 0
        assert cursor.value == value, text
        assert cursor.at_end()


def test_texts_tell_their_place():
    cursor = _open("0A 03 414243 09 00")
    assert cursor.read() == axdr.VISIBLE_STRING
    assert (cursor.start, cursor.size, cursor.value) == (2, 3, None)
    assert cursor.read() == axdr.OCTET_STRING
    assert cursor.size == 0
    assert cursor.at_end()


def test_lengths_may_be_longer_than_needed():
    for length in ("03", "81 03", "82 0003", "83 000003", "84 00000003"):
        cursor = _open("09 " + length + " 414243")
        assert cursor.expect(axdr.OCTET_STRING)
        assert cursor.size == 3
        assert cursor.at_end()


def test_a_value_that_is_cut_off_fails_and_says_that_bytes_ran_out():
    text = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B"
    size = len(bytes.fromhex(text.replace(" ", "")))
    for cut in range(1, size):
        cursor = _open(text, cut)
        assert not cursor.skip()
        assert cursor.failed
        assert cursor.short, cut
    assert _open(text).skip()


def test_what_is_no_value_fails_and_stays_failed():
    for text in ("07 00", "1C 00 00", "FF", "09 80 00", "09 85 0000000001", "13 00", "09 84 01000000 00"):
        cursor = _open(text + "06 00000001")
        assert cursor.read() == axdr.ERROR, text
        assert not cursor.short, text
        assert cursor.read() == axdr.ERROR, text
        assert not cursor.short, text
        assert not cursor.at_end()


def test_skip_passes_over_nested_values():
    cursor = _open("01 03 02 01 11 05 02 00 04 09 FFFF 11 07")
    assert cursor.skip()
    assert cursor.read() == 17
    assert cursor.value == 7


def test_a_count_that_cannot_be_is_not_believed():
    cursor = _open("01 83 FFFFFF 00")
    assert not cursor.skip()
    assert cursor.short


def test_floats_dates_and_bit_strings_are_passed_over():
    cursor = _open("17 00000000 18 0000000000000000 19 07E80C09000E0000FF000000 1A 07E80C0900 1B 0E000000 04 09 FF80")
    for _ in range(6):
        assert cursor.read() >= 0
        assert cursor.value is None
    assert cursor.at_end()
