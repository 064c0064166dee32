"""Every frame of the facts sheet's chapter on Norway."""

import damage
from vectors import sheet_frames


def test_every_frame_of_the_sheet_gives_its_values_in_any_pieces():
    frames = sheet_frames()
    assert len(frames) == 25
    for name, frame, expected in frames:
        damage.check_pieces(name, frame, expected)


def test_no_cut_frame_of_the_sheet_gives_a_reading_and_the_next_one_does():
    for name, frame, expected in sheet_frames():
        damage.check_cuts(name, frame, expected)


def test_no_frame_of_the_sheet_with_a_flipped_bit_gives_a_reading():
    for name, frame, expected in sheet_frames():
        damage.check_flips(name, frame, expected)
