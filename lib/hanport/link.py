"""The link that is found from the bytes.

Every link has look(receiver): it fetches what was lent, looks at buffer[HEAD:TAIL] (fields.py), moves HEAD, and
returns a code (codes.py); and restart(state), which forgets a frame that has begun.
"""

from .codes import FRAMES, FULL, GARBAGE, MESSAGE, MORE, TRUNCATED
from .const import const
from .fields import BEHIND, COUNTS, FED, FIRST, GIVEN, HEAD, LAST, PART, TAIL
from .loops import fetch

_WRAP = const(0x3FFFFFFF)


def more(state):
    """The code for: ask again when more bytes have come."""
    return FULL if state[FED] < state[GIVEN] else MORE


def message(state, first, behind, head):
    """An intact frame was found that holds buffer[first:behind]; the search goes on at `head`."""
    state[FIRST] = first
    state[BEHIND] = behind
    state[HEAD] = head
    state[PART] = 0
    state[LAST] = 1
    state[COUNTS + FRAMES] = state[COUNTS + FRAMES] + 1 & _WRAP
    return MESSAGE


class Any:
    """HDLC, M-Bus or P1, whichever begins with the byte at hand; it may be another one every time."""

    def __init__(self, links):
        self._links = links

    def restart(self, state):
        """Forget the frame that has begun."""
        for link in self._links:
            link.restart(state)

    def look(self, receiver):
        """See above."""
        fetch(receiver)
        state = receiver.state
        if state[HEAD] == state[TAIL]:
            return more(state)
        octet = receiver.buffer[state[HEAD]]
        for link in self._links:
            if octet == link.FIRST:
                return link.look(receiver)
        self._pass_over(receiver.buffer, state)
        return GARBAGE

    def _pass_over(self, buffer, state):
        """Go to the nearest byte with which one of them may begin."""
        nearest = state[TAIL]
        for link in self._links:
            found = buffer.find(link.FIRST_BYTE, state[HEAD], nearest)
            if found >= 0:
                nearest = found
        state[HEAD] = nearest

    def look_inside(self, buffer, state):
        """See Hdlc, the only one that asks for it."""
        head = state[HEAD]
        code = self._links[0].look_inside(buffer, state)
        if code == TRUNCATED:
            state[HEAD] = head + 1  # what lies between may be another link's
        return code
