#!/usr/bin/env python3
"""Reads a meter's bytes, from a file, standard input or a serial port, and prints one JSON object a reading.

    decode.py capture.bin
    decode.py --link llc dump.hex
    decode.py --port /dev/ttyUSB0 --line 2400-8E1

Bytes may be raw or hexadecimal; which, is seen from the first of them. What cannot be read is counted, not an error.
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

_PIECE = 65536
# What a hexadecimal dump consists of.
_HEX = re.compile(rb"(\xef\xbb\xbf)?[0-9A-Fa-fxX\s:,;-]+\Z")
_ENOUGH_TO_TELL = 64  # bytes; so many of a meter's are never all letters of hexadecimal


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


def pieces(options):
    """The pieces of bytes that the command's words ask for."""
    if options.port:
        yield from port_pieces(options.port, options.line)
    elif options.file == "-":
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        yield from as_bytes(file_pieces(sys.stdin.buffer), options.form)
    else:
        with open(options.file, "rb") as file:
            yield from as_bytes(file_pieces(file), options.form)


def line_setting(text):
    if not re.match(r"\d+-[78][NEO][12]\Z", text):
        raise argparse.ArgumentTypeError("a line is like 2400-8E1: baud rate, bits, parity, stop bits")
    return text


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="-", help="a file; - or nothing: standard input")
    parser.add_argument("--port", help="a serial port in place of a file")
    parser.add_argument("--line", default="2400-8E1", type=line_setting, help="its setting (default: 2400-8E1)")
    parser.add_argument("--link", choices=LINKS, default="auto", help="what is around the APDUs (default: auto)")
    parser.add_argument("--form", choices=("auto", "raw", "hex"), default="auto", help="how bytes are written")
    parser.add_argument("--stats", action="store_true", help="print the counters on standard error at the end")
    return parser.parse_args(words)


def main(words=None):
    """The command; returns its exit code: 0 also for garbage, 2 when there is nothing to read from."""
    options = arguments(words)
    # On a line there are frames; a dump without them comes from a file.
    receiver = Receiver("hdlc" if options.port and options.link == "auto" else options.link)
    try:
        for reading in decode(pieces(options), receiver):
            print(json.dumps(reading), flush=True)
    except ImportError:
        print("decode: a serial port needs pyserial: pip install pyserial", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Who read our output has had enough. Python would flush it once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        print(f"decode: {error.strerror or error}: {options.port or options.file}", file=sys.stderr)
        return 2
    if options.stats:
        for name, n in receiver.counters.items():
            print(f"{name}: {n}", file=sys.stderr)
    elif receiver.counters["bytes"] and not receiver.counters["readings"]:
        n = receiver.counters["bytes"]
        print(
            f"decode: no reading in {n} bytes; is it raw, or plain hexadecimal? Try --link, --stats", file=sys.stderr
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
