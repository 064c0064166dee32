"""What every frame must stand: any pieces, any cut, any single flipped bit."""

from hanport import Reading, Receiver
from vectors import decode

# An intact frame to come after a damaged one (Aidon's list 1 by its interface description; 1846 W).
_NEXT = bytes.fromhex("7EA02A410883130413E6E7000F40000000000101020309060100010700FF060000073602020F00161B27357E")


def check_pieces(name, frame, expected):
    for chunk in (1, 7, len(frame)):
        assert decode(frame, chunk) == [expected], (name, chunk)


def check_cuts(name, frame, expected):
    """A frame cut anywhere gives no reading, and the intact one behind it is there with its last byte."""
    receiver = Receiver("hdlc")
    reading = Reading()
    for cut in range(1, len(frame)):
        receiver.reset()
        receiver.feed(frame, cut)
        assert not receiver.next(reading), (name, cut)
        receiver.feed(_NEXT, len(_NEXT))
        assert receiver.next(reading), (name, cut)
        if cut == len(frame) - 1:
            # Only the closing flag is missing, and the next frame's opening flag stands for it.
            assert reading.as_dict() == expected, name
            assert receiver.next(reading), name
        assert reading.as_dict() == {"power_import_w": 1846}, (name, cut)
        assert not receiver.next(reading), (name, cut)
        receiver.reset()
        tail = frame[cut:]
        receiver.feed(tail, len(tail))
        assert not receiver.next(reading), (name, -cut)


def check_flips(name, frame, expected):
    """A frame with one wrong bit gives no reading."""
    receiver = Receiver("hdlc")
    reading = Reading()
    damaged = bytearray(frame)
    for place in range(len(frame)):
        for bit in range(8):
            damaged[place] ^= 1 << bit
            receiver.reset()
            receiver.feed(damaged, len(damaged))
            assert not receiver.next(reading), (name, place, bit)
            damaged[place] ^= 1 << bit
    assert decode(damaged) == [expected], name
