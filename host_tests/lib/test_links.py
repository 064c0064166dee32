"""Links: segments, M-Bus, P1 telegrams, general block transfer, and what happens when parts are missing."""

from frames import blocks, hdlc, mbus, p1, segments
from hanport import Receiver
from vectors import decode, outcome

_HEAD = "0F 40000000 00 "
_POWER = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B "
_EXPORT = "02 03 09 06 0100020700FF 06 00000007 02 02 0F 00 16 1B "
_LIST = _HEAD + "01 02 " + _POWER + _EXPORT
_VALUES = {"power_import_w": 1661, "power_export_w": 7}
_OTHER = _HEAD + "01 01 " + _EXPORT
_OTHER_VALUES = {"power_export_w": 7}


def _outcome(data, link="line", chunk=7, **options):
    return outcome(data, Receiver(link, **options), chunk)


# HDLC segments


def test_segments_are_put_together_wherever_they_are_cut():
    for cuts in ((1,), (5,), (20, 21), (3, 9, 30, 40)):
        assert _outcome(b"".join(segments(_LIST, *cuts))) == ([_VALUES], {}), cuts


def test_segments_may_share_their_flags():
    frames = segments(_LIST, 10, 30)
    assert _outcome(b"".join(frame[:-1] for frame in frames) + b"\x7e") == ([_VALUES], {})


def test_a_missing_segment_costs_its_message_and_no_other():
    first, second, third = segments(_LIST, 10, 30)
    whole = hdlc(_OTHER)
    for data, reasons in (
        (first + second + whole, {"incomplete": 1}),
        (first + whole, {"incomplete": 1}),
        (second + whole, {"incomplete": 1}),
        (first + third + whole, {"malformed": 1}),
    ):
        assert _outcome(data) == ([_OTHER_VALUES], reasons), reasons
    # What begins anew is the message that counts.
    assert _outcome(first + second + first + second + third) == ([_VALUES], {"incomplete": 1})


def test_parts_of_two_messages_are_never_put_together():
    for make in (segments, mbus):
        first, second = make(_LIST, 20)
        other_first, other_second = make(_LIST.replace("0000067D", "00000999"), 20)
        damaged = bytearray(second)
        damaged[12] ^= 1
        other_damaged = bytearray(other_first)
        other_damaged[12] ^= 1
        for between in (bytes(damaged) + bytes(other_damaged), bytes(damaged), b"\x00"):
            readings, reasons = _outcome(first + between + other_second)
            assert readings == []
            assert reasons["incomplete"] >= 1


def test_parts_are_forgotten_when_bytes_were_lost_before_they_were_fetched():
    first, second = segments(_LIST, 20)
    receiver = Receiver("hdlc", 64)
    assert decode(first, None, receiver) == []
    receiver.feed(bytes(100))
    receiver.feed(bytes(100))
    assert decode(second, None, receiver) == []


def test_segments_that_never_end_fill_no_more_than_the_buffer():
    first, second, _third = segments(_LIST, 10, 30)
    readings, reasons = _outcome(first + second * 30 + hdlc(_OTHER), "hdlc", size=200)
    assert readings == [_OTHER_VALUES]
    assert reasons["too_long"] > 0


# M-Bus


def test_m_bus_frames_of_one_or_several_parts_are_read():
    for cuts in ((), (1,), (20,), (5, 30, 31)):
        for link in ("mbus", "line"):
            assert _outcome(b"".join(mbus(_LIST, *cuts)), link) == ([_VALUES], {}), cuts


def test_the_length_that_overflows_is_understood():
    null = "02 02 09 06 0100620800FF 00 "  # 12 bytes that say nothing
    apdu = bytes.fromhex((_HEAD + "01 16 " + _POWER + _EXPORT + null * 20).replace(" ", ""))
    frames = mbus(apdu, 252)
    assert frames[0][1] == 257 & 0xFF == 1
    assert _outcome(b"".join(frames)) == ([_VALUES], {})


def test_damaged_m_bus_frames_are_refused_by_name():
    frame = bytearray(mbus(_LIST)[0])
    good = mbus(_OTHER)[0]
    for place, reason in ((20, "frame_check"), (len(frame) - 2, "frame_check"), (len(frame) - 1, "end_flag")):
        damaged = bytearray(frame)
        damaged[place] ^= 0x01
        assert _outcome(bytes(damaged) + good, "mbus") == ([_OTHER_VALUES], {reason: 1}), place
    # Two lengths that differ are no beginning at all.
    frame[1] ^= 1
    assert _outcome(bytes(frame) + good, "mbus") == ([_OTHER_VALUES], {})


def test_a_missing_or_swapped_part_costs_its_message_and_no_other():
    first, second, third = mbus(_LIST, 10, 30)
    whole = mbus(_OTHER)[0]
    for data, lost in (
        (first + third + whole, 2),
        (second + third + whole, 2),
        (first + second + whole, 1),
        (first + first + second + third + whole, 1),
    ):
        readings, reasons = _outcome(data, "mbus")
        assert readings[-1] == _OTHER_VALUES
        assert reasons == {"incomplete": lost}


def test_an_m_bus_frame_longer_than_the_buffer_is_too_long():
    frame = mbus(_HEAD + "01 03 " + _POWER + _EXPORT + _POWER)[0]
    assert _outcome(frame + mbus(_OTHER)[0], "mbus", size=64) == ([_OTHER_VALUES], {"too_long": 1})


# General block transfer


def test_blocks_are_put_together():
    for size in (1, 10, 25, 200):
        assert _outcome(b"".join(blocks(_LIST, size))) == ([_VALUES], {}), size


def test_blocks_may_begin_anew_and_be_said_twice():
    one, two, three = blocks(_LIST, 20)
    assert _outcome(one + one + two + three) == ([_VALUES], {"incomplete": 1})
    assert _outcome(one + two + two + three) == ([_VALUES], {})
    assert _outcome(one + two + one + two + three) == ([_VALUES], {"incomplete": 1})


def test_a_missing_block_costs_its_message_and_no_other():
    one, two, three = blocks(_LIST, 20)
    whole = hdlc(_OTHER)
    for data, lost in ((one + three, 1), (two + three, 2), (three, 1), (one + two, 0)):
        readings, reasons = _outcome(data + whole)
        assert readings == [_OTHER_VALUES], lost
        assert reasons.get("incomplete", 0) == lost


def test_blocks_may_themselves_come_in_segments():
    data = b""
    for block in blocks(_LIST, 30):
        information = block[9:-3]
        if information[:3] == b"\xe6\xe7\x00":
            information = information[3:]
        data += b"".join(segments(information, 12))
    assert _outcome(data) == ([_VALUES], {})


def test_a_block_that_contradicts_itself_and_blocks_in_blocks_are_refused():
    apdu = bytearray(blocks(_LIST, 200)[0][9:-3])
    apdu[9] -= 1
    assert _outcome(hdlc(apdu[3:])) == ([], {"malformed": 1})
    inner = bytes((0xE0, 0xC0, 0, 1, 0, 0, 5)) + b"12345"
    assert _outcome(b"".join(blocks(inner, 50))) == ([], {"unknown_apdu": 1})


# P1

_LINES = ("1-0:1.7.0(0001.661*kW)", "1-0:2.7.0(0000.007*kW)")


def _p1_values(ident="XXX5\\TEST", **more):
    return dict(_VALUES, p1_ident=ident, **more)


def test_a_telegram_is_read_whatever_its_line_ends_and_its_check_look_like():
    for end in ("\r\n", "\n"):
        for check in ("%04X", "%04x", "%X", "%x"):
            for chunk in (1, 7, 1000):
                data = p1(_LINES, end, check)
                assert _outcome(data * 2, "p1", chunk) == ([_p1_values()] * 2, {}), (end, check, chunk)


def test_an_unpadded_check_is_right():
    # Looked for: a telegram whose check begins with a zero.
    for number in range(200):
        ident = f"XXX5-{number}"
        data = p1(_LINES, "\r\n", "%X", ident)
        if data.index(b"!") + 1 + 3 == len(data) - 2:
            assert _outcome(data + p1(_LINES)) == ([_p1_values(ident), _p1_values()], {})
            return
    raise AssertionError("no such telegram")


def test_a_telegram_without_check_is_read_only_when_the_owner_has_allowed_it():
    for data in (p1(_LINES, check=""), p1(_LINES, check="").replace(b"\r\n!", b"!")):
        assert _outcome(data + p1(_LINES)) == ([_p1_values()], {"no_check": 1})
        assert _outcome(data + p1(_LINES), unchecked=True) == ([_p1_values()] * 2, {})


def test_a_wrong_check_is_refused_also_where_none_is_needed():
    data = p1(_LINES, check="0000")
    for unchecked in (False, True):
        assert _outcome(data + p1(_LINES), unchecked=unchecked) == ([_p1_values()], {"frame_check": 1})


def test_a_telegram_that_breaks_off_does_not_hide_the_next_one():
    data = p1(_LINES)
    for cut in range(1, len(data) - 6):
        readings, reasons = _outcome(data[:cut] + data, "p1", 5)
        assert readings == [_p1_values()], cut
        assert not reasons or reasons == {"truncated": 1}, (cut, reasons)


def test_bytes_that_no_text_has_end_a_telegram():
    data = bytearray(p1(_LINES))
    data[30] |= 0x80  # parity
    assert _outcome(bytes(data) + p1(_LINES), "p1") == ([_p1_values()], {"not_text": 1})


def test_every_makers_spelling_gives_the_same_values():
    for lines in (
        ("1-0:1.7.0(1661*W)", "1-0:2.7.0(7*W)"),
        ("1-0:2.7.0(0000.007*KW)", "1-0:1.7.0(0001.661*Kw)"),
        ("1.7.0(0001.661*kW)", "1-0:2.7.0*255(0000.007*kW)"),
        ("", "1-0:1.7.0(0001.661*kW)", "0-0:96.13.0()", "1-0:2.7.0(0000.007*kW)", "1-0:1.8.0()"),
    ):
        assert _outcome(p1(lines)) == ([_p1_values()], {}), lines


def test_a_line_that_cannot_be_read_costs_itself_and_is_counted():
    lines = _LINES + ("1-0:32.7.0(abc*V)", "1-0:31.7.0(002.7*V)", "1-0:51.7.0(002.7", "1-0:71.7.0(002.5*A)")
    expected = _p1_values(l3_current_a=2.5)
    assert _outcome(p1(lines)) == ([expected], {"unreadable": 3})


def test_another_meters_id_behind_this_one_is_not_taken_for_its_own():
    assert _outcome(p1(_LINES + ("0-1:96.1.0(4730303031)",))) == ([_p1_values()], {})
    assert _outcome(p1(_LINES + ("0-0:96.1.0(4730303031)",))) == ([_p1_values(meter_id="4730303031")], {})


def test_a_telegram_of_nothing_that_we_know_is_an_unknown_list():
    assert _outcome(p1(("1-0:99.99.0(1)",))) == ([], {"unknown_list": 1})


def test_large_registers_keep_every_digit():
    values = _outcome(p1(("1-0:1.8.0(99999999.999*kWh)", "1-0:2.8.0(1073741.824*kWh)")))[0][0]
    assert values["energy_import_wh"] == 99999999999
    assert values["energy_export_wh"] == 1073741824


# Found from the bytes


def test_noise_of_one_link_in_another_costs_nothing():
    hdlc_frame = hdlc(_OTHER)
    telegram = p1(_LINES)
    for noise in (
        b"/",
        b"/abc",
        b"hhhh",
        b"h\x20\x20h",
        b"\x7e\xa0",
        b"!",
        b"\x68\x05\x05\x68",
        b"~~~/XYZ5 some text",
    ):
        assert _outcome(noise + hdlc_frame + b"\x00" * 300 + telegram)[0] == [_OTHER_VALUES, _p1_values()], noise


def test_a_telegram_within_a_lying_header_is_read_too():
    liar = bytes.fromhex("7EA7FF41088313B6D6")
    assert _outcome(liar + p1(_LINES) + hdlc(_OTHER))[0] == [_p1_values(), _OTHER_VALUES]


def test_idle_flags_between_frames_are_nothing():
    data = b"\x7e" * 9 + hdlc(_OTHER) + b"\x7e" * 5 + hdlc(_LIST)
    assert _outcome(data) == ([_OTHER_VALUES, _VALUES], {})
