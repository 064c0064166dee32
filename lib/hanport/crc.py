"""Loops over many bytes, in plain Python: checksums and copying.

CRC-16/X-25 is the check of HDLC frames (ISO/IEC 13239, reflected polynomial 0x8408).
"""

from array import array

# What x25() leaves after data followed by its own, correct check sequence (ISO/IEC 13239, 4.2.5.2).
X25_GOOD = 0xF0B8


def _table(polynomial):
    table = array("H")
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ polynomial if byte & 1 else byte >> 1
        table.append(byte)
    return table


_X25 = _table(0x8408)


def x25(buffer, start, stop, crc=0xFFFF):
    """The CRC-16/X-25 register after buffer[start:stop], going on from `crc`.

    Not inverted: the check sequence on the wire is `x25(...) ^ 0xFFFF`, low byte first.
    """
    table = _X25
    for i in range(start, stop):
        crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xFF]
    return crc


def copy(source, source_pos, target, target_pos, n):
    """Copy n bytes, first to last, without the slices that would allocate; overlapping only towards the front."""
    for i in range(n):
        target[target_pos + i] = source[source_pos + i]
