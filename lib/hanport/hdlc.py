"""HDLC frames, format type 3 (ISO/IEC 13239; DLMS Green Book 8.4).

    7E | format 2 | destination 1-4 | source 1-4 | control 1 | HCS 2 | information | FCS 2 | 7E

There is no byte stuffing: the length in the format field, the closing flag and the frame check together tell where
a frame ends. Whatever fails is given up one byte after its opening flag, so that a damaged length hides nothing.
"""

from .const import const
from .crc import X25_GOOD, x25

# What look() found.
MORE = const(0)
SKIP = const(1)
FRAME = const(2)

_FLAG = const(0x7E)
_FLAG_BYTE = b"\x7e"
_TYPE_3 = const(0xA0)
_SEGMENTED = const(0x08)
# Format, two addresses of one byte, control, one check sequence.
_SHORTEST = const(7)


# Frames that have begun within a frame, and are kept an eye on.
_INNER = const(8)


def _length(buffer, start):
    """Bytes between the flags, as the format field behind the flag at buffer[start] claims."""
    return (buffer[start + 1] & 7) << 8 | buffer[start + 2]


def _header_size(buffer, start, tail):
    """Bytes from the flag at buffer[start] to the end of the header check, if that is right.

    0 when too few bytes are there to tell, -1 when there is no sound header.
    """
    if tail - start < 2:
        return 0
    if buffer[start + 1] & 0xF0 != _TYPE_3:
        return -1
    pos = start + 3
    for _ in range(2):  # addresses: the last byte of each has its lowest bit set
        last = pos + 3
        while pos < tail and pos < last and not buffer[pos] & 1:
            pos += 1
        pos += 1
    pos += 3  # control, HCS
    if pos > tail:
        return 0
    length = _length(buffer, start)
    if length < _SHORTEST or pos - start - 1 > length or x25(buffer, start + 1, pos, 0xFFFF) != X25_GOOD:
        return -1
    return pos - start


class Hdlc:
    """Looks for one frame at a time in a buffer that grows at its tail.

    The frame's check is summed up while its bytes arrive; all places kept between calls count from the head.
    """

    def __init__(self, longest):
        self._longest = longest
        self.start = self.stop = self.next = 0
        self.reason = None
        # Of the frame that has begun: the claimed length (0: none has), the header's size, the check and how far
        # it goes, how far other frames' beginnings were looked for in it, and where they were found.
        self._length = self._header = self._crc = self._summed = self._searched = self._found = 0
        self._inner = [0] * _INNER

    def restart(self):
        """Forget the frame that has begun."""
        self._length = 0

    def look(self, buffer, head, tail):
        """Look at buffer[head:tail], which begins where the last look's `next` pointed.

        FRAME: buffer[start:stop] is the information field of an intact frame. SKIP: there is no frame before
        `next`, for `reason` (a name, or None between frames). MORE: ask again when more bytes have come.
        """
        self.reason = None
        if not self._length:
            found = self._open(buffer, head, tail)
            if not self._length:
                return found
        end = head + 1 + self._length
        if tail > end and buffer[end] != _FLAG:
            return self._refuse("end_flag", head + 1)
        have = end if end < tail else tail
        self._crc = x25(buffer, head + self._summed, have, self._crc)
        self._summed = have - head
        if tail <= end:
            return self._look_inside(buffer, head, tail)
        self._length = 0
        if self._crc != X25_GOOD:
            return self._refuse("frame_check", head + 1)
        # The closing flag may open the next frame, so the search goes on with it.
        if buffer[head + 1] & _SEGMENTED:
            return self._refuse("segmented", end)
        self.start = head + self._header
        self.stop = max(self.start, end - 2)
        self.next = end
        return FRAME

    def _refuse(self, reason, go_on_at):
        self._length = 0
        self.reason = reason
        self.next = go_on_at
        return SKIP

    def _open(self, buffer, head, tail):
        """Find an opening flag with a sound header behind it; sets the length of the frame that it opens."""
        flag = buffer.find(_FLAG_BYTE, head, tail)
        if flag != head:
            if head == tail:
                return MORE
            return self._refuse(None, flag if flag > head else tail)
        size = _header_size(buffer, head, tail)
        if size == 0:
            return MORE
        if size < 0:
            is_type_3 = buffer[head + 1] & 0xF0 == _TYPE_3
            return self._refuse("header_check" if is_type_3 else None, head + 1)
        length = _length(buffer, head)
        if length + 2 > self._longest:
            return self._refuse("too_long", head + 1)
        self._length = length
        self._header = self._summed = self._searched = size
        self._found = 0
        self._crc = X25_GOOD  # of the header with its check
        return MORE

    def _look_inside(self, buffer, head, tail):
        """While a frame is not whole: has one that began later ended? Then bytes of this one were lost."""
        start = buffer.find(_FLAG_BYTE, head + self._searched, tail)
        while start >= 0:
            size = _header_size(buffer, start, tail)
            if size == 0:
                break
            if size > 0 and self._found < _INNER:
                self._inner[self._found] = start - head
                self._found += 1
            start = buffer.find(_FLAG_BYTE, start + 1, tail)
        self._searched = (tail if start < 0 else start) - head
        for i in range(self._found):
            start = head + self._inner[i]
            end = start + 1 + _length(buffer, start)
            if end < tail and start > head:
                if buffer[end] == _FLAG and x25(buffer, start + 1, end, 0xFFFF) == X25_GOOD:
                    return self._refuse("truncated", start)
                self._inner[i] = 0  # damaged as well
        return MORE
