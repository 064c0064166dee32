"""A dongle on a serial port: which port, mpremote's way to it, and the log that comes from it."""

import base64
import contextlib
import errno
import io
import os
import re
import struct
import time
from pathlib import Path

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

try:
    from termios import error as termios_error
except ImportError:  # Windows
    termios_error = OSError

ANSWER_S = 45
BAUD = 115200
_SILENCE_S, _BUSY_S = 2, 10
_RESET_S, _LINE_S = 0.3, 0.2
# A board that has just begun to start, as some do when their port is opened, does not hear the first.
_TRIES, _ENTER_S = 4, 3
_PIECE = 1536  # a multiple of three, as base64 likes it
_IS_FULL = re.compile(r"OSError: (?:\[Errno 28\]|28\b|.*ENOSPC)")
NO_SPACE = "no space on the dongle's flash"
# What a port and mpremote raise when the cable is pulled, or the other side falls silent.
_BROKEN = (TransportError, OSError, struct.error, TypeError, termios_error)


class DongleError(Exception):
    """What is wrong and what to do about it, in a line."""


class NoSpaceError(DongleError):
    """The file system is full."""


def find_ports():
    """All USB serial ports."""
    ports = sorted(port.device for port in list_ports.comports() if port.vid is not None)
    if not ports:
        raise DongleError("no USB serial port is there: connect the dongle by a data cable, or name its port")
    return ports


def find_port():
    """The only USB serial port."""
    ports = find_ports()
    if len(ports) > 1:
        raise DongleError(f"which port? there are {', '.join(ports)}")
    return ports[0]


def check_port(port):
    """DongleError when a port cannot be opened."""
    try:
        serial.Serial(port, BAUD, exclusive=True).close()
    except (OSError, ValueError):
        raise DongleError(why_closed(port)) from None


def why_closed(port):
    """Why a port cannot be opened, in a line."""
    try:
        link = os.open(port, os.O_RDWR | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
            ports = sorted(one.device for one in list_ports.comports())
            return f"there is no port {port}; there are {', '.join(ports) or 'none'}"
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"{port} is not open to you: sudo usermod -aG {group_of(port)} $USER, then log in again"
        return f"{port} cannot be opened: {error.strerror}"
    is_terminal = os.isatty(link)
    os.close(link)
    if not is_terminal:
        return f"{port} is not a serial port"
    return f"{port} is in use: close the terminal or program that has it open"


def group_of(port):
    """The group that may open a port: dialout, or what this system calls it."""
    try:
        return Path(port).group()
    except (KeyError, OSError, NotImplementedError):
        return "dialout"


class Link:
    """mpremote's connection to the MicroPython on a port, from the raw REPL on; what ran there is stopped."""

    def __init__(self, port):
        """Raises DongleError when nothing answers."""
        self.port = port
        try:
            # It prints what it did not expect.
            with contextlib.redirect_stdout(io.StringIO()):
                self._transport = self._opened()
        except _BROKEN as error:
            raise DongleError(self._why(error)) from None

    def _opened(self):
        transport = SerialTransport(self.port, BAUD, timeout=_SILENCE_S)
        try:
            for tries_left in range(_TRIES - 1, -1, -1):
                try:
                    transport.enter_raw_repl(timeout_overall=_ENTER_S)
                    transport.serial.timeout = _BUSY_S
                    return transport
                except TransportError:
                    if not tries_left:
                        raise
        except BaseException:
            self._let_go(transport)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._let_go(self._transport)

    @staticmethod
    def _let_go(transport):
        with contextlib.suppress(OSError, termios_error):
            transport.close()

    def run(self, program, timeout_s=ANSWER_S):
        """What a program prints; it may be silent for so long."""
        try:
            output, traceback = self._transport.exec_raw(program, timeout=timeout_s)
        except _BROKEN as error:
            raise DongleError(self._why(error)) from None
        if traceback:
            line = traceback.decode("utf-8", "replace").strip().split("\n")[-1].strip()
            raise NoSpaceError(NO_SPACE) if _IS_FULL.search(line) else DongleError(f"the dongle says: {line}")
        return output.decode("utf-8", "replace").replace("\r\n", "\n")

    def put(self, path, content, told=lambda octets: None):
        """Write a file; `told` hears of each piece's bytes once they are there."""
        self.run(f"from binascii import a2b_base64 as a\nf=open({path!r},'wb')\nw=f.write")
        for at in range(0, len(content), _PIECE):
            piece = content[at : at + _PIECE]
            self.run(f"w(a({base64.b64encode(piece)!r}))")
            told(len(piece))
        self.run("f.close()")

    def get(self, path):
        """A file's content."""
        said = self.run(
            "from binascii import b2a_base64 as b\n"
            f"with open({path!r},'rb') as f:\n"
            f" p=f.read({_PIECE})\n"
            " while p:\n"
            "  print(b(p).decode(),end='')\n"
            f"  p=f.read({_PIECE})\n"
        )
        return b"".join(base64.b64decode(line) for line in said.split())

    def reset(self):
        """Start the dongle anew, as after power-on."""
        try:
            self._transport.exec_raw_no_follow("import time, machine; time.sleep_ms(100); machine.reset()")
            self._transport.serial.flush()
        except _BROKEN as error:
            raise DongleError(self._why(error)) from None
        time.sleep(_RESET_S)

    def follow(self, seconds):
        """The lines that come from the port from now on, as follow() has them."""
        return follow(self.port, seconds, self._transport.serial)

    def _why(self, error):
        said = str(error)
        if "failed to access" in said or not os.path.exists(self.port):
            return why_closed(self.port)
        if "could not enter raw repl" in said:
            return f"no MicroPython answers on {self.port}: make flash first, or press reset and run it again"
        if isinstance(error, (OSError, termios_error)):
            return f"the connection on {self.port} has broken"
        return f"the dongle on {self.port} answers no more"


def follow(port, seconds, link=None):
    """Yield the lines that come from a port, and "" where none comes; a chip's own USB vanishes at a reset. `link` is
    the port where it is open already: what came since then is not lost."""
    end, rest = time.monotonic() + seconds, b""
    while time.monotonic() < end:
        try:
            link = link or serial.Serial(port, BAUD)
            link.timeout = _LINE_S
            rest += link.read(max(1, link.in_waiting))
        except _BROKEN:
            link = None
            time.sleep(_LINE_S)
        *lines, rest = rest.split(b"\n")
        for line in lines or [b""]:
            yield "".join(filter(str.isprintable, line.decode("utf-8", "replace")))
    if rest:
        yield rest.decode("utf-8", "replace")
