"""Builds frames for tests, with checksums of its own, bit by bit as the standards define them.

Runs on MicroPython too.
"""


def crc(data, polynomial, start):
    """A reflected CRC-16."""
    register = start
    for octet in data:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ polynomial if register & 1 else register >> 1
    return register


def fcs(data):
    """The check sequence of HDLC (CRC-16/X-25), low byte first."""
    check = crc(data, 0x8408, 0xFFFF) ^ 0xFFFF
    return bytes((check & 0xFF, check >> 8))


def octets(words):
    """Bytes from hexadecimal text with blanks, or as they are."""
    return bytes.fromhex(words.replace(" ", "")) if isinstance(words, str) else bytes(words)


def hdlc(apdu, llc="E6E700", format_bits=0xA000, addresses="41088313"):
    """An HDLC frame around an APDU."""
    information = octets(llc) + octets(apdu)
    head = octets(addresses)
    length = 2 + len(head) + 2 + len(information) + 2
    body = bytes((format_bits + length >> 8, length & 0xFF)) + head
    body += fcs(body) + information
    return b"\x7e" + body + fcs(body) + b"\x7e"


def again(frame):
    """An HDLC frame whose content was changed, with the right frame check."""
    body = bytes(frame[1:-3])
    return b"\x7e" + body + fcs(body) + b"\x7e"


def segments(apdu, *cuts):
    """HDLC frames with an APDU cut at these places; LLC header in the first, all but the last marked."""
    apdu = octets(apdu)
    places = (0,) + cuts + (len(apdu),)
    found = []
    for i in range(len(places) - 1):
        is_last = i == len(places) - 2
        piece = apdu[places[i] : places[i + 1]]
        found.append(hdlc(piece, "" if i else "E6E700", 0xA000 if is_last else 0xA800))
    return found


def mbus(apdu, *cuts, length=None):
    """M-Bus long frames with an APDU cut at these places (EN 13757-3); `length` replaces the first's length byte."""
    apdu = octets(apdu)
    places = (0,) + cuts + (len(apdu),)
    found = []
    for i in range(len(places) - 1):
        control = i | (0x10 if i == len(places) - 2 else 0)
        body = bytes((0x53, 0xFF, control, 1, 0x67)) + apdu[places[i] : places[i + 1]]
        size = len(body) if length is None or i else length
        found.append(bytes((0x68, size & 0xFF, size & 0xFF, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16)))
    return found


def blocks(apdu, size):
    """HDLC frames with an APDU in blocks of general block transfer; LLC header in the first only."""
    apdu = octets(apdu)
    found = []
    count = (len(apdu) + size - 1) // size
    for i in range(count):
        data = apdu[i * size : (i + 1) * size]
        control = 0xC0 if i == count - 1 else 0x40
        block = bytes((0xE0, control, 0, i + 1, 0, 0, len(data))) + data
        found.append(hdlc(block, "" if i else "E6E700"))
    return found


def p1(lines, end="\r\n", check="%04X", ident="XXX5\\TEST"):
    """A P1 telegram of these lines; `check` formats its CRC-16/ARC."""
    text = ("/" + ident + end + end + end.join(lines) + end + "!").encode()
    return text + (check % crc(text, 0xA001, 0) if "%" in check else check).encode() + end.encode()
