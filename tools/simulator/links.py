"""How a message goes over the line: as HDLC frames, as M-Bus frames, or as it is.

Each link has `wrap(message)`, the bytes on the wire.
"""

import struct
from typing import NamedTuple

from simulator.checks import mbus_sum, x25
from simulator.encoding import length

FLAG = b"\x7e"
LLC_HEADER = b"\xe6\xe7\x00"
FORMAT_TYPE_3 = 0xA000
SEGMENTED = 0x0800
POLL_FINAL = 0x10
GENERAL_BLOCK_TRANSFER = 0xE0
LAST_BLOCK = 0x80
STREAMING = 0x40
FINAL_SEGMENT = 0x10


def cut(data, size):
    """The data in pieces of `size` bytes, the last one with what is left."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def address(*parts):
    """An HDLC address of 7-bit parts; the lowest bit marks the last byte (ISO/IEC 13239, 4.7.1)."""
    return bytes(part << 1 for part in parts[:-1]) + bytes((parts[-1] << 1 | 1,))


def checked(data):
    """The bytes and their check sequence, low byte first."""
    return data + struct.pack("<H", x25(data))


def general_blocks(pieces):
    """The APDUs of a general block transfer, streamed without windows (Green Book 9.4.6.13, as L+G's E450)."""
    blocks = []
    for number, piece in enumerate(pieces, 1):
        control = STREAMING | (LAST_BLOCK if number == len(pieces) else 0)
        header = struct.pack(">BBHH", GENERAL_BLOCK_TRANSFER, control, number, 0)
        blocks.append(header + length(len(piece)) + piece)
    return blocks


class Hdlc(NamedTuple):
    """HDLC frame format type 3 (IEC 62056-46, ISO/IEC 13239), without byte stuffing.

    The addresses are tuples of 7-bit parts. A message goes in one frame; with `segment_size` in segments of so
    many bytes of information; with `block_size` in blocks of so many bytes, each in a frame of its own. With
    `shares_flags` the flag that ends a frame begins the next one.
    """

    destination: tuple
    source: tuple
    control: int
    segment_size: int = 0
    block_size: int = 0
    shares_flags: bool = False

    def wrap(self, message):
        frames = self._frames(message)
        if self.shares_flags:
            return FLAG + b"".join(frame[len(FLAG) :] for frame in frames)
        return b"".join(frames)

    def _frames(self, message):
        if self.block_size:
            blocks = general_blocks(cut(message, self.block_size))
            return [self.frame(LLC_HEADER + blocks[0]), *(self.frame(block) for block in blocks[1:])]
        information = LLC_HEADER + message
        *others, last = cut(information, self.segment_size or len(information))
        return [*(self.frame(piece, SEGMENTED) for piece in others), self.frame(last)]

    def frame(self, information, segmented=0):
        """A frame, flag to flag. Its length counts all between the flags; before the last segment, the
        control field has no final bit, as seen on Iskra's IE.5."""
        addresses = address(*self.destination) + address(*self.source)
        size = 2 + len(addresses) + 1 + 2 + len(information) + 2
        control = self.control & ~POLL_FINAL if segmented else self.control
        header = struct.pack(">H", FORMAT_TYPE_3 | segmented | size) + addresses + bytes((control,))
        return FLAG + checked(checked(header) + information) + FLAG


class MBus(NamedTuple):
    """Long frames of the wired M-Bus (EN 13757-2), whose parts carry up to `part_size` bytes of the message.

    The control information tells the part's number and whether it is the last one (EN 13757-3's transport
    layer, after the message's two access points).
    """

    control: int = 0x53
    address: int = 0xFF
    access_points: bytes = b"\x01\x67"
    part_size: int = 245

    shares_flags = False

    def wrap(self, message):
        parts = cut(message, self.part_size)
        return b"".join(self.frame(number, part, number == len(parts) - 1) for number, part in enumerate(parts))

    def frame(self, number, part, is_last):
        """One frame. Sagemcom's 257 bytes do not fit the length's byte, which then says 1."""
        information = number & 0x0F | (FINAL_SEGMENT if is_last else 0)
        body = bytes((self.control, self.address, information)) + self.access_points + part
        size = len(body) & 0xFF
        return bytes((0x68, size, size, 0x68)) + body + bytes((mbus_sum(body), 0x16))


class Bare(NamedTuple):
    """Nothing around the message: P1 telegrams bring their own beginning and end."""

    shares_flags = False

    def wrap(self, message):
        return message
