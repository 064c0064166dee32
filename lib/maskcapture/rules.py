"""What in a meter's bytes tells whose it is, and how that is masked, whoever made the meter.

By how it looks, wherever it stands: a word of six decimals and more, or of eight hexadecimal digits, which is text
as P1 writes it. By its OBIS code: identifiers that are short, or no text. And by the envelope: the serial number in
the system title of what is encrypted. Numbers with a unit, times and the codes themselves stay.

What is damaged may have one wrong byte in a number, its code or its envelope, and is masked all the same; sometimes a
byte more than had to be.
"""

from hanport.const import const

_ZERO = const(48)  # what masks text: no frame begins or ends with it
_DECIMALS = const(6)
_DIGITS = const(8)
_CODE_SIZE = const(8)  # 09 06 and six groups
_MBUS = const(0x68)
# Of Kamstrup's type, "6841121BN243101040", which no other meter's code 1-1:96.1.1 is in the place of.
_TYPE = b"\x01\x01\x60\x01\x01\xff"
# Texts as the telegram's lines name them: identifiers (96.1, 0.0, 42.0), and messages to the customer (96.13).
_LINES = (b":96.1.", b":96.13.", b":0.0.", b":42.0.")
_CLOCK = b":1.0.0("


def is_digit(octet):
    """True for a hexadecimal digit, in either case."""
    return 48 <= octet <= 57 or 97 <= octet | 0x20 <= 102


def fill(buffer, pos, stop, octet):
    """Overwrite buffer[pos:stop], but not its NULs, with which some pad."""
    while pos < stop:
        if buffer[pos]:
            buffer[pos] = octet
        pos += 1


def mask_words(buffer, pos, stop, end, faults):
    """Mask the words that begin in buffer[pos:stop], of buffer[pos:end]; returns where to go on.

    With `faults`, a word goes on behind one byte that is no digit, if there are decimals on both sides of it.
    """
    while pos < stop:
        start = pos
        decimals = 0
        while pos < end:
            octet = buffer[pos]
            if 48 <= octet <= 57:
                decimals += 1
            elif not 97 <= octet | 0x20 <= 102 and not (faults and _is_fault(buffer, start, pos, end)):
                break
            pos += 1
        if pos == start:
            pos += 1
        elif (decimals >= _DECIMALS or pos - start >= _DIGITS) and not _may_stay(buffer, start, pos, end):
            fill(buffer, start, pos, _ZERO)
    return pos


def _is_fault(buffer, start, pos, end):
    """Is this no digit because it was damaged? What P1 writes between digits is not."""
    return (
        start < pos < end - 1
        and 48 <= buffer[pos - 1] <= 57
        and 48 <= buffer[pos + 1] <= 57
        and buffer[pos] not in b"()*-.:"
    )


def _may_stay(buffer, start, stop, end):
    """True for a P1 number with decimals or a unit, a time, and Kamstrup's type."""
    before = start - 24 if start > 24 else 0
    if start and buffer[start - 1] in b"(-" and stop < end:
        after = buffer[stop]
        if after in b"*." or (stop - start == 12 and after in b"SW") or buffer.find(_CLOCK, before, start) >= 0:
            return True
    code = buffer.rfind(_TYPE, before, start)
    return code >= 0 and start < code + 8 + buffer[code + 7]


def mask_lines(buffer, start, stop, end):
    """Mask what stands in the brackets of a telegram's lines for texts, whose codes begin in buffer[start:stop]."""
    for code in _LINES:
        pos = start
        while True:
            pos = buffer.find(code, pos, min(stop + len(code) - 1, end))
            if pos < 0:
                break
            pos += len(code)
            is_inside = False
            while pos < end and buffer[pos] >= 32:
                if buffer[pos] == 40 or buffer[pos] == 41:
                    is_inside = buffer[pos] == 40
                elif is_inside:
                    buffer[pos] = _ZERO
                pos += 1


def mask_coded(buffer, pos, stop, end, faults):
    """Mask the values whose codes begin in buffer[pos:stop], of buffer[pos:end]: 09 06 A B C D E FF, then the value.

    With `faults` (1), one byte of the code may be wrong; and envelopes are looked for.
    """
    while pos < stop:
        if faults and pos + 4 < end:
            _mask_envelope(buffer, pos, end)
        if pos + _CODE_SIZE + 1 < end:
            wrong = 3 - (buffer[pos] == 9) - (buffer[pos + 1] == 6) - (buffer[pos + 7] == 0xFF)
            if wrong <= faults and wrong + _differs(buffer, pos + 2) <= faults:
                _mask_value(buffer, pos + _CODE_SIZE, end, faults)
        pos += 1


def _differs(buffer, pos):
    """In how many bytes a code A B C D E is none of an identifier: C.D.E 96.1.x, 0.0.x, 42.0.0 (Blue Book 6.2)."""
    c = buffer[pos + 2]
    d = buffer[pos + 3]
    e = buffer[pos + 4]
    if c == 96 and d == 1 and (e == 7 or (e == 1 and buffer[pos] == 1 and buffer[pos + 1] == 1)):
        return 2  # Aidon's and Kaifa's type, and Kamstrup's
    return min((c != 96) + (d != 1) + (e > 9), (c != 0) + (d != 0) + (e > 9), (c != 42) + (d != 0) + (e != 0))


def _mask_value(buffer, pos, end, faults):
    """Mask the value whose tag is at buffer[pos], a string or a number of four bytes or eight."""
    tag = buffer[pos]
    size = 0
    octet = 0
    pos += 1
    if tag == 9 or tag == 10 or tag == 12:
        if pos + 1 < end and not (buffer[pos] == 12 and buffer[pos + 1] == 7):  # a clock's year
            size = max(buffer[pos], 8 * faults)  # the length may be what is wrong
        octet = _ZERO
        pos += 1
    elif tag == 5 or tag == 6:
        size = 4
    elif tag == 20 or tag == 21:
        size = 8
    elif faults:
        size = 9  # the tag may be what is wrong
    fill(buffer, pos, min(pos + size, end), octet)


def mask_title(buffer, pos, end):
    """Mask what follows the maker's three letters in the system title of the envelope at buffer[pos] (DB 08)."""
    if end - pos > 5 and buffer[pos] == 0xDB and buffer[pos + 1] == 8:
        fill(buffer, pos + 5, min(pos + 10, end), 0)


def mask_address(buffer, pos, end):
    """Mask the identification in the M-Bus frame at buffer[pos], which it has with these CI (EN 13757-3, 5 and 6)."""
    if end - pos > 7 and buffer[pos + 6] & 0xDB == 0x52:
        fill(buffer, pos + 7, min(pos + 11, end), 0)


def _mask_envelope(buffer, pos, end):
    """Mask the title and the address of what may begin so, with one byte that is wrong."""
    wrong = (buffer[pos] != 0xDB) + (buffer[pos + 1] != 8)
    if wrong < 2:
        for i in range(pos + 2, pos + 5):
            wrong += not 97 <= buffer[i] | 0x20 <= 122
        if wrong < 2:
            fill(buffer, pos + 5, min(pos + 10, end), 0)
    if (buffer[pos] != _MBUS) + (buffer[pos + 3] != _MBUS) + (buffer[pos + 1] != buffer[pos + 2]) < 2:
        mask_address(buffer, pos, end)
