"""Data-Notifications without a link around them, as dumps and other people's logs hold them.

Nothing protects these bytes: for files, never for a line.
"""

from .axdr import Cursor
from .dlms import open_notification
from .hdlc import FRAME, MORE, SKIP

# What an APDU begins with: an LLC header, or its own tag.
LLC = b"\xe6\xe7\x00\x0f"
APDU = b"\x0f"
# LLC header, tag, long-invoke-id, the longest date-time.
_LONGEST_HEAD = 3 + 5 + 14


class Bare:
    """Looks for one APDU at a time, as Hdlc does for frames; its end is where its value ends."""

    def __init__(self, prefix):
        self._prefix = prefix
        self._cursor = Cursor()
        self.start = self.stop = self.next = 0
        self.reason = None

    def restart(self):
        """Nothing is kept between looks."""

    def look(self, buffer, head, tail):
        """See Hdlc.look."""
        self.reason = None
        found = buffer.find(self._prefix, head, tail)
        if found == head:
            return self._look_at(buffer, head, tail)
        # The prefix may have begun in the last bytes.
        self.next = found if found >= 0 else max(head, tail - len(self._prefix) + 1)
        return SKIP if self.next > head else MORE

    def _look_at(self, buffer, head, tail):
        """An APDU that begins at buffer[head]."""
        self.start = head
        value = open_notification(buffer, head + len(self._prefix) - 1, tail)
        short = tail - head < _LONGEST_HEAD
        if value > 0:
            cursor = self._cursor
            cursor.open(buffer, value, tail)
            if cursor.skip():
                self.stop = self.next = cursor.pos
                return FRAME
            short = cursor.short
        if short:
            return MORE
        self.reason = "malformed"
        self.next = head + 1
        return SKIP

    def is_all(self, data, n):
        """True when data[:n] is whole APDUs and nothing else."""
        prefix = self._prefix
        pos = 0
        while pos < n:
            if n - pos < len(prefix):
                return False
            for i in range(len(prefix)):
                if data[pos + i] != prefix[i]:
                    return False
            if self._look_at(data, pos, n) != FRAME:
                return False
            pos = self.next
        return True
