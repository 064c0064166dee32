"""Decoding takes no heap: from the first byte to the filled Reading. Only MicroPython can lock its heap.

A maker's module is imported when its first list comes, so that each receiver sees one before the lock.
"""

import gc

import micropython

from frames import blocks, hdlc, p1, segments
from hanport import Reading, Receiver
from vectors import danish, golden, nordics, receiver_for


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


def _decode(receiver, reading, data):
    receiver.feed(data)
    while receiver.next(reading):
        pass


def _cut(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_no_norwegian_frame_takes_heap_in_any_pieces():
    for link in ("hdlc", "line", "auto"):
        receiver = Receiver(link)
        reading = Reading()
        for name, frame, expected in golden():
            _decode(receiver, reading, frame)
            for size in (1, 7, len(frame)):
                assert _decode_locked(receiver, reading, _cut(frame, size)) == 1, (name, size)
                assert reading.as_dict() == expected, name


def test_the_first_frames_take_no_heap_where_no_makers_module_is_wanted():
    for name, frame, expected in golden():
        if "list_version" not in expected:
            receiver = Receiver("line")
            reading = Reading()
            assert _decode_locked(receiver, reading, _cut(frame, 7)) == 1, name


def test_no_frame_of_another_link_or_country_takes_heap_encrypted_ones_included():
    seen = set()
    for entry in nordics():
        # The same frame again and again, which a verified tag would refuse.
        entry.pop("authentication_key", None)
        for link in (entry["link"], "line"):
            receiver = receiver_for(entry, link)
            reading = Reading()
            data = bytes.fromhex(entry["hex"])
            _decode(receiver, reading, data)
            for size in (1, 7, len(data)):
                assert _decode_locked(receiver, reading, _cut(data, size)) == 1, (entry["name"], size)
                assert reading.as_dict() == entry["expected"], entry["name"]
        seen.add((entry["link"], "key" in entry))
    assert seen == {("hdlc", False), ("hdlc", True), ("mbus", True), ("p1", False)}


def test_verifying_a_tag_takes_no_heap():
    entries = danish()
    for size in (1, 7, 491):
        receiver = receiver_for(entries[0])
        reading = Reading()
        _decode(receiver, reading, bytes.fromhex(entries[0]["hex"]))
        for entry in entries[1:]:
            assert _decode_locked(receiver, reading, _cut(bytes.fromhex(entry["hex"]), size)) == 1
            assert reading.as_dict() == entry["expected"]
        # Refused ones neither.
        assert _decode_locked(receiver, reading, _cut(bytes.fromhex(entries[0]["hex"]), size)) == 0
        assert receiver.counters["replayed"] == 1


def test_segments_blocks_and_unknown_lists_take_no_heap():
    power = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B "
    known = "0F 40000000 00 01 01 " + power
    unknown = "0F 40000000 00 01 02 02 02 09 06 0101000281FF 0A 04 4E45575F " + power
    telegram = p1(("1-0:1.7.0(0001.661*kW)", "1-0:2.7.0(abc)", "0-0:1.0.0(240115120010W)"))
    receiver = Receiver("line")
    reading = Reading()
    for data in (b"".join(segments(known, 5, 20)), b"".join(blocks(known, 9)), hdlc(unknown), telegram):
        _decode(receiver, reading, data)
        for size in (1, 7, len(data)):
            assert _decode_locked(receiver, reading, _cut(data, size)) == 1, data


def test_damaged_frames_take_no_heap():
    receiver = Receiver("line")
    reading = Reading()
    for name, frame, _expected in golden():
        _decode(receiver, reading, frame)
        damaged = bytearray(frame)
        damaged[len(frame) // 2] ^= 1
        cut = frame[: len(frame) // 2]
        pieces = _cut(bytes(damaged) + cut + b"/XYZ5 ~h\x10\x10h" + frame, 7)
        assert _decode_locked(receiver, reading, pieces) == 1, name


def _left_over(receiver, reading, pieces):
    """Bytes of heap that decoding has taken and not given back."""
    feed = receiver.feed
    following = receiver.next
    gc.collect()
    before = gc.mem_alloc()
    for piece in pieces:
        feed(piece)
        while following(reading):
            pass
    return gc.mem_alloc() - before


def test_nothing_is_left_on_the_heap_without_the_lock_either():
    # Where a locked heap makes MicroPython use the stack, an open one may serve: it must be given back.
    for name, frame, _expected in golden():
        receiver = Receiver("line")
        reading = Reading()
        _decode(receiver, reading, frame)
        for size in (7, len(frame)):
            assert _left_over(receiver, reading, _cut(frame, size)) == 0, (name, size)


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
