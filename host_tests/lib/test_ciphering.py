"""Encryption: the published check vector, and what is refused for which reason."""

from frames import again, hdlc, mbus, p1
from hanport import Receiver
from hanport.gcm import Gcm
from vectors import danish, decode, nordics, outcome, receiver_for

# DLMS UA's vector (Green Book, 9.2.7.2.4).
_KEY = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
_AUTH_KEY = bytes.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF")
_TITLE = bytes.fromhex("4D4D4D0000BC614E")
_COUNTER = bytes.fromhex("01234567")
_PLAIN = bytes.fromhex("C0010000080000010000FF0200")
_SEALED = bytes.fromhex("411312FF935A47566827C467BC")
_TAG_30 = bytes.fromhex("7D825C3BE4A77C3FCC056B6B")
_TAG_10 = bytes.fromhex("06725D910F9221D263877516")

_TITLE_AT = 13  # in a Danish frame: flag, format, two addresses, control, HCS, LLC, DB 08
# A Data-Notification of a list 1.
_POWER = bytes.fromhex("0F40000000000201060000067D")


def _outcome(frames, receiver):
    return outcome(b"".join(frames), receiver, 50)


def _danish():
    return [(bytes.fromhex(entry["hex"]), entry["expected"]) for entry in danish()]


def _receiver(**options):
    key = bytes.fromhex(danish()[0]["key"])
    auth_key = bytes.fromhex(danish()[0]["authentication_key"])
    options.setdefault("key", key)
    options.setdefault("auth_key", auth_key)
    return Receiver("hdlc", **options)


def test_the_published_vector_is_decrypted():
    gcm = Gcm(_KEY)
    gcm.begin(_TITLE, 0, _COUNTER, 0)
    text = bytearray(b"..." + _SEALED)
    gcm.crypt(text, 3, len(text))
    assert text[3:] == _PLAIN


def test_the_published_tags_are_right_and_no_others():
    clear = b"\x10" + _AUTH_KEY + _PLAIN
    for additional, sealed, tag in ((b"\x30" + _AUTH_KEY, _SEALED, _TAG_30), (clear, b"", _TAG_10)):
        for bit in range(-1, 96):
            claimed = bytearray(tag)
            if bit >= 0:
                claimed[bit >> 3] ^= 1 << (bit & 7)
            gcm = Gcm(_KEY)
            gcm.begin(_TITLE, 0, _COUNTER, 0)
            gcm.hash(additional, 0, len(additional))
            gcm.hash(sealed, 0, len(sealed))
            assert bool(gcm.tag_differs(len(additional), len(sealed), claimed, 0, 12)) == (bit >= 0)


def test_a_text_of_any_length_is_decrypted():
    # The keystream does not depend on where the text ends.
    long = bytearray(400)
    gcm = Gcm(_KEY)
    gcm.begin(_TITLE, 0, _COUNTER, 0)
    gcm.crypt(long, 0, 400)
    for n in (1, 15, 16, 17, 63, 64, 65, 399):
        short = bytearray(n + 5)
        gcm.crypt(short, 0, n)
        assert short == long[:n] + bytes(5), n


def test_a_danish_meter_is_read_with_both_keys_and_with_one():
    frames = _danish()
    for options in ({}, {"auth_key": None}):
        readings, reasons = _outcome([frame for frame, _expected in frames], _receiver(**options))
        assert readings == [expected for _frame, expected in frames]
        assert reasons == {}


def test_without_a_key_and_with_a_wrong_one_there_is_a_reason_and_no_reading():
    frame = _danish()[0][0]
    assert _outcome([frame], _receiver(key=None, auth_key=None)) == ([], {"no_key": 1})
    for options in ({}, {"auth_key": None}):
        assert _outcome([frame], _receiver(key=_KEY, **options)) == ([], {"wrong_key": 1})


def test_a_wrong_authentication_key_is_a_wrong_tag():
    assert _outcome([_danish()[0][0]], _receiver(auth_key=_AUTH_KEY)) == ([], {"wrong_tag": 1})


def test_no_flipped_bit_gets_past_the_tag():
    frame = bytearray(_danish()[0][0])
    receiver = _receiver()
    for place in range(_TITLE_AT, len(frame) - 3, 5):
        frame[place] ^= 1 << (place % 8)
        assert decode(again(frame), None, receiver) == [], place
        frame[place] ^= 1 << (place % 8)
    assert receiver.counters["wrong_tag"] + receiver.counters["wrong_key"] > 80
    assert decode(again(frame), None, receiver) == [_danish()[0][1]]


def test_a_repeated_and_a_falling_counter_are_refused_under_a_verified_tag():
    (one, first), (two, second), (three, third) = _danish()
    assert _outcome([one, one, two, one, three], _receiver()) == ([first, second, third], {"replayed": 2})


def test_without_a_verified_tag_a_repeated_counter_is_only_counted():
    (one, first), (two, second), _three = _danish()
    assert _outcome([two, one, one], _receiver(auth_key=None)) == ([second, first, first], {"replayed": 2})


def test_three_verified_frames_that_rise_begin_the_count_anew():
    # As after the meter was reset: seen late, then from the beginning.
    (one, first), (two, second), (three, third) = _danish()
    receiver = _receiver()
    assert _outcome([three], receiver)[0] == [third]
    readings, reasons = _outcome([one, two, three], receiver)
    assert readings == [third]
    assert reasons == {"replayed": 2}
    # And now it goes on from there.
    assert _outcome([three], receiver)[0] == []
    # Two that do not rise between them are no beginning.
    receiver = _receiver()
    assert _outcome([three, one, one, one, two], receiver)[0] == [third]


def test_a_frame_without_tag_cannot_spoil_the_count_of_verified_ones():
    (one, first), (two, second), _three = _danish()
    # The highest counter there is; without a tag it says nothing.
    title = one[_TITLE_AT : _TITLE_AT + 8]
    key = bytes.fromhex(danish()[0]["key"])
    untagged = hdlc(_seal(_POWER, counter=b"\xff\xff\xff\xff", key=key, title=title))
    readings, reasons = _outcome([one, untagged, two], _receiver())
    assert readings == [first, {"power_import_w": 1661}, second]
    assert reasons == {}


def test_another_meter_begins_a_count_of_its_own():
    # Without a tag, for which a frame of each would have to be sealed: counted, but not refused.
    late = hdlc(_seal(_POWER, counter=b"\x00\x00\x10\x00"))
    early = hdlc(_seal(_POWER, counter=b"\x00\x00\x00\x01"))
    other = hdlc(_seal(_POWER, counter=b"\x00\x00\x00\x01", title=b"ANOTHER1"))
    for frames, replayed in (([late, early], 1), ([late, other], 0), ([late, other, late], 0), ([other, other], 1)):
        receiver = Receiver("hdlc", key=_KEY)
        readings, reasons = _outcome(frames, receiver)
        assert len(readings) == len(frames)
        assert reasons.get("replayed", 0) == replayed


def test_every_form_of_the_length_is_understood():
    entry = [one for one in nordics() if one["name"] == "KAM-DOC-1, security control 30"][0]
    frame = bytes.fromhex(entry["hex"])
    apdu = frame[frame.index(b"\xdb\x08") : -3]
    body = apdu[13:]  # behind 82 00 E7
    n = len(body)
    for form in (bytes((0x81, n)), bytes((0x82, 0, n)), bytes((0x83, 0, 0, n)), bytes((0x84, 0, 0, 0, n))):
        assert decode(hdlc(apdu[:10] + form + body), None, receiver_for(entry)) == [entry["expected"]], form
    for form in (bytes((0x81, n - 1)), bytes((0x82, 1, n)), b"\x80", b"\x85\0\0\0\0\xe7", b"\x7f"):
        receiver = receiver_for(entry)
        assert _outcome([hdlc(apdu[:10] + form + body)], receiver) == ([], {"malformed": 1}), form


def test_envelopes_that_are_not_ours_are_refused():
    entry = [one for one in nordics() if one["name"] == "KAM-DOC-1, security control 20"][0]
    frame = bytearray(bytes.fromhex(entry["hex"]))
    control = frame.index(b"\xdb\x08") + 13
    for value, reason in ((0x00, "unknown_apdu"), (0xA0, "unknown_apdu"), (0x22, "unknown_apdu"), (0x21, None)):
        frame[control] = value
        readings, reasons = _outcome([again(frame)], receiver_for(entry))
        assert reasons == ({reason: 1} if reason else {}), value
        assert len(readings) == (0 if reason else 1)
    for short in (
        "DB 08 4B414D4500000001 05 30 00000001",
        "DB 08 4B414D45",
        "DB",
        "DB 07 4B414D45000000 05 30 0000000100",
    ):
        assert _outcome([hdlc(short)], receiver_for(entry)) == ([], {"malformed": 1}), short


def _seal(plain, counter=_COUNTER, key=_KEY, title=_TITLE):
    """An envelope without tag, made with our own counter mode, which the published vector has proved."""
    gcm = Gcm(key)
    gcm.begin(title, 0, counter, 0)
    text = bytearray(plain)
    gcm.crypt(text, 0, len(text))
    size = 5 + len(text)
    return b"\xdb\x08" + title + bytes((0x82, size >> 8, size & 0xFF, 0x20)) + counter + bytes(text)


def test_a_telegram_in_an_envelope_is_read_when_its_check_is_right():
    telegram = p1(("1-0:1.7.0(0001.661*kW)",))
    expected = {"p1_ident": "XXX5\\TEST", "power_import_w": 1661}
    for plain in (telegram, telegram[:-2]):
        for frames in ([hdlc(_seal(plain))], mbus(_seal(plain), 20)):
            receiver = Receiver("line", key=_KEY)
            assert _outcome(frames, receiver) == ([expected], {}), plain
    wrong = telegram.replace(b"1.661", b"1.662")
    receiver = Receiver("line", key=_KEY)
    assert _outcome([hdlc(_seal(wrong))], receiver) == ([], {"malformed": 1})


def test_a_plaintext_of_anything_else_is_a_wrong_key():
    for plain in (
        b"\xc0\x01\x00\x00\x08\x00\x00\x01\x00\x00\xff\x02\x00",
        b"\x0f\x40\x00\x00\x00\x55\x00\x00\x00",
        b"/1",
    ):
        receiver = Receiver("hdlc", key=_KEY)
        assert _outcome([hdlc(_seal(plain))], receiver) == ([], {"wrong_key": 1}), plain
    inner = _seal(b"\x0f\x40\x00\x00\x00\x00\x02\x01\x06\x00\x00\x00\x01")
    receiver = Receiver("hdlc", key=_KEY)
    assert _outcome([hdlc(_seal(inner, counter=b"\x00\x00\x00\x01"))], receiver) == ([], {"wrong_key": 1})


def test_keys_of_another_size_are_errors():
    for keys in ({"key": b"short"}, {"key": b""}, {"key": _KEY, "auth_key": _KEY + b"x"}):
        try:
            Receiver("hdlc", **keys)
        except ValueError as error:
            assert "16 bytes" in str(error)
        else:
            raise AssertionError(keys)


def test_an_authentication_key_alone_is_an_error():
    try:
        Receiver("hdlc", auth_key=_AUTH_KEY)
    except ValueError as error:
        assert "both keys" in str(error)
    else:
        raise AssertionError("no error")


# Keys in the wrong one of two fields


def _swapped(**options):
    entry = danish()[0]
    return _receiver(key=bytes.fromhex(entry["authentication_key"]), auth_key=bytes.fromhex(entry["key"]), **options)


def test_keys_entered_the_wrong_way_round_open_every_frame_and_prove_its_tag():
    frames = _danish()
    receiver = _swapped()
    assert _outcome([frame for frame, _ in frames], receiver) == ([expected for _, expected in frames], {})
    # What comes again is refused, as only a verified tag allows it to be.
    assert _outcome([frames[0][0]], receiver) == ([], {"replayed": 1})


def test_each_security_control_is_opened_with_the_keys_swapped():
    for entry in nordics():
        if "authentication_key" in entry:
            receiver = _receiver(key=bytes.fromhex(entry["authentication_key"]), auth_key=bytes.fromhex(entry["key"]))
            assert decode(bytes.fromhex(entry["hex"]), None, receiver) == [entry["expected"]], entry["name"]


def test_two_wrong_keys_are_wrong_however_often_and_right_ones_are_never_swapped():
    frame, expected = _danish()[0]
    wrong = _receiver(key=bytes(16), auth_key=_KEY)
    assert _outcome([frame] * 6, wrong) == ([], {"wrong_key": 6})
    right = _receiver()
    damaged = bytearray(frame)
    damaged[40] ^= 1
    assert _outcome([frame, again(damaged)], right) == ([expected], {"wrong_tag": 1})


def test_with_one_key_wrong_the_reason_is_that_keys():
    frame = _danish()[0][0]
    assert _outcome([frame], _receiver(auth_key=bytes(16))) == ([], {"wrong_tag": 1})
    assert _outcome([frame], _receiver(key=bytes(16))) == ([], {"wrong_key": 1})
