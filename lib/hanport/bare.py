"""APDUs without a link around them, as dumps and other people's logs hold them.

Nothing protects these bytes: for files, never for a line.
"""

from .codes import GARBAGE, MALFORMED, SHORT
from .dlms import apdu_end
from .fields import HEAD, TAIL
from .link import message, more
from .loops import fetch

# What an APDU begins with: an LLC header, or its own tag.
LLC = (b"\xe6\xe7\x00",)
APDU = (b"\x0f", b"\xdb\x08")


class Bare:
    """Looks for one APDU at a time, which says itself where it ends; see link.py."""

    def __init__(self, prefixes):
        self._prefixes = prefixes
        # An LLC header goes before the APDU, which otherwise is all there is.
        self._before = len(LLC[0]) if prefixes is LLC else 0

    def restart(self, state):
        """Nothing is kept between looks."""

    def look(self, receiver):
        """See link.py."""
        fetch(receiver)
        state = receiver.state
        buffer = receiver.buffer
        head = state[HEAD]
        tail = state[TAIL]
        nearest = tail
        for prefix in self._prefixes:
            found = buffer.find(prefix, head, nearest)
            if found == head:
                return self._look_at(buffer, state)
            if found >= 0:
                nearest = found
        if nearest == tail:
            nearest = max(head, tail - 2)  # a prefix may have begun in the last bytes
        state[HEAD] = nearest
        return GARBAGE if nearest > head else more(state)

    def _look_at(self, buffer, state):
        """An APDU begins at HEAD."""
        start = state[HEAD] + self._before
        stop = apdu_end(buffer, start, state[TAIL])
        if stop == SHORT:
            return more(state)
        if stop < 0:
            state[HEAD] += 1
            return MALFORMED
        return message(state, start, stop, stop)

    def is_all(self, data, n):
        """True when data[:n] is whole APDUs and nothing else."""
        pos = 0
        while pos < n:
            for i in range(self._before):
                if pos + i >= n or data[pos + i] != LLC[0][i]:
                    return False
            pos = apdu_end(data, pos + self._before, n)
            if pos < 0:
                return False
        return True
