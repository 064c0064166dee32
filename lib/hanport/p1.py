"""P1 and H1 telegrams: text, IEC 62056-21 mode D ("/" ... "!") with a CRC-16/ARC (DSMR 5.0.2, 6.2; EFS v2.0).

    /XXX5ident
    <empty line>
    1-0:1.7.0(0001.846*kW)
    ...
    !B6CD

Line ends may be CR LF or LF. The check is four digits of hexadecimal, by some makers fewer or in lower case. Some
send none: such a telegram is refused as "no_check" unless the owner has allowed it, since nothing would show a wrong
digit.
"""

from array import array

from .codes import FRAME_CHECK, FRAMES, GARBAGE, MESSAGE, MORE, NO_CHECK, NOT_TEXT, TOO_LONG, TRUNCATED
from .const import const
from .counts import count
from .fields import ALLOWED, HEAD, LAST, TAIL, UNCHECKED
from .link import begins_p1, message, more
from .loops import text

_SLASH = const(47)
_EXCLAMATION = const(33)
CRC_OF_SLASH = const(0xDC41)
_UNKNOWN = const(-1)
_SHORT = const(-2)
_LONG_LENGTH = const(0x82)
_ENVELOPE = const(0xDB)
_TITLE_SIZE = const(8)
_WRAP_SIZE = const(9)  # bytes that the envelope lacks in front
_NONE = const(-3)


def check_of(buffer, pos, tail):
    """The check written in buffer[pos:tail]: up to four digits. _NONE without any, _SHORT while more may come."""
    crc = digits = 0
    while digits < 4:
        if pos >= tail:
            return _SHORT
        octet = buffer[pos] | 0x20
        if 48 <= buffer[pos] <= 57:
            crc = crc << 4 | buffer[pos] - 48
        elif 97 <= octet <= 102:
            crc = crc << 4 | octet - 87
        elif buffer[pos] == 13 or buffer[pos] == 10:
            return crc if digits else _NONE
        else:
            return _UNKNOWN
        pos += 1
        digits += 1
    return crc


class P1:
    """Looks for one telegram at a time; see link.py. The content is the telegram from "/" to before its "!"."""

    FIRST = _SLASH
    FIRST_BYTE = b"/"

    def __init__(self, unchecked):
        self._unchecked = unchecked
        self._sum = array("i", (0, 0))  # how far the check was summed up, and the sum
        self._begun = self._end = 0  # how far from the head it has come, and where its "!" has ended it

    def restart(self, state):
        """Forget the telegram that has begun."""
        self._begun = self._end = 0

    def look(self, receiver):
        """See link.py."""
        state = receiver.state
        buffer = receiver.buffer
        head = state[HEAD]
        tail = state[TAIL]
        if not self._begun:
            if tail - head < 4:
                return more(state)
            if not begins_p1(buffer, head):
                state[HEAD] += 1
                return GARBAGE
            self._begun = 1
            self._sum[1] = CRC_OF_SLASH
        code = MESSAGE if self._end else self._go_on(buffer, head, tail)
        if code == MESSAGE:
            code = self._close(buffer, state, head + self._end)
        elif code == NOT_TEXT and self._unwraps(buffer, state, head + self._begun):
            code = self._unwrap(receiver, head + self._begun)
        elif code != MORE:
            # A telegram that begins within one goes on; noise is looked at byte by byte.
            state[HEAD] += self._begun if code == TRUNCATED else 1
        if code == MORE:
            return more(state)
        self._begun = self._end = 0
        return code

    def _unwraps(self, buffer, state, pos):
        """Is buffer[pos:] what a Polish meter has in place of its lines: an envelope whose title is empty?

        /EGM5ident | <empty line> | 00 | 82 | length 2 | security control 1 | ... | !CRC
        """
        is_behind_head = self._begun >= _WRAP_SIZE and buffer[pos - 1] == 10 and buffer[pos] == 0
        return is_behind_head and (state[TAIL] <= pos + 1 or buffer[pos + 1] == _LONG_LENGTH)

    def _unwrap(self, receiver, pos):
        """Make it an envelope with a title of zeros. How the CRC is made is not known: its tag can show damage."""
        buffer = receiver.buffer
        state = receiver.state
        tail = state[TAIL]
        if tail < pos + 4:
            return MORE
        end = pos + 4 + (buffer[pos + 2] << 8 | buffer[pos + 3])
        if end - state[HEAD] >= receiver.most:
            state[HEAD] += 1
            return TOO_LONG
        if tail <= end:
            return MORE
        if buffer[end] != _EXCLAMATION:
            state[HEAD] += 1
            return NOT_TEXT
        start = pos - _WRAP_SIZE
        buffer[start] = _ENVELOPE
        buffer[start + 1] = _TITLE_SIZE
        for i in range(start + 2, pos + 1):
            buffer[i] = 0
        message(state, start, end, end + 1)
        count(state, FRAMES, -1)  # as long as it is not opened, it may be none
        state[LAST] = ALLOWED if self._unchecked else UNCHECKED
        return MESSAGE

    def _go_on(self, buffer, head, tail):
        """Sum up what has come: MESSAGE when the telegram's "!" was there."""
        done = self._sum
        done[0] = head + self._begun
        stopped = text(buffer, tail, done)
        self._begun = done[0] - head
        if stopped == 0:
            return MORE
        if stopped == _EXCLAMATION:
            self._end = self._begun
            return MESSAGE
        return TRUNCATED if stopped == _SLASH else NOT_TEXT

    def _close(self, buffer, state, pos):
        """The telegram ends before buffer[pos]: what does its check say?"""
        crc = check_of(buffer, pos, state[TAIL])
        if crc == _SHORT:
            return MORE
        head = state[HEAD]
        if crc == _NONE:
            state[HEAD] = pos
            if not self._unchecked:
                return NO_CHECK
        elif crc != self._sum[1]:
            state[HEAD] += 1
            return FRAME_CHECK
        return message(state, head, pos - 1, pos)


def make(unchecked):
    """As link.make() has it."""
    return P1(unchecked)
