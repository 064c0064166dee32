"""The loops over bytes in plain Python: checksums, copying, A-XDR items, P1 lines, GHASH.

Each function has a twin in _native.py that gives the same results; see loops.py. None of them raises on any bytes.
The twins take no heap; these are written to be quick on a PC, and take slices where that helps.
"""

from array import array

from .codes import (
    END_FLAG,
    FRAME_CHECK,
    FRAMES,
    FULL,
    GARBAGE,
    HEADER_CHECK,
    IDLE,
    INSIDE,
    MALFORMED,
    MESSAGE,
    MORE,
    NOTIFICATION,
    PART_READ,
    READING,
    READINGS,
    SHORT,
    TOO_LONG,
    UNKNOWN_LIST,
)
from .const import const
from .fields import (
    BAD,
    BEHIND,
    CODE,
    COUNT,
    COUNTS,
    CRC,
    END,
    FED,
    FIRST,
    FOUND,
    FRONT,
    GIVEN,
    HAS_FLAGS,
    HEAD,
    HEADER,
    HIGH,
    IS_AUTO,
    ITEM,
    KIND,
    LAST,
    LEFT,
    LENGTH,
    LENT,
    LINE,
    LIST,
    LOW,
    NESTED,
    NO_CODE,
    NO_UNIT,
    NOWHERE,
    NULL,
    NUMBER,
    ODD_CODE,
    OTHER,
    PART,
    PLACES,
    POS,
    REGISTER,
    ROOM,
    SCALER,
    SEARCHED,
    STAMP,
    START,
    SUMMED,
    TAIL,
    TEXT,
    TEXT_SIZE,
    UNIT,
    UNOPENED,
    UNREADABLE,
    VALUES,
    WIDTH,
)
from .registers import SEARCH

# What x25() leaves after data followed by its own, correct check sequence (ISO/IEC 13239, 4.2.5.2).
_X25_GOOD = const(0xF0B8)


def _table(polynomial):
    table = array("H")
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ polynomial if byte & 1 else byte >> 1
        table.append(byte)
    return table


_X25 = _table(0x8408)
_ARC = _table(0xA001)


def x25(buffer, start, stop, crc):
    """The CRC-16/X-25 register after buffer[start:stop], going on from `crc` (0xFFFF at the beginning).

    Not inverted: the check sequence on the wire is `x25(...) ^ 0xFFFF`, low byte first (ISO/IEC 13239).
    """
    table = _X25
    for octet in buffer[start:stop]:
        crc = crc >> 8 ^ table[(crc ^ octet) & 0xFF]
    return crc


def total(buffer, start, stop):
    """The sum of buffer[start:stop] modulo 256: the check of M-Bus frames (EN 13757-2)."""
    return sum(buffer[start:stop]) & 0xFF


def text(buffer, tail, state):
    """Take the bytes of a P1 telegram, from state[0] on, into its CRC-16/ARC, state[1].

    Stops behind "!", before "/", and before what no telegram contains; returns that byte, or 0 at the tail.
    """
    table = _ARC
    pos = state[0]
    crc = state[1]
    stopped = 0
    while pos < tail:
        octet = buffer[pos]
        if octet > 126 or octet == 47 or (octet < 32 and octet != 13 and octet != 10 and octet != 9):
            stopped = octet or 1
            break
        crc = crc >> 8 ^ table[(crc ^ octet) & 0xFF]
        pos += 1
        if octet == 33:
            stopped = octet
            break
    state[0] = pos
    state[1] = crc
    return stopped


def copy(source, source_pos, target, target_pos, n):
    """Copy n bytes, first to last; overlapping only towards the front."""
    target[target_pos : target_pos + n] = source[source_pos : source_pos + n]


def differ(a, a_pos, b, b_pos, n):
    """0 when n bytes are the same in both. Takes the same time wherever they differ."""
    found = 0
    for i in range(n):
        found |= a[a_pos + i] ^ b[b_pos + i]
    return found


def header(buffer, start, tail):
    """Bytes from the flag at buffer[start] to the end of an HDLC header check, if that is right.

    0 when too few bytes are there to tell, -1 when there is no sound header.
    """
    if tail - start < 2:
        return 0
    if buffer[start + 1] & 0xF0 != 0xA0:
        return -1
    pos = start + 3
    for _ in range(2):  # addresses: the last byte of each has its lowest bit set
        last = pos + 3
        while pos < tail and pos < last and not buffer[pos] & 1:
            pos += 1
        pos += 1
    pos += 3  # control, HCS
    if pos > tail:
        return 0
    length = (buffer[start + 1] & 7) << 8 | buffer[start + 2]
    if pos - start - 1 > length or x25(buffer, start + 1, pos, 0xFFFF) != _X25_GOOD:
        return -1
    return pos - start


# A length that needs more than 24 bits cannot be real in a buffer of kilobytes.
_LONGEST = const(0xFFFF)
_FLAG = const(0x7E)
_FLAG_BYTE = b"\x7e"
_SEGMENTED = const(0x08)
_DATA_NOTIFICATION = const(0x0F)
_WRAP = const(0x3FFFFFFF)  # counters stay small integers, which take no heap


def lend(receiver, n):
    """Take n lent bytes into the account. False when that needs more care: see Receiver.feed."""
    state = receiver.state
    if state[FED] < state[GIVEN] or n > state[LENT] or state[IS_AUTO]:
        return False
    state[FED] = 0
    state[GIVEN] = n
    state[COUNTS] = state[COUNTS] + n & _WRAP
    return True


def fetch(receiver):
    """Copy what was lent, FED to GIVEN, behind the TAIL, as far as there is room; what is done with makes it."""
    state = receiver.state
    buffer = receiver.buffer
    n = state[GIVEN] - state[FED]
    if state[TAIL] + n > state[ROOM] and state[HEAD] > state[FRONT]:
        front = state[FRONT]
        size = state[TAIL] - state[HEAD]
        copy(buffer, state[HEAD], buffer, front, size)
        state[HEAD] = front
        state[TAIL] = front + size
    if state[TAIL] + n > state[ROOM]:
        n = state[ROOM] - state[TAIL]
    copy(receiver.lent, state[FED], buffer, state[TAIL], n)
    state[FED] += n
    state[TAIL] += n


def frame(receiver):
    """Fetch, and look at the HDLC frame that begins at HEAD. Returns a code; moves HEAD behind what it has found."""
    state = receiver.state
    buffer = receiver.buffer
    if state[FED] < state[GIVEN]:
        fetch(receiver)
    more = FULL if state[FED] < state[GIVEN] else MORE
    head = state[HEAD]
    tail = state[TAIL]
    if head == tail:
        return more
    if buffer[head] != _FLAG:
        flag = buffer.find(_FLAG_BYTE, head, tail)
        state[HEAD] = flag if flag >= 0 else tail
        return GARBAGE
    if not state[LENGTH]:
        size = header(buffer, head, tail)
        if size == 0:
            return more
        if size < 0:
            state[HEAD] += 1
            return HEADER_CHECK if buffer[head + 1] & 0xF0 == 0xA0 else IDLE
        length = (buffer[head + 1] & 7) << 8 | buffer[head + 2]
        if length + 2 > state[ROOM]:
            state[HEAD] += 1
            return TOO_LONG
        state[LENGTH] = length
        state[HEADER] = state[SUMMED] = state[SEARCHED] = size
        state[CRC] = _X25_GOOD  # of the header with its check
        state[HAS_FLAGS] = state[FOUND] = 0
    end = head + 1 + state[LENGTH]
    if tail > end and buffer[end] != _FLAG:
        state[LENGTH] = 0
        state[HEAD] += 1
        return END_FLAG
    begin = head + state[SUMMED]
    stop = end if end < tail else tail
    crc = x25(buffer, begin, stop, state[CRC])
    if tail <= end:
        state[CRC] = crc
        state[SUMMED] = stop - head
        if buffer.find(_FLAG_BYTE, begin, stop) >= 0:
            state[HAS_FLAGS] = 1
        return INSIDE if state[HAS_FLAGS] else more
    state[LENGTH] = 0
    if crc != _X25_GOOD:
        state[HEAD] += 1
        return FRAME_CHECK
    first = head + state[HEADER]
    behind = end - 2 if end - 2 > first else first
    part = -1
    # Only a message's first segment has the LLC header.
    if behind - first > 3 and buffer[first] == 0xE6 and buffer[first + 1] == 0xE7 and buffer[first + 2] == 0:
        first += 3
        part = 0
    state[FIRST] = first
    state[BEHIND] = behind
    state[PART] = part
    state[LAST] = 0 if buffer[head + 1] & _SEGMENTED else 1
    # The closing flag may open the next frame, so the search goes on with it.
    state[HEAD] = end
    state[COUNTS + FRAMES] = state[COUNTS + FRAMES] + 1 & _WRAP
    is_whole = state[LAST] and not state[FRONT] and first < behind and buffer[first] == _DATA_NOTIFICATION
    return NOTIFICATION if is_whole else MESSAGE


def notification(buffer, pos, end):
    """The place of the value of the Data-Notification in buffer[pos:end], or -MALFORMED.

    The date-time before it comes in three forms: 00 (absent), 0C and 12 bytes, and with a tag that the standard has
    not: 09 0C and 12 bytes (Kaifa, and Kamstrup up to firmware revision S).
    """
    pos += 5  # tag, long-invoke-id-and-priority
    if pos < end and buffer[pos] == 9:
        pos += 1
    if pos >= end:
        return -MALFORMED
    size = buffer[pos]
    pos += 1 + size
    return pos if (size == 0 or size == 12) and pos < end else -MALFORMED


def begin(store):
    """Forget a reading's values: with the next stamp none of them counts."""
    store[STAMP] = store[STAMP] + 1 & _WRAP
    store[LIST] = store[UNREADABLE] = 0


def _open(buffer, state, reading):
    """Go from the Data-Notification at POS to the first item of its list: 0, or the reason why there is none."""
    begin(reading.store)
    start = state[POS]
    end = state[END]
    pos = notification(buffer, start, end)
    if pos < 0:
        return MALFORMED
    if pos - start > 12:
        date_time(buffer, pos - 12, reading)
    if not 1 <= buffer[pos] <= 2:
        return UNKNOWN_LIST
    count = length(buffer, pos + 1, end)
    if count < 0:
        return MALFORMED
    octets = buffer[pos + 1]
    state[POS] = pos + 2 + (octets & 127 if octets > 127 else 0)
    state[COUNT] = state[LEFT] = count
    return 0


def length(buffer, pos, end):
    """The length or count at buffer[pos], in whichever of its forms; -MALFORMED or SHORT when it is none."""
    if pos >= end:
        return SHORT
    size = buffer[pos]
    if size < 128:
        return size
    octets = size & 127
    if not 1 <= octets <= 4:
        return -MALFORMED
    if octets > end - pos - 1:
        return SHORT
    size = 0
    for i in range(pos + 1, pos + 1 + octets):
        if size > _LONGEST:
            return -MALFORMED
        size = size << 8 | buffer[i]
    return size


_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


_TIMESTAMP = const(4)
_STAMP_OF_TIME = const(17)  # VALUES + 3 x register + 2
_VALUE_OF_OFFSET = const(18)
_STAMP_OF_OFFSET = const(20)
_POWER_IMPORT = const(7)
_CLOCK = const(128)  # place of the clock (clock.py), behind the texts
_CLOCK_SIZE = const(12)


def date_time(buffer, pos, reading):
    """Store the 12-byte date-time (Blue Book 4.1.6.1) at buffer[pos]: timestamp and, where specified, utc_offset_min.

    A time with unspecified parts (FF; FD and FE too, as month or day) is passed over. One that cannot be, or that no
    meter of this century can mean, takes away the one before, and is counted.
    """
    year = buffer[pos] << 8 | buffer[pos + 1]
    month = buffer[pos + 2]
    day = buffer[pos + 3]
    hour = buffer[pos + 5]
    minute = buffer[pos + 6]
    second = buffer[pos + 7]
    if buffer[pos] == 0xFF or month >= 0xFD or day >= 0xFD or hour == 0xFF or minute == 0xFF or second == 0xFF:
        return
    store = reading.store
    texts = reading.texts
    store[_STAMP_OF_TIME] = store[_STAMP_OF_OFFSET] = 0
    is_right = 2000 <= year < 2100 and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 60
    # The century has a leap year every fourth year.
    if not is_right or not 1 <= day <= (28 if month == 2 and year & 3 else _DAYS[month - 1]):
        store[UNREADABLE] += 1
        return
    store[_STAMP_OF_TIME] = store[STAMP]
    texts[_CLOCK] = buffer[pos]
    texts[_CLOCK + 1] = buffer[pos + 1]
    texts[_CLOCK + 2] = month
    texts[_CLOCK + 3] = day
    texts[_CLOCK + 4] = hour
    texts[_CLOCK + 5] = minute
    texts[_CLOCK + 6] = second
    # Minutes from local time to UTC; what is more than 12 hours is 8000, not specified.
    deviation = buffer[pos + 9] << 8 | buffer[pos + 10]
    if deviation > 0x7FFF:
        deviation -= 0x10000
    if -720 <= deviation <= 720:
        store[_VALUE_OF_OFFSET] = -deviation
        store[_VALUE_OF_OFFSET + 1] = 0 if deviation <= 0 else -1
        store[_STAMP_OF_OFFSET] = store[STAMP]


# How a tag's content is laid out: its size in bytes, or one of these.
_BAD = const(255)
_COUNTED = const(254)  # a count of elements; the elements follow as values of their own
_SIZED = const(253)  # a length in bytes, then the bytes
_BITS = const(252)  # a length in bits
# By tag 0 to 27 (DLMS Blue Book, "common data types"); compact-array (19) is not read.
#         0      array, struct   bool bits double-long   octet, visible       utf8 bcd int long
_LAYOUT = bytes(
    (0, _COUNTED, _COUNTED, 1, _BITS, 4, 4, _BAD, _BAD, _SIZED, _SIZED, _BAD, _SIZED, 1, _BAD, 1, 2)
    # unsigned, long-unsigned, compact, long64, unsigned, enum, float32, float64, date-time, date, time
    + (1, 2, _BAD, 8, 8, 1, 4, 8, 12, 5, 4)
)
# And what it is to us.
_KINDS = bytes(
    (NULL, OTHER, OTHER, NUMBER, OTHER, NUMBER, NUMBER, OTHER, OTHER, TEXT, TEXT, OTHER, TEXT, OTHER, OTHER)
    + (NUMBER, NUMBER, NUMBER, NUMBER, OTHER, NUMBER, NUMBER, NUMBER, OTHER, OTHER, TEXT, OTHER, OTHER)
)
_SIGNED = (5, 15, 16, 20)
_DOUBLE_LONG_UNSIGNED = const(6)
_LONG64_UNSIGNED = const(21)
# Ten times more is no longer a number of 32 bits.
_MOST = const(214748364)


def skip(buffer, pos, end):
    """The place behind the A-XDR value, with all its elements, at buffer[pos]; SHORT or -MALFORMED."""
    waiting = 1
    while waiting:
        if pos >= end:
            return SHORT
        tag = buffer[pos]
        size = _LAYOUT[tag] if tag < 28 else _BAD
        if size == _BAD:
            return -MALFORMED
        pos += 1
        waiting -= 1
        if size >= _BITS:
            count = length(buffer, pos, end)
            if count < 0:
                return count
            pos += 1 + (buffer[pos] & 127 if buffer[pos] > 127 else 0)
            if size == _COUNTED:
                waiting += count
                size = 0
            else:
                size = count if size == _SIZED else (count + 7) >> 3
        pos += size
        # Each element takes a byte at least.
        if waiting > end - pos:
            return SHORT
    return pos


def walk(reader, receiver, reading):
    """Go through the items of a list (A-XDR, IEC 61334-6): values, with OBIS code, scaler and unit if they have them.

        value                                       a value alone
        09 06 code, value                           two elements
        09 06 code, value, 02 02 0F scaler 16 unit  three elements
        02 02 { 09 06 code, value }                 one element
        02 03 { 09 06 code, value, 02 02 0F scaler 16 unit }

    A register's number is stored at once, with the register's decimals, or its text, and its stamp set (Reading). The
    register is found by its code (registers.SEARCH), or by `reader.places` for values alone (NOWHERE: they are passed
    over). What the list does not scale itself, reader.shifts[register] does: the power of ten from the raw number to
    the stored one.

    An UNOPENED list is opened first: its Data-Notification's date-time is stored, too.

    Returns READING or PART_READ; BAD, or a reason; ITEM for one that the caller must store: list id, a number in
    another unit, one that does not fit; NESTED when the value at POS has elements of its own.
    """
    state = reader.state
    buffer = receiver.buffer
    if state[LEFT] == UNOPENED:
        state[POS] = receiver.state[FIRST]
        state[END] = receiver.state[BEHIND]
        reason = _open(buffer, state, reading)
        if reason:
            return reason
    while state[LEFT] > 0:
        place = state[COUNT] - state[LEFT]
        status = _item(buffer, state, place < state[PLACES])
        if status != ITEM:
            return status
        if state[CODE] == NO_CODE:
            if place < state[PLACES]:
                if reader.places[place] == NOWHERE:
                    continue
                state[REGISTER] = reader.places[place]
            elif state[KIND] == NULL:
                continue
            elif state[COUNT] == 1 and buffer[state[START] - 1] == _DOUBLE_LONG_UNSIGNED:
                state[REGISTER] = _POWER_IMPORT
            else:
                return ITEM
        if not _store(buffer, state, reader.shifts, reading):
            return ITEM
    if state[LEFT] or state[POS] != state[END]:
        return BAD
    state[LEFT] = UNOPENED
    return _finish(receiver.state, reading.store)


def _finish(stream, store):
    """The list is read to its end: READING, when there is anything in it that we know."""
    if not store[LIST]:
        return UNKNOWN_LIST
    stream[COUNTS + READINGS] = stream[COUNTS + READINGS] + 1 & _WRAP
    return PART_READ if store[UNREADABLE] else READING


def _find(code):
    """The register of an OBIS code, or -1."""
    table = SEARCH
    first = 0
    last = table[0]
    while first < last:
        middle = (first + last) >> 1
        found = table[1 + 2 * middle]
        if found == code:
            return table[2 + 2 * middle]
        if found < code:
            first = middle + 1
        else:
            last = middle
    return -1


def _store(buffer, state, shifts, reading):
    """Store a text, or a number that fits its register as it is. False when the caller must see to it."""
    if state[CODE] != NO_CODE:
        state[REGISTER] = _find(state[CODE])
    register = state[REGISTER]
    if register < 0 or state[KIND] == NULL:
        return True
    about = SEARCH[1 + 2 * SEARCH[0] + register]
    store = reading.store
    if register == _TIMESTAMP and state[KIND] == TEXT and state[WIDTH] == _CLOCK_SIZE:
        date_time(buffer, state[START], reading)
        return True
    if about == -1 and register != _TIMESTAMP and state[KIND] == TEXT:
        size = _store_text(buffer, state, reading.texts)
        if size:
            store[VALUES + 3 * register] = size
            store[VALUES + 3 * register + 2] = store[STAMP]
        return True
    value = state[LOW]
    if state[KIND] != NUMBER or about < 0 or state[HIGH] != (0 if value >= 0 else -1):
        return False
    if state[UNIT] == NO_UNIT:
        shift = shifts[register]
    elif state[UNIT] == about & 0xFF:
        shift = state[SCALER] + (about >> 8 & 15)
    else:
        return False
    if shift < -9:
        return False
    while shift > 0:
        if not -_MOST <= value <= _MOST:
            return False
        value *= 10
        shift -= 1
    while shift < 0:
        if value % 10:
            return False
        value //= 10
        shift += 1
    at = VALUES + 3 * register
    store[at] = value
    store[at + 1] = 0 if value >= 0 else -1
    store[at + 2] = store[STAMP]
    if about >> 12 > store[LIST]:
        store[LIST] = about >> 12
    return True


def _store_text(buffer, state, texts):
    """Copy a text without the NULs that pad it; its size."""
    start = state[START]
    size = state[WIDTH] if state[WIDTH] < TEXT_SIZE else TEXT_SIZE
    while size and buffer[start + size - 1] == 0:
        size -= 1
    copy(buffer, start, texts, TEXT_SIZE * state[REGISTER], size)
    return size


def _item(buffer, state, has_place):
    """Read one item: ITEM, BAD or NESTED. Where places tell the registers, what looks like a code is a value."""
    pos = begin = state[POS]
    end = state[END]
    elements = 1
    state[CODE] = NO_CODE
    state[REGISTER] = -1
    state[UNIT] = NO_UNIT
    state[LOW] = state[HIGH] = state[SCALER] = 0
    parts = 0
    if (
        end - pos > 9
        and buffer[pos] == 2
        and 2 <= buffer[pos + 1] <= 3
        and buffer[pos + 2] == 9
        and buffer[pos + 3] == 6
    ):
        parts = buffer[pos + 1]
        pos += 2
    # What begins with a letter or a digit is a text.
    if (
        end - pos > 7
        and buffer[pos] == 9
        and buffer[pos + 1] == 6
        and (parts or buffer[pos + 2] < 0x30 and not has_place)
    ):
        # Such media are not, and the code stays a small integer; what does not end with FF is not the present value.
        if buffer[pos + 2] > 0x3F or buffer[pos + 7] != 0xFF:
            state[CODE] = ODD_CODE
        else:
            state[CODE] = buffer[pos + 2] << 24 | buffer[pos + 4] << 16 | buffer[pos + 5] << 8 | buffer[pos + 6]
        pos += 8
        if not parts:
            elements = 2
    if pos >= end:
        return BAD
    tag = buffer[pos]
    size = _LAYOUT[tag] if tag < 28 else _BAD
    if size == _BAD:
        return BAD
    if size == _COUNTED:
        if parts:
            pos = begin
        state[POS] = pos
        state[LEFT] -= elements
        return NESTED
    state[KIND] = _KINDS[tag]
    if size >= _BITS:
        stop = skip(buffer, pos, end)
        if stop < 0:
            return BAD
        octets = buffer[pos + 1]
        pos += 2 + (octets & 127 if octets > 127 else 0)
        size = stop - pos
    else:
        pos += 1
        if size > end - pos:
            return BAD
    state[START] = pos
    state[WIDTH] = size
    if tag == _LONG64_UNSIGNED and buffer[pos] > 127:
        state[KIND] = OTHER  # 2^63 and more: no number of ours
    if state[KIND] == NUMBER:
        _number(buffer, pos, size, tag in _SIGNED, state)
    pos += size
    if parts == 3 or elements == 2:
        if (
            end - pos > 5
            and buffer[pos] == 2
            and buffer[pos + 1] == 2
            and buffer[pos + 2] == 15
            and buffer[pos + 4] == 22
        ):
            scaler = buffer[pos + 3]
            state[SCALER] = scaler - 256 if scaler > 127 else scaler
            state[UNIT] = buffer[pos + 5]
            pos += 6
            if not parts:
                elements = 3
        elif parts:
            return BAD
    state[POS] = pos
    state[LEFT] -= elements
    return ITEM


def _number(buffer, pos, size, is_signed, state):
    """The big-endian number of 1, 2, 4 or 8 bytes at buffer[pos]."""
    value = 0
    for i in range(pos, pos + size):
        value = value << 8 | buffer[i]
    if is_signed and buffer[pos] > 127:
        value -= 1 << (size << 3)
    low = value & 0xFFFFFFFF
    state[LOW] = low - 0x100000000 if low > 0x7FFFFFFF else low
    value >>= 32
    state[HIGH] = value - 0x100000000 if value > 0x7FFFFFFF else value


# Units as P1 telegrams spell them, five bits a letter, to DLMS units (Blue Book, table 4).
_UNITS = {23: 27, 744: 30, 22578: 29, 722504: 29, 1: 33, 22: 35}
_VAR = const(29)
_VARH = const(32)
_UNITLESS = const(255)
_ENERGY = const(8)


def lines(reader, receiver, reading):
    """Go through the lines of a P1 telegram that have an OBIS code: `1-0:1.7.0(0001.846*kW)`.

    Numbers of registers are stored as by walk(). Returns READING, PART_READ or UNKNOWN_LIST; BAD for a line whose
    bracket is not closed; ITEM for one that the caller must store, or whose code is not in the table. It begins at
    LINE; START and WIDTH are what stands in the last bracket; when that is a number, it is LOW and HIGH x 10^9
    (-1 - HIGH when LOW is not positive), times 10^SCALER. UNIT is 0 when it is none of ours.
    """
    state = reader.state
    buffer = receiver.buffer
    end = state[END]
    while True:
        pos = _code(buffer, state[POS], end, state)
        if pos < 0:
            state[POS] = end
            return _finish(receiver.state, reading.store)
        if buffer[pos] != 40:  # no data line
            state[POS] = _line_end(buffer, pos, end)
            continue
        while pos < end and buffer[pos] == 40:
            behind = _bracket(buffer, pos + 1, end, state)
            if behind < 0:
                state[POS] = _line_end(buffer, pos, end)
                return BAD
            pos = behind
        state[POS] = pos
        if not _store(buffer, state, None, reading) or state[REGISTER] < 0:
            return ITEM


def _line_end(buffer, pos, end):
    while pos < end and buffer[pos] != 10:
        pos += 1
    return pos


def _code(buffer, pos, end, state):
    """Read the OBIS code that a line begins with. The place where it ends, -1 when there are no more lines."""
    while pos < end and buffer[pos] <= 32:
        pos += 1
    state[LINE] = pos
    if pos >= end:
        return -1
    medium = 1
    c = d = e = number = dots = odd = 0
    while pos < end:
        octet = buffer[pos]
        if 48 <= octet <= 57:
            number = number * 10 + octet - 48
            if number > 255:
                number = odd = 255
        elif octet == 45:  # A-
            medium = number
            number = 0
        elif octet == 58:  # B:, which one maker sends twice; meters behind this one have channels of their own
            if number and not medium:
                odd = 1
            number = 0
        elif octet == 46 or octet == 42 or octet == 40:  # . * (
            dots += 1
            if dots == 1:
                c = number
            elif dots == 2:
                d = number
            elif dots == 3:
                e = number
            elif number != 255:
                odd = 1
            number = 0
            if octet == 40:
                break
        else:
            break
        pos += 1
    if pos >= end:
        return -1
    state[CODE] = ODD_CODE if odd or dots < 3 or medium > 0x3F else medium << 24 | c << 16 | d << 8 | e
    return pos


def _bracket(buffer, pos, end, state):
    """Read what stands between brackets, from behind the opening one. The place behind the closing one, or -1."""
    state[START] = pos
    state[UNIT] = _UNITLESS
    kind = NULL
    low = high = scaler = has_point = is_negative = 0
    if pos < end and buffer[pos] == 45:
        is_negative = 1
        pos += 1
    while pos < end:
        octet = buffer[pos]
        if 48 <= octet <= 57:
            if kind == NULL:
                kind = NUMBER
            high = high * 10 + low // 100000000
            low = low % 100000000 * 10 + octet - 48
            scaler -= has_point
            if high >= 100000000:
                kind = TEXT
                high = 0
        elif octet == 46 and not has_point and kind == NUMBER:
            has_point = 1
        elif octet == 42 and kind == NUMBER or octet == 41:
            break
        elif octet == 10 or octet == 13 or octet == 40:
            return -1
        else:
            kind = TEXT
        pos += 1
    if is_negative and kind == NULL:
        kind = TEXT
    if pos < end and buffer[pos] == 42:
        pos += 1
        letters = 0
        if pos < end and buffer[pos] & 0x5F == 75:  # kilo
            scaler += 3
            pos += 1
        while pos < end and buffer[pos] != 41:
            if buffer[pos] < 32:
                return -1
            letters = (letters << 5 | buffer[pos] & 31) & 0x3FFFFFF
            pos += 1
        unit = _UNITS.get(letters, 0)
        # Some makers write kvarh for kvar: the code knows better.
        state[UNIT] = _VARH if unit == _VAR and state[CODE] >> 8 & 0xFF == _ENERGY else unit
    if pos >= end:
        return -1
    state[KIND] = kind
    state[WIDTH] = pos - state[START]
    state[LOW] = -low if is_negative else low
    state[HIGH] = -1 - high if is_negative else high
    state[SCALER] = scaler
    return pos + 1


def counters(blocks, iv, first, n):
    """Fill n blocks of 16 bytes with the 12 bytes of `iv` and a counter that rises from `first` (NIST SP 800-38D)."""
    for i in range(n):
        at = 16 * i
        for k in range(12):
            blocks[at + k] = iv[k]
        count = first + i
        blocks[at + 12] = blocks[at + 13] = 0
        blocks[at + 14] = count >> 8 & 0xFF
        blocks[at + 15] = count & 0xFF


def xor(target, pos, stream, n):
    """Xor n bytes of the stream into target[pos:]."""
    for i in range(n):
        target[pos + i] ^= stream[i]


def ghash_table(multiples):
    """The 16 multiples of the hash key, numbers of 128 bits, as ghash() takes them."""
    return multiples


# What four bits that are shifted out of 128 put in again at the top, x^128 being x^7 + x^2 + x + 1 (SP 800-38D, 6.3).
_REDUCED = (
    (0x0000, 0x1C20, 0x3840, 0x2460, 0x7080, 0x6CA0, 0x48C0, 0x54E0)
    + (0xE100, 0xFD20, 0xD940, 0xC560, 0x9180, 0x8DA0, 0xA9C0, 0xB5E0)
)  # fmt: skip


def ghash(table, state, buffer, start, stop):
    """GHASH (SP 800-38D, 6.4): take buffer[start:stop], padded with zeros to blocks, into the 16 bytes of state."""
    y = 0
    for octet in state:
        y = y << 8 | octet
    while start < stop:
        block = 0
        for i in range(start, start + 16):
            block = block << 8 | (buffer[i] if i < stop else 0)
        y ^= block
        z = 0
        for _ in range(32):
            z = z >> 4 ^ _REDUCED[z & 15] << 112 ^ table[y & 15]
            y >>= 4
        y = z
        start += 16
    for i in range(15, -1, -1):
        state[i] = y & 0xFF
        y >>= 8
