"""One reusable reading: what a meter said in one list."""

from array import array

from . import clock
from .const import const
from .fields import LIST, STAMP, TEXT_SIZE, UNKNOWN, UNREADABLE, VALUES
from .loops import begin, copy, date_time
from .registers import COUNT, DECIMALS, INDEX, KEYS, SEARCH, TEXT, TIMESTAMP

_DST = INDEX["timestamp_dst"]

_CLOCK = TEXT_SIZE * TIMESTAMP  # the registers before the timestamp are texts
_NO_DATE_TIME = b"\0\0\0\0\0\0\0\0\0\x80\0\0"  # with its deviation not specified
_SMALL = const(0x40000000)  # integers below take no heap
_TOO_WIDE = 1 << 63
_POWERS_OF_TEN = (1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000)


class Reading:
    """The registers of one list, in fixed fields that the next list overwrites.

    `list` is 1 (power alone), 2 (instantaneous values) or 3 (with energy registers): by content, not by the
    maker's own name for it. Values are integers in the register's unit: W, var, Wh, varh, mA, mV, 1/1000, minutes.
    `unreadable` counts registers that the list carried in a form that could not be read; they are absent.
    `known` is False when the list has an id that no maker's module names, or none at all and registers that it does
    not scale itself: what it says for itself is read all the same.
    """

    def __init__(self):
        # The head and the values (fields.py); a value is there when its stamp is this reading's, so that forgetting
        # them all is one addition. The loops over bytes write here too.
        self.store = array("i", [0] * (VALUES + 3 * COUNT))
        self.texts = bytearray(_CLOCK + clock.SIZE)
        self._date_time = bytearray(_NO_DATE_TIME)
        self.more = None  # the Extras (extras.py), once a list has had any
        self.clear()

    @property
    def list(self):
        return self.store[LIST]

    @property
    def unreadable(self):
        return self.store[UNREADABLE] & UNKNOWN - 1

    @property
    def known(self):
        return self.store[UNREADABLE] < UNKNOWN

    # Reading out

    def get(self, key):
        """The register's value, or None when this list did not carry it.

        An integer with the register's fixed decimals (`registers.DECIMALS`; l1_current_a 4600 is 4.6 A), or bytes.
        """
        if key in INDEX:
            return self.value(INDEX[key])
        return self.more.get(key) if self.more else None

    def value(self, index):
        """As get(), by the register's number."""
        if not self.has(index):
            return None
        if DECIMALS[index] != TEXT:
            low = self.store[VALUES + 3 * index]
            high = self.store[VALUES + 3 * index + 1]
            return low if high == (0 if low >= 0 else -1) else (high << 32) + (low & 0xFFFFFFFF)
        text = bytearray(TEXT_SIZE)
        return bytes(text[: self.text_into(index, text, 0)])

    def has(self, index):
        """True when this list carried the register."""
        return self.store[VALUES + 3 * index + 2] == self.store[STAMP]

    def __iter__(self):
        """(key, value, decimals) of every register that the list carried; texts are bytes, decimals None."""
        for index in range(COUNT):
            if self.has(index):
                decimals = DECIMALS[index]
                yield KEYS[index], self.value(index), None if decimals == TEXT else decimals
        yield from self.more or ()

    def as_dict(self):
        """{key: value} in SI units: int, float where there are decimals, str. For hosts: it allocates."""
        found = {}
        for key, value, decimals in self:
            if decimals is None:
                value = "".join(chr(octet) for octet in value)
            elif decimals:
                value = value / _POWERS_OF_TEN[decimals]
            found[key] = value
        return found

    def date_time(self):
        """(year, month, day, hour, minute, second) of the timestamp; None when this list carried none."""
        if not self.has(TIMESTAMP):
            return None
        clock = self.texts
        year = clock[_CLOCK] << 8 | clock[_CLOCK + 1]
        return (year,) + tuple(clock[_CLOCK + 2 : _CLOCK + 7])

    def text_into(self, index, buffer, pos):
        """Write a text register's bytes to buffer[pos:], which has room for 32; returns how many there are."""
        if index == TIMESTAMP:
            return clock.write(self.texts, _CLOCK, buffer, pos)
        size = self.store[VALUES + 3 * index]
        copy(self.texts, TEXT_SIZE * index, buffer, pos, size)
        return size

    # Filling; for the decoders of lists

    def clear(self):
        """Forget all values."""
        begin(self.store)

    def refuse(self):
        """Count a register that cannot be read."""
        self.store[UNREADABLE] += 1

    def mark_unknown(self):
        """Say that nobody knows this list."""
        self.store[UNREADABLE] |= UNKNOWN

    def put(self, index, value):
        """Store an integer of at most 64 bits as it is; of a text, its size."""
        store = self.store
        at = VALUES + 3 * index
        if -_SMALL <= value < _SMALL:
            store[at] = value
            store[at + 1] = value >> 31
        else:
            low = value & 0xFFFFFFFF
            store[at] = low - 0x100000000 if low > 0x7FFFFFFF else low
            store[at + 1] = value >> 32
        store[at + 2] = store[STAMP]
        of_list = SEARCH[1 + 2 * SEARCH[0] + index] >> 12
        if of_list > store[LIST]:
            store[LIST] = of_list

    def put_number(self, index, raw, scaler):
        """Store raw x 10^scaler (SI units) exactly, in the register's unit.

        What has decimals that the register has not stays out and is counted.
        """
        shift = scaler + DECIMALS[index]
        if shift:
            if not -9 <= shift <= 9:
                self.refuse()
                return
            if shift > 0:
                raw *= _POWERS_OF_TEN[shift]
            else:
                power = _POWERS_OF_TEN[-shift]
                if raw % power:
                    self.refuse()
                    return
                raw //= power
        if -_TOO_WIDE <= raw < _TOO_WIDE:
            self.put(index, raw)
        else:
            self.refuse()

    def put_text(self, index, buffer, start, size):
        """Store a text without the NULs that pad it; one of nothing but NULs is absent, a long one is cut."""
        if size > TEXT_SIZE:
            size = TEXT_SIZE
        while size and buffer[start + size - 1] == 0:
            size -= 1
        if size:
            copy(buffer, start, self.texts, TEXT_SIZE * index, size)
            self.put(index, size)

    def put_decimal(self, index, number):
        """Store a number of a text register as its decimal digits."""
        texts = self.texts
        at = TEXT_SIZE * index
        size = 1
        while size < 10 and number >= _POWERS_OF_TEN[size]:
            size += 1
        for i in range(size - 1, -1, -1):
            texts[at + i] = 48 + number % 10
            number //= 10
        self.put(index, size)

    def put_clock_text(self, buffer, start, size):
        """Store the time of a P1 telegram; an S or W behind it is timestamp_dst, 1 or 0."""
        if not clock.put_digits(buffer, start, size, self._date_time):
            self.refuse()
            return
        date_time(self._date_time, 0, self)
        season = buffer[start + size - 1]
        if self.has(TIMESTAMP) and (season == 0x53 or season == 0x57):
            self.put(_DST, 1 if season == 0x53 else 0)
