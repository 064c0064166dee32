"""The meter's clock, seven bytes: the times of P1 telegrams, and the text of ISO 8601.

DLMS date-times are read by date_time() (loops.py), which also judges whether there is such a time.
"""

from .const import const

SIZE = const(7)  # year in two bytes, month, day, hour, minute, second
# Where the two digits of year, month, day, hour, minute and second go in a DLMS date-time (Blue Book 4.1.6.1).
_PLACES = b"\x00\x02\x03\x05\x06\x07"


def put_digits(buffer, start, size, date_time):
    """Take `YYMMDDhhmmssX` (IEC 62056-21) or `YYYYMMDD hh:mm:ss` (NES) into a DLMS date-time of 12 bytes.

    False when so many digits are not there; whether there is such a time is for date_time() (loops.py) to say.
    """
    digits = 0
    for i in range(start, start + size):
        if 48 <= buffer[i] <= 57:
            digits += 1
    century = 20
    if digits == 14:
        century = _two_digits(buffer, start)
        start += 2
        size -= 2
    elif digits != 12:
        return False
    number = seen = 0
    for i in range(start, start + size):
        if 48 <= buffer[i] <= 57:
            number = number * 10 + buffer[i] - 48
            if seen & 1:
                date_time[_PLACES[seen >> 1]] = number
                number = 0
            seen += 1
    year = century * 100 + date_time[0]
    date_time[0] = year >> 8
    date_time[1] = year & 0xFF
    return True


def _two_digits(buffer, start):
    """The number that two digits make; 0 when something else stands between them."""
    tens = buffer[start] - 48
    ones = buffer[start + 1] - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 0


def write(clock, at, buffer, pos):
    """Write the clock at clock[at:] as 2026-01-31T12:34:56 to buffer[pos:]; returns 19."""
    _write_digits(buffer, pos, clock[at] << 8 | clock[at + 1], 4)
    _write_digits(buffer, pos + 5, clock[at + 2], 2)
    _write_digits(buffer, pos + 8, clock[at + 3], 2)
    _write_digits(buffer, pos + 11, clock[at + 4], 2)
    _write_digits(buffer, pos + 14, clock[at + 5], 2)
    _write_digits(buffer, pos + 17, clock[at + 6], 2)
    buffer[pos + 4] = buffer[pos + 7] = 0x2D
    buffer[pos + 10] = 0x54
    buffer[pos + 13] = buffer[pos + 16] = 0x3A
    return 19


def _write_digits(buffer, pos, number, count):
    for i in range(pos + count - 1, pos - 1, -1):
        buffer[i] = 48 + number % 10
        number //= 10
