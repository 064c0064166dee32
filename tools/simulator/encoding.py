"""How a meter's push is encoded, from single values to the frame on the wire.

Values are A-XDR and the APDU a Data-Notification (IEC 62056-5-3, the DLMS Green Book); frames are HDLC frame
format type 3 (IEC 62056-46, ISO/IEC 13239), without byte stuffing. Every function returns bytes. Counts and
lengths stay below 128 in every Norwegian list, where A-XDR writes them as one byte.
"""

import re
import struct

from hanport.crc import x25

FLAG = b"\x7e"
LLC_HEADER = b"\xe6\xe7\x00"
FORMAT_TYPE_3 = 0xA000
DEVIATION_UNSPECIFIED = -0x8000
UNSPECIFIED = 0xFF


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


def i16(number):
    return struct.pack(">Bh", 0x10, number)


def u16(number):
    return struct.pack(">BH", 0x12, number)


def obis(code):
    """An OBIS code such as "1-0:1.7.0" as octet-string; its sixth group is 255."""
    return octets(bytes(int(group) for group in re.split("[-:.]", code)) + b"\xff")


def scaler_unit(scaler, unit):
    """The structure of a power of ten (integer) and a unit (enum, DLMS Blue Book table 4)."""
    return structure((struct.pack(">Bb", 0x0F, scaler), bytes((0x16, unit))))


def date_time(when, weekday, deviation_min, status):
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
        UNSPECIFIED,
        deviation_min,
        status,
    )


def data_notification(invoke_id, stamp, value):
    """The APDU: long-invoke-id-and-priority, a number; the encoded date-time, or null; an encoded value."""
    return struct.pack(">BI", 0x0F, invoke_id) + stamp + value


def address(*parts):
    """An HDLC address of 7-bit parts; the lowest bit marks the last byte (ISO/IEC 13239, 4.7.1)."""
    return bytes(part << 1 for part in parts[:-1]) + bytes((parts[-1] << 1 | 1,))


def hdlc_frame(destination, source, control, information):
    """A frame, flag to flag. Addresses are tuples of parts; the length counts all between the flags."""
    addresses = address(*destination) + address(*source)
    size = 2 + len(addresses) + 1 + 2 + len(information) + 2
    header = struct.pack(">H", FORMAT_TYPE_3 | size) + addresses + bytes((control,))
    return FLAG + _checked(_checked(header) + information) + FLAG


def _checked(data):
    """The bytes and their check sequence, low byte first."""
    return data + struct.pack("<H", x25(data, 0, len(data)) ^ 0xFFFF)
