"""The DLMS application layer of a push: which APDUs there are, and where one ends (Green Book 9.4, 10.2)."""

from .codes import MALFORMED, SHORT, UNKNOWN_APDU
from .const import const
from .loops import length, notification, skip

DATA_NOTIFICATION = const(0x0F)
GENERAL_GLO_CIPHERING = const(0xDB)
GENERAL_BLOCK_TRANSFER = const(0xE0)
TITLE_SIZE = const(8)
_LONGEST_HEAD = const(19)  # of a Data-Notification: tag, long-invoke-id-and-priority, date-time


def apdu_end(buffer, pos, end):
    """The place behind the APDU at buffer[pos], which says itself how long it is; SHORT or a negative reason."""
    if pos >= end:
        return SHORT
    tag = buffer[pos]
    if tag == DATA_NOTIFICATION:
        value = notification(buffer, pos, end)
        if value >= 0:
            return skip(buffer, value, end)
        return SHORT if end - pos < _LONGEST_HEAD else value
    if tag != GENERAL_GLO_CIPHERING:
        return -UNKNOWN_APDU
    if end - pos < 2:
        return SHORT
    if buffer[pos + 1] != TITLE_SIZE:
        return -MALFORMED
    pos += 2 + TITLE_SIZE
    size = length(buffer, pos, end)
    if size < 0:
        return size
    pos += length_size(buffer, pos) + size
    return pos if pos <= end else SHORT


def length_size(buffer, pos):
    """How many bytes the length at buffer[pos] takes."""
    octets = buffer[pos]
    return 1 if octets < 128 else 1 + (octets & 127)
