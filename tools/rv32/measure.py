"""Runs on the bare-metal MicroPython: what decoding one frame takes, in executed instructions and bytes of heap."""

import gc
import json

import cryptolib
from instret import COST, instret

_SIZE = 4096  # the receive buffer
_LENT = 1024  # the buffer that the UART is read into, always the same one
_PIECE = 6  # bytes that come in 25 ms at 2400 baud


def main(frames, options):
    """Print as JSON what the last frame gives, and what it takes, to a Receiver with these options.

    Of the two before it one imports what is needed, and the other comes in small pieces.
    """
    nothing = _heap()
    from hanport import Reading, Receiver

    def decoder():
        return Receiver(size=_SIZE, **options), Reading()

    receiver, reading = decoder()
    found = _instructions(receiver, reading, frames)
    one = _heap()
    another = decoder()
    two = _heap()
    found.update({"code": one - nothing - (two - one), "data": two - one, "reading": reading.as_dict()})
    print(json.dumps(found))
    return another  # which must live until it is measured


def _instructions(receiver, reading, frames):
    first, second, third = frames
    lent = bytearray(_LENT)
    _decode(receiver, reading, lent, (first[:-1], first[-1:]))
    pieces = _decode(receiver, reading, lent, [second[i : i + _PIECE] for i in range(0, len(second), _PIECE)])
    begun, ended = _decode(receiver, reading, lent, (third[:-1], third[-1:]))
    return {"whole": begun + ended, "after": ended, "pieces": sum(pieces)}


def _decode(receiver, reading, lent, pieces):
    """Instructions that feed() and next() execute for each of the pieces, the last of which completes the reading."""
    now = instret
    taken = []
    gc.collect()
    for i in range(len(pieces)):
        piece = pieces[i]
        size = len(piece)
        lent[:size] = piece
        spent = cryptolib.spent[0]
        start = now()
        receiver.feed(lent, size)
        found = receiver.next(reading)
        end = now()
        if found != (i == len(pieces) - 1):
            raise ValueError(f"next() is {found} after {i + 1} of {len(pieces)} pieces")
        taken.append(end - start - COST - (cryptolib.spent[0] - spent))
    return taken


def _heap():
    gc.collect()
    return gc.mem_alloc()
