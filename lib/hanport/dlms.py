"""The DLMS application layer of a push: LLC header and Data-Notification (Green Book 9.4, 10.2).

Functions return the place where the content goes on, or one of the negative codes; none of them raises.
"""

from .const import const

# Why there is no content; the receiver has a name for each.
MALFORMED = const(-1)
NO_KEY = const(-2)
UNKNOWN_APDU = const(-3)

_DATA_NOTIFICATION = const(0x0F)
_GENERAL_GLO_CIPHERING = const(0xDB)
_OCTET_STRING = const(0x09)
_DATE_TIME_SIZE = const(12)


def skip_llc(buffer, pos, end):
    """The place behind the LLC header E6 E7 00 at buffer[pos], or MALFORMED."""
    if end - pos > 3 and buffer[pos] == 0xE6 and buffer[pos + 1] == 0xE7 and buffer[pos + 2] == 0:
        return pos + 3
    return MALFORMED


def open_notification(buffer, pos, end, reading=None):
    """The place of the Data-Notification's value in buffer[pos:end]; its date-time goes into the reading, if any.

    The date-time comes in three forms: 00 (absent), 0C and 12 bytes, and with a tag that the standard has not:
    09 0C and 12 bytes (Kaifa, and Kamstrup up to firmware revision S).
    """
    if pos >= end:
        return MALFORMED
    if buffer[pos] == _GENERAL_GLO_CIPHERING:
        return NO_KEY
    if buffer[pos] != _DATA_NOTIFICATION:
        return UNKNOWN_APDU
    pos += 5  # tag, long-invoke-id-and-priority
    if pos < end and buffer[pos] == _OCTET_STRING:
        pos += 1
    if pos >= end:
        return MALFORMED
    size = buffer[pos]
    pos += 1
    if size == 0:
        return pos
    if size != _DATE_TIME_SIZE or end - pos < _DATE_TIME_SIZE:
        return MALFORMED
    if reading is not None:
        reading.put_clock(buffer, pos)
    return pos + _DATE_TIME_SIZE
