"""maskcapture: a meter's bytes as they came from the line, without what tells whose meter it is.

A capture helps others to see why a meter is not read, or to add a new one; the meter's number in it is its owner's.
rules.py says what is masked. Lengths stay, and so do frames: an intact one has its check made anew and stays intact,
a damaged one stays damaged.

What is encrypted can no longer be decrypted, key or not: the system title, which goes into the nonce (NIST SP
800-38D, 8.2.1; Green Book 9.2.3.4.7), is made of the meter's serial number. Its frames, lengths and invocation
counters stay; whoever wants the readings shared shares a capture without encryption.
"""

from array import array

from hanport.codes import GARBAGE, IDLE, INSIDE, MESSAGE, MORE, NOTIFICATION, UNKNOWN_LIST
from hanport.const import const
from hanport.dlms import GENERAL_BLOCK_TRANSFER, length_size
from hanport.fields import BEHIND, COUNTS, FIRST, HEAD, LAST, ROOM, TAIL
from hanport.hdlc import Hdlc
from hanport.link import Any
from hanport.loops import text, total, x25
from hanport.mbus import Mbus
from hanport.p1 import CRC_OF_SLASH, P1
from hanport.sealed import Sealed

from .rules import fill, is_digit, mask_address, mask_coded, mask_lines, mask_title, mask_words

_FLAG = const(0x7E)
_MBUS = const(0x68)
_ENVELOPE = const(0xDB)
_TAG_SIZE = const(12)
_SLASH = const(47)
_ZERO = const(48)
_STEP = const(128)  # bytes between yields
# Where a frame's beginning is lost, as a capture's first one's is: so many bytes of a number, and of what tells that
# it is one, may follow.
_LOST = const(18)
# On either side of a cut between two parts of a message: a code, a tag, a length, and most of an identifier.
_EDGE = const(32)


def mask(buffer, n):
    """Mask buffer[:n] in place, a bytearray; yields every few milliseconds, so that others can run meanwhile.

    `for _ in mask(buffer, n): ...`; until it has come to its end, numbers may stand in the buffer. Any bytes are
    legal, and nothing raises. Of heap it takes a kilobyte, and four bytes for each damaged frame.
    """
    capture = _Capture(buffer, n)
    state = capture.state
    link = Any([Hdlc(), Mbus(), P1(True), Sealed()])
    damaged = []  # where what was looked at began
    while state[HEAD] < n:
        head = state[HEAD]
        code = link.look(capture)
        if code == MESSAGE or code == NOTIFICATION:
            while capture.masks_between(head):
                yield
            capture.open_frame(head)
            while capture.masks(state[BEHIND], 0):
                yield
            capture.close_frame(head)
            if buffer[head] == _ENVELOPE:
                # No check says that it was whole: another one may begin in what seems to be its tag.
                state[HEAD] -= _TAG_SIZE
            continue
        yield
        if code == GARBAGE:
            capture.note_garbage(head)
        elif code != IDLE:
            if code == MORE or code == INSIDE:  # but no more will come
                link.restart(state)
                state[HEAD] = head + 1
            capture.has_begun = True
            damaged.append(head)
    while capture.masks_between(n):
        yield
    # Has masking made one of them intact, by chance? From the last one on, as what begins before may reach into it.
    while damaged:
        head = state[HEAD] = damaged.pop()
        link.restart(state)
        code = link.look(capture)
        if code == MESSAGE or code == NOTIFICATION:
            # A flag may be that of an intact frame before.
            buffer[head + (buffer[head] == _FLAG)] = _ZERO
        yield


class _Capture:
    """Stands in for the Receiver whose links find the frames: they look at the capture's own bytes."""

    def __init__(self, buffer, n):
        self.buffer = self.lent = buffer
        self.state = array("i", [0] * (COUNTS + UNKNOWN_LIST + 1))
        self.state[TAIL] = self.state[ROOM] = self.most = n
        self._pos = 0  # up to here all is masked
        # Of what is behind the last intact frame: whether a frame has begun in it, and what came before that.
        self.has_begun = False
        self._lost = self._lost_end = 0
        self._most_lost = _LOST
        self._first = 0  # of the data in the frame that is being masked
        self._part = None  # head, end, first and behind of the last frame, if its message is to go on

    def note_garbage(self, head):
        """No frame begins from `head` to HEAD."""
        if not self.has_begun:
            if not self._lost_end:
                self._lost = head
            self._lost_end = min(self.state[HEAD], self._lost + self._most_lost)

    def masks(self, end, faults):
        """Mask some more of what is before `end`; False when all is."""
        pos = self._pos
        if pos >= end:
            return False
        stop = min(pos + _STEP, end)
        mask_lines(self.buffer, pos, stop, end)
        mask_coded(self.buffer, pos, stop, end, faults)
        self._pos = mask_words(self.buffer, pos, stop, end, faults)
        return True

    def masks_between(self, end):
        """The same, where no frame is intact."""
        if self.masks(end, 1):
            return True
        fill(self.buffer, self._lost, self._lost_end, _ZERO)
        return False

    def open_frame(self, head):
        """A frame was found, from `head` to HEAD: mask what is in its envelope."""
        buffer = self.buffer
        state = self.state
        first = state[FIRST]
        if buffer[head] == _SLASH:
            first += 4  # by its maker's letters it is known as a telegram
        elif buffer[head] == _MBUS:
            mask_address(buffer, head, state[BEHIND])
        elif state[BEHIND] - first > 7 and buffer[first] == GENERAL_BLOCK_TRANSFER:
            state[LAST] = buffer[first + 1] & 0x80
            first += 6 + length_size(buffer, first + 6)
        mask_title(buffer, first, state[BEHIND])
        self._pos = self._first = first

    def close_frame(self, head):
        """The frame's data is masked: so be what it shares with the part before, and its check made anew."""
        buffer = self.buffer
        first, behind, end = self._first, self.state[BEHIND], self.state[HEAD]
        if self._part:
            _mask_joint(buffer, self._part, first, behind)
        _make_check(buffer, head, end)
        self._part = None if self.state[LAST] else (head, end, first, behind)
        self._pos = end
        self.has_begun = buffer[head] == _SLASH  # behind a telegram is its check
        self._lost = self._lost_end = 0
        self._most_lost = _LOST + _TAG_SIZE if buffer[head] == _ENVELOPE else _LOST


def _mask_joint(buffer, part, first, behind):
    """Mask what is cut in two by the end of a part and the beginning of the next one, buffer[first:behind]."""
    head, end, start, cut = part
    start = max(start, cut - _EDGE)
    stop = min(first + _EDGE, behind)
    joint = buffer[start:cut] + buffer[first:stop]
    n = len(joint)
    mask_coded(joint, 0, n, n, 0)
    mask_words(joint, 0, n, n, 0)
    buffer[start:cut] = joint[: cut - start]
    buffer[first:stop] = joint[cut - start :]
    _make_check(buffer, head, end)


def _make_check(buffer, head, end):
    """Make the check of the frame anew that begins at `head` and ends, as the links have it, before `end`."""
    if buffer[head] == _FLAG:
        check = x25(buffer, head + 1, end - 2, 0xFFFF) ^ 0xFFFF
        buffer[end - 2] = check & 0xFF
        buffer[end - 1] = check >> 8
    elif buffer[head] == _SLASH:
        _write_check(buffer, head, end)
    elif buffer[head] == _MBUS:
        buffer[end - 2] = total(buffer, head + 4, end - 2)


def _write_check(buffer, head, end):
    """Write a telegram's CRC behind its "!", if it has one: four digits, or as few as there were, while they do.

    More than there were go over the line end, which four digits do without.
    """
    state = array("i", (head + 1, CRC_OF_SLASH))
    text(buffer, end, state)
    crc = state[1]
    case = 0
    stop = end
    while stop < end + 4 and stop < len(buffer) and is_digit(buffer[stop]):
        case |= buffer[stop] & 0x60 == 0x60
        stop += 1
    while end < stop < end + 4 and stop < len(buffer) and crc >> 4 * (stop - end) and buffer[stop] in b"\r\n":
        stop += 1
    while stop > end:
        stop -= 1
        digit = crc & 15
        buffer[stop] = digit + 48 if digit < 10 else digit + (87 if case else 55)
        crc >>= 4
