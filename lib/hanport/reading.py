"""One reusable reading: what a meter said in one list."""

from .const import const
from .registers import COUNT, DECIMALS, INDEX, KEYS, TEXT, is_energy

_TEXT_SIZE = const(32)
_CLOCK_SIZE = const(12)

_TIMESTAMP = INDEX["timestamp"]
_UTC_OFFSET = INDEX["utc_offset_min"]
_POWER_IMPORT = INDEX["power_import_w"]

_DAYS = bytes((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
_POWERS_OF_TEN = (1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000)


class Reading:
    """The registers of one list, in fixed fields that the next list overwrites.

    `list` is 1 (power alone), 2 (instantaneous values) or 3 (with energy registers): by content, not by the
    maker's own name for it. Values are integers in the register's unit: W, var, Wh, varh, mA, mV, minutes.
    `unreadable` counts registers that the list carried in a form that could not be read; they are absent.
    """

    def __init__(self):
        self.list = self.unreadable = 0
        self._values = [None] * COUNT  # integers; of texts, their size
        self._texts = [bytearray(_TEXT_SIZE) for _ in range(_TIMESTAMP)]
        self._clock = bytearray(_CLOCK_SIZE)

    # Reading out

    def get(self, key):
        """The register's value, or None when this list did not carry it.

        An integer with the register's fixed decimals (`registers.DECIMALS`; l1_current_a 4600 is 4.6 A), or bytes.
        """
        return self.value(INDEX[key]) if key in INDEX else None

    def value(self, index):
        """As get(), by the register's number."""
        value = self._values[index]
        if value is None or DECIMALS[index] != TEXT:
            return value
        text = bytearray(_TEXT_SIZE)
        return bytes(text[: self.text_into(index, text, 0)])

    def has(self, index):
        """True when this list carried the register."""
        return self._values[index] is not None

    def __iter__(self):
        """(key, value, decimals) of every register that the list carried; texts are bytes, decimals None."""
        for index in range(COUNT):
            if self._values[index] is not None:
                decimals = DECIMALS[index]
                yield KEYS[index], self.value(index), None if decimals == TEXT else decimals

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

    def text_into(self, index, buffer, pos):
        """Write a text register's bytes to buffer[pos:], which has room for 32; returns how many there are."""
        if index == _TIMESTAMP:
            return _write_clock(self._clock, buffer, pos)
        text = self._texts[index]
        size = self._values[index]
        for i in range(size):
            buffer[pos + i] = text[i]
        return size

    # Filling; for the decoders of lists

    def clear(self):
        """Forget all values."""
        values = self._values
        for i in range(COUNT):
            values[i] = None
        self.list = 0
        self.unreadable = 0

    def put_number(self, index, raw, scaler):
        """Store raw x 10^scaler (SI units) exactly, in the register's unit.

        What is no number (None), or has decimals that the register has not, stays out and is counted.
        """
        shift = scaler + DECIMALS[index]
        if raw is None or not 0 <= shift <= 9 or DECIMALS[index] == TEXT:
            self.unreadable += 1
        else:
            self._values[index] = raw * _POWERS_OF_TEN[shift]

    def put_text(self, index, buffer, start, size):
        """Store a text without the NULs that pad it; one of nothing but NULs is absent, a long one is cut."""
        if size > _TEXT_SIZE:
            size = _TEXT_SIZE
        while size and buffer[start + size - 1] == 0:
            size -= 1
        if size:
            text = self._texts[index]
            for i in range(size):
                text[i] = buffer[start + i]
            self._values[index] = size

    def put_clock(self, buffer, start):
        """Store a 12-byte DLMS date-time (Blue Book 4.1.6.1): timestamp and, where it is specified, utc_offset_min.

        A time with unspecified parts is absent; one that cannot be (month 13) is absent too, and counted.
        """
        month = buffer[start + 2]
        day = buffer[start + 3]
        hour = buffer[start + 5]
        minute = buffer[start + 6]
        second = buffer[start + 7]
        if buffer[start] == 0xFF or month >= 0xFD or day >= 0xFD or hour == 0xFF or minute == 0xFF or second == 0xFF:
            return
        year = buffer[start] << 8 | buffer[start + 1]
        if not _is_date(year, month, day) or hour > 23 or minute > 59 or second > 59:
            self.unreadable += 1
            return
        clock = self._clock
        for i in range(_CLOCK_SIZE):
            clock[i] = buffer[start + i]
        self._values[_TIMESTAMP] = _CLOCK_SIZE
        # The deviation is minutes from local time to UTC, at most 12 hours; 0x8000 when not specified.
        deviation = buffer[start + 9] << 8 | buffer[start + 10]
        if deviation > 0x7FFF:
            deviation -= 0x10000
        self._values[_UTC_OFFSET] = -deviation if -720 <= deviation <= 720 else None

    def finish(self):
        """Set `list` from what is there; False when nothing that is measured is there."""
        content = 0
        for index in range(_POWER_IMPORT, COUNT):
            if self._values[index] is not None:
                kind = 1 if index == _POWER_IMPORT else 3 if is_energy(index) else 2
                if kind > content:
                    content = kind
        self.list = content
        return content > 0


def _is_date(year, month, day):
    """True for a day that there is, in a year that a meter can mean."""
    if not (2000 <= year < 2100 and 1 <= month <= 12):
        return False
    # The century has a leap year every fourth year.
    return 1 <= day <= (29 if month == 2 and not year & 3 else _DAYS[month - 1])


def _write_clock(clock, buffer, pos):
    """Write a DLMS date-time as 2026-01-31T12:34:56; returns 19."""
    _write_digits(buffer, pos, clock[0] << 8 | clock[1], 4)
    _write_digits(buffer, pos + 5, clock[2], 2)
    _write_digits(buffer, pos + 8, clock[3], 2)
    _write_digits(buffer, pos + 11, clock[5], 2)
    _write_digits(buffer, pos + 14, clock[6], 2)
    _write_digits(buffer, pos + 17, clock[7], 2)
    buffer[pos + 4] = buffer[pos + 7] = 0x2D
    buffer[pos + 10] = 0x54
    buffer[pos + 13] = buffer[pos + 16] = 0x3A
    return 19


def _write_digits(buffer, pos, number, count):
    for i in range(pos + count - 1, pos - 1, -1):
        buffer[i] = 48 + number % 10
        number //= 10
