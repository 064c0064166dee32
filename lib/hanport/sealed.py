"""General-glo-ciphering with nothing around it, as P1 ports of Luxembourg and Styria push their telegrams.

    DB | 08 | system title 8 | length | security control | ...     (Smarty P1 1.1.3, 4; see ciphering.py)

No check sequence stands around it: it counts as a frame when it has been opened. Its tag protects it, and where that
is not verified the telegram's own check.
"""

from .codes import FRAMES, GARBAGE, MESSAGE, TOO_LONG, TRUNCATED
from .const import const
from .counts import count
from .fields import HEAD, LAST, TAIL, UNCHECKED
from .link import message, more
from .loops import differ

_LONG_LENGTH = const(0x82)
_CONTROL = const(0x30)
_HEAD = b"\xdb\x08SAG"
_SIZE_AT = const(10)
_CONTROL_AT = const(13)
_HEAD_SIZE = const(14)


class Sealed:
    """Looks for one envelope at a time; see link.py."""

    FIRST = 0xDB
    FIRST_BYTE = b"\xdb"

    def __init__(self):
        self._searched = _HEAD_SIZE  # how far from the head no other envelope begins

    def restart(self, state):
        """Forget the envelope that has begun."""
        self._searched = _HEAD_SIZE

    def look(self, receiver):
        """See link.py."""
        state = receiver.state
        buffer = receiver.buffer
        head = state[HEAD]
        if state[TAIL] - head < _HEAD_SIZE:
            return more(state)
        if not _begins(buffer, head):
            state[HEAD] += 1
            return GARBAGE
        end = head + _CONTROL_AT + (buffer[head + _SIZE_AT + 1] << 8 | buffer[head + _SIZE_AT + 2])
        if end - head > receiver.most:
            state[HEAD] += 1
            return TOO_LONG
        other = self._other(buffer, head, min(end, state[TAIL]))
        if other:
            state[HEAD] = other
        elif end > state[TAIL]:
            return more(state)
        else:
            message(state, head, end, end)
            count(state, FRAMES, -1)  # as long as it is not opened, it may be none
            state[LAST] = UNCHECKED
        self._searched = _HEAD_SIZE
        return TRUNCATED if other else MESSAGE

    def _other(self, buffer, head, end):
        """Where another envelope of the same meter begins inside this one, which then is not whole; 0 for nowhere."""
        pos = head + self._searched
        while end - pos >= _SIZE_AT:
            found = buffer.find(self.FIRST_BYTE, pos, end - _SIZE_AT + 1)
            if found < 0:
                pos = end - _SIZE_AT + 1
            elif not differ(buffer, head, buffer, found, _SIZE_AT):
                return found
            else:
                pos = found + 1
        self._searched = pos - head
        return 0


def _begins(buffer, pos):
    """True when the envelope of a telegram begins here. All that are known are Sagemcom's, with a tag, and long;
    those that stand in other makers' frames begin otherwise, so that none of a damaged frame is taken for one."""
    if differ(buffer, pos, _HEAD, 0, len(_HEAD)) or buffer[pos + _SIZE_AT] != _LONG_LENGTH:
        return False
    return buffer[pos + _CONTROL_AT] == _CONTROL


def make(unchecked):
    """As link.make() has it."""
    return Sealed()
