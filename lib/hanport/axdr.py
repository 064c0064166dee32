"""A cursor over A-XDR values (IEC 61334-6, the encoding of DLMS APDUs).

It walks a caller's buffer and allocates nothing. An error is sticky: every later read gives ERROR too, so a
walk may be checked once, at its end. `short` tells that the bytes ran out, so that more of them could mend it.
"""

from .const import const

ERROR = const(-1)
NULL = const(0)
ARRAY = const(1)
STRUCTURE = const(2)
DOUBLE_LONG_UNSIGNED = const(6)
OCTET_STRING = const(9)
VISIBLE_STRING = const(10)
UTF8_STRING = const(12)
INTEGER = const(15)
ENUM = const(22)

# How a tag's content is laid out: its size in bytes, or one of these.
_BAD = const(255)
_COUNTED = const(254)  # a count of elements; the elements follow as values of their own
_SIZED = const(253)  # a length in bytes, then the bytes
_BITS = const(252)  # a length in bits
# By tag 0 to 27 (DLMS Blue Book, "common data types"); compact-array (19) is not read.
#         0      array, struct   bool bits double-long   octet, visible       utf8 bcd int long
_LAYOUT = bytes(
    (0, _COUNTED, _COUNTED, 1, _BITS, 4, 4, _BAD, _BAD, _SIZED, _SIZED, _BAD, _SIZED, 1, _BAD, 1, 2)
    # unsigned, long-unsigned, compact, long64, unsigned, enum, float32, float64, date-time, date, time
    + (1, 2, _BAD, 8, 8, 1, 4, 8, 12, 5, 4)
)
# Tags of whole numbers: signed double-long, integer, long, long64; the unsigned and enumerated ones.
_SIGNED = (5, 15, 16, 20)
_UNSIGNED = (3, 6, 17, 18, 21, 22)


class Cursor:
    """Reads one value after another from buffer[pos:end].

    After read(): `value` is the integer or None, `start` and `size` are the content's place in the buffer
    (of texts, dates, floats), `count` the number of elements of an array or structure.
    """

    def __init__(self):
        self.buffer = b""
        self.pos = self.end = 0
        self.value = None
        self.start = self.size = self.count = 0
        self.failed = self.short = False

    def open(self, buffer, pos, end):
        """Set the cursor to buffer[pos:end]."""
        self.buffer = buffer
        self.pos = pos
        self.end = end
        self.failed = self.short = False

    def at_end(self):
        """True when everything was read and nothing failed."""
        return not self.failed and self.pos == self.end

    def fail(self, short=False):
        """Make this walk a failed one; returns ERROR."""
        self.failed = True
        self.short = short
        self.pos = self.end
        return ERROR

    def peek(self):
        """The tag of the next value, or ERROR at the end."""
        return self.buffer[self.pos] if self.pos < self.end else ERROR

    def read(self):
        """Read one value's head and, unless it has elements, its content. Returns its tag, or ERROR."""
        pos = self.pos
        if pos >= self.end:
            return self.fail(not self.failed or self.short)
        tag = self.buffer[pos]
        size = _LAYOUT[tag] if tag < 28 else _BAD
        if size >= _BITS:
            if size == _BAD:
                return self.fail()
            count = self._length(pos + 1)
            if count < 0:
                return ERROR
            self.value = None
            if size == _COUNTED:
                self.count = count
                return tag
            pos = self.pos
            size = count if size == _SIZED else (count + 7) >> 3
        else:
            pos += 1
        if size > self.end - pos:
            return self.fail(True)
        self.start = pos
        self.size = size
        self.pos = pos + size
        self.value = self._number(tag, pos, size)
        return tag

    def read_scalar(self):
        """As read(), of a value that has no elements."""
        tag = self.read()
        return self.fail() if tag == ARRAY or tag == STRUCTURE else tag

    def expect(self, tag):
        """Read a value of this very tag; True when it was one."""
        if self.read() == tag:
            return True
        self.fail()
        return False

    def skip(self):
        """Read one value and all its elements, whatever it is. True when it was whole."""
        waiting = 1
        while waiting and not self.failed:
            tag = self.read()
            waiting -= 1
            if tag == ARRAY or tag == STRUCTURE:
                waiting += self.count
                # Each element takes a byte at least.
                if waiting > self.end - self.pos:
                    self.fail(True)
        return not self.failed

    def _length(self, pos):
        """The length or count at pos (also in its longer-than-needed forms), or ERROR; moves `pos` behind it."""
        end = self.end
        if pos >= end:
            return self.fail(True)
        length = self.buffer[pos]
        pos += 1
        if length > 127:
            octets = length & 127
            if not 1 <= octets <= 4:
                return self.fail()
            if octets > end - pos:
                return self.fail(True)
            length = 0
            for i in range(pos, pos + octets):
                # What needs more than 24 bits cannot be real in a buffer of kilobytes.
                if length > 0xFFFF:
                    return self.fail()
                length = length << 8 | self.buffer[i]
            pos += octets
        self.pos = pos
        return length

    def _number(self, tag, pos, size):
        if tag in _UNSIGNED:
            value = 0
        elif tag in _SIGNED:
            value = -1 if self.buffer[pos] > 127 else 0
        else:
            return None
        for i in range(pos, pos + size):
            value = value << 8 | self.buffer[i]
        return value
