"""Lists whose values stand alone and that do not say whose they are: they are known by their shape.

Austria, Switzerland, Slovenia, Croatia. The shape of a list is the tags of its elements (Blue Book, "common data
types"), and meters/ has the shapes, with what each element is. Other such lists begin with a description of all
their elements (Landis+Gyr's push of its "capture objects").

What a list leaves out, its scalers, is what the maker's table says; that is checked once for plausibility, as soon as
a list has what it takes: voltages, currents and powers that fit together, tariffs that do not exceed their sum. What
is doubtful is left out of the readings until the owner says how it is scaled.
"""

from .codes import PART_READ, READING
from .const import const
from .fields import COUNT, END, FIRST, KIND, LEFT, NOWHERE, POS, START, TEXT, WIDTH
from .link import NO_ROOM
from .loops import date_time, differ, notification, skip
from .plausible import Judge
from .registers import INDEX, SEARCH

_METER_ID = INDEX["meter_id"]
_LIST_VERSION = INDEX["list_version"]
_CLOCK_SIZE = const(12)
_MOST = const(64)  # elements
_LETTERS = const(3)
_NOBODY = const(0xFF)  # no letter
_ARRAY = const(1)
_OCTET_STRING = const(9)
_LAST_TEXT = const(12)
_DATE_TIME = const(25)  # the tag that a date-time in an octet-string is given here
_ANY = const(0xFF)  # in a shape: a tag that documents leave open
# Of an object in a description: structure of class (u16), OBIS code, attribute (i8), index (u16).
_OBJECT = b"\x02\x04\x12"
_OBJECT_SIZE = const(18)
_CODE_AT = const(7)
_ATTRIBUTE_AT = const(14)
_VALUE = const(2)  # the attribute that is the object's value


class Shapes:
    """Takes over from a ListReader where a list says nothing of itself."""

    def __init__(self):
        self._tags = bytearray(_MOST)
        self._places = bytearray(_MOST)
        self._letters = bytearray(_LETTERS)  # that the last list began with
        self._known = _shapes(self._letters)
        self._described = None  # how lists are scaled that describe themselves
        self._judge = Judge()
        self._is_new = True  # no list has been looked at

    def take(self, reader, receiver, reading):
        """A value without code, in a list where places tell nothing. It is the list's first, or behind codes."""
        state = reader.state
        buffer = receiver.buffer
        if self._is_new:
            self._is_new = False
            if self._find(reader, receiver):
                return
        if state[KIND] == TEXT and state[LEFT] == state[COUNT] - 1:
            if _is_clock(buffer, state[START] - 2):
                date_time(buffer, state[START], reading)
            else:
                reading.put_text(_LIST_VERSION, buffer, state[START], state[WIDTH])
                reading.mark_unknown()
        elif state[KIND] == TEXT and state[LEFT] == 0 and not reading.has(_LIST_VERSION):
            # Of Austrian lists with codes, which begin with a clock: the meter's number (Netz Niederoesterreich).
            reading.put_text(_METER_ID, buffer, state[START], state[WIDTH])

    def describe(self, reader, receiver):
        """The list's first element, at POS, has elements of its own: is it a description of all of them?"""
        state = reader.state
        buffer = receiver.buffer
        pos, end = state[POS], state[END]
        count = state[COUNT]
        if end - pos < 2 + count * _OBJECT_SIZE or count > _MOST or buffer[pos] != _ARRAY or buffer[pos + 1] != count:
            return
        pos += 2
        for place in range(count):
            if differ(buffer, pos, _OBJECT, 0, len(_OBJECT)):
                return
            is_value = place and buffer[pos + _ATTRIBUTE_AT] == _VALUE
            self._places[place] = _register(buffer, pos + _CODE_AT) if is_value else NOWHERE
            pos += _OBJECT_SIZE
        if not self._described:
            try:
                self._described = _module("lgz").SCALERS
            except NO_ROOM:
                return  # perhaps there is the next time
        reader.follow(self._places, count, self._described)
        self._judge.begin(reader.scalers)

    def end(self, status, receiver, reading):
        """A list has been read: what comes of it, READING, PART_READ or something else."""
        self._is_new = True
        is_due, self._judge.is_due = self._judge.is_due, False
        if status == READING and is_due:
            receiver.doubtful = self._judge.judge(reading)
            if reading.unreadable:
                return PART_READ
        return status

    def _find(self, reader, receiver):
        """Has the list one of the known shapes? Then it is begun anew, by its places."""
        state = reader.state
        buffer = receiver.buffer
        end = state[END]
        count = state[COUNT]
        first = notification(buffer, receiver.state[FIRST], end) + 2
        if count > _MOST or buffer[first - 1] != count or not self._read_tags(buffer, first, end, count):
            return False
        self._look_up(buffer, first)
        for tags, places, scalers in self._known:
            if self._fits(tags, count):
                state[POS] = first
                state[LEFT] = count
                reader.follow(places, count, scalers)
                self._judge.begin(reader.scalers)
                return True
        return False

    def _read_tags(self, buffer, pos, end, count):
        """The tags of all elements, texts alike; False when they are not whole."""
        for i in range(count):
            if pos < 0 or pos >= end:
                return False
            tag = buffer[pos]
            if _OCTET_STRING <= tag <= _LAST_TEXT:
                tag = _DATE_TIME if _is_clock(buffer, pos) else _OCTET_STRING
            self._tags[i] = tag
            pos = skip(buffer, pos, end)
        return pos == end

    def _look_up(self, buffer, first):
        """The shapes of the maker whose three letters the list begins with, and those of nobody in particular."""
        is_text = self._tags[0] == _OCTET_STRING and buffer[first + 1] >= _LETTERS
        if not differ(buffer, first + 2, self._letters, 0, _LETTERS) or not (is_text or self._letters[0]):
            return
        for i in range(_LETTERS):
            self._letters[i] = buffer[first + 2 + i] if is_text else 0
        try:
            self._known = _shapes(self._letters)
        except NO_ROOM:
            self._known = ()
            self._letters[0] = _NOBODY  # with the next list it is tried again

    def _fits(self, tags, count):
        if len(tags) != count:
            return False
        for i in range(count):
            if tags[i] != self._tags[i] and tags[i] != _ANY:
                return False
        return True


def _module(name):
    """A maker's. Raises ImportError when there is none, or as link.NO_ROOM says."""
    return __import__(__name__[: __name__.rfind(".")] + ".meters." + name, None, None, ("SCALERS",))


def _shapes(letters):
    """The shapes of the maker with these three letters, if there are any, and of nobody in particular. Raises as
    link.NO_ROOM says."""
    name = "".join(chr(letter | 0x20) for letter in letters)
    module = None
    if name.isalpha():
        try:
            module = _module(name)
        except ImportError:
            pass  # most have none
    return getattr(module, "SHAPES", ()) + _module("unnamed").SHAPES


def _is_clock(buffer, pos):
    """True for a date-time of this century in an octet-string."""
    return buffer[pos + 1] == _CLOCK_SIZE and 0x07 <= buffer[pos + 2] <= 0x08


def _register(buffer, pos):
    """The register of the OBIS code at buffer[pos]; NOWHERE of any other."""
    if buffer[pos] > 0x3F or buffer[pos + 5] != 0xFF:
        return NOWHERE
    code = buffer[pos] << 24 | buffer[pos + 2] << 16 | buffer[pos + 3] << 8 | buffer[pos + 4]
    low, high = 0, SEARCH[0]
    while low < high:
        middle = (low + high) >> 1
        if SEARCH[1 + 2 * middle] == code:
            return SEARCH[2 + 2 * middle]
        if SEARCH[1 + 2 * middle] < code:
            low = middle + 1
        else:
            high = middle
    return NOWHERE


def make(unchecked):
    """As link.make() has it."""
    return Shapes()
