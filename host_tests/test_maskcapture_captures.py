"""Real captures, masked: they read the same but for the meters' numbers, and none of these is left."""

import json

import pytest

from conftest import SHARED
from frames import hdlc
from test_maskcapture_meters import SHOWN, decoded, masked

FRAMES = json.loads((SHARED / "captures" / "frames.json").read_text())
STREAMS = json.loads((SHARED / "captures" / "streams.json").read_text())
LARGEST = 8192  # bytes that a dongle keeps


def _is_shown(number, after):
    """Is more than a few of its characters, but for zeros, left in a row?"""
    runs = {number[start : start + SHOWN + 1] for start in range(len(number) - SHOWN)}
    return any(run.strip("0") and run.encode() in after for run in runs)


def _assert_reads_the_same(data):
    """Returns the numbers that were read of it before."""
    readings, counters, numbers = decoded(data)
    after = masked(data)
    again, counters_again, zeros = decoded(after)
    assert again == readings and counters_again == counters
    assert {number and number.strip("0") for number in zeros} <= {"", None}
    return after, {str(number) for number in numbers if number}


@pytest.mark.parametrize("entry", FRAMES, ids=lambda entry: entry["id"])
def test_a_captured_frame_reads_the_same(entry):
    data = bytes.fromhex(entry["hex"])
    if entry["transport"] == "llc":
        data = hdlc(data, llc="")
    after, numbers = _assert_reads_the_same(data)
    assert not any(_is_shown(number, after) for number in numbers)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream["file"])
def test_a_captured_stream_reads_the_same(stream):
    """In pieces as a dongle keeps them, whatever they begin and end with."""
    data = (SHARED / "captures" / stream["file"]).read_bytes()
    numbers = set()
    pieces = []
    for start in range(0, len(data), LARGEST):
        after, found = _assert_reads_the_same(data[start : start + LARGEST])
        pieces.append(after)
        numbers |= found
    assert numbers
    assert not any(_is_shown(number, after) for number in numbers for after in pieces)
