"""The meter's clock, seven bytes: the times of P1 telegrams, and the text of ISO 8601.

DLMS date-times are read by date_time() (loops.py).
"""

from .const import const

SIZE = const(7)  # year in two bytes, month, day, hour, minute, second
_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


def put_digits(buffer, start, size, clock, at):
    """Take the digits of `YYMMDDhhmmssX` (IEC 62056-21) or `YYYYMMDD hh:mm:ss` (NES). False when it is no time."""
    digits = 0
    for i in range(start, start + size):
        if 48 <= buffer[i] <= 57:
            digits += 1
    if digits == 12:
        year = 2000
        field = 2
    elif digits == 14:
        year = _two_digits(buffer, start) * 100
        start += 2
        size -= 2
        field = 2
    else:
        return False
    number = seen = 0
    for i in range(start, start + size):
        octet = buffer[i]
        if 48 <= octet <= 57:
            number = number * 10 + octet - 48
            seen += 1
            if seen == 2:
                year += number
                clock[at] = year >> 8
                clock[at + 1] = year & 0xFF
                number = 0
            elif not seen & 1:
                clock[at + field] = number
                field += 1
                number = 0
    return _is_time(clock, at)


def _two_digits(buffer, start):
    """The number that two digits make; 0 when something else stands between them."""
    tens = buffer[start] - 48
    ones = buffer[start + 1] - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 0


def _is_time(clock, at):
    """True for a time that there is, in a year that a meter can mean."""
    year = clock[at] << 8 | clock[at + 1]
    month = clock[at + 2]
    if not (2000 <= year < 2100 and 1 <= month <= 12):
        return False
    if clock[at + 4] > 23 or clock[at + 5] > 59 or clock[at + 6] > 59:
        return False
    # The century has a leap year every fourth year.
    return 1 <= clock[at + 3] <= (28 if month == 2 and year & 3 else _DAYS[month - 1])


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
