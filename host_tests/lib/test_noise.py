"""Bytes that are no frames."""

from hanport import Reading, Receiver
from hanport.loops import header
from vectors import Numbers, decode, golden


def _feed_noise(receiver, numbers, total, bytes_that_matter):
    """Feed `total` bytes; one in four is drawn from those that mean something to a decoder."""
    reading = Reading()
    buffer = bytearray(500)
    for _ in range(total // 500):
        for i in range(500):
            n = numbers.below(1024)
            buffer[i] = n & 0xFF if n < 768 else bytes_that_matter[n % len(bytes_that_matter)]
        receiver.feed(buffer, 500)
        assert not receiver.next(reading)


def test_a_million_random_bytes_give_nothing_and_raise_nothing():
    receiver = Receiver("hdlc")
    _feed_noise(receiver, Numbers(1), 1000000, b"\x7e")
    assert receiver.counters["bytes"] == 1000000
    assert receiver.counters["readings"] == 0
    # Some of it looked like the beginning of a frame and was refused for a reason.
    assert receiver.counters["header_check"] > 0


def test_random_bytes_full_of_flags_and_headers_raise_nothing():
    receiver = Receiver("auto")
    _feed_noise(receiver, Numbers(2), 200000, b"\x7e\xa0\xa1\x41\x08\x83\x13\xe6\xe7\x00\x0f")
    assert receiver.counters["readings"] == 0


def test_random_bytes_as_dumps_raise_nothing():
    for link in ("llc", "apdu"):
        receiver = Receiver(link)
        reading = Reading()
        numbers = Numbers(3)
        for _ in range(400):
            dump = bytes(numbers.below(26) if i & 1 else numbers.below(256) for i in range(250))
            receiver.feed(b"\xe6\xe7\x00\x0f\x40\x00\x00\x00\x00\x02" + dump, 260)
            while receiver.next(reading):
                assert reading.list > 0


def test_frames_between_noise_are_all_found():
    numbers = Numbers(4)
    frames = golden()
    receiver = Receiver("hdlc")
    found = []
    for _name, frame, _expected in frames:
        noise = bytes(numbers.below(256) for _ in range(numbers.below(300)))
        found += decode(noise + frame, 1 + numbers.below(60), receiver)
    assert found == [expected for _name, _frame, expected in frames]


def test_a_wrong_length_does_not_hide_the_frames_behind_it():
    # A header whose check is right and whose length is the longest there is; nothing of it follows.
    frame = golden()[0][1]
    expected = golden()[0][2]
    liar = bytes.fromhex("7EA7FF41088313B6D6")
    assert header(liar, 0, len(liar)) == len(liar)
    receiver = Receiver("hdlc")
    assert decode(liar + frame + frame, 5, receiver) == [expected, expected]
    assert receiver.counters["truncated"] == 1


def test_an_intact_frame_behind_several_cut_ones_is_there_with_its_last_byte():
    frames = golden()
    cut = [frame[: len(frame) - 40] for _name, frame, _expected in frames if len(frame) > 200]
    _name, last, expected = frames[2]
    for several in (cut[:1], cut[:2], cut[:5]):
        receiver = Receiver("hdlc")
        assert decode(b"".join(several) + last, 9, receiver) == [expected]


def test_a_line_full_of_flags_costs_no_more_work_than_any_other_noise():
    from hanport import hdlc

    work = [0]
    real_x25 = hdlc.x25
    real_header = hdlc.header

    def counting_x25(buffer, start, stop, crc):
        work[0] += stop - start
        return real_x25(buffer, start, stop, crc)

    def counting_header(buffer, start, tail):
        work[0] += 13  # the longest header
        return real_header(buffer, start, tail)

    hdlc.x25 = counting_x25
    hdlc.header = counting_header
    try:
        for filling in (b"\x7e", b"\x7e\xa0"):
            work[0] = 0
            noise = bytes.fromhex("7EA7FF41088313B6D6") + filling * (4000 // len(filling))
            assert decode(noise, 6) == []
            assert work[0] < 30 * len(noise), filling
    finally:
        hdlc.x25 = real_x25
        hdlc.header = real_header
