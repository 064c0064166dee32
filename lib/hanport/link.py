"""The link that is found from the bytes.

Every link has look(receiver): it looks at buffer[HEAD:TAIL] (fields.py), moves HEAD, and returns a code (codes.py);
and restart(state), which forgets a frame that has begun. Those that Any chooses from have FIRST, the byte that a
frame begins with, and are asked only where it stands, when the bytes that were lent are fetched.
"""

from .codes import FRAMES, FULL, GARBAGE, MESSAGE, MORE, TRUNCATED
from .const import const
from .counts import count
from .fields import BEHIND, FED, FIRST, GIVEN, HEAD, LAST, PART, TAIL
from .loops import fetch

# What an import raises when the heap is full; and when it was, the last time, in the middle of the module.
NO_ROOM = (MemoryError, ImportError)
_BEGINNING = const(5)
_MBUS_START = const(0x68)
_TITLE_SIZE = const(8)


def make(name, unchecked=False):
    """What a module of this package makes, one that many meters do not need."""
    return __import__(__name__[:-4] + name, None, None, ("make",)).make(unchecked)


def load(name, unchecked=False):
    """The same; None when there is no room for it, and perhaps there is the next time."""
    try:
        return make(name, unchecked)
    except NO_ROOM:
        return None


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


def begins_mbus(buffer, pos):
    """True when an M-Bus long frame may begin with these four bytes."""
    return buffer[pos + 1] == buffer[pos + 2] and buffer[pos + 3] == _MBUS_START


def begins_p1(buffer, pos):
    """True when a telegram may begin with these bytes: "/", and three letters that are the maker's code."""
    for i in range(pos + 1, pos + 4):
        if not 97 <= buffer[i] | 0x20 <= 122:
            return False
    return True


def begins_sealed(buffer, pos):
    """True when the envelope of a telegram may begin here (sealed.py): its title begins with such a code."""
    return buffer[pos + 1] == _TITLE_SIZE and begins_p1(buffer, pos + 1)


class Later:
    """Stands in Any's links for one that is imported when a frame of it begins: it gives its place to that."""

    def __init__(self, links, name, first_byte, begins, unchecked):
        """The module's name; begins(buffer, pos) judges by five bytes, of which the first is given; `unchecked` is
        P1's."""
        self._links = links
        self._name = name
        self._begins = begins
        self._unchecked = unchecked
        self.FIRST_BYTE = first_byte
        self.FIRST = first_byte[0]

    def restart(self, state):
        """Nothing has begun."""

    def look(self, receiver):
        """See above."""
        state = receiver.state
        if state[TAIL] - state[HEAD] < _BEGINNING:
            return more(state)
        if self._begins(receiver.buffer, state[HEAD]):
            link = load(self._name, self._unchecked)
            if link:
                self._links[self._links.index(self)] = link
                return link.look(receiver)
        state[HEAD] += 1
        return GARBAGE


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
