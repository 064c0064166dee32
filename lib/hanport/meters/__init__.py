"""Which maker's list is it: from the value of a Data-Notification to the filled Reading.

Lists come in three shapes. A described one carries OBIS code, scaler and unit of every register (Aidon; Embriq's
card in Landis+Gyr meters) and needs no table. For the others the maker's module says what the list leaves out:

LIST_ID    what the list calls itself
SCALERS    {DLMS unit: power of ten from the raw value to W, var, Wh, varh, A, V}; 0 when not named
POSITIONS  {number of elements: the registers in their order}, for lists without OBIS codes; None with them
"""

from .. import registers
from ..axdr import (
    ARRAY,
    DOUBLE_LONG_UNSIGNED,
    ENUM,
    INTEGER,
    NULL,
    OCTET_STRING,
    STRUCTURE,
    UTF8_STRING,
    VISIBLE_STRING,
)
from ..registers import DECIMALS, TEXT, UNITS
from . import kaifa, kamstrup

_MAKERS = (kaifa, kamstrup)
# A double-long-unsigned alone, without any list id, is Kaifa's list 1.
_NAMELESS = kaifa

_LIST_VERSION = registers.INDEX["list_version"]
_TIMESTAMP = registers.INDEX["timestamp"]
_OBIS_SIZE = 6
_CLOCK_SIZE = 12


def read_list(cursor, reading):
    """Read the list at the cursor into the reading. False when no maker's list looks like it.

    A list that breaks off or contradicts itself leaves the cursor failed.
    """
    kind = cursor.read()
    count = cursor.count
    if kind == ARRAY:
        _read_described(cursor, count, reading)
        return True
    if kind != STRUCTURE or not count:
        return False
    tag = cursor.read_scalar()
    maker = _maker_of(cursor, tag, count)
    if maker is None:
        return False
    if maker.POSITIONS is None:
        _store(cursor, tag, _LIST_VERSION, 0, reading)
        _read_pairs(cursor, count - 1, maker.SCALERS, reading)
    elif count in maker.POSITIONS:
        _read_positions(cursor, tag, maker.POSITIONS[count], maker.SCALERS, reading)
    else:
        return False
    return True


def _is_text(tag):
    return tag == VISIBLE_STRING or tag == OCTET_STRING or tag == UTF8_STRING


def _maker_of(cursor, tag, count):
    """The maker whose list begins with the value that the cursor has just read, or None."""
    if count == 1 and tag == DOUBLE_LONG_UNSIGNED:
        return _NAMELESS
    if not _is_text(tag):
        return None
    for maker in _MAKERS:
        list_id = maker.LIST_ID
        size = len(list_id)
        if size == cursor.size:
            i = 0
            while i < size and cursor.buffer[cursor.start + i] == list_id[i]:
                i += 1
            if i == size:
                return maker
    return None


def _read_described(cursor, count, reading):
    """An array of structures: OBIS code, value and, for numbers, a structure of scaler and unit."""
    while count and not cursor.failed:
        count -= 1
        if not cursor.expect(STRUCTURE):
            return
        parts = cursor.count
        register = _read_obis(cursor)
        tag = cursor.read_scalar()
        if parts == 2:
            if register >= 0:
                _store(cursor, tag, register, 0, reading)
        elif parts == 3:
            raw = cursor.value
            if not cursor.expect(STRUCTURE) or cursor.count != 2 or not cursor.expect(INTEGER):
                cursor.fail()
                return
            scaler = cursor.value
            if cursor.expect(ENUM) and register >= 0:
                # A number in another unit than the register's would be a wrong one.
                reading.put_number(register, raw if cursor.value == UNITS[register] else None, scaler)
        else:
            cursor.fail()


def _read_pairs(cursor, left, scalers, reading):
    """OBIS code, value, OBIS code, value, ...; a pair that the meter does not measure may be two nulls."""
    while left > 0 and not cursor.failed:
        if cursor.peek() == NULL:
            cursor.read()
            left -= 1
            continue
        register = _read_obis(cursor)
        tag = cursor.read_scalar()
        left -= 2
        if register >= 0:
            _store(cursor, tag, register, scalers.get(UNITS[register], 0), reading)
    if left:
        cursor.fail()


def _read_positions(cursor, tag, positions, scalers, reading):
    """Values whose position is their meaning; the cursor has read the first one."""
    for i in range(len(positions)):
        if i:
            tag = cursor.read_scalar()
        register = positions[i]
        _store(cursor, tag, register, scalers.get(UNITS[register], 0), reading)


def _read_obis(cursor):
    """The register of the OBIS code at the cursor; -1 when unknown, and when it is no OBIS code."""
    if cursor.expect(OCTET_STRING) and cursor.size == _OBIS_SIZE:
        return registers.find(cursor.buffer, cursor.start)
    cursor.fail()
    return -1


def _store(cursor, tag, register, scaler, reading):
    """Put the value that the cursor has just read into the reading."""
    if tag == NULL or cursor.failed:
        return
    if DECIMALS[register] != TEXT:
        reading.put_number(register, cursor.value, scaler)
    elif not _is_text(tag):
        cursor.fail()
    elif register != _TIMESTAMP:
        reading.put_text(register, cursor.buffer, cursor.start, cursor.size)
    elif cursor.size == _CLOCK_SIZE:
        reading.put_clock(cursor.buffer, cursor.start)
    else:
        cursor.fail()
