"""The check sequences of the links, after their standards: the simulator shares no code with the decoder."""


def _table(polynomial):
    """What eight steps of the shift register make of each byte; `polynomial` has its lowest bit first."""
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
        table.append(crc)
    return table


_X25 = _table(0x8408)
_ARC = _table(0xA001)


def _crc16(data, table, crc):
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def x25(data):
    """CRC-16/X-25 of HDLC's header and frame check (ISO/IEC 13239); it is sent low byte first."""
    return _crc16(data, _X25, 0xFFFF) ^ 0xFFFF


def arc(data):
    """CRC-16/ARC of P1 telegrams (DSMR 5.0.2 P1, 5.2), over "/" to "!"."""
    return _crc16(data, _ARC, 0)


def mbus_sum(data):
    """The checksum of M-Bus frames (EN 13757-2)."""
    return sum(data) & 0xFF
