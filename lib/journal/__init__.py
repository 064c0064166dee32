"""journal: an append-only ring of fixed records on littlefs, found again after any power cut.

A record is its payload, its sequence number and the CRC-32 of both, little endian. Records lie in segments, files
that are named by the sequence number of their first record and together are the ring: the oldest is removed whole.
"""

# Why segments, and not one file of fixed size that is written around: of a littlefs file, a list of blocks each of
# which points at those before it, nothing can be changed but at its end. A record in the middle of 28 blocks writes
# all blocks behind it anew, 28 erases. At the end it writes the last block anew, one erase.

import binascii
import os
import struct

_NAME = "/%d.seg"
_NUMBER = "<I"
_CHECKED_SIZE = 8  # sequence number and CRC
_SIZE = 6  # of a file, in what os.stat() tells
# What the CRC-32 of anything is with its own CRC-32, little endian, behind it.
_RESIDUE = 0x2144DF1C
# Sequence numbers stay integers that take no heap: at two records an hour for 61,000 years.
_NUMBERS_END = (1 << 30) - 1


class Journal:
    """Records of `payload_size` bytes in this folder, in at most `segments` files of `records_per_segment` records.

    The last (segments - 1) * records_per_segment records are kept for certain, but for what damage costs. A segment
    that fits a block of the flash costs one erase a record. Both sizes are for life: others do not find the records.

    `last_seq` is the highest sequence number that was given, 0 before the first, and so how many blocks the journal
    has erased in its life, but for a few; None until replay() has come to its end. `damaged` is how many records
    replay() has found damaged, a file that could not be read being one. It is not made for two threads.
    """

    def __init__(self, folder, payload_size, records_per_segment, segments):
        self.last_seq = None
        self.damaged = 0
        self._folder = folder
        self._payload_size = payload_size
        self._per_segment = records_per_segment
        self._segments = segments
        self._firsts = ()  # the segments' first sequence numbers, rising
        self._room = 0  # records that the newest segment still takes

    def replay(self):
        """Find everything again: yields (sequence number, payload) of each record, in order.

        It must come to its end before anything else is called; between two records others may have their turn. The
        payload is lent, until the next one. Whatever lies in the folder, OSError is raised only when the folder can
        be neither read nor made.
        """
        record, payload = self._buffer()
        self._firsts = firsts = self._find()
        self.damaged = seq = room = 0
        for first, following in zip(firsts, firsts[1:] + [_NUMBERS_END]):
            seq = first - 1
            last = min(first + self._per_segment, following) - 1
            try:
                with open(self._path(first), "rb") as file:
                    while seq < last:
                        length = file.readinto(record)
                        if not length:
                            break
                        seq += 1
                        if self._is_good(record, length, seq):
                            yield seq, payload
                        else:
                            self.damaged += 1
            except OSError:
                self.damaged += 1
                seq = last  # what cannot be read now keeps its numbers
            room = first + self._per_segment - 1 - seq
        self.last_seq, self._room = seq, room

    def append(self, payload):
        """Write a record; returns its sequence number. It is safe when this returns: on littlefs, closing syncs.

        Raises OSError when the flash refuses. As after a power cut a start may then find it or not, and it is gone
        with the next one, which gets its number.
        """
        if len(payload) != self._payload_size:
            raise ValueError("payload")
        seq = self.last_seq + 1
        record = bytes(payload) + struct.pack(_NUMBER, seq)
        record += struct.pack(_NUMBER, binascii.crc32(record))
        mode = "ab"
        if not self._room or not self._fits(seq):
            self._begin(seq)
            mode = "wb"
        with open(self._path(self._firsts[-1]), mode) as file:
            file.write(record)
        self.last_seq = seq
        self._room -= 1
        return seq

    def records(self, after_seq):
        """Yields (sequence number, payload) of the records above a sequence number, in order, the damaged left out.

        Meanwhile others may append; it goes on to what they have appended. The payload is lent, until the next one.
        """
        record, payload = self._buffer()
        seq = after_seq + 1
        while seq <= self.last_seq:
            first, following = 0, self.last_seq + 1
            for number in self._firsts:
                if number > seq:
                    following = number
                    break
                first = number
            length = self._read(first, seq - first, record)
            if not length:
                seq = following
                continue
            if self._is_good(record, length, seq):
                yield seq, payload
            seq += 1

    def _buffer(self):
        record = bytearray(self._payload_size + _CHECKED_SIZE)
        return record, memoryview(record)[: self._payload_size]

    def _path(self, first):
        return self._folder + _NAME % first

    def _find(self):
        """The first sequence numbers of the segments that the folder has, rising."""
        try:
            names = os.listdir(self._folder)
        except OSError:
            os.mkdir(self._folder)
            names = ()
        firsts = []
        for name in names:
            try:
                first = int(name.split(".")[0])
            except ValueError:
                continue
            if 0 < first < _NUMBERS_END and "/" + name == _NAME % first:
                firsts.append(first)
        firsts.sort()
        return firsts

    def _fits(self, seq):
        """True when the newest segment ends where this record belongs, and nothing refused lies there."""
        first = self._firsts[-1]
        try:
            return os.stat(self._path(first))[_SIZE] == (seq - first) * (self._payload_size + _CHECKED_SIZE)
        except OSError:
            return False

    def _begin(self, seq):
        """Make room in the ring for a segment that begins with this number, unless it was begun already, and failed.

        The oldest goes first, since a full flash takes the new one only then.
        """
        firsts = self._firsts
        if not firsts or firsts[-1] != seq:
            firsts.append(seq)
        for oldest in firsts[: -self._segments]:
            try:
                os.remove(self._path(oldest))
                firsts.remove(oldest)
            except OSError:
                pass  # the next segment tries again
        self._room = self._per_segment

    def _read(self, first, place, record):
        """Read the record at this place of a segment; returns its length, 0 when there is none.

        The file is opened for each, since littlefs may give away the blocks of a file that is open while it is
        appended to.
        """
        try:
            with open(self._path(first), "rb") as file:
                file.seek(place * len(record))
                return file.readinto(record)
        except OSError:
            return 0

    def _is_good(self, record, length, seq):
        """True when the bytes that were read are all of this record."""
        return (
            length == len(record)
            and binascii.crc32(record) == _RESIDUE
            and struct.unpack_from(_NUMBER, record, self._payload_size)[0] == seq
        )
