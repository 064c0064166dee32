"""Which bytes are an intact frame? Bit by bit after the standards, sharing no code with decoder or simulator."""

import re
from typing import NamedTuple

_HDLC = re.compile(rb"(?=\x7e[\xa0-\xaf])")
_MBUS = re.compile(rb"(?=\x68(.)\1\x68)", re.DOTALL)
_P1 = re.compile(rb"(?=(/[A-Za-z]{3}[^!/\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]*!)([0-9A-Fa-f]{0,4}))")


class Frame(NamedTuple):
    start: int
    stop: int
    data: bytes  # which alone, too, is an intact frame


def crc16(data, polynomial, crc):
    """The register after these bytes, their lowest bits first."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc


def _is_checked(data):
    """True when the data ends with its CRC-16/X-25."""
    return len(data) > 2 and crc16(data[:-2], 0x8408, 0xFFFF) ^ 0xFFFF == int.from_bytes(data[-2:], "little")


def hdlc_frames(data):
    for match in _HDLC.finditer(data):
        start = match.start() + 1
        stop = start + (int.from_bytes(data[start : start + 2], "big") & 0x7FF)
        pos = start + 2
        for _ in range(2):
            while pos < stop and pos < len(data) and not data[pos] & 1:
                pos += 1
            pos += 1
        if data[stop : stop + 1] == b"\x7e" and _is_checked(data[start : pos + 3]) and _is_checked(data[start:stop]):
            yield Frame(start - 1, stop + 1, data[start - 1 : stop + 1])


def mbus_frames(data):
    for match in _MBUS.finditer(data):
        start = match.start()
        size = data[start + 1] + (256 if data[start + 1] < 5 else 0)
        stop = start + 4 + size + 2
        if data[stop - 1 : stop] == b"\x16" and sum(data[start + 4 : stop - 2]) & 0xFF == data[stop - 2]:
            yield Frame(start, stop, data[start:stop])


def p1_frames(data, unchecked):
    for match in _P1.finditer(data):
        text, digits = match.groups()
        stop = match.end(2)
        if len(digits) < 4 and data[stop : stop + 1] not in (b"\r", b"\n"):
            continue
        is_right = int(digits, 16) == crc16(text, 0xA001, 0) if digits else unchecked
        if is_right:
            yield Frame(match.start(), stop, text + digits + b"\r\n")


def intact_frames(data, link, unchecked=False):
    """Every Frame of the link ("hdlc", "mbus", "p1"; else all of these) in the data, overlapping ones too."""
    data = bytes(data)
    found = []
    if link not in ("mbus", "p1"):
        found += hdlc_frames(data)
    if link not in ("hdlc", "p1"):
        found += mbus_frames(data)
    if link not in ("hdlc", "mbus"):
        found += p1_frames(data, unchecked)
    return sorted(found)
