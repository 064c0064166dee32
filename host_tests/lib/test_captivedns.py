"""The setup network's DNS: every name has the dongle's address, and nothing but a plain question is answered."""

import captivedns
from vectors import Numbers

ADDRESS = b"\x04\x03\x02\x01"
# RFC 1035, 3.2.2; RFC 3596, 2.1; RFC 9460, 14.1.
A, TXT, AAAA, SVCB, HTTPS, ANY = 1, 16, 28, 64, 65, 255
# An OPT record without options, RFC 6891, 6.1.2: the root, type 41, 1232 bytes of UDP, no flags, no data.
OPT = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00"


def question(name="captive.apple.com", kind=A, dns_class=1):
    """RFC 1035, 4.1.2."""
    labels = b"".join([bytes((len(label),)) + label.encode() for label in name.split(".") if label])
    return labels + b"\x00" + bytes((kind >> 8, kind & 255, dns_class >> 8, dns_class & 255))


def query(asked, flags=0x0100, count=1, extra=b""):
    """RFC 1035, 4.1.1; RD is set, as a phone does."""
    additional = 1 if extra else 0
    header = bytes((0x5A, 0x17, flags >> 8, flags & 255, 0, count, 0, 0, 0, 0, 0, additional))
    return header + asked + extra


def answered(data):
    """The response to a query, None for none; what lies behind it is left alone."""
    out = bytearray(b"\xee" * (captivedns.LARGEST + 1))
    n = captivedns.answer(data, len(data), ADDRESS, out)
    assert bytes(out[n:]) == b"\xee" * (len(out) - n)
    return bytes(out[:n]) if n else None


def response(asked, flags, has_address):
    """What RFC 1035, 4.1 wants: the id, the flags, one question, one record or none."""
    header = b"\x5a\x17" + bytes((flags >> 8, flags & 255)) + b"\x00\x01" + bytes((0, int(has_address))) + b"\x00" * 4
    # Name, A, IN, 10 s, 4 bytes.
    record = b"\xc0\x0c" + b"\x00\x01" + b"\x00\x01" + b"\x00\x00\x00\x0a" + b"\x00\x04" + ADDRESS
    return header + asked + (record if has_address else b"")


def test_every_name_has_the_dongles_address():
    for name in ("captive.apple.com", "connectivitycheck.gstatic.com", "a", "", "x" * 63 + ".no"):
        assert answered(query(question(name))) == response(question(name), 0x8500, True), name


def test_recursion_is_desired_in_the_response_when_it_was_in_the_query():
    asked = question()
    assert answered(query(asked, flags=0)) == response(asked, 0x8400, True)
    # AD, CD and what else may stand beside it is not copied.
    assert answered(query(asked, flags=0x01FF)) == response(asked, 0x8500, True)


def test_letters_keep_their_case():
    asked = question("CaPtIvE.ApPlE.cOm")
    assert answered(query(asked)) == response(asked, 0x8500, True)


def test_who_asks_for_any_record_gets_the_address():
    asked = question(kind=ANY)
    assert answered(query(asked)) == response(asked, 0x8500, True)


def test_no_other_record_exists_and_the_name_does():
    for kind in (AAAA, HTTPS, SVCB, TXT, 0, A << 8, A | 256, ANY | 256, 0xFFFF):
        asked = question(kind=kind)
        assert answered(query(asked)) == response(asked, 0x8500, False), kind


def test_no_other_class_than_the_internets_has_an_address():
    for dns_class in (0, 3, 4, 254, 255, 256, 257, 0x8001):
        asked = question(dns_class=dns_class)
        assert answered(query(asked)) == response(asked, 0x8500, False), dns_class


def test_an_edns_option_is_passed_over():
    asked = question()
    assert answered(query(asked, extra=OPT)) == response(asked, 0x8500, True)


def test_responses_other_opcodes_and_truncated_queries_are_dropped():
    asked = question()
    for flags in (0x8000, 0x8500, 0x0200):
        assert answered(query(asked, flags=flags)) is None, flags
    for opcode in range(1, 16):
        assert answered(query(asked, flags=opcode << 11)) is None, opcode


def test_other_than_one_question_is_dropped():
    asked = question()
    assert answered(query(b"", count=0)) is None
    assert answered(query(asked, count=0)) is None
    assert answered(query(asked + asked, count=2)) is None
    assert answered(query(asked, count=255)) is None
    many = bytearray(query(asked))
    many[4] = 1  # 257
    assert answered(bytes(many)) is None


def test_a_name_has_at_most_255_bytes_of_labels_of_at_most_63():
    longest = ".".join(["x" * 63] * 3 + ["y" * 61])
    assert len(question(longest)) == 255 + 4
    asked = question(longest)
    assert answered(query(asked)) == response(asked, 0x8500, True)
    assert len(answered(query(asked))) == captivedns.LARGEST
    assert answered(query(question(longest + "z"))) is None
    assert answered(query(question(longest + ".z"))) is None
    for length in (64, 0x80, 0xBF, 0xC0, 0xFF):
        assert answered(query(bytes((length,)) + b"x" * length + question(""))) is None, length


def test_a_compressed_name_is_dropped():
    for pointer in (b"\xc0\x0c", b"\xc0\x00", b"\x01a\xc0\x0c", b"\xff\xff"):
        assert answered(query(pointer + b"\x00\x01\x00\x01")) is None, pointer


def test_more_than_512_bytes_are_dropped():
    data = query(question(), extra=OPT)
    assert answered(data + bytes(512 - len(data))) is not None
    assert answered(data + bytes(513 - len(data))) is None


def test_only_the_queries_own_bytes_of_a_buffer_count():
    data = query(question())
    buffer = bytearray(b"\xff" * 600)
    buffer[: len(data)] = data
    out = bytearray(captivedns.LARGEST)
    n = captivedns.answer(buffer, len(data), ADDRESS, out)
    assert bytes(out[:n]) == response(question(), 0x8500, True)
    assert captivedns.answer(buffer, len(data) - 1, ADDRESS, out) == 0
    assert captivedns.answer(memoryview(buffer), len(data), memoryview(ADDRESS), out) == n


def labels_end(data):
    """Where the name behind a header ends; an IndexError when it does not."""
    end = 12
    while data[end]:
        end += 1 + data[end]
    return end + 1


def check(data):
    """None, or a response by RFC 1035 to just this query."""
    got = answered(data)
    if got is None:
        return 0
    end = labels_end(data) + 4
    has_address = data[end - 4 : end] in (b"\x00\x01\x00\x01", b"\x00\xff\x00\x01")
    expected = bytearray(response(data[12:end], 0x8400 | (data[2] & 1) << 8, has_address))
    expected[:2] = data[:2]
    assert got == bytes(expected), data
    return 1


def test_a_query_that_is_cut_short_is_answered_only_when_its_question_is_whole():
    for extra in (b"", OPT):
        asked = question()
        data = query(asked, extra=extra)
        for n in range(len(data)):
            assert check(data[:n]) == (n >= 12 + len(asked)), n


def test_whatever_bit_is_flipped_the_answer_is_to_the_query_that_came():
    for kind in (A, AAAA, HTTPS, ANY):
        data = query(question("www.example.no", kind), extra=OPT)
        answers = 0
        for bit in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[bit >> 3] ^= 1 << (bit & 7)
            answers += check(bytes(flipped))
        assert 0 < answers < 8 * len(data)


def test_random_bytes_raise_nothing():
    numbers = Numbers(1)
    answers = 0
    for turn in range(3000):
        data = bytearray([numbers.below(256) for _ in range(numbers.below(80))])
        if turn & 1 and len(data) > 12:
            data[:6] = b"\x00\x00\x01\x00\x00\x01"
            for i in range(12, len(data)):
                data[i] &= 7  # labels that may fit one another
        answers += check(bytes(data))
    assert answers > 100
