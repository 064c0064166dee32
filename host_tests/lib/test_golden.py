"""The golden frames in the repository: vendor documents' examples, constructed ones, the simulated meter's."""

import damage
from hanport import Receiver
from vectors import decode, golden


def test_every_golden_frame_gives_its_values_in_any_pieces():
    for name, frame, expected in golden():
        damage.check_pieces(name, frame, expected)


def test_no_cut_golden_frame_gives_a_reading_and_the_next_one_does():
    for name, frame, expected in golden():
        damage.check_cuts(name, frame, expected)


def test_no_golden_frame_with_a_flipped_bit_gives_a_reading():
    for name, frame, expected in golden():
        damage.check_flips(name, frame, expected)


def test_a_stream_of_all_golden_frames_gives_all_readings():
    frames = golden()
    stream = b"".join(frame for _name, frame, _expected in frames)
    for chunk in (1, 7, 64, 3000, len(stream)):
        assert decode(stream, chunk) == [expected for _name, _frame, expected in frames], chunk


def test_frames_that_share_a_flag_are_all_read():
    frames = golden()
    stream = b"".join(frame[:-1] for _name, frame, _expected in frames) + b"\x7e"
    assert decode(stream, 7) == [expected for _name, _frame, expected in frames]


def test_a_golden_frame_without_its_link_is_read_as_a_dump():
    for name, frame, expected in golden():
        llc = frame[frame.find(b"\xe6\xe7\x00") : -3]
        assert decode(llc, receiver=Receiver("auto")) == [expected], name
        assert decode(llc, 7, Receiver("llc")) == [expected], name
        apdu = llc[3:]
        assert decode(apdu, receiver=Receiver("auto")) == [expected], name
        assert decode(apdu, receiver=Receiver("apdu")) == [expected], name


def test_auto_never_takes_a_frames_inside_for_a_dump():
    for name, frame, _expected in golden():
        for start in range(1, len(frame)):
            assert decode(frame[start:], receiver=Receiver("auto")) == [], (name, start)
