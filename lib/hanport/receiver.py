"""Bytes in, readings out: the decoder's one entrance."""

from . import dlms
from .axdr import Cursor
from .crc import copy
from .hdlc import FRAME, MORE, Hdlc
from .meters import read_list

# The longest HDLC frame with its two flags (11 bits of length, ISO/IEC 13239).
LONGEST_FRAME = 2049
LINKS = ("auto", "hdlc", "llc", "apdu")

# Why a frame gave no reading. An HDLC frame's own checks:
#   header_check, frame_check  the check sequence is wrong
#   end_flag                   no flag where the frame's length says
#   truncated                  another frame ended before this one was whole
#   too_long                   longer than the receive buffer
#   segmented                  a segment of a message: not read
# of what an intact frame holds:
#   no_key        it is encrypted
#   unknown_apdu  no Data-Notification
#   malformed     it contradicts itself
#   unknown_list  no list of a known maker
REASONS = (
    "header_check",
    "frame_check",
    "end_flag",
    "truncated",
    "too_long",
    "segmented",
    "no_key",
    "unknown_apdu",
    "malformed",
    "unknown_list",
)
_DLMS_REASONS = {dlms.MALFORMED: "malformed", dlms.NO_KEY: "no_key", dlms.UNKNOWN_APDU: "unknown_apdu"}
_SHORTEST_APDU = 13  # Data-Notification without a time, of a structure of one number
_SMALLEST_BUFFER = 64
_FLAG = 0x7E
_WRAP = 0x3FFFFFFF  # counters stay small integers, which take no heap


class Receiver:
    """Finds frames in a stream of bytes and reads the lists in them.

        receiver.feed(buffer, n)
        while receiver.next(reading):
            ...

    Any bytes are legal input; nothing raises. All memory is allocated here: `size` bytes of receive buffer, which
    bounds the longest frame.

    `counters` has: bytes, frames (intact ones), readings; lost_bytes (fed before the bytes before them had been
    fetched by next()); unreadable (registers left out of a reading: no number, no date, another unit); and every
    name in REASONS.
    """

    def __init__(self, link="auto", size=LONGEST_FRAME):
        """`link` is "hdlc"; for dumps "llc" or "apdu" (no checks!); "auto" takes frames, and a feed() of nothing but
        whole APDUs with or without LLC header, as long as no damaged frame has come. ValueError when it is none of
        these, or when the buffer is too small for any list."""
        if link not in LINKS:
            raise ValueError("link must be one of " + ", ".join(LINKS))
        if size < _SMALLEST_BUFFER:
            raise ValueError("size must be at least " + str(_SMALLEST_BUFFER))
        self._buffer = bytearray(size)
        self._hdlc = self._link = Hdlc(size)
        self._bare = ()
        if link != "hdlc":
            from .bare import APDU, LLC, Bare  # a dongle's line needs it not

            self._bare = (Bare(LLC), Bare(APDU))
            if link != "auto":
                self._link = self._bare[link == "apdu"]
        self._wants_auto = link == "auto"
        self._cursor = Cursor()
        self.counters = {name: 0 for name in ("bytes", "frames", "readings", "lost_bytes", "unreadable") + REASONS}
        self.reset()

    def reset(self):
        """Forget every byte that has come; the counters stand."""
        self._head = self._tail = 0
        self._input = b""
        self._input_pos = self._input_end = 0
        self._auto = self._wants_auto
        self._link.restart()

    def feed(self, buffer, n=None):
        """Lend buffer[:n] to the receiver, until next() has returned False."""
        if n is None or n > len(buffer):
            n = len(buffer)
        if self._input_pos < self._input_end:
            self._fetch()
            self._count("lost_bytes", self._input_end - self._input_pos)
        self._input = buffer
        self._input_pos = 0
        self._input_end = n
        self._count("bytes", n)
        if self._auto:
            self._choose_link(buffer, n)

    def next(self, reading):
        """Fill the reading from the next list; False when more bytes are needed first."""
        link = self._link
        while True:
            found = link.look(self._buffer, self._head, self._tail)
            if found == MORE:
                if not self._fetch() and not self._give_up():
                    return False
                continue
            if found == FRAME:
                reason = self._read(link.start, link.stop, reading)
                self._count("frames", 1)
            else:
                reason = link.reason
                if reason is not None or self._buffer[self._head] != _FLAG:
                    self._auto = False  # what comes now may be a part of a damaged frame
            self._head = link.next
            if reason is not None:
                self._count(reason, 1)
            elif found == FRAME:
                self._count("readings", 1)
                return True

    def _count(self, name, n):
        self.counters[name] = self.counters[name] + n & _WRAP

    def _choose_link(self, buffer, n):
        """Bare APDUs have no check, so they count only where nothing else can be meant: a feed of only them, with no
        frame begun, and no damaged one before."""
        self._link = self._hdlc
        if n >= _SHORTEST_APDU and self._tail - self._head < 2:
            for bare in self._bare:
                if bare.is_all(buffer, n):
                    self._head = self._tail = 0
                    self._link = bare

    def _fetch(self):
        """Copy what was fed into the receive buffer, as far as there is room; how many bytes."""
        waiting = self._input_end - self._input_pos
        buffer = self._buffer
        if self._tail + waiting > len(buffer):
            self._move_to_front()
        room = len(buffer) - self._tail
        n = room if room < waiting else waiting
        copy(self._input, self._input_pos, buffer, self._tail, n)
        self._input_pos += n
        self._tail += n
        return n

    def _give_up(self):
        """A list that fills the buffer and is still not whole; False when it is only waiting for bytes."""
        if self._input_pos == self._input_end:
            return False
        self._link.restart()
        self._head += 1
        self._count("too_long", 1)
        return True

    def _move_to_front(self):
        head = self._head
        if head:
            self._tail -= head
            self._head = 0
            copy(self._buffer, head, self._buffer, 0, self._tail)

    def _read(self, start, stop, reading):
        """Read the APDU in buffer[start:stop]. None when the reading is filled, else the reason why not."""
        buffer = self._buffer
        reading.clear()
        if start < stop and buffer[start] == 0xE6:
            start = dlms.skip_llc(buffer, start, stop)
        if start >= 0:
            start = dlms.open_notification(buffer, start, stop, reading)
        if start < 0:
            return _DLMS_REASONS[start]
        cursor = self._cursor
        cursor.open(buffer, start, stop)
        if not read_list(cursor, reading):
            reason = "malformed" if cursor.failed else "unknown_list"
        elif not cursor.at_end() or not reading.finish():
            reason = "malformed"
        else:
            self._count("unreadable", reading.unreadable)
            return None
        reading.clear()
        return reason
