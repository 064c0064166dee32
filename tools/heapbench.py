"""How much of an ESP32's heap is free while the whole firmware runs, on the real MicroPython: for `make bench`."""

import json
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import host
from broker import Broker
from phone import Phone, basic

# As main.py, at home and in the setup network; and every second it says how much heap there is, its largest piece,
# and how long the reader was kept waiting in it.
PROBE = """
import gc
gc.threshold(4096)
import asyncio
from app import reader
from app.start import start

run = reader.Reader.run

def largest():
    low, high = 0, gc.mem_free()
    while high - low > 256:
        size = (low + high) // 2
        try:
            bytearray(size)
            low = size
        except MemoryError:
            high = size
        gc.collect()
    return low

async def watch(self):
    while True:
        gc.collect()
        print("probe", gc.mem_free(), largest(), self.longest_delay_ms)
        self.longest_delay_ms = 0
        await asyncio.sleep(1)

async def watched(self):
    task = asyncio.create_task(watch(self))
    await run(self)

reader.Reader.run = watched
start()
"""
SPEED = 20  # the dongle's seconds are so many times as short
PATHS = ("reading", "power", "hours", "usage", "peaks", "diagnosis", "settings", "capture", "log")
_START_S = 30
_LOOKS = 60  # of the probe, for each state


class Look(NamedTuple):
    """One line of the probe: bytes free, bytes of the largest piece, the reader's longest delay in ms."""

    free: int
    piece: int
    delay_ms: int


def look(line):
    """The Look that a line of the log holds; None when it is another line."""
    words = line.split()
    return Look(*map(int, words[1:])) if words[:1] == ["probe"] else None


def looks_in(log):
    """All of a log's lines."""
    return [found for found in map(look, list(log)) if found]


def least(looks):
    """(bytes free, bytes of the largest piece), the least that nineteen of twenty looks saw: one may come just when
    an answer is made, or an hour ends."""
    rare = len(looks) // 20
    return sorted(one.free for one in looks)[rare], sorted(one.piece for one in looks)[rare]


def measure():
    """[(what goes on, bytes free, bytes of the largest piece), ...], as least(). Takes half a minute."""
    with tempfile.TemporaryDirectory() as folder, _dongle(Path(folder)) as (looks, phone):
        rows = [("nobody at the page", *least(_seen(looks)))]
        _get(phone, "/")
        _get(phone, "/api/v1/usage")
        rows.append(("the page is loaded", *least(_seen(looks))))
        with _stream(phone), _stream(phone):
            began = len(looks)
            for path in PATHS * 3:
                _get(phone, "/api/v1/" + path)
            rows.append(("two clients, with their streams", *least(looks[began:] + _seen(looks))))
        return rows


@contextmanager
def _dongle(folder):
    """(its Looks so far and to come, who asks for its page) of a dongle at home, with broker and meter."""
    (folder / "label").write_text(host.LABEL)
    (folder / "probe.py").write_text(PROBE)
    ports = host.free_ports()
    looks, said = [], []
    with ExitStack() as stack:
        broker = Broker(folder).start()
        stack.callback(broker.stop)
        meter, pty = host.start_meter(folder, "--meter", "aidon", "--speed", str(SPEED))
        stack.callback(host.stop, meter)
        mqtt = {"host": "127.0.0.1", "port": broker.port}
        settings = {"wifi": {"ssid": "x", "password": "y" * 8}, "mqtt": mqtt, "time": {"server": ""}}
        speed = {"HAN_SPEED": str(SPEED)}
        firmware = host.start_firmware(folder, pty, json.dumps(settings), speed, ports, program="probe.py")
        stack.callback(host.stop, firmware)
        threading.Thread(target=_listen, args=(firmware.stdout, looks, said), daemon=True).start()
        deadline = time.monotonic() + _START_S
        while not any("the page is at" in line for line in list(said)):
            if time.monotonic() > deadline:
                raise RuntimeError("the firmware does not start: " + " / ".join(said))
            time.sleep(0.1)
        _seen(looks)  # the meter's first lists, and what is announced
        yield looks, Phone(ports[0])


def _listen(lines, looks, said):
    for line in lines:
        found = look(line)
        if found:
            looks.append(found)
        else:
            said.append(line.strip())


def _seen(looks):
    """The next ones."""
    began = len(looks)
    deadline = time.monotonic() + _START_S
    while len(looks) < began + _LOOKS and time.monotonic() < deadline:
        time.sleep(0.1)
    return looks[began:]


def _get(phone, path):
    answer = phone.get(path, Authorization=basic(host.LABEL))
    if answer.status != 200:
        raise RuntimeError(f"{path} is answered with {answer.status}")


@contextmanager
def _stream(phone):
    with phone.events(Authorization=basic(host.LABEL)) as connection:
        if connection.recv(15) != b"HTTP/1.1 200 OK":
            raise RuntimeError("the stream of events is refused")
        yield
