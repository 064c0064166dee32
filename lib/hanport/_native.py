"""The viper twins of _plain.py, which says what each function does; see loops.py.

One register-sized integer is all that viper knows, so every branch works on those; constants are this module's own,
since others would be looked up at run time.
"""

from array import array

import micropython
from micropython import const

from .registers import SEARCH

# codes.py
_MORE = const(0)
_NOTIFICATION = const(-1)
_MESSAGE = const(-2)
_READING = const(-3)
_PART_READ = const(-8)
_FULL = const(-4)
_INSIDE = const(-5)
_IDLE = const(-6)
_GARBAGE = const(-7)
_HEADER_CHECK = const(5)
_FRAME_CHECK = const(6)
_END_FLAG = const(7)
_TOO_LONG = const(9)
_MALFORMED = const(18)
_UNKNOWN_LIST = const(19)
_SHORT = const(-100)
# fields.py: the stream
_HEAD = const(0)
_TAIL = const(1)
_FRONT = const(2)
_FED = const(3)
_GIVEN = const(4)
_ROOM = const(5)
_FIRST = const(6)
_BEHIND = const(7)
_PART = const(8)
_LAST = const(9)
_LENGTH = const(10)
_HEADER = const(11)
_CRC = const(12)
_SUMMED = const(13)
_HAS_FLAGS = const(14)
_SEARCHED = const(15)
_FOUND = const(16)
_LENT = const(17)
_IS_AUTO = const(18)
_BYTES = const(19)
_FRAMES = const(20)
_READINGS = const(21)
# the reading
_STAMP = const(0)
_LIST = const(1)
_UNREADABLE = const(2)
_VALUES = const(3)
# the list
_POS = const(0)
_END = const(1)
_LEFT = const(2)
_COUNT = const(3)
_CODE = const(4)
_REGISTER = const(5)
_KIND = const(6)
_START = const(7)
_WIDTH = const(8)
_LOW = const(9)
_HIGH = const(10)
_UNIT = const(11)
_SCALER = const(12)
_PLACES = const(13)
_LINE = const(14)
_NOWHERE = const(255)
_UNOPENED = const(-9)
_NO_CODE = const(-1)
_ODD_CODE = const(-2)
_NO_UNIT = const(-1)
_NULL = const(0)
_NUMBER = const(1)
_TEXT = const(2)
_OTHER = const(3)
_BAD = const(0)
_ITEM = const(1)
_NESTED = const(2)
# registers.py, clock.py
_TIMESTAMP = const(4)
_STAMP_OF_TIME = const(17)  # VALUES + 3 x register + 2
_VALUE_OF_OFFSET = const(18)
_STAMP_OF_OFFSET = const(20)
_POWER_IMPORT = const(7)
_CLOCK = const(128)

_WRAP = const(0x3FFFFFFF)
_VAR = const(29)
_VARH = const(32)
_UNITLESS = const(255)
_ENERGY = const(8)
_LONG64_UNSIGNED = const(21)
_MOST = const(214748364)
_X25_GOOD = const(0xF0B8)


def _x25_table():
    table = array("H")
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x8408 if byte & 1 else byte >> 1
        table.append(byte)
    return table


_X25 = _x25_table()
# CRC-16/ARC, four bits at a time.
_ARC = array("H", (0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401))
_ARC.extend(array("H", (0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400)))


@micropython.viper
def x25(buffer, start: int, stop: int, crc: int) -> int:
    b = ptr8(buffer)
    table = ptr16(_X25)
    while start < stop:
        crc = crc >> 8 ^ table[(crc ^ b[start]) & 0xFF]
        start += 1
    return crc


@micropython.viper
def total(buffer, start: int, stop: int) -> int:
    b = ptr8(buffer)
    found = 0
    while start < stop:
        found += b[start]
        start += 1
    return found & 0xFF


@micropython.viper
def text(buffer, tail: int, state) -> int:
    b = ptr8(buffer)
    s = ptr32(state)
    table = ptr16(_ARC)
    pos = s[0]
    crc = s[1]
    stopped = 0
    while pos < tail:
        octet = b[pos]
        if octet < 34 or octet > 126 or octet == 47:
            if octet == 33:
                stopped = octet
            elif octet != 13 and octet != 10 and octet != 32 and octet != 9:
                stopped = octet
                if octet == 0:
                    stopped = 1
                break
        crc ^= octet
        crc = crc >> 4 ^ table[crc & 15]
        crc = crc >> 4 ^ table[crc & 15]
        pos += 1
        if stopped:
            break
    s[0] = pos
    s[1] = crc
    return stopped


@micropython.viper
def copy(source, source_pos: int, target, target_pos: int, n: int):
    a = ptr8(source)
    b = ptr8(target)
    stop = source_pos + n
    while source_pos < stop:
        b[target_pos] = a[source_pos]
        source_pos += 1
        target_pos += 1


@micropython.viper
def differ(a, a_pos: int, b, b_pos: int, n: int) -> int:
    x = ptr8(a)
    y = ptr8(b)
    found = 0
    stop = a_pos + n
    while a_pos < stop:
        found |= x[a_pos] ^ y[b_pos]
        a_pos += 1
        b_pos += 1
    return found


@micropython.viper
def header(buffer, start: int, tail: int) -> int:
    b = ptr8(buffer)
    if tail - start < 2:
        return 0
    if b[start + 1] & 0xF0 != 0xA0:
        return -1
    pos = start + 3
    addresses = 2
    while addresses:
        last = pos + 3
        while pos < tail and pos < last and b[pos] & 1 == 0:
            pos += 1
        pos += 1
        addresses -= 1
    pos += 3
    if pos > tail:
        return 0
    if pos - start - 1 > ((b[start + 1] & 7) << 8 | b[start + 2]):
        return -1
    table = ptr16(_X25)
    crc = 0xFFFF
    i = start + 1
    while i < pos:
        crc = crc >> 8 ^ table[(crc ^ b[i]) & 0xFF]
        i += 1
    if crc != _X25_GOOD:
        return -1
    return pos - start


@micropython.viper
def lend(receiver, n: int) -> int:
    s = ptr32(receiver.state)
    if s[_FED] < s[_GIVEN] or n > s[_LENT] or s[_IS_AUTO]:
        return 0
    s[_FED] = 0
    s[_GIVEN] = n
    s[_BYTES] = s[_BYTES] + n & _WRAP
    return 1


@micropython.viper
def fetch(receiver):
    s = ptr32(receiver.state)
    b = ptr8(receiver.buffer)
    n = s[_GIVEN] - s[_FED]
    tail = s[_TAIL]
    room = s[_ROOM]
    if tail + n > room:
        head = s[_HEAD]
        to = s[_FRONT]
        if head > to:
            s[_HEAD] = to
            while head < tail:
                b[to] = b[head]
                to += 1
                head += 1
            tail = to
        if tail + n > room:
            n = room - tail
    a = ptr8(receiver.lent)
    pos = s[_FED]
    s[_FED] = pos + n
    s[_TAIL] = tail + n
    stop = pos + n
    while pos < stop:
        b[tail] = a[pos]
        tail += 1
        pos += 1


@micropython.viper
def frame(receiver) -> int:
    buffer = receiver.buffer
    b = ptr8(buffer)
    s = ptr32(receiver.state)
    more = _MORE
    i = s[_FED]
    stop = s[_GIVEN]
    if i < stop:
        tail = s[_TAIL]
        if tail + stop - i > s[_ROOM]:
            fetch(receiver)
            if s[_FED] < stop:
                more = _FULL
        else:
            a = ptr8(receiver.lent)
            while i < stop:
                b[tail] = a[i]
                tail += 1
                i += 1
            s[_FED] = stop
            s[_TAIL] = tail
    head = s[_HEAD]
    tail = s[_TAIL]
    if head == tail:
        return more
    if b[head] != 0x7E:
        while head < tail and b[head] != 0x7E:
            head += 1
        s[_HEAD] = head
        return _GARBAGE
    if s[_LENGTH] == 0:
        size = int(header(buffer, head, tail))
        if size == 0:
            return more
        if size < 0:
            s[_HEAD] = head + 1
            if b[head + 1] & 0xF0 == 0xA0:
                return _HEADER_CHECK
            return _IDLE
        length = (b[head + 1] & 7) << 8 | b[head + 2]
        if length + 2 > s[_ROOM]:
            s[_HEAD] = head + 1
            return _TOO_LONG
        s[_LENGTH] = length
        s[_HEADER] = size
        s[_SUMMED] = size
        s[_CRC] = _X25_GOOD
        s[_HAS_FLAGS] = 0
        s[_SEARCHED] = size
        s[_FOUND] = 0
    end = head + 1 + s[_LENGTH]
    if tail > end and b[end] != 0x7E:
        s[_LENGTH] = 0
        s[_HEAD] = head + 1
        return _END_FLAG
    i = head + s[_SUMMED]
    stop = tail
    if end < tail:
        stop = end
    table = ptr16(_X25)
    crc = s[_CRC]
    has_flags = s[_HAS_FLAGS]
    while i < stop:
        octet = b[i]
        if octet == 0x7E:
            has_flags = 1
        crc = crc >> 8 ^ table[(crc ^ octet) & 0xFF]
        i += 1
    if tail <= end:
        s[_CRC] = crc
        s[_SUMMED] = stop - head
        s[_HAS_FLAGS] = has_flags
        if has_flags:
            return _INSIDE
        return more
    s[_LENGTH] = 0
    if crc != _X25_GOOD:
        s[_HEAD] = head + 1
        return _FRAME_CHECK
    first = head + s[_HEADER]
    behind = end - 2
    if behind < first:
        behind = first
    part = -1
    if behind - first > 3 and b[first] == 0xE6 and b[first + 1] == 0xE7 and b[first + 2] == 0:
        first += 3
        part = 0
    s[_FIRST] = first
    s[_BEHIND] = behind
    s[_PART] = part
    s[_LAST] = 1
    if b[head + 1] & 8:
        s[_LAST] = 0
    s[_HEAD] = end
    s[_FRAMES] = s[_FRAMES] + 1 & _WRAP
    if s[_LAST] and s[_FRONT] == 0 and first < behind and b[first] == 0x0F:
        return _NOTIFICATION
    return _MESSAGE


@micropython.viper
def notification(buffer, pos: int, end: int) -> int:
    b = ptr8(buffer)
    pos += 5
    if pos < end and b[pos] == 9:
        pos += 1
    if pos >= end:
        return 0 - _MALFORMED
    size = b[pos]
    pos += 1 + size
    if (size == 0 or size == 12) and pos < end:
        return pos
    return 0 - _MALFORMED


@micropython.viper
def begin(store):
    r = ptr32(store)
    r[_STAMP] = r[_STAMP] + 1 & _WRAP
    r[_LIST] = 0
    r[_UNREADABLE] = 0


@micropython.viper
def _open(buffer, state, store, reading) -> int:
    b = ptr8(buffer)
    s = ptr32(state)
    r = ptr32(store)
    r[_STAMP] = r[_STAMP] + 1 & _WRAP
    r[_LIST] = 0
    r[_UNREADABLE] = 0
    pos = s[_POS] + 5
    end = s[_END]
    if pos < end and b[pos] == 9:
        pos += 1
    if pos >= end:
        return _MALFORMED
    size = b[pos]
    pos += 1 + size
    if pos >= end:
        return _MALFORMED
    if size == 12:
        _date_time(buffer, pos - 12, store, reading)
    elif size:
        return _MALFORMED
    if b[pos] < 1 or b[pos] > 2:
        return _UNKNOWN_LIST
    pos += 1
    if pos >= end:
        return _MALFORMED
    count = b[pos]
    if count > 127:
        count = int(length(buffer, pos, end))
        if count < 0:
            return _MALFORMED
        pos += b[pos] & 127
    s[_POS] = pos + 1
    s[_COUNT] = count
    s[_LEFT] = count
    return 0


@micropython.viper
def length(buffer, pos: int, end: int) -> int:
    b = ptr8(buffer)
    if pos >= end:
        return _SHORT
    size = b[pos]
    if size < 128:
        return size
    octets = size & 127
    if octets < 1 or octets > 4:
        return 0 - _MALFORMED
    if octets > end - pos - 1:
        return _SHORT
    size = 0
    while octets:
        if size > 0xFFFF:
            return 0 - _MALFORMED
        pos += 1
        size = size << 8 | b[pos]
        octets -= 1
    return size


_DAYS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


@micropython.viper
def date_time(buffer, pos: int, reading):
    _date_time(buffer, pos, reading.store, reading)


@micropython.viper
def _date_time(buffer, pos: int, store, reading):
    b = ptr8(buffer)
    c = ptr8(reading.texts)
    r = ptr32(store)
    month = b[pos + 2]
    day = b[pos + 3]
    hour = b[pos + 5]
    minute = b[pos + 6]
    second = b[pos + 7]
    if b[pos] == 0xFF or month >= 0xFD or day >= 0xFD or hour == 0xFF or minute == 0xFF or second == 0xFF:
        return
    r[_STAMP_OF_TIME] = 0
    r[_STAMP_OF_OFFSET] = 0
    year = b[pos] << 8 | b[pos + 1]
    last = 0
    if year >= 2000 and year <= 2099 and month >= 1 and month <= 12 and hour < 24 and minute < 60 and second < 60:
        days = ptr8(_DAYS)
        last = days[month - 1]
        if month == 2 and year & 3:
            last = 28
    if day < 1 or day > last:
        r[_UNREADABLE] += 1
        return
    r[_STAMP_OF_TIME] = r[_STAMP]
    c[_CLOCK] = b[pos]
    c[_CLOCK + 1] = b[pos + 1]
    c[_CLOCK + 2] = month
    c[_CLOCK + 3] = day
    c[_CLOCK + 4] = hour
    c[_CLOCK + 5] = minute
    c[_CLOCK + 6] = second
    deviation = b[pos + 9] << 8 | b[pos + 10]
    if deviation > 0x7FFF:
        deviation -= 0x10000
    if deviation >= -720 and deviation <= 720:
        deviation = 0 - deviation
        r[_VALUE_OF_OFFSET] = deviation
        r[_VALUE_OF_OFFSET + 1] = deviation >> 31
        r[_STAMP_OF_OFFSET] = r[_STAMP]


_NO_TAG = const(255)
_COUNTED = const(254)
_SIZED = const(253)
_BITS = const(252)
# By tag: the layout of _plain.py, and 32 bytes on, the kind of value.
_TAGS = (
    bytes((0, 254, 254, 1, 252, 4, 4, 255, 255, 253, 253, 255, 253, 1, 255, 1, 2, 1, 2, 255, 8, 8, 1, 4, 8, 12, 5, 4))
    + b"\xff\xff\xff\xff"
    + bytes((0, 3, 3, 1, 3, 1, 1, 3, 3, 2, 2, 3, 2, 3, 3, 1, 1, 1, 1, 3, 1, 1, 1, 3, 3, 2, 3, 3))
)


@micropython.viper
def skip(buffer, pos: int, end: int) -> int:
    b = ptr8(buffer)
    tags = ptr8(_TAGS)
    waiting = 1
    while waiting:
        if pos >= end:
            return _SHORT
        tag = b[pos]
        if tag > 27:
            return 0 - _MALFORMED
        size = tags[tag]
        if size == _NO_TAG:
            return 0 - _MALFORMED
        pos += 1
        waiting -= 1
        if size >= _BITS:
            count = int(length(buffer, pos, end))
            if count < 0:
                return count
            if b[pos] > 127:
                pos += b[pos] & 127
            pos += 1
            if size == _COUNTED:
                waiting += count
                size = 0
            elif size == _SIZED:
                size = count
            else:
                size = (count + 7) >> 3
        pos += size
        if waiting > end - pos:
            return _SHORT
    return pos


@micropython.viper
def _store(buffer, state, shifts, store, reading) -> int:
    s = ptr32(state)
    t = ptr32(SEARCH)
    kind = s[_KIND]
    code = s[_CODE]
    register = s[_REGISTER]
    if code != _NO_CODE:
        register = -1
        first = 0
        last = t[0]
        while first < last:
            middle = (first + last) >> 1
            found = t[1 + (middle << 1)]
            if found == code:
                register = t[2 + (middle << 1)]
                break
            if found < code:
                first = middle + 1
            else:
                last = middle
        s[_REGISTER] = register
    if register < 0 or kind == _NULL:
        return 1
    about = t[1 + (t[0] << 1) + register]
    r = ptr32(store)
    at = _VALUES + register * 3
    if kind == _TEXT and register == _TIMESTAMP and s[_WIDTH] == 12:
        _date_time(buffer, s[_START], store, reading)
        return 1
    if kind == _TEXT and about == -1 and register != _TIMESTAMP:
        b = ptr8(buffer)
        to = ptr8(reading.texts)
        start = s[_START]
        size = s[_WIDTH]
        if size > 32:
            size = 32
        while size and b[start + size - 1] == 0:
            size -= 1
        if size:
            r[at] = size
            r[at + 2] = r[_STAMP]
            at = register << 5
            while size:
                to[at] = b[start]
                at += 1
                start += 1
                size -= 1
        return 1
    low = s[_LOW]
    high = s[_HIGH]
    if kind != _NUMBER or about < 0 or (low >= 0 and high) or (low < 0 and high != -1):
        return 0
    unit = s[_UNIT]
    if unit == _NO_UNIT:
        shift = ptr8(shifts)[register]
        if shift > 127:
            shift -= 256
    elif unit == about & 0xFF:
        shift = s[_SCALER] + (about >> 8 & 15)
    else:
        return 0
    if shift < -9:
        return 0
    while shift > 0:
        if low > _MOST or low < 0 - _MOST:
            return 0
        low *= 10
        shift -= 1
    while shift < 0:
        if low % 10:
            return 0
        low //= 10
        shift += 1
    r[at] = low
    r[at + 1] = low >> 31
    r[at + 2] = r[_STAMP]
    if about >> 12 > r[_LIST]:
        r[_LIST] = about >> 12
    return 1


@micropython.viper
def walk(reader, receiver, reading) -> int:
    state = reader.state
    buffer = receiver.buffer
    shifts = reader.shifts
    store = reading.store
    b = ptr8(buffer)
    s = ptr32(state)
    by_place = b
    no_places = s[_PLACES]
    if no_places:
        by_place = ptr8(reader.places)
    tags = ptr8(_TAGS)
    if s[_LEFT] == _UNOPENED:
        stream = ptr32(receiver.state)
        s[_POS] = stream[_FIRST]
        s[_END] = stream[_BEHIND]
        reason = int(_open(buffer, state, store, reading))
        if reason:
            return reason
    end = s[_END]
    while s[_LEFT] > 0:
        pos = s[_POS]
        begin = pos
        code = _NO_CODE
        unit = _NO_UNIT
        s[_REGISTER] = -1
        elements = 1
        parts = 0
        if end - pos > 9 and b[pos] == 2 and b[pos + 2] == 9 and b[pos + 3] == 6:
            parts = b[pos + 1]
            if parts == 2 or parts == 3:
                pos += 2
            else:
                parts = 0
        place = s[_COUNT] - s[_LEFT]
        if end - pos > 7 and b[pos] == 9 and b[pos + 1] == 6 and (parts or b[pos + 2] < 0x30 and place >= no_places):
            if b[pos + 2] > 0x3F or b[pos + 7] != 0xFF:
                code = _ODD_CODE
            else:
                code = b[pos + 2] << 24 | b[pos + 4] << 16 | b[pos + 5] << 8 | b[pos + 6]
            pos += 8
            if parts == 0:
                elements = 2
        s[_CODE] = code
        s[_UNIT] = unit
        if pos >= end:
            return _BAD
        tag = b[pos]
        if tag > 27:
            return _BAD
        size = tags[tag]
        if size == _COUNTED:
            if parts:
                pos = begin
            s[_POS] = pos
            s[_LEFT] -= elements
            return _NESTED
        if size == _NO_TAG:
            return _BAD
        kind = tags[tag + 32]
        pos += 1
        if size >= _BITS:
            if pos >= end:
                return _BAD
            count = b[pos]
            if count > 127:
                count = int(length(buffer, pos, end))
                if count < 0:
                    return _BAD
                pos += b[pos] & 127
            pos += 1
            if size == _SIZED:
                size = count
            else:
                size = (count + 7) >> 3
        if size > end - pos:
            return _BAD
        start = pos
        low = 0
        high = 0
        if tag == _LONG64_UNSIGNED and b[pos] > 127:
            kind = _OTHER
        if kind == _NUMBER:
            low = b[pos]
            if low > 127 and (tag == 5 or tag == 15 or tag == 16 or tag == 20):
                high = -1
                low -= 256
            i = pos + 1
            if size == 8:
                high = low << 24 | b[i] << 16 | b[i + 1] << 8 | b[i + 2]
                low = b[i + 3]
                i += 4
            while i < pos + size:
                low = low << 8 | b[i]
                i += 1
        pos += size
        scaler = 0
        if parts == 3 or elements == 2:
            if end - pos > 5 and b[pos] == 2 and b[pos + 1] == 2 and b[pos + 2] == 15 and b[pos + 4] == 22:
                scaler = b[pos + 3]
                if scaler > 127:
                    scaler -= 256
                unit = b[pos + 5]
                s[_UNIT] = unit
                pos += 6
                if parts == 0:
                    elements = 3
            elif parts:
                return _BAD
        s[_POS] = pos
        s[_LEFT] -= elements
        s[_KIND] = kind
        s[_START] = start
        s[_WIDTH] = size
        s[_LOW] = low
        s[_HIGH] = high
        s[_SCALER] = scaler
        if code == _NO_CODE:
            if place < no_places:
                if by_place[place] == _NOWHERE:
                    continue
                s[_REGISTER] = by_place[place]
            elif kind == _NULL:
                continue
            elif tag == 6 and s[_COUNT] == 1:
                s[_REGISTER] = _POWER_IMPORT
            else:
                return _ITEM
        if int(_store(buffer, state, shifts, store, reading)) == 0:
            return _ITEM
    if s[_LEFT] or s[_POS] != end:
        return _BAD
    s[_LEFT] = _UNOPENED
    if ptr32(store)[_LIST] == 0:
        return _UNKNOWN_LIST
    stream = ptr32(receiver.state)
    stream[_READINGS] = stream[_READINGS] + 1 & _WRAP
    if ptr32(store)[_UNREADABLE]:
        return _PART_READ
    return _READING


@micropython.viper
def lines(reader, receiver, reading) -> int:
    state = reader.state
    buffer = receiver.buffer
    store = reading.store
    b = ptr8(buffer)
    s = ptr32(state)
    pos = s[_POS]
    end = s[_END]
    while True:
        # The code.
        while pos < end and b[pos] <= 32:
            pos += 1
        s[_LINE] = pos
        medium = 1
        c = 0
        d = 0
        e = 0
        number = 0
        dots = 0
        odd = 0
        octet = 0
        while pos < end:
            octet = b[pos]
            if octet >= 48 and octet <= 57:
                number = number * 10 + octet - 48
                if number > 255:
                    number = 255
                    odd = 1
            elif octet == 45:
                medium = number
                number = 0
            elif octet == 58:
                if number and medium == 0:
                    odd = 1
                number = 0
            elif octet == 46 or octet == 42 or octet == 40:
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
            s[_POS] = end
            if ptr32(store)[_LIST] == 0:
                return _UNKNOWN_LIST
            stream = ptr32(receiver.state)
            stream[_READINGS] = stream[_READINGS] + 1 & _WRAP
            if ptr32(store)[_UNREADABLE]:
                return _PART_READ
            return _READING
        if odd or dots < 3 or medium > 0x3F:
            s[_CODE] = _ODD_CODE
        else:
            s[_CODE] = medium << 24 | c << 16 | d << 8 | e
        if octet != 40:
            while pos < end and b[pos] != 10:
                pos += 1
            s[_POS] = pos
            continue
        while pos < end and b[pos] == 40:
            begin = pos
            pos += 1
            s[_START] = pos
            kind = _NULL
            low = 0
            high = 0
            scaler = 0
            has_point = 0
            is_negative = 0
            is_bad = 0
            unit = _UNITLESS
            octet = 0
            if pos < end and b[pos] == 45:
                is_negative = 1
                pos += 1
            while pos < end:
                octet = b[pos]
                if octet >= 48 and octet <= 57:
                    if kind == _NULL:
                        kind = _NUMBER
                    if low >= 100000000:
                        high = high * 10 + low // 100000000
                        low = low % 100000000
                    elif high:
                        high = high * 10
                    low = low * 10 + octet - 48
                    scaler -= has_point
                    if high >= 100000000:
                        kind = _TEXT
                        high = 0
                elif octet == 46 and has_point == 0 and kind == _NUMBER:
                    has_point = 1
                elif octet == 42 and kind == _NUMBER or octet == 41:
                    break
                elif octet == 10 or octet == 13 or octet == 40:
                    is_bad = 1
                    break
                else:
                    kind = _TEXT
                pos += 1
            if is_negative and kind == _NULL:
                kind = _TEXT
            if pos < end and octet == 42:
                pos += 1
                letters = 0
                if pos < end and b[pos] & 0x5F == 75:
                    scaler += 3
                    pos += 1
                while pos < end:
                    octet = b[pos]
                    if octet == 41:
                        break
                    if octet < 32:
                        is_bad = 1
                        break
                    letters = (letters << 5 | octet & 31) & 0x3FFFFFF
                    pos += 1
                unit = 0
                if letters == 23:
                    unit = 27
                elif letters == 744:
                    unit = 30
                elif letters == 22578 or letters == 722504:
                    # Some makers write kvarh for kvar: the code knows better.
                    unit = _VAR
                    if s[_CODE] >> 8 & 0xFF == _ENERGY:
                        unit = _VARH
                elif letters == 1:
                    unit = 33
                elif letters == 22:
                    unit = 35
            if is_bad or pos >= end:
                pos = begin
                while pos < end and b[pos] != 10:
                    pos += 1
                s[_POS] = pos
                return _BAD
            s[_KIND] = kind
            s[_WIDTH] = pos - s[_START]
            s[_UNIT] = unit
            s[_SCALER] = scaler
            if is_negative:
                low = 0 - low
                high = -1 - high
            s[_LOW] = low
            s[_HIGH] = high
            pos += 1
        s[_POS] = pos
        if int(_store(buffer, state, store, store, reading)) == 0 or s[_REGISTER] < 0:
            return _ITEM


@micropython.viper
def counters(blocks, iv, first: int, n: int):
    to = ptr8(blocks)
    j = ptr8(iv)
    at = 0
    last = first + n
    while first < last:
        k = 0
        while k < 12:
            to[at + k] = j[k]
            k += 1
        to[at + 12] = 0
        to[at + 13] = 0
        to[at + 14] = first >> 8
        to[at + 15] = first
        at += 16
        first += 1


@micropython.viper
def xor(target, pos: int, stream, n: int):
    to = ptr8(target)
    b = ptr8(stream)
    i = 0
    while i < n:
        to[pos] ^= b[i]
        i += 1
        pos += 1


def ghash_table(multiples):
    # Four words of 32 bits each, the highest first.
    return array("I", (number >> shift & 0xFFFFFFFF for number in multiples for shift in (96, 64, 32, 0)))


_REDUCED = array("H", (0x0000, 0x1C20, 0x3840, 0x2460, 0x7080, 0x6CA0, 0x48C0, 0x54E0))
_REDUCED.extend(array("H", (0xE100, 0xFD20, 0xD940, 0xC560, 0x9180, 0x8DA0, 0xA9C0, 0xB5E0)))


@micropython.viper
def ghash(table, state, buffer, start: int, stop: int):
    t = ptr32(table)
    y = ptr8(state)
    b = ptr8(buffer)
    reduced = ptr16(_REDUCED)
    while start < stop:
        i = 0
        while i < 16 and start < stop:
            y[i] ^= b[start]
            i += 1
            start += 1
        z0 = 0
        z1 = 0
        z2 = 0
        z3 = 0
        i = 16
        while i:
            i -= 1
            nibbles = y[i]
            turn = 2
            while turn:
                at = (nibbles & 15) << 2
                nibbles >>= 4
                out = reduced[z3 & 15]
                # A shift keeps the sign, so the top four bits are masked away.
                z3 = (z3 >> 4 & 0x0FFFFFFF | z2 << 28) ^ t[at + 3]
                z2 = (z2 >> 4 & 0x0FFFFFFF | z1 << 28) ^ t[at + 2]
                z1 = (z1 >> 4 & 0x0FFFFFFF | z0 << 28) ^ t[at + 1]
                z0 = z0 >> 4 & 0x0FFFFFFF ^ out << 16 ^ t[at]
                turn -= 1
        i = 0
        while i < 4:
            shift = 24 - (i << 3)
            y[i] = z0 >> shift
            y[i + 4] = z1 >> shift
            y[i + 8] = z2 >> shift
            y[i + 12] = z3 >> shift
            i += 1
