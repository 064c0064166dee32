"""Images of an ESP32's flash as MicroPython's are, made for a test: bootloader, partition table, program."""

import hashlib
import struct

import flashimage

VFS_AT, VFS_SIZE = 0x200000, 0x200000


def program(chip, content=b"program", has_digest=True):
    """A program of one segment, by Espressif's "Firmware image format"."""
    content += bytes(-len(content) % 4)
    checksum = 0xEF
    for octet in content:
        checksum ^= octet
    header = struct.pack("<BBBBI", 0xE9, 1, 2, 0x20, 0x40080000)
    header += struct.pack("<BBBBHBHH4xB", 0xEE, 0, 0, 0, flashimage.CHIP_IDS[chip], 0, 0, 0xFFFF, has_digest)
    octets = header + struct.pack("<II", 0x3F400020, len(content)) + content
    octets += bytes(-(len(octets) + 1) % 16) + bytes([checksum])
    return octets + hashlib.sha256(octets).digest() if has_digest else octets


def table(rows):
    """A partition table of (name, kind, subtype, address, size), with its MD5."""
    octets = b"".join(
        b"\xaa\x50" + struct.pack("<BBII16sI", kind, subtype, at, size, name.encode(), 0)
        for name, kind, subtype, at, size in rows
    )
    return octets + b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(octets).digest()


ROWS = (
    ("nvs", 1, 2, 0x9000, 0x6000),
    ("phy_init", 1, 1, 0xF000, 0x1000),
    ("factory", 0, 0, 0x10000, 0x1F0000),
    ("vfs", 1, 0x81, VFS_AT, VFS_SIZE),
)


def micropython(chip, offset, rows=ROWS):
    """The whole image, beginning at this address."""
    image = bytearray(program(chip, b"bootloader"))
    for at, octets in ((flashimage.TABLE_AT, table(rows)), (0x10000, program(chip, b"MicroPython" * 500))):
        image += b"\xff" * (at - offset - len(image)) + octets
    return bytes(image)
