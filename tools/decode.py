#!/usr/bin/env python3
"""Reads a meter's bytes, from a file, standard input or a serial port, and prints one JSON object a reading.

    decode.py capture.bin
    decode.py --link llc dump.hex
    decode.py --port /dev/ttyUSB0 --line 2400-8E1
    decode.py --key @key.txt --auth-key @auth.txt encrypted.bin
    decode.py --port /dev/ttyUSB0 --mask capture.bin

Bytes may be raw or hexadecimal; which, is seen from the first of them. What cannot be read is counted, not an error.
A key is 32 hexadecimal digits, or @ and the name of a file that holds them: so it stays out of the shell's history.
What --mask writes can be shown to others: the bytes as they came, with the meter's number masked (lib/maskcapture).
"""

import argparse
import errno
import json
import os
import re
import sys
from pathlib import Path

_LIB = Path(__file__).resolve().parent.parent / "lib"
if (_LIB / "hanport").is_dir():  # run from the project's folder; else hanport is installed beside this
    sys.path.insert(0, str(_LIB))

from hanport import LINKS, Reading, Receiver  # noqa: E402
from maskcapture import mask  # noqa: E402

_PIECE = 65536
# What a hexadecimal dump consists of.
_HEX = re.compile(rb"(\xef\xbb\xbf)?[0-9A-Fa-fxX\s:,;-]+\Z")
_ENOUGH_TO_TELL = 64  # bytes; so many of a meter's are never all letters of hexadecimal
# A P1 telegram's end whose check may go on, since no line end shows that it does not.
_OPEN_CHECK = re.compile(rb"![0-9A-Fa-f]{0,3}\Z")
_MULTIPLIER = re.compile(r"(energy|power|voltage|current)=(?:1(0{0,9})|0?\.(0{0,8}1))\Z")

# Why nothing was read, the likeliest first: what an intact frame tells counts more than what damaged ones do.
_WHY_NOTHING = (
    ("no_key", "it is encrypted: give the key that you have from your grid company with --key"),
    ("wrong_key", "it is encrypted with another key than --key"),
    ("wrong_tag", "its authentication tags are wrong: is --auth-key right? Without it they are not checked"),
    ("no_check", "its telegrams have no check sequence: --unchecked takes them as they are"),
    ("unknown_list", "its lists hold nothing that is known"),
    ("unknown_apdu", "its frames are intact, but hold no pushed list"),
    ("incomplete", "of messages in several parts, there was always one missing"),
    ("too_long", "its frames are longer than any meter's: is --link right?"),
    ("malformed", "what it holds contradicts itself: is --link right?"),
    ("not_text", "its telegrams are damaged: a wrong --line, an inverted line, or noise"),
)
_DAMAGED = ("header_check", "frame_check", "end_flag", "truncated")


class Hexadecimal:
    """Turns pieces of hexadecimal text into bytes; every line is one, so that a dump's lines are told apart."""

    def __init__(self):
        self._digits = b""  # of the line that has begun

    def lines(self, piece):
        """The bytes of each line that is now complete, and of the beginning of a very long one."""
        *ends, rest = piece.split(b"\n")
        for text in ends:
            yield self._take(text, -1)
        self._digits += _digits(rest)
        if len(self._digits) > _PIECE:
            yield self._take(b"", len(self._digits) & ~1)

    def end(self):
        """The bytes of a last line without an end."""
        return self._take(b"", -1)

    def _take(self, text, n):
        digits = self._digits + _digits(text)
        if n < 0:
            n = len(digits)
        self._digits = digits[n:]
        return bytes.fromhex(digits[: n & ~1].decode())


def _digits(text):
    """The hexadecimal digits in a text, without what separates or announces them."""
    return re.sub(rb"0[xX]|[^0-9A-Fa-f]", b"", text)


def decode(pieces, receiver):
    """Feed pieces of bytes to the receiver; yields each reading as a dict in SI units."""
    reading = Reading()
    for piece in pieces:
        receiver.feed(piece, len(piece))
        while receiver.next(reading):
            yield reading.as_dict()


def as_bytes(pieces, form):
    """Pieces of the input as bytes, whether it is raw or hexadecimal."""
    text = Hexadecimal()
    begin = b""
    for piece in pieces:
        if form == "auto":
            begin += piece
            if len(begin) < _ENOUGH_TO_TELL:
                continue
            form, piece = form_of(begin), begin
        if form == "raw":
            yield piece
        else:
            yield from text.lines(piece)
    if form == "auto" and form_of(begin) == "raw":
        yield begin
    elif form == "auto":
        yield from text.lines(begin)
    yield text.end()


def form_of(begin):
    """Whether bytes that begin so are "raw" or "hex"."""
    return "hex" if _HEX.match(begin) else "raw"


def file_pieces(file):
    """What can be read from a file or pipe, as it comes."""
    while True:
        piece = file.read1(_PIECE)
        if not piece:
            return
        yield piece


def port_pieces(name, line):
    """What comes from a serial port, for ever."""
    import serial

    baudrate, setting = line.split("-")
    with serial.Serial(name, int(baudrate), int(setting[0]), setting[1], int(setting[2]), timeout=0.1) as port:
        while True:
            piece = port.read(_PIECE)
            if piece:
                yield piece


def closed(pieces):
    """The pieces, and a line end where the last telegram lacks one: nothing more can come of it."""
    end = b""
    for piece in pieces:
        end = (end + piece)[-4:]
        yield piece
    if _OPEN_CHECK.search(end):
        yield b"\n"


def pieces(options):
    """The pieces of bytes that the command's words ask for."""
    if options.port:
        yield from port_pieces(options.port, options.line)
    elif options.file == "-":
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        yield from closed(as_bytes(file_pieces(sys.stdin.buffer), options.form))
    else:
        with open(options.file, "rb") as file:
            yield from closed(as_bytes(file_pieces(file), options.form))


def kept(pieces, capture):
    """The pieces, which are added to the capture as they pass."""
    for piece in pieces:
        capture += piece
        yield piece


def write_masked(capture, name):
    """Write to this file what was kept, without what tells whose meter it was."""
    for _ in mask(capture, len(capture)):
        pass
    Path(name).write_bytes(capture)


def why_nothing(counters):
    """The likeliest reason why nothing was read, in plain words."""
    for name, reason in _WHY_NOTHING:
        if counters[name]:
            return reason
    if any(counters[name] for name in _DAMAGED):
        return "all its frames are damaged: a wrong --line, lost bytes, noise, or line ends that an editor changed"
    return "no frame in it; is it raw, or plain hexadecimal? Try --link, --line"


# What the command's words may be


def line_setting(text):
    if "inv" in text.lower():
        raise argparse.ArgumentTypeError("a PC's serial port cannot invert: use a cable that does, and leave it out")
    if not re.match(r"\d{3,6}-[78][NEO][12]\Z", text):
        raise argparse.ArgumentTypeError("a line is like 2400-8E1: baud rate, bits, parity, stop bits")
    return text


def key(text):
    """16 bytes. What is wrong with them is told without showing them."""
    if text.startswith("@"):
        try:
            text = Path(text[1:]).read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise argparse.ArgumentTypeError(f"{error.strerror}: {text[1:]}") from None
    digits = re.sub(r"[\s:-]", "", text)
    if not re.match(r"[0-9A-Fa-f]{32}\Z", digits):
        raise argparse.ArgumentTypeError("a key is 32 hexadecimal digits")
    return bytes.fromhex(digits)


def multipliers(text):
    """{quantity: power of ten} from a text like energy=1,voltage=0.01."""
    scalers = {}
    for part in text.split(","):
        match = _MULTIPLIER.match(part.strip())
        if not match:
            raise argparse.ArgumentTypeError(
                f"{part} is no multiplier like energy=10, power=1, voltage=0.1 or current=0.01: powers of ten"
            )
        quantity, zeros, places = match.groups()
        scalers[quantity] = len(zeros) if places is None else -len(places)
    return scalers


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, without the usage."""
        self.exit(2, f"decode: {message} (see --help)\n")


def arguments(words):
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="-", help="a file; - or nothing: standard input")
    parser.add_argument("--port", help="a serial port in place of a file")
    parser.add_argument("--line", default="2400-8E1", type=line_setting, help="its setting (default: 2400-8E1)")
    parser.add_argument("--link", choices=LINKS, default="auto", help="what is around the APDUs (default: auto)")
    parser.add_argument("--key", type=key, help="encryption key of an encrypted meter")
    parser.add_argument("--auth-key", type=key, metavar="KEY", help="its authentication key: tags are verified")
    parser.add_argument("--unchecked", action="store_true", help="take P1 telegrams without a check sequence")
    parser.add_argument(
        "--multiply",
        type=multipliers,
        metavar="QUANTITY=N,...",
        help="what makes Wh, W, V, A of the meter's own numbers, where its lists do not say: energy=1,voltage=0.01",
    )
    parser.add_argument("--form", choices=("auto", "raw", "hex"), default="auto", help="how bytes are written")
    parser.add_argument("--mask", metavar="FILE", help="write what came to a file, with the meter's number masked")
    parser.add_argument("--stats", action="store_true", help="print the counters on standard error at the end")
    options = parser.parse_args(words)
    if options.auth_key and not options.key:
        parser.error("--auth-key goes with --key")
    return options


def receiver_for(options):
    """The Receiver that the command's words describe. ImportError when it lacks a package."""
    # On a line there are frames; a dump without them comes from a file.
    link = "line" if options.port and options.link == "auto" else options.link
    return Receiver(
        link, key=options.key, auth_key=options.auth_key, scalers=options.multiply, unchecked=options.unchecked
    )


def say(text):
    print(f"decode: {text}", file=sys.stderr)


def report(counters, wants_all):
    """On standard error: every counter, or why there was nothing to print."""
    if wants_all:
        for name, n in counters.items():
            print(f"{name}: {n}", file=sys.stderr)
    elif counters["bytes"] and not counters["readings"]:
        say(f"no reading in {counters['bytes']} bytes: {why_nothing(counters)} (--stats tells more)")


def main(words=None):
    """The command; returns its exit code: 0 also for garbage, 2 when there is nothing to read from."""
    options = arguments(words)
    try:
        receiver = receiver_for(options)
    except ImportError:
        say("an encrypted meter needs the package cryptography: pip install cryptography")
        return 2
    capture = bytearray()
    came = kept(pieces(options), capture) if options.mask else pieces(options)
    try:
        for reading in decode(came, receiver):
            print(json.dumps(reading), flush=True)
    except ImportError:
        say("a serial port needs pyserial: pip install pyserial")
        return 2
    except BrokenPipeError:
        # Who read our output has had enough. Python would flush it once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        say(f"{error.strerror or error}: {options.port or options.file}")
        return 2
    if options.mask:
        try:
            write_masked(capture, options.mask)
        except OSError as error:
            say(f"{error.strerror}: {options.mask}")
            return 2
    report(receiver.counters, options.stats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
