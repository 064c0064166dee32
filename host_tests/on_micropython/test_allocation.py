"""Decoding takes no heap: from the first byte to the filled Reading. Only MicroPython can lock its heap."""

import micropython
from vectors import golden

from hanport import Reading, Receiver


def _decode_locked(receiver, reading, pieces):
    """How many readings come of the pieces, while every allocation is an error."""
    found = 0
    micropython.heap_lock()
    try:
        for piece in pieces:
            receiver.feed(piece, len(piece))
            while receiver.next(reading):
                found += 1
    finally:
        micropython.heap_unlock()
    return found


def _cut(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_no_frame_takes_heap_in_any_pieces_from_the_very_first():
    for link in ("hdlc", "auto"):
        receiver = Receiver(link)
        reading = Reading()
        for name, frame, expected in golden():
            for size in (1, 7, len(frame)):
                assert _decode_locked(receiver, reading, _cut(frame, size)) == 1, (name, size)
                assert reading.as_dict() == expected, name


def test_damaged_frames_take_no_heap():
    receiver = Receiver("hdlc")
    reading = Reading()
    frames = golden()
    for name, frame, _expected in frames:
        damaged = bytearray(frame)
        damaged[len(frame) // 2] ^= 1
        cut = frame[: len(frame) // 2]
        pieces = _cut(bytes(damaged) + cut + frame, 7)
        assert _decode_locked(receiver, reading, pieces) == 1, name


def test_the_heap_lock_bites():
    micropython.heap_lock()
    try:
        bytearray(100)
        caught = False
    except MemoryError:
        caught = True
    finally:
        micropython.heap_unlock()
    assert caught
