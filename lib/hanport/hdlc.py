"""HDLC frames, format type 3 (ISO/IEC 13239; DLMS Green Book 8.4).

    7E | format 2 | destination 1-4 | source 1-4 | control 1 | HCS 2 | information | FCS 2 | 7E

There is no byte stuffing: the length in the format field, the closing flag and the frame check together tell where
a frame ends. Whatever fails is given up one byte after its opening flag, so that a damaged length hides nothing.
"""

from array import array

from .codes import TRUNCATED
from .const import const
from .fields import FOUND, HEAD, LENGTH, SEARCHED, TAIL
from .link import more
from .loops import frame, header, x25

# What x25() leaves after data followed by its own, correct check sequence (ISO/IEC 13239, 4.2.5.2).
_GOOD = const(0xF0B8)
_FLAG = const(0x7E)
# Frames that have begun within a frame, and are kept an eye on.
_INNER = const(8)


class Hdlc:
    """Looks for one frame at a time; see link.py. The content is its information field, without LLC header.

    frame() does nearly all of it; here is what happens when bytes were lost.
    """

    FIRST = _FLAG
    FIRST_BYTE = b"\x7e"

    def __init__(self):
        self.look = frame
        self._inner = array("H", [0] * _INNER)  # where frames have begun within the frame, counted from its head

    def restart(self, state):
        """Forget the frame that has begun."""
        state[LENGTH] = 0

    def look_inside(self, buffer, state):
        """While a frame is not whole: has one that began later ended? Then bytes of this one were lost."""
        head = state[HEAD]
        self._note_beginnings(buffer, state)
        for i in range(state[FOUND]):
            start = head + self._inner[i]
            end = start + 1 + ((buffer[start + 1] & 7) << 8 | buffer[start + 2])
            if end < state[TAIL] and start > head:
                if buffer[end] == _FLAG and x25(buffer, start + 1, end, 0xFFFF) == _GOOD:
                    state[LENGTH] = 0
                    state[HEAD] = start
                    return TRUNCATED
                self._inner[i] = 0  # damaged as well
        return more(state)

    def _note_beginnings(self, buffer, state):
        """Find the sound headers that have come since the last search."""
        head = state[HEAD]
        tail = state[TAIL]
        start = buffer.find(self.FIRST_BYTE, head + state[SEARCHED], tail)
        while start >= 0:
            size = header(buffer, start, tail)
            if size == 0:
                break
            if size > 0 and state[FOUND] < _INNER:
                self._inner[state[FOUND]] = start - head
                state[FOUND] += 1
            start = buffer.find(self.FIRST_BYTE, start + 1, tail)
        state[SEARCHED] = (tail if start < 0 else start) - head
