"""Questions to a name server that no resolver asks (RFC 1035), and one that is right."""

import random
import socket
import struct

_NAME = b"\x07captive\x05apple\x03com\0"
_A, _IN = 1, 1
_HEAD = struct.Struct("!6H")
_PATIENCE_S = 0.5
_TRIES = 6


def _question(number, name=_NAME, questions=1, flags=0x0100, kind=_A):
    return _HEAD.pack(number, flags, questions, 0, 0, 0) + name + struct.pack("!2H", kind, _IN)


def malformed(rng):
    """One of them, as bytes."""
    number = rng.randrange(65536)
    whole = _question(number)
    return rng.choice(
        (
            b"",
            whole[: rng.randrange(1, len(whole))],  # cut off
            _question(number, b"\xc0\x0c"),  # a name that points to itself
            _question(number, b"\xff\xff"),
            _question(number, b"\x3f" + b"a" * 63 + b"\x40" + b"b" * 64 + b"\0"),  # a label of 64
            _question(number, b"\x01a" * 200 + b"\0"),  # a name of 401
            _question(number, questions=0),
            _question(number, questions=65535),
            _question(number, flags=0x8180),  # it is an answer
            _question(number, flags=0x2800),  # an update (RFC 2136)
            whole + rng.randbytes(600),  # more than a message over UDP may have
            rng.randbytes(rng.randrange(1, 1500)),
        )
    )


def ask(port, octets):
    """Send them, and wait for nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(octets, ("127.0.0.1", port))


def is_answered(port):
    """Whether a question that is right gets the address; UDP may lose one, and so it is asked again."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(_PATIENCE_S)
        for _ in range(_TRIES):
            number = random.randrange(65536)
            try:
                asker.sendto(_question(number), ("127.0.0.1", port))
                answer = asker.recv(1024)
            except OSError:
                continue
            head = _HEAD.unpack_from(answer) if len(answer) > _HEAD.size else (None,) * 6
            if head[0] == number and head[3] == 1 and answer.endswith(socket.inet_aton("127.0.0.1")):
                return True
    return False
