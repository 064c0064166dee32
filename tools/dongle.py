"""A dongle on a serial port: which port, mpremote's way to it, and the log that comes from it."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import serial
from serial.tools import list_ports

ANSWER_S = 45


class DongleError(Exception):
    """What is wrong and what to do about it, in a line."""


def find_port():
    """The only USB serial port."""
    ports = [port.device for port in list_ports.comports() if port.vid is not None]
    if len(ports) == 1:
        return ports[0]
    if ports:
        raise DongleError(f"which port? there are {', '.join(sorted(ports))}")
    raise DongleError("no USB serial port is there: connect the dongle by a data cable, or name its port")


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


def mpremote(port, *words, timeout_s=ANSWER_S):
    """Run mpremote on a port; returns what it printed."""
    command = [sys.executable, "-m", "mpremote", "connect", port, *words]
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8", "errors": "replace"}
    try:
        done = subprocess.run(command, timeout=timeout_s, **options)
    except subprocess.TimeoutExpired:
        raise DongleError(f"no answer on {port} for {timeout_s} s") from None
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        if "failed to access" in said:
            raise DongleError(why_closed(port))
        if "could not enter raw repl" in said:
            raise DongleError(f"no MicroPython answers on {port}")
        raise DongleError(done.stderr.strip().split("\n")[-1] or "mpremote has ended too early")
    return done.stdout


def follow(port, seconds):
    """Yield the lines that come from a port, and "" where none comes; a chip's own USB vanishes at a reset."""
    end, link, rest = time.monotonic() + seconds, None, b""
    while time.monotonic() < end:
        try:
            link = link or serial.Serial(port, 115200, timeout=0.2)
            rest += link.read(max(1, link.in_waiting))
        except OSError:
            link = None
            time.sleep(0.2)
        *lines, rest = rest.split(b"\n")
        for line in lines or [b""]:
            yield "".join(filter(str.isprintable, line.decode("utf-8", "replace")))
    if rest:
        yield rest.decode("utf-8", "replace")
