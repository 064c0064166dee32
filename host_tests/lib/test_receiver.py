"""The Receiver: links, reasons, and the contract of feed() and next()."""

from frames import hdlc as _frame
from frames import p1, segments
from hanport import REASONS, Reading, Receiver
from vectors import decode, golden

_HEAD = "0F 40000000 00 "
_POWER = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B "


def _outcome(frame):
    """The readings of a frame, and the counters that are not zero."""
    receiver = Receiver("hdlc")
    readings = decode(frame, receiver=receiver)
    counters = {name: n for name, n in receiver.counters.items() if n and name not in ("bytes", "frames")}
    return readings, counters


def test_the_reasons_that_a_frame_can_be_refused_for_are_counted_by_name():
    for apdu, reason in (
        ("DB 08 4B414D4500000001 1E 30 00000001 00", "no_key"),
        ("C0 01 C1 00", "unknown_apdu"),
        ("0F 400000", "malformed"),
        ("0F 40000000", "malformed"),
        ("0F 40000000 0B 07E80C09000E0000FF0000", "malformed"),
        (_HEAD, "malformed"),
        (_HEAD + "01 01 02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00", "malformed"),
        (_HEAD + "01 02 " + _POWER, "malformed"),
        (_HEAD + "01 01 " + _POWER + "00", "malformed"),
        (_HEAD + "01 01 02 04 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B 00", "unknown_list"),
        (_HEAD + "01 01 02 03 09 05 0100010700 06 0000067D 02 02 0F 00 16 1B", "unknown_list"),
        (_HEAD + "01 00", "unknown_list"),
        (_HEAD + "02 00", "unknown_list"),
        (_HEAD + "06 0000067D", "unknown_list"),
        (_HEAD + "02 02 06 0000067D 06 0000067D", "unknown_list"),
        (_HEAD + "02 01 0A 07 4B464D5F303031", "unknown_list"),
        (_HEAD + "02 01 03 01", "unknown_list"),
        (_HEAD + "02 01 12 FFFF", "unknown_list"),
        (_HEAD + "02 01 0F FF", "unknown_list"),
        ("0F 40000000 0C 07E80C09", "malformed"),
        (_HEAD + "01 01 02 02 09 06 0000010000FF 09 04 07E80C09", "unknown_list"),
        (_HEAD + "02 0E 01 00 06 00000001", "malformed"),
        # The last pair takes one element more than there are: a text, a nested value.
        (_HEAD + "02 01 09 06 0100010700FF 0A 01 41", "malformed"),
        (_HEAD + "02 01 09 06 0101000281FF 0A 01 41", "malformed"),
        (_HEAD + "02 02 00 09 06 0100010700FF 02 00", "malformed"),
        (_HEAD + "02 03 0A 0B 4B414D53545255505F5631 09 06 0101010800FF 06 00000001", "unknown_list"),
    ):
        assert _outcome(_frame(apdu)) == ([], {reason: 1}), apdu


def test_a_list_is_read_with_any_link_addresses():
    for addresses in ("210313", "41088313", "CEFF0313", "000200070200002113", "CF022313", "01020110"):
        frame = _frame(_HEAD + "01 01 " + _POWER, addresses=addresses)
        assert decode(frame) == [{"power_import_w": 1661}], addresses


def test_a_register_in_another_unit_stays_out():
    # 27 W is the unit of 1.7.0; here it claims VA (28), beside a sound 2.7.0.
    apdu = _HEAD + "01 02 " + _POWER[:-3] + "1C " + _POWER.replace("0100010700FF", "0100020700FF")
    assert _outcome(_frame(apdu)) == ([{"power_export_w": 1661}], {"unreadable": 1, "readings": 1})


def test_an_unknown_register_and_a_null_are_passed_over():
    odd = _POWER.replace("0100010700FF", "0100630700FF")
    null = "02 02 09 06 0100020700FF 00 "
    assert decode(_frame(_HEAD + "01 03 " + odd + null + _POWER)) == [{"power_import_w": 1661}]


def test_a_bad_clock_costs_the_clock_and_not_the_reading():
    apdu = "0F 40000000 0C 07E80D09000E0000FF000000 01 01 " + _POWER
    assert _outcome(_frame(apdu)) == ([{"power_import_w": 1661}], {"unreadable": 1, "readings": 1})


def test_a_frame_longer_than_the_buffer_is_counted_and_the_next_one_read():
    receiver = Receiver("hdlc", 100)
    long = golden()[0][1]
    short = _frame(_HEAD + "01 01 " + _POWER)
    assert len(long) > 100
    for chunk in (1, 50, 1000):
        assert decode(long + short, chunk, receiver) == [{"power_import_w": 1661}]
    assert receiver.counters["too_long"] == 3
    assert receiver.counters["lost_bytes"] == 0


def test_more_buffer_is_taken_for_what_is_longer_and_nothing_of_it_is_lost():
    short = _frame(_HEAD + "01 01 " + _POWER)
    lines = ["1-0:1.7.0(0001.661*kW)"] + [f"1-0:99.{number}.0({'7' * 40})" for number in range(70)]
    telegram = p1(lines)
    apdu = _HEAD + "02 40 " + _POWER + (63 * ("09 32 " + 50 * "30" + " "))
    message = b"".join(segments(apdu, 700, 1400, 2100, 2800))
    assert 3000 < len(telegram) < 4000 and 3000 < len(message) < 4000
    for long in (telegram, message):
        for chunk in (1, 256, 5000):
            receiver = Receiver("line")
            before = len(receiver.buffer)
            assert [reading["power_import_w"] for reading in decode(short, chunk, receiver)] == [1661]
            assert len(receiver.buffer) == before < 2200
            readings = decode(long + short, chunk, receiver)
            assert [reading["power_import_w"] for reading in readings] == [1661, 1661]
            assert len(receiver.buffer) == 4096
            assert receiver.counters["too_long"] == receiver.counters["lost_bytes"] == 0


def test_what_is_longer_than_the_whole_buffer_is_too_long():
    lines = ["1-0:1.7.0(0001.661*kW)"] + [f"1-0:99.{number}.0({'7' * 40})" for number in range(70)]
    receiver = Receiver("line", 2000)
    assert decode(p1(lines) + _frame(_HEAD + "01 01 " + _POWER), 256, receiver) == [{"power_import_w": 1661}]
    assert receiver.counters["too_long"] > 0


def test_a_dump_that_never_ends_is_given_up():
    receiver = Receiver("llc", 100)
    endless = bytes.fromhex("E6E7000F4000000000" + "0181FF")
    assert decode(endless + bytes(300), 50, receiver) == []
    assert receiver.counters["too_long"] > 0


def test_what_is_fed_before_it_was_fetched_is_kept_as_far_as_there_is_room():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    receiver = Receiver("hdlc", 100)
    reading = Reading()
    for _ in range(3):
        receiver.feed(frame)
    found = 0
    while receiver.next(reading):
        found += 1
    assert found == 3 and receiver.counters["lost_bytes"] == 0
    for _ in range(5):
        receiver.feed(frame)
    while receiver.next(reading):
        found += 1
    lost = receiver.counters["lost_bytes"]
    assert lost > 0 and receiver.counters["bytes"] == 8 * len(frame)
    assert decode(frame, receiver=receiver) == [{"power_import_w": 1661}]


def test_only_the_first_n_bytes_of_the_buffer_are_read():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    buffer = bytearray(frame + b"\xff" * 50)
    receiver = Receiver()
    reading = Reading()
    receiver.feed(buffer, len(frame))
    assert receiver.next(reading) and not receiver.next(reading)
    assert receiver.counters["bytes"] == len(frame)


def test_a_memoryview_may_be_fed():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    for data in (frame, frame[9:-3]):
        receiver = Receiver()
        reading = Reading()
        receiver.feed(memoryview(data), len(data))
        assert receiver.next(reading), data


def test_reset_forgets_a_frame_that_has_begun():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    receiver = Receiver()
    reading = Reading()
    receiver.feed(frame, 20)
    assert not receiver.next(reading)
    receiver.reset()
    receiver.feed(frame[20:])
    assert not receiver.next(reading)
    assert decode(frame, receiver=receiver) == [{"power_import_w": 1661}]
    receiver.feed(frame, 20)
    assert not receiver.next(reading)
    receiver.reset()
    assert decode(frame, receiver=receiver) == [{"power_import_w": 1661}]


def test_a_register_of_an_earlier_period_is_not_taken_for_the_present_one():
    now = "02 03 09 06 0100010800FF 06 00001000 02 02 0F 00 16 1E "
    before = "02 03 09 06 010001080001 06 00000500 02 02 0F 00 16 1E "
    assert decode(_frame(_HEAD + "01 02 " + now + before)) == [{"energy_import_wh": 4096}]


def test_what_is_left_of_a_damaged_frame_is_never_taken_for_a_dump():
    frame = bytearray(_frame("0F 40000000 09 0C 07E4020F06011922FF800000 02 01 06 0000157E"))
    frame[0] ^= 1  # the opening flag
    frame[-4] ^= 0x55  # and the value
    for pieces in ((frame[:9], frame[9:-3], frame[-3:]), (frame[:9], frame[9:12], frame[12:-3], frame[-3:])):
        receiver = Receiver("auto")
        for piece in pieces:
            assert decode(bytes(piece), receiver=receiver) == []
    receiver = Receiver("auto")
    assert decode(bytes(frame) * 200, 29, receiver) == []


def test_intact_frames_wait_unharmed_when_they_are_not_fetched():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    receiver = Receiver("hdlc", 64)
    reading = Reading()
    for _ in range(3):
        receiver.feed(frame)
    assert receiver.next(reading)
    assert receiver.counters["too_long"] == 0
    assert receiver.counters["lost_bytes"] > 0


def test_more_bytes_than_the_buffer_has_are_not_asked_for():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    receiver = Receiver()
    reading = Reading()
    receiver.feed(frame, 1000)
    assert receiver.next(reading)
    assert receiver.counters["bytes"] == len(frame)


def test_a_refused_list_leaves_no_values_behind():
    receiver = Receiver()
    reading = Reading()
    frame = _frame(_HEAD + "01 02 " + _POWER)
    receiver.feed(frame)
    assert not receiver.next(reading)
    assert reading.as_dict() == {}


def test_the_link_may_change_between_feeds():
    frame = _frame(_HEAD + "01 01 " + _POWER)
    receiver = Receiver("auto")
    for data in (frame, frame[9:-3], frame, frame[12:-3], frame):
        assert decode(data, receiver=receiver) == [{"power_import_w": 1661}]


def test_every_reason_has_a_counter_and_impossible_arguments_are_errors():
    receiver = Receiver()
    for reason in REASONS:
        assert receiver.counters[reason] == 0
    for words, said in ((("serial",), "auto, line, hdlc, mbus, p1, llc, apdu"), (("hdlc", 0), "at least 64")):
        try:
            Receiver(*words)
        except ValueError as error:
            assert said in str(error)
        else:
            raise AssertionError(words)
