"""What is done to frames: damage of every kind, and lies whose check sequences are right."""

import struct

from fuzzing.sources import frames
from simulator.checks import arc, mbus_sum
from simulator.links import checked

_TELLING = b"\x7e\xa0\xa8\x68\x16/!\xe6\x0f\xdb\xe0\x09\x0c\x01\x02\x06\x00\x7f\x80\x81\x82\x84\xff\r\n(*)"
_LONGEST_HDLC = 0x7FF


def flip(rng, data, pool):
    place = rng.randrange(len(data))
    return data[:place] + bytes((data[place] ^ 1 << rng.randrange(8),)) + data[place + 1 :]


def nudge(rng, data, pool):
    """One more or one less: counts and lengths stand in the first bytes, mostly."""
    place = rng.randrange(rng.choice((len(data), min(len(data), 30))))
    return data[:place] + bytes((data[place] + rng.choice((1, -1)) & 0xFF,)) + data[place + 1 :]


def overwrite(rng, data, pool):
    place = rng.randrange(len(data))
    new = rng.choice((_telling, _random))(rng, rng.randint(1, 8))
    return data[:place] + new + data[place + len(new) :]


def insert(rng, data, pool):
    place = rng.randint(0, len(data))
    return data[:place] + rng.choice((_telling, _random))(rng, rng.choice((1, 1, 2, 5, 40))) + data[place:]


def delete(rng, data, pool):
    place = rng.randrange(len(data))
    return data[:place] + data[place + rng.choice((1, 1, 2, 5, 40, 300)) :]


def duplicate(rng, data, pool):
    start = rng.randrange(len(data))
    stop = start + rng.choice((1, 2, 10, 100))
    return data[:stop] + data[start:]


def truncate(rng, data, pool):
    return data[: rng.randint(1, len(data))]


def behead(rng, data, pool):
    return data[rng.randrange(len(data)) :]


def splice(rng, data, pool):
    other = rng.choice(pool).data
    return data[: rng.randint(1, len(data))] + other[rng.randrange(len(other)) :]


def repeat_header(rng, data, pool):
    return data[: rng.choice((1, 2, 4, 8, 12, 20))] * rng.randint(1, 40) + data


def change_length(rng, data, pool):
    """What follows the first byte is a length in all but telegrams."""
    if data[0] == 0x68:
        size = bytes((rng.randrange(256),))
        return data[:1] + size + size + data[3:]
    return data[:1] + struct.pack(">H", 0xA000 | rng.randrange(0x1000)) + data[3:]


def append_liar(rng, data, pool):
    """Put a header before or behind it that is sound, and claims bytes that do not come."""
    liar = rng.choice((_hdlc_liar, _mbus_liar, _p1_liar))(rng)
    return liar + data if rng.random() < 0.5 else data + liar


def append_noise(rng, data, pool):
    return data + rng.choice((_telling, _random))(rng, rng.choice((3, 30, 300, 1500)))


def append_run(rng, data, pool):
    """The same few bytes, again and again."""
    few = rng.choice((b"\x7e", b"\x7e\xa0", b"\x68", b"/", b"/ABC", b"/ABC5\r\n!", b"\xe0\x40", _telling(rng, 3)))
    return data + few * rng.choice((2, 20, 500))


DAMAGES = (
    (flip, nudge, overwrite, insert, delete, duplicate, truncate, behead, splice, repeat_header, change_length)
    + (append_liar, append_noise, append_run)
)  # fmt: skip


def _telling(rng, n):
    return bytes(rng.choices(_TELLING, k=n))


def _random(rng, n):
    return rng.getrandbits(8 * n).to_bytes(n, "big")


def _hdlc_liar(rng):
    length = rng.choice((_LONGEST_HDLC, rng.randint(7, _LONGEST_HDLC)))
    segmented = rng.choice((0, 0, 0x0800))
    return b"\x7e" + checked(struct.pack(">H", 0xA000 | segmented | length) + b"\x41\x08\x83\x13")


def _mbus_liar(rng):
    size = bytes((rng.randrange(256),))
    return b"\x68" + size + size + b"\x68\x53\xff" + bytes((rng.choice((0x00, 0x10, 0x01, 0x11)),))


def _p1_liar(rng):
    return b"/LIE5\r\n\r\n1-0:1.7.0(00.001*kW)\r\n"


def lie(rng, push, link):
    """A push whose contents were mutated, and its lengths and checks made right again."""
    parts = frames(push.data, link)
    place = rng.randrange(len(parts))
    seal = {"hdlc": _seal_hdlc, "mbus": _seal_mbus, "p1": _seal_p1}[link]
    parts[place] = seal(rng, parts[place])
    return b"".join(parts)


def _changed(rng, data):
    """The data with a few changes; never empty."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice((flip, nudge, nudge, overwrite, insert, delete, duplicate))(rng, data or b"\x00", ())
    return data or b"\x00"


def _seal_hdlc(rng, frame):
    pos = 3
    for _ in range(2):
        while not frame[pos] & 1:
            pos += 1
        pos += 1
    pos += 1  # control
    addresses = frame[3:pos]
    information = _changed(rng, frame[pos + 2 : -3])[: _LONGEST_HDLC - len(addresses) - 6]
    form = frame[1] & 0xF8 if rng.random() < 0.9 else 0xA0 | rng.choice((0, 8))
    header = struct.pack(">H", form << 8 | 6 + len(addresses) + len(information)) + addresses
    return b"\x7e" + checked(checked(header) + information) + b"\x7e"


def _seal_mbus(rng, frame):
    body = _changed(rng, frame[4:-2])[:260]
    if len(body) < 5:
        body += bytes(5)
    size = bytes((len(body) & 0xFF,))
    return b"\x68" + size + size + b"\x68" + body + bytes((mbus_sum(body), 0x16))


def _seal_p1(rng, frame):
    start, stop = frame.index(b"/"), frame.rindex(b"!")
    text = bytes(octet & 0x7F for octet in _changed(rng, frame[start + 4 : stop]))
    body = frame[start : start + 4] + text.replace(b"!", b"?").replace(b"/", b"?") + b"!"
    return body + b"%04X\r\n" % arc(body)
