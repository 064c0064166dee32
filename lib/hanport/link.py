"""The link that is found from the bytes.

Every link has look(receiver): it looks at buffer[HEAD:TAIL] (fields.py), moves HEAD, and returns a code (codes.py);
and restart(state), which forgets a frame that has begun. Those that Any chooses from have FIRST, the byte that a
frame begins with, and are asked only where it stands, when the bytes that were lent are fetched.
"""

from .codes import FRAMES, FULL, GARBAGE, MESSAGE, MORE, TRUNCATED
from .counts import count
from .fields import BEHIND, FED, FIRST, GIVEN, HEAD, LAST, PART, TAIL
from .loops import fetch


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
    count(state, FRAMES)
    return MESSAGE


class Any:
    """Those links of which one begins with the byte at hand; it may be another one every time. HDLC comes first."""

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
