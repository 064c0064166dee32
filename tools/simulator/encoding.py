"""Values as A-XDR and the APDU around them, a Data-Notification (IEC 62056-5-3, the DLMS Green Book).

Every function returns bytes. Counts and lengths inside the known lists stay below 128, where A-XDR writes them
as one byte.
"""

import re
import struct

DEVIATION_UNSPECIFIED = -0x8000
UNSPECIFIED = 0xFF


def length(number, size=0):
    """A length: in one byte below 128, else a byte that counts the bytes of the number, and these.

    With `size` it has that many bytes of number even where fewer would do, as some makers write it.
    """
    if number < 0x80 and not size:
        return bytes((number,))
    size = size or (number.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + number.to_bytes(size, "big")


def null():
    return b"\x00"


def array(elements):
    return bytes((0x01, len(elements))) + b"".join(elements)


def structure(elements):
    return bytes((0x02, len(elements))) + b"".join(elements)


def u32(number):
    return struct.pack(">BI", 0x06, number)


def octets(data):
    return bytes((0x09, len(data))) + data


def octet_text(text):
    return octets(text.encode("ascii"))


def visible_text(text):
    return bytes((0x0A, len(text))) + text.encode("ascii")


def i8(number):
    return struct.pack(">Bb", 0x0F, number)


def i16(number):
    return struct.pack(">Bh", 0x10, number)


def u16(number):
    return struct.pack(">BH", 0x12, number)


def u64(number):
    return struct.pack(">BQ", 0x15, number)


def obis(code):
    """An OBIS code such as "1-0:1.7.0" as octet-string; its sixth group is 255."""
    return octets(bytes(int(group) for group in re.split("[-:.]", code)) + b"\xff")


def scaler_unit(scaler, unit):
    """The structure of a power of ten (integer) and a unit (enum, DLMS Blue Book table 4)."""
    return structure((i8(scaler), bytes((0x16, unit))))


def date_time(when, weekday, hundredths, deviation_min, status):
    """The 12 bytes of a COSEM date-time (Blue Book 4.1.6.1); `when` is the meter's own clock."""
    return struct.pack(
        ">HBBBBBBBhB",
        when.year,
        when.month,
        when.day,
        weekday,
        when.hour,
        when.minute,
        when.second,
        hundredths,
        deviation_min,
        status,
    )


def data_notification(invoke_id, stamp, value):
    """The APDU: long-invoke-id-and-priority, a number; the encoded date-time, or null; an encoded value."""
    return struct.pack(">BI", 0x0F, invoke_id) + stamp + value
