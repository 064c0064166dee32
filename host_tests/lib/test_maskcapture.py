"""What is masked in a capture, frame by frame as meters send them, and that all else stays."""

from frames import blocks, hdlc, mbus, p1, segments
from hanport import Receiver
from maskcapture import mask
from vectors import Numbers, danish, golden, nordics, outcome

NUMBER = b"7358214696352471"
ZEROS = b"0" * 16
# Aidon's list 2, so far.
CODE = "09 06 00 00 60 01 00 FF"
TYPE = "02 02 09 06 00 00 60 01 07 FF 0A 04 36 35 32 35"
POWER = "02 03 09 06 01 00 01 07 00 FF 06 00 00 07 36 02 02 0F 00 16 1B"


def aidon(value):
    """A list of meter number, type and power, with this value for the number."""
    return "0F 40 00 00 00 00 01 03 02 02 " + CODE + value + TYPE + POWER


def text(number=NUMBER, tag="0A"):
    return tag + "%02X" % len(number) + number.hex()


def masked(data):
    buffer = bytearray(data)
    steps = 0
    for _ in mask(buffer, len(buffer)):
        steps += 1
    assert len(buffer) == len(data) and steps < 20 + len(data) // 8
    return bytes(buffer)


def test_a_meters_number_is_masked_and_its_frame_reads_on():
    for tag in ("0A", "09", "0C"):
        after = masked(hdlc(aidon(text(tag=tag))))
        assert after == hdlc(aidon(text(ZEROS, tag)))


def test_short_numbers_letters_and_numbers_that_are_no_text_are_masked_by_their_code():
    for value, zeros in (
        ("0A 04 41 42 43 44", "0A 04 30 30 30 30"),
        ("0A 06 31 32 33 34 00 00", "0A 06 30 30 30 30 00 00"),
        ("09 08 73 58 21 46 96 35 24 71", "09 08 30 30 30 30 30 30 30 30"),
        ("06 04 62 C6 42", "06 00 00 00 00"),
        ("15 00 1A 24 57 04 62 C6 42", "15 00 00 00 00 00 00 00 00"),
    ):
        assert masked(hdlc(aidon(value))) == hdlc(aidon(zeros))
    for code in ("01 01 00 00 01 FF", "01 00 00 00 00 FF", "00 00 2A 00 00 FF", "00 01 60 01 01 FF"):
        data = aidon("06 04 62 C6 42").replace("00 00 60 01 00 FF", code)
        assert masked(hdlc(data)) == hdlc(data.replace("04 62 C6 42", "00 00 00 00"))


def test_clocks_types_list_ids_and_what_is_measured_stay():
    for name, frame, _ in golden():
        after = masked(frame)
        readings, counters = outcome(frame, Receiver("hdlc"))
        again, counters_again = outcome(after, Receiver("hdlc"))
        assert counters == counters_again, name
        for reading in readings + again:
            if reading.get("meter_id"):
                reading["meter_id"] = reading["meter_id"].replace("0", "") and "shown"
        for reading in again:
            assert reading.get("meter_id", "") == "", name
        for reading in readings:
            if "meter_id" in reading:
                reading["meter_id"] = ""
        assert readings == again, name


def test_a_number_cut_by_segments_or_blocks_is_masked_in_both():
    for value, zeros in ((text(), text(ZEROS)), ("09 08 73 58 21 46 96 35 24 71", "09 08" + "30" * 8)):
        _check_parts(aidon(value), aidon(zeros))
    for value, zeros in ((NUMBER, ZEROS), (NUMBER[:8], ZEROS[:8])):  # as Kaifa's, without codes
        kaifa = "0F 40 00 00 00 00 02 03 09 07 4B 46 4D 5F 30 30 31 %s 06 00 00 07 36"
        _check_parts(kaifa % text(value), kaifa % text(zeros))


def _check_parts(apdu, want):
    apdu, want = (bytes.fromhex(data.replace(" ", "")) for data in (apdu, want))
    for cut in range(1, len(apdu)):
        assert masked(b"".join(segments(apdu, cut))) == b"".join(segments(want, cut)), cut
        assert masked(b"".join(mbus(apdu, cut))) == b"".join(mbus(want, cut)), cut
    for size in range(16, len(apdu)):
        assert masked(b"".join(blocks(apdu, size))) == b"".join(blocks(want, size)), size


def test_flags_that_are_shared_or_idle_and_noise_stay():
    one, other = hdlc(aidon(text())), hdlc(aidon(text(ZEROS)))
    for before, between, behind in ((b"", b"", b""), (b"~~~", b"~~", b"~"), (b"~", b"", b"")):
        assert masked(before + one[:-1] + between + one + behind) == before + other[:-1] + between + other + behind
    assert masked(one[:-1] + one) == other[:-1] + other


def test_a_damaged_frame_is_masked_and_keeps_its_check():
    frame = hdlc(aidon(text()))
    place = frame.index(NUMBER)
    for wrong in range(place, place + 16):
        damaged = bytearray(frame)
        damaged[wrong] ^= 0x40  # a letter in the number
        assert masked(damaged) == frame.replace(NUMBER, ZEROS)


def damaged_before():
    """A damaged frame, behind which nothing looks as if its beginning was lost."""
    return bytes(hdlc(POWER)[:-2]) + b"?~"


def test_one_wrong_byte_hides_no_number():
    for value, number in (("06 04 62 C6 42", "62 C6"), ("09 08 73 58 21 46 96 35 24 71", "21 46")):
        number = bytes.fromhex(number.replace(" ", ""))
        frame = hdlc(aidon(value))
        place = frame.index(number)
        for wrong in range(place - 11, place):
            for bit in range(8):
                damaged = bytearray(frame)
                damaged[wrong] ^= 1 << bit
                assert number not in masked(damaged_before() + damaged), (wrong, bit)
    # In a number that has no code, and is of few digits.
    frame = hdlc("0F 40 00 00 00 00 02 02" + text(b"73582146") + "06 00 00 07 36")
    for bit in range(8):
        damaged = bytearray(frame)
        damaged[frame.index(b"8214")] ^= 1 << bit
        after = masked(damaged)
        # As one of P1's separators it would be none that is wrong; then what is left is short.
        assert b"73" not in after and b"214" not in after or damaged[frame.index(b"8214")] in b":("


def test_clocks_and_types_stay_in_damaged_frames_too():
    kept = "02 02 09 06 00 00 01 00 00 FF 09 0C 07 E8 0C 09 00 0E 00 00 FF 00 00 00" + TYPE
    data = hdlc(aidon(text()) + kept)[:-2] + b"?~"
    assert bytes.fromhex(kept.replace(" ", "")) in masked(data)


def test_what_looks_like_an_envelope_inside_a_list_stays():
    kept = hdlc("0F 40 00 00 00 00 02 02" + text(b"MAXI304H") + POWER)
    assert masked(kept) == kept


def test_what_masking_would_make_intact_by_chance_is_damaged_further():
    right = hdlc(aidon(text(ZEROS)))
    wrong = hdlc(aidon(text()))[:-3] + right[-3:]
    assert outcome(masked(wrong), Receiver("hdlc"))[0] == []
    for before in (b"", right, right[:-1]):  # alone, behind an intact one, sharing its flag
        after = masked(before + wrong + right)
        assert outcome(after, Receiver("hdlc"))[0] == outcome(before + right, Receiver("hdlc"))[0]
        assert after.startswith(before) and after.endswith(right)
    right = telegram(number=ZEROS.decode(), message="0" * 10)
    right = p1(right.decode().split("\r\n")[2:-2], ident="ELL5")
    wrong = right.replace(ZEROS, NUMBER)
    for behind in (b"", b"/XXX5", b"/XXX5\r\n\r\n"):
        assert outcome(masked(wrong + behind) + b"\0", Receiver("p1"))[0] == []


def test_what_follows_on_a_lost_beginning_is_masked():
    frame = hdlc(aidon("06 04 62 C6 42"))
    _check_lost(frame, b"\x62\xc6")
    _check_lost(hdlc(aidon("09 08 73 58 21 46 96 35 24 71")), b"\x24\x71")


def _check_lost(frame, number):
    for start in range(1, frame.index(number) + 1):
        for before in (b"", frame):
            after = masked(before + frame[start:] + frame)
            assert number not in after and after[-len(frame) :] == masked(frame), start


def test_an_encrypted_frame_keeps_its_maker_its_counter_and_its_check():
    for entry in danish():
        frame = bytes.fromhex(entry["hex"])
        after = masked(frame)
        title = frame.index(b"\xdb\x08") + 2
        assert after[title : title + 8] == frame[title : title + 3] + bytes(5)
        assert after[title + 8 : -3] == frame[title + 8 : -3]
        for data in (frame, after):
            assert outcome(data, Receiver("hdlc")) == ([], {"no_key": 1})
        flipped = bytearray(frame)
        for place in range(title - 2, title + 3):
            flipped[place] ^= 1
            assert masked(flipped)[title + 3 : title + 8] == bytes(5)
            flipped[place] ^= 1


def test_an_mbus_frames_identification_is_masked():
    body = bytes.fromhex("0801727856341224400107550000000374")
    for damage in range(5):
        frame = bytearray(bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) & 0xFF, 0x16)))
        frame[damage - 1] ^= 0x10 if damage else 0
        after = masked(damaged_before() + frame if damage else b"\x00" + frame)
        assert body[3:7] not in after and body[5:7] not in after
        if not damage:
            body = body[:3] + bytes(4) + body[7:]
            assert after[5:] == body + bytes((sum(body) & 0xFF, 0x16))
            body = bytes.fromhex("0801727856341224400107550000000374")


def telegram(ident="\\253000001_A", number="4530303132333435", check="%04X", lines=(), message="til kunden"):
    lines += ("0-0:1.0.0(240715120010S)", "0-0:96.1.1(%s)" % number, "1-0:1.8.1(001234.567*kWh)", "0-0:96.14.0(0002)")
    lines += ("1-0:1.7.0(0001.846*kW)", "1-0:99.97.0(1)(0-0:96.7.19)(231208152415W)(0000000240*s)")
    lines += ("0-0:96.13.0(%s)" % message, "0-1:96.1.0(%s)" % number, "0-1:24.2.1(240715120000S)(00123.456*m3)")
    return p1(lines, ident="ELL5" + ident, check=check)


def test_a_telegrams_identifiers_and_messages_are_masked_and_all_else_stays():
    for check in ("%04X", "%04x", ""):
        for number in ("4530303132333435", "123", "SYN-1", "00123456789"):
            data = telegram(number=number, check=check)
            after = masked(data)
            want = telegram("\\000000000_A", "0" * len(number), check, message="0" * 10)
            # A check without letters does not tell in which case they would be.
            assert after == want or (data[-6:-2].isdigit() and after.lower() == want.lower())
            assert outcome(after, Receiver("p1", unchecked=True))[1] == {}
    for n in range(140):  # wherever a step ends
        lines = ("1-0:0.2.8(%s)" % ("-" * n),)
        assert masked(telegram(number="-1", lines=lines)) == telegram(
            "\\000000000_A", "00", lines=lines, message="0" * 10
        )


def test_words_of_six_decimals_or_eight_digits_are_numbers_and_shorter_ones_are_none():
    for word in ("12345", "A1B2C3D", "E360ZE360"):
        assert masked(p1(("1-0:1.2.3(%s)" % word,))) == p1(("1-0:1.2.3(%s)" % word,))
    for word in ("123456", "A123456", "ABCDEF01", "abcdef01"):
        assert masked(p1(("1-0:1.2.3(%s)" % word,))) == p1(("1-0:1.2.3(%s)" % ("0" * len(word)),))
    # Its maker's letters are a part of no word.
    assert masked(p1((), ident="ABC123456")) == p1((), ident="ABC000000")


def test_a_time_in_another_form_stays():
    data = p1(("0-0:1.0.0(20240111 09:35:00)", "1-0:1.7.0(0001.846*kW)"))
    assert masked(data) == data


def test_a_check_of_fewer_digits_may_need_more():
    shorter = 0
    for i in range(200):
        data = telegram(number="%08d" % (i * 34567), check="%X")
        shorter += len(data) < len(telegram())
        after = masked(data)
        assert len(outcome(after, Receiver("p1"))[0]) == 1, after
    assert shorter > 5


def test_a_damaged_telegrams_numbers_are_masked():
    data = telegram()
    place = data.index(b"96.1.1(4530") + 7
    for wrong in range(place, place + 16):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[wrong] ^= 1 << bit
            after = masked(damaged)
            for start in range(11):
                assert data[place + start : place + start + 6] not in after, (wrong, bit)
            assert outcome(after, Receiver("p1"))[0] == []


def test_random_bytes_never_raise_and_no_frame_becomes_intact():
    numbers = Numbers(20260115)
    frames = [frame for _, frame, _ in golden()]
    frames += [bytes.fromhex(entry["hex"]) for entry in nordics() if entry["link"] in ("hdlc", "mbus", "p1")]
    for _ in range(150):
        data = bytearray()
        while len(data) < 600:
            frame = frames[numbers.below(len(frames))]
            start = numbers.below(len(frame)) if numbers.below(2) else 0
            data += frame[start : start + numbers.below(2 * len(frame))]
            for _ in range(numbers.below(20)):
                data.append(numbers.below(256))
        for _ in range(numbers.below(6)):
            data[numbers.below(len(data))] ^= 1 << numbers.below(8)
        before, after = Receiver("line"), Receiver("line")
        readings = outcome(data, before)[0]
        assert len(outcome(masked(data), after)[0]) == len(readings)
        assert before.frames == after.frames
