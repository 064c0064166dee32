"""M-Bus long frames (EN 13757-2, -3), as Austrian meters push them.

    68 | L | L | 68 | C | A | CI | STSAP | DTSAP | data | sum | 16

L counts C through data. CI has the part's number, and a bit in the last one.
"""

from .codes import END_FLAG, FRAME_CHECK, GARBAGE, TOO_LONG
from .const import const
from .fields import HEAD, LAST, PART, ROOM, TAIL
from .link import begins_mbus, message, more
from .loops import total

_START = const(0x68)
_HEAD_SIZE = const(4)
_FIELDS = const(5)  # C, A, CI, STSAP, DTSAP
_AROUND = const(6)  # head, sum, end
_END = const(0x16)
_LAST_PART = const(0x10)


class Mbus:
    """Looks for one frame at a time; see link.py. The content is its data, a part of a message."""

    FIRST = _START
    FIRST_BYTE = b"\x68"

    def restart(self, state):
        """Nothing is kept between looks."""

    def look(self, receiver):
        """See link.py."""
        state = receiver.state
        buffer = receiver.buffer
        head = state[HEAD]
        if state[TAIL] - head < _HEAD_SIZE:
            return more(state)
        size = buffer[head + 1]
        if not begins_mbus(buffer, head):
            state[HEAD] += 1
            return GARBAGE
        if size < _FIELDS:
            size += 256  # one maker's count overflows: nothing shorter than its own fields can be meant
        return self._look_at(buffer, state, size + _AROUND)

    def _look_at(self, buffer, state, size):
        """A frame of so many bytes begins at HEAD."""
        head = state[HEAD]
        if size > state[ROOM]:
            state[HEAD] += 1
            return TOO_LONG
        if state[TAIL] - head < size:
            return more(state)
        end = head + size
        state[HEAD] += 1
        if buffer[end - 1] != _END:
            return END_FLAG
        if total(buffer, head + _HEAD_SIZE, end - 2) != buffer[end - 2]:
            return FRAME_CHECK
        code = message(state, head + _HEAD_SIZE + _FIELDS, end - 2, end)
        control = buffer[head + 6]
        state[PART] = control & 15
        state[LAST] = 1 if control & _LAST_PART else 0
        return code


def make(unchecked):
    """As link.make() has it."""
    return Mbus()
