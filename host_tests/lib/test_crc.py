"""Checksums against published check values."""

from hanport.crc import X25_GOOD, copy, x25


def test_x25_of_the_standard_check_text():
    text = b"123456789"
    assert x25(text, 0, len(text)) ^ 0xFFFF == 0x906E


def test_x25_over_data_and_its_check_sequence_leaves_the_good_remainder():
    assert x25(b"\x03\x3f\x5b\xec", 0, 4) == X25_GOOD


def test_x25_goes_on_where_it_stopped():
    data = bytes(range(256))
    for cut in (0, 1, 100, 256):
        assert x25(data, cut, 256, x25(data, 0, cut)) == x25(data, 0, 256)


def test_copy_moves_overlapping_bytes_to_the_front():
    buffer = bytearray(b"..abcdef")
    copy(buffer, 2, buffer, 0, 6)
    assert buffer == b"abcdefef"
