"""Messages that come in several frames, put together at the front of the receive buffer, without memory of their own.

HDLC segments (ISO/IEC 13239), parts of M-Bus transport (EN 13757-3), and blocks of general block transfer (Green
Book 9.4.6.13), each of which may itself have come in segments. What is put together only ever moves towards the
front.
"""

from .codes import INCOMPLETE, MALFORMED, MESSAGE, MORE
from .const import const
from .counts import count
from .dlms import length_size
from .fields import BEHIND, FIRST, FRONT, LAST, PART
from .loops import copy, length

_BLOCK_HEAD = const(6)  # tag, control, block number, acknowledged block number
_LAST_BLOCK = const(0x80)


class Parts:
    """Takes frames that are parts of messages; counts messages of which one is missing.

    FRONT bytes of the buffer are in use (fields.py); when a message is whole it is buffer[FIRST:BEHIND].
    """

    def __init__(self):
        self._blocks = 0  # of the bytes in front, the data of blocks; behind it are the parts of a message
        self._next_part = self._next_block = 0

    def drop(self, state):
        """Forget what has been put together."""
        state[FRONT] = self._blocks = 0

    def lose(self, state):
        """What comes next may belong to another message than what has been put together."""
        if state[FRONT]:
            count(state, INCOMPLETE)
            self.drop(state)

    def add(self, buffer, state):
        """Take the frame that was found: MESSAGE when the message is whole, or MORE."""
        part = state[PART]
        is_waiting = state[FRONT] > self._blocks
        if is_waiting and (part == 0 or (part > 0 and part != self._next_part)):
            state[FRONT] = self._blocks
            count(state, INCOMPLETE)
            is_waiting = False
        if not is_waiting:
            if state[LAST] and part <= 0:
                return MESSAGE
            if part != 0:
                count(state, INCOMPLETE)
                return MORE
        self._next_part = (part + 1) & 15
        self._append(buffer, state, state[FIRST])
        if not state[LAST]:
            return MORE
        state[FIRST] = self._blocks
        state[BEHIND] = state[FRONT]
        state[FRONT] = self._blocks
        return MESSAGE

    def add_block(self, buffer, state):
        """Take a block of general block transfer, buffer[FIRST:BEHIND]: MESSAGE, MORE or MALFORMED."""
        pos = state[FIRST] + _BLOCK_HEAD
        size = length(buffer, pos, state[BEHIND])
        if size < 0 or pos + length_size(buffer, pos) + size != state[BEHIND]:
            return MALFORMED
        number = buffer[pos - 4] << 8 | buffer[pos - 3]
        if not self._is_next(number, state):
            return MORE
        is_last = buffer[pos - 5] & _LAST_BLOCK
        self._append(buffer, state, state[BEHIND] - size)
        self._blocks = state[FRONT]
        if not is_last:
            return MORE
        state[FIRST] = 0
        state[BEHIND] = state[FRONT]
        self.drop(state)
        return MESSAGE

    def _is_next(self, number, state):
        """Does the block go on where the last one ended, or begin anew? One that is said twice does not count."""
        if self._blocks and number > 1 and number == self._next_block - 1:
            return False
        if not self._blocks or number != self._next_block:
            if self._blocks or number != 1:
                count(state, INCOMPLETE)
            self.drop(state)
            if number != 1:
                return False
        self._next_block = number + 1
        return True

    def _append(self, buffer, state, start):
        n = state[BEHIND] - start
        copy(buffer, start, buffer, state[FRONT], n)
        state[FRONT] += n


def make(unchecked):
    """As link.make() has it."""
    return Parts()
