"""Bytes in, readings out: the decoder's one entrance."""

from array import array

from .codes import (
    BYTES,
    FRAMES,
    FULL,
    IDLE,
    INCOMPLETE,
    INSIDE,
    LOST_BYTES,
    MALFORMED,
    MESSAGE,
    NO_KEY,
    NOTIFICATION,
    PART_READ,
    READING,
    REPLAYED,
    TOO_LONG,
    UNKNOWN_APDU,
    UNKNOWN_LIST,
    UNREADABLE,
)
from .const import const
from .counts import NAMES, count
from .dlms import DATA_NOTIFICATION, GENERAL_BLOCK_TRANSFER, GENERAL_GLO_CIPHERING
from .fields import BEHIND, COUNTS, FED, FIRST, FRONT, GIVEN, HEAD, IS_AUTO, LAST, LENT, PART, ROOM, TAIL, UNCHECKED
from .hdlc import Hdlc
from .link import Any, Later, begins_mbus, begins_p1, begins_sealed, load, make
from .lists import ListReader
from .loops import copy, fetch, lend, walk
from .registers import VAR, VARH, WH, A, V, W

LINKS = ("auto", "line", "hdlc", "mbus", "p1", "llc", "apdu")
# What the owner's multipliers are of.
_QUANTITIES = {"voltage": (V,), "current": (A,), "power": (W, VAR), "energy": (WH, VARH)}
_SHORTEST_APDU = 13  # Data-Notification without a time, of a structure of one number
_SMALLEST_BUFFER = 64
_FIRST_BUFFER = const(2112)  # holds every HDLC frame and all that Norwegian meters send
_SLASH = const(0x2F)
_TAG_SIZE = const(12)


class Receiver:
    """Finds frames in a stream of bytes and reads the lists in them.

        receiver.feed(buffer, n)
        while receiver.next(reading):
            ...

    Any bytes are legal input; nothing raises. All memory is allocated here, and when a module is imported: for
    the first list of each maker, the first telegram, M-Bus frame, or message in parts; and once for more buffer, when
    something comes that is longer than most meters' messages.
    `size` bytes of receive buffer bound the longest frame, and the longest message of several frames.

    `doubtful` is what the maker's table scales doubtfully, "voltage", "current", "power" or "energy", or "" for
    nothing: it is left out of the readings until `scalers` says how it is scaled.

    `reads_more` may be set to False while nobody wants Reading.more, what only some meters send: where nobody else
    holds it, its heap is free then.

    `counters` has: bytes, frames (intact ones), readings; lost_bytes (fed before the bytes before them had been
    fetched by next()); unreadable (registers left out of a reading: no number, no date, another unit, no scaler
    known); and every name in REASONS (codes.py).
    """

    def __init__(self, link="auto", size=4096, key=None, auth_key=None, scalers=None, unchecked=False):
        """`link` is "hdlc", "mbus" or "p1"; "line" is whichever of these begins; for dumps "llc" or "apdu" (no
        checks!); "auto" is "line" and a feed() of nothing but whole APDUs with or without LLC header, as long as no
        damaged frame has come.

        `key`, `auth_key`: 16 bytes each, for encrypted meters. `scalers`: {"voltage" | "current" | "power" |
        "energy": power of ten from the meter's number to V, A, W, Wh}, for lists that carry none. `unchecked`: take
        P1 telegrams without a CRC. ValueError when any of these is impossible."""
        if link not in LINKS:
            raise ValueError("link must be one of " + ", ".join(LINKS))
        if auth_key and not key:
            raise ValueError("an authentication key alone opens nothing: give both keys")
        if size < _SMALLEST_BUFFER:
            raise ValueError("size must be at least " + str(_SMALLEST_BUFFER))
        self.most = size  # that a frame can have; `state[ROOM]` is what there is room for now
        size = min(size, _FIRST_BUFFER)
        self.buffer = bytearray(size)
        self.state = array("i", [0] * (COUNTS + len(NAMES)))
        self.state[ROOM] = size
        self.doubtful = ""
        self.reads_more = True
        self._bare = ()
        self._framed = self._link_named(link, unchecked)
        self._wants_auto = link == "auto"
        self._lists = ListReader(_by_unit(scalers or {}))
        self._parts = self._telegrams = self._ciphering = None
        self._may_have_telegrams = link == "auto" or link == "line" or link == "p1" or key is not None
        if key is not None:
            from .ciphering import Ciphering

            self._ciphering = Ciphering(key, auth_key)
        self.reset()

    def _link_named(self, name, unchecked):
        """The links are imported as they are wanted: a dongle's line needs not all of them."""
        if name == "hdlc":
            return Hdlc()
        if name == "llc" or name == "apdu" or name == "auto":
            from .bare import APDU, LLC, Bare

            self._bare = (Bare(LLC), Bare(APDU))
            if name != "auto":
                return self._bare[name == "apdu"]
        if name == "mbus":
            return Any([make(name, unchecked)])
        if name == "p1":
            return Any([make(name, unchecked), make("sealed", unchecked)])
        links = [Hdlc()]
        links.append(Later(links, "mbus", b"\x68", begins_mbus, unchecked))
        links.append(Later(links, "p1", b"/", begins_p1, unchecked))
        links.append(Later(links, "sealed", b"\xdb", begins_sealed, unchecked))
        return Any(links)

    @property
    def counters(self):
        """{name: count}; for hosts, and for what is said once a minute: it allocates."""
        return {name: self.state[COUNTS + i] for i, name in enumerate(NAMES)}

    @property
    def frames(self):
        """How many intact frames have come."""
        return self.state[COUNTS + FRAMES]

    def reset(self):
        """Forget every byte that has come; the counters stand."""
        state = self.state
        state[HEAD] = state[TAIL] = state[FED] = state[GIVEN] = 0
        self.lent = b""
        state[LENT] = 0
        state[IS_AUTO] = self._wants_auto
        self._framed.restart(state)
        state[FRONT] = 0
        if self._parts:
            self._parts.drop(state)
        self._take_link(self._framed)

    def _take_link(self, link):
        self._link = link
        self._look = link.look

    def feed(self, buffer, n=None):
        """Lend buffer[:n] to the receiver, until next() has returned False."""
        if buffer is not self.lent or n is None or not lend(self, n):
            self._feed_with_care(buffer, n)

    def _feed_with_care(self, buffer, n):
        """Another buffer is lent; or some of the bytes before have not been fetched; or it may be a dump."""
        state = self.state
        if state[FED] < state[GIVEN]:
            fetch(self)
            count(state, LOST_BYTES, state[GIVEN] - state[FED])
            if state[FED] < state[GIVEN] and self._parts:
                self._parts.lose(state)
        size = len(buffer)
        if n is None or n > size:
            n = size
        self.lent = buffer
        state[LENT] = size
        state[FED] = 0
        state[GIVEN] = n
        count(state, BYTES, n)
        if state[IS_AUTO]:
            self._choose_link(buffer, n)

    def next(self, reading):
        """Fill the reading from the next list; False when more bytes are needed first."""
        while True:
            code = self._look(self)
            if not code:
                return False
            if code == NOTIFICATION:
                code = walk(self._lists, self, reading)
                if code == READING:
                    return True
                code = self._lists.go_on(code, self, reading)
            elif code == MESSAGE:
                code = self._take(reading)
            elif code == INSIDE:
                code = self._link.look_inside(self.buffer, self.state)
                if not code:
                    return False
            elif code == FULL:
                self._make_room()
            elif code != IDLE:
                self._note_damage()
            if code > 0:
                count(self.state, code)
                reading.clear()
            elif code == READING:
                return True
            elif code == PART_READ:
                count(self.state, UNREADABLE, reading.unreadable)
                count(self.state, UNKNOWN_LIST, not reading.known)
                return True

    def _note_damage(self):
        """What comes now may be a part of a damaged frame, or belong to another message."""
        self.state[IS_AUTO] = 0
        if self._parts:
            self._parts.lose(self.state)

    def _choose_link(self, buffer, n):
        """Bare APDUs have no check, so they count only where nothing else can be meant: a feed of only them, with no
        frame begun, and no damaged one before."""
        state = self.state
        link = self._framed
        if n >= _SHORTEST_APDU and state[TAIL] - state[HEAD] < 2:
            for bare in self._bare:
                if bare.is_all(buffer, n):
                    state[HEAD] = state[TAIL]
                    link = bare
        if link is not self._link:
            self._take_link(link)

    def _make_room(self):
        """Bytes wait, and more of them are needed: is the buffer full with something that is not whole?"""
        state = self.state
        if state[TAIL] < state[ROOM] or state[HEAD] > state[FRONT] or self._grow():
            return
        if state[FRONT]:
            self._parts.drop(state)
        else:
            self._link.restart(state)
            state[HEAD] += 1
        count(state, TOO_LONG)

    def _grow(self):
        """Take the buffer of the whole size, when this is not it and there is heap for it now."""
        state = self.state
        if state[ROOM] == self.most:
            return False
        try:
            buffer = bytearray(self.most)
        except MemoryError:
            return False
        copy(self.buffer, 0, buffer, 0, state[TAIL])
        self.buffer = buffer
        state[ROOM] = self.most
        return True

    def _take(self, reading):
        """Take an intact frame that is no whole Data-Notification: READING, PART_READ, MORE or a reason."""
        state = self.state
        reading.clear()
        if state[FRONT] or not state[LAST] or state[PART] > 0:
            if not self._has_parts():
                return INCOMPLETE
            code = self._parts.add(self.buffer, state)
            if code != MESSAGE:
                return code
        return self._read(reading)

    def _read(self, reading):
        """Read the message buffer[FIRST:BEHIND]: READING, PART_READ, MORE when blocks are to follow, or
        a reason."""
        state = self.state
        start = state[FIRST]
        if start >= state[BEHIND]:
            return MALFORMED
        tag = self.buffer[start]
        if tag == DATA_NOTIFICATION:
            return self._lists.read(self, reading)
        if tag == GENERAL_GLO_CIPHERING:
            code = self._read_sealed(reading)
            if code > 0 and state[LAST] >= UNCHECKED:
                state[HEAD] -= _TAG_SIZE  # of lost bytes the next envelope has made up, and begins in what was no tag
            return code
        if tag == GENERAL_BLOCK_TRANSFER:
            return self._read_block(reading)
        if tag == _SLASH and self._has_telegrams():
            return self._telegrams.read(self, start, state[BEHIND], reading)
        return UNKNOWN_APDU

    def _read_block(self, reading):
        state = self.state
        if not self._has_parts():
            return INCOMPLETE
        code = self._parts.add_block(self.buffer, state)
        if code != MESSAGE:
            return code
        # Blocks in blocks would be a joke, and a deep one.
        if state[FIRST] < state[BEHIND] and self.buffer[state[FIRST]] == GENERAL_BLOCK_TRANSFER:
            return UNKNOWN_APDU
        return self._read(reading)

    def _read_sealed(self, reading):
        """Open an envelope, and read what is in it: a Data-Notification or a telegram, but no further envelope."""
        ciphering = self._ciphering
        if ciphering is None:
            return NO_KEY
        state = self.state
        start = ciphering.open(self.buffer, state[FIRST], state[BEHIND])
        if start < 0:
            return -start
        if state[LAST] >= UNCHECKED:
            count(state, FRAMES)
            if self.buffer[start] == DATA_NOTIFICATION and not ciphering.is_verified:
                return MALFORMED  # it stood in a damaged frame
        if ciphering.replayed:
            count(state, REPLAYED, ciphering.replayed)
            ciphering.replayed = 0
        if self.buffer[start] != DATA_NOTIFICATION:
            if not self._has_telegrams():
                return UNKNOWN_APDU
            is_sure = ciphering.is_verified
            return self._telegrams.read_sealed(self, start, ciphering.stop, is_sure, state[LAST], reading)
        state[FIRST] = start
        state[BEHIND] = ciphering.stop
        return self._lists.read(self, reading)

    # What most meters never need; where there is no room for it now, there may be the next time.

    def _has_parts(self):
        if not self._parts:
            self._parts = load("parts")
        return self._parts

    def _has_telegrams(self):
        if not self._telegrams and self._may_have_telegrams:
            self._telegrams = load("telegram")
        return self._telegrams


def _by_unit(scalers):
    """{DLMS unit: power of ten} from {quantity: power of ten}."""
    found = {}
    for quantity, scaler in scalers.items():
        if quantity not in _QUANTITIES or not isinstance(scaler, int) or not -9 <= scaler <= 9:
            raise ValueError("scalers must be whole numbers from -9 to 9, of " + ", ".join(sorted(_QUANTITIES)))
        for unit in _QUANTITIES[quantity]:
            found[unit] = scaler
    return found
