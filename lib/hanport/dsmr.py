"""The lines of a P1 telegram that registers.py has no row for: see extras.py.

0-0:96.1.1(4B384547303034303436333935353037)               the meter's number, its ASCII in hexadecimal
0-0:96.14.0(0002)                                          tariff
1-0:1.6.0(200509134558S)(02.589*kW)                        monthly peak: when, how much
0-1:24.1.0(003)                                            channel 1 has a gas meter (EN 13757-3, device types)
0-1:96.1.0(4730303032333430)                               its number
0-1:24.2.1(101209110000W)(12785.123*m3)                    when it was read, what it showed
0-1:24.3.0(101209110000)(00)(60)(1)(0-1:24.2.1)(m3)        the same up to DSMR 3
(12785.123)
"""

from .const import const
from .extras import CODES, GAS, HEAT, MONTH_PEAK, UNITS, WATER, Extras
from .fields import BAD, CODE, END, HIGH, ITEM, KIND, LINE, LOW, NUMBER, POS, SCALER, START, UNIT, WIDTH
from .loops import differ
from .registers import INDEX

_METER_ID = INDEX["meter_id"]
_ID_CODE = const(0x00600101)
_SHORTEST = const(12)  # bytes of a line with a channel: 0-1:24.1.0(3
_LONGEST_ID = const(32)
_OPEN = const(40)
_CLOSE = const(41)
_STAR = const(42)
_POINT = const(46)
# What stands behind "0-n:".
_TYPE = b"24.1.0("
_VALUE = b"24.2."
_OLD_VALUE = b"24.3.0("
_ID = b"96.1."
# Device types to registers of extras.py: gas; heat, at the outlet and at the inlet; water: warm, cold, hot, cold.
_KINDS = {3: GAS, 4: HEAT, 12: HEAT, 6: WATER, 7: WATER, 21: WATER, 22: WATER}
_OTHER_KIND = const(255)
# The unit as it is written: the powers of ten to the register's, 10^3 of which are stored.
_SHIFTS = {b"m3": 0, b"GJ": 0, b"MJ": -3}
# For each pair of digits of a time, the least and the most. Meters that were never read say years from 63 on.
_LEAST = b"\x00\x01\x01\x00\x00\x00"
_MOST = b"\x3e\x0c\x1f\x17\x3b\x3b"
_PLACES = b"\x02\x05\x08\x0b\x0e\x11"  # of these in a time of ISO 8601
_TIME_SIZE = const(19)
_LARGEST = const(0x3FFFFFFF)  # an integer that takes no heap
_MOST_TENTH = const(0x6666665)


class ExtraLines:
    """Reads them into Reading.more."""

    def __init__(self):
        self._kinds = bytearray(10)  # by channel; 0 while its type has not been said
        self._id = bytearray(_LONGEST_ID)  # the last number of a channel
        self._id_size = self._id_channel = 0
        self._time = bytearray(b"2000-00-00T00:00:00")

    def begin(self):
        """Another telegram: nothing is known of its channels."""
        self._id_size = self._id_channel = 0
        for channel in range(len(self._kinds)):
            self._kinds[channel] = 0

    def take(self, state, buffer, reading):
        """The line at LINE has a code that the table has not. BAD when it makes no sense."""
        if reading.more is None:
            reading.more = Extras(reading.store)
        at = state[LINE]
        has_channel = state[POS] - at > _SHORTEST and buffer[at] == 0x30 and buffer[at + 3] == 0x3A
        if has_channel and 0x31 <= buffer[at + 2] <= 0x39:
            return self._take_channel(state, buffer, reading.more, buffer[at + 2] - 0x30)
        if state[CODE] == _ID_CODE:
            size = _characters(buffer, state[START], state[WIDTH], self._id)
            reading.put_text(_METER_ID, self._id, 0, size)
            self._id_size = 0
        elif state[CODE] > 0:
            return self._take_own(state, buffer, reading.more)
        return ITEM

    def _take_own(self, state, buffer, extras):
        """A line of the meter itself."""
        code = state[CODE] & 0xFFFFFF
        index = 0
        while CODES[index] != code:
            index += 1
            if index == GAS:
                return ITEM
        number = _number(state, state[SCALER])
        if state[UNIT] != UNITS[index] or number < 0:
            return BAD
        if index == MONTH_PEAK:
            if not self._read_time(buffer, state[LINE], state[POS]):
                return ITEM  # the month has none yet
            extras.put_text(index + 1, self._time, 0, _TIME_SIZE)
        extras.put(index, number)
        return ITEM

    def _take_channel(self, state, buffer, extras, channel):
        """A line of a meter behind this one."""
        at = state[LINE] + 4
        if not differ(buffer, at, _TYPE, 0, len(_TYPE)):
            self._kinds[channel] = _KINDS.get(state[LOW], _OTHER_KIND)
        elif not differ(buffer, at, _ID, 0, len(_ID)):
            # Of several, as Fluvius' meters have, the first: another is the number of the connection.
            if channel != self._id_channel:
                self._id_channel = channel
                self._id_size = _characters(buffer, state[START], state[WIDTH], self._id)
        elif not differ(buffer, at, _VALUE, 0, len(_VALUE)):
            return self._take_value(state, buffer, extras, channel)
        elif not differ(buffer, at, _OLD_VALUE, 0, len(_OLD_VALUE)):
            return self._take_old_value(state, buffer, extras, channel)
        return ITEM

    def _take_old_value(self, state, buffer, extras, channel):
        """The unit in the last bracket, the number on the next line."""
        start, stop = state[START], state[START] + state[WIDTH]
        if _read_number(state, buffer):
            return self._put(state, buffer, extras, channel, start, stop)
        return BAD

    def _take_value(self, state, buffer, extras, channel):
        """The number and its unit in the last bracket."""
        start, stop = state[START], state[START] + state[WIDTH]
        while start < stop and buffer[start] != _STAR:
            start += 1
        return self._put(state, buffer, extras, channel, start + 1, stop)

    def _put(self, state, buffer, extras, channel, unit, stop):
        """Store what a meter showed. Nothing, when nobody knows the unit or it was never read."""
        kind = self._kinds[channel] or GAS
        shift = _shift_of(buffer, unit, stop)
        id_size = self._id_size if channel == self._id_channel else 0
        self._id_channel = 0
        if kind == _OTHER_KIND or shift is None or not self._read_time(buffer, state[LINE], state[POS]):
            return ITEM
        number = _number(state, state[SCALER] + shift + 3)
        if number < 0:
            return BAD
        # A meter that was exchanged may stay on its channel, with its last time.
        if not extras.has(kind) or extras.is_later(kind + 1, self._time):
            extras.put(kind, number)
            extras.put_text(kind + 1, self._time, 0, _TIME_SIZE)
            if id_size:
                extras.put_text(kind + 2, self._id, 0, id_size)
        return ITEM

    def _read_time(self, buffer, pos, end):
        """Take YYMMDDhhmmss out of a line's first bracket; False when there is no such time."""
        while pos < end and buffer[pos] != _OPEN:
            pos += 1
        pos += 1
        if end - pos < 12:
            return False
        for i in range(6):
            tens, ones = buffer[pos], buffer[pos + 1]
            if not (0x30 <= tens <= 0x39 and 0x30 <= ones <= 0x39):
                return False
            if not _LEAST[i] <= 10 * (tens - 0x30) + ones - 0x30 <= _MOST[i]:
                return False
            self._time[_PLACES[i]], self._time[_PLACES[i] + 1] = tens, ones
            pos += 2
        return True


def _number(state, shift):
    """The number that was read x 10^shift; -1 when there is none, or it is not whole or too large."""
    number = state[LOW]
    if state[KIND] != NUMBER or state[HIGH] or number > _LARGEST:
        return -1
    while shift > 0 and 0 <= number <= _MOST_TENTH:
        number *= 10
        shift -= 1
    while shift < 0 and number % 10 == 0:
        number //= 10
        shift += 1
    return -1 if shift else number


def _read_number(state, buffer):
    """Read `(00024.123)` behind the line's end, as lines() does a bracket; False when there is none."""
    pos, end = state[POS], state[END]
    while pos < end and buffer[pos] <= 32:
        pos += 1
    if pos >= end or buffer[pos] != _OPEN:
        return False
    state[LOW] = state[HIGH] = state[SCALER] = has_point = 0
    pos += 1
    while pos < end and buffer[pos] != _CLOSE:
        if buffer[pos] == _POINT and not has_point:
            has_point = 1
        elif 0x30 <= buffer[pos] <= 0x39 and state[LOW] <= _MOST_TENTH:
            state[LOW] = state[LOW] * 10 + buffer[pos] - 0x30
            state[SCALER] -= has_point
        else:
            return False
        pos += 1
    state[KIND] = NUMBER
    return pos < end


def _shift_of(buffer, start, stop):
    """What _SHIFTS has of the unit in buffer[start:stop]; None of any other."""
    for unit in _SHIFTS:
        if stop - start == len(unit) and not differ(buffer, start, unit, 0, len(unit)):
            return _SHIFTS[unit]
    return None


def _characters(buffer, start, size, into):
    """Write what hexadecimal digits spell, or the text itself where they are none; how many bytes that is."""
    count = size >> 1
    if size & 1 or count > len(into):
        count = 0
    for i in range(count):
        octet = _digit(buffer[start + 2 * i]) << 4 | _digit(buffer[start + 2 * i + 1])
        if not 32 <= octet < 127:
            count = 0
            break
        into[i] = octet
    if count:
        return count
    count = min(size, len(into))
    for i in range(count):
        into[i] = buffer[start + i]
    return count


def _digit(octet):
    """The value of a hexadecimal digit; more than any byte has, for anything else."""
    if 0x30 <= octet <= 0x39:
        return octet - 0x30
    octet |= 0x20
    return octet - 87 if 97 <= octet <= 102 else 256
