#!/usr/bin/env python3
"""What it costs: executed instructions and heap on a 32-bit MicroPython, time on CPython beside amshan.

budgets.json says what it may cost; what passes its budget is named at the end, and makes the exit code 1. A new
frame is a line in FRAMES.
"""

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Optional

import build
import heapbench
import qemu
import toolchain
from broker import BrokerError

sys.path.insert(0, str(build.ROOT / "lib"))

from hanport import Reading, Receiver  # noqa: E402

BUDGETS = json.loads((build.ROOT / "tools" / "budgets.json").read_text())
# (name of a frame in host_tests/golden, name of its budget). Where the meter must prove itself, three names, of
# frames whose invocation counters rise.
FRAMES = (
    ("AIDON 6525 list 1", "list 1"),
    ("AIDON 6525 list 2", "Aidon list 2"),
    ("AIDON 6525 list 3", None),
    ("EMBRIQ ZMF1 list 1", "list 1"),
    ("EMBRIQ ZMF1 list 2", None),
    ("EMBRIQ ZMF1 list 3", None),
    ("KAIFA MA304H3E list 1", "list 1"),
    ("KAIFA MA304H3E list 2", None),
    ("KAIFA MA304H3E list 3", None),
    ("KAMSTRUP 6841121 list 2", None),
    ("KAMSTRUP 6841121 list 3", None),
    (("KAMSTRUP_DK 1", "KAMSTRUP_DK 2", "KAMSTRUP_DK 3"), "Danish list"),
    ("NETZ-NOE", None),
    ("AIDON-SE", None),
    ("P1-SE", "Swedish telegram"),
    ("P1-NL", "Dutch telegram"),
)
HDLC = {"link": "hdlc"}  # what amshan reads too
KEYS = {"key": "key", "auth_key": "authentication_key"}  # the Receiver's names for them, and golden's
LEAST = ("factor", "free", "piece")  # budgets that are to be reached, not kept below
WISH = 10  # times faster than amshan; the budget asks for less
RUNS, CALLS = 15, 20


class BenchError(Exception):
    """One line: what was measured is no right decode."""


class Frame(NamedTuple):
    """What a meter sends three times, what the third gives, the budget's name or None, the Receiver's options."""

    name: str
    sent: list[bytes]
    expected: dict
    budget: Optional[str]
    options: dict


class Cost(NamedTuple):
    """Instructions: whole frame, its last byte, all in pieces of 6 bytes. Bytes of heap: objects, and code."""

    whole: int
    after: int
    pieces: int
    data: int
    code: int


def frames():
    """Every frame of FRAMES."""
    golden = {}
    for path in sorted((build.ROOT / "host_tests" / "golden").glob("*.json")):
        golden.update((entry["name"], entry) for entry in json.loads(path.read_text()))
    for names, budget in FRAMES:
        entries = [golden[name] for name in (names if isinstance(names, tuple) else (names,) * 3)]
        last = entries[-1]
        options = {"link": last.get("link", "hdlc")}
        options.update((name, bytes.fromhex(last[theirs])) for name, theirs in KEYS.items() if theirs in last)
        sent = [bytes.fromhex(entry["hex"]) for entry in entries]
        yield until_read(Frame(last["name"], sent, last["expected"], budget, options))


def until_read(frame):
    """The frame up to the byte that completes each reading: of a P1 telegram, no more than its CRC."""
    receiver, reading = Receiver(**frame.options), Reading()
    sent = []
    for data in frame.sent:
        for size in range(1, len(data) + 1):
            receiver.feed(data[size - 1 : size])
            if receiver.next(reading):
                sent.append(data[:size])
                break
        else:
            raise BenchError(f"{frame.name}: no reading on CPython")
    check(frame, reading.as_dict(), "CPython")
    return frame._replace(sent=sent)


def check(frame, found, where):
    """Raise BenchError when anything is read otherwise than it must be."""
    for key in {**frame.expected, **found}:
        read, right = found.get(key), frame.expected.get(key)
        if read != right:
            raise BenchError(f"{frame.name}: {key} is read as {read} on {where}, not as {right}")


# On the 32-bit MicroPython


def costs(chosen):
    """The Cost of each frame, each on a machine of its own: no other frame's presence changes it."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        build.compile_folder(build.ROOT / "lib" / "hanport", Path(folder) / "hanport", "rv32imc")
        build.compile_folder(build.ROOT / "tools" / "rv32", Path(folder), "rv32imc")
        qemu.firmware()  # before several need it
        return list(pool.map(lambda frame: cost(frame, Path(folder)), chosen))


def cost(frame, folder):
    """What the frame costs, once it is seen that it is read rightly."""
    options = frame.options
    blocks = {options["key"]: aes_blocks(frame)} if "key" in options else {}
    script = f"import cryptolib, measure\ncryptolib.blocks = {blocks!r}\nmeasure.main({frame.sent!r}, {options!r})\n"
    try:
        found = json.loads(qemu.run(folder, script))
    except qemu.TargetError as error:
        raise BenchError(f"{frame.name}: {error}") from None
    check(frame, found.pop("reading"), "MicroPython")
    return Cost(**found)


def aes_blocks(frame):
    """{block: encrypted} of all that AES-GCM encrypts: zeros, and nonce and number. The nonce is in the frame:

    DB | 08 | system title 8 | length | security control 1 | invocation counter 4 (Green Book 9.2.7)
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    blocks = [bytes(16)]
    for data in frame.sent:
        title = data.index(b"\xdb\x08") + 2
        length = title + 8
        counter = length + 2 + (data[length] & 0x7F if data[length] > 0x7F else 0)
        nonce = data[title:length] + data[counter : counter + 4]
        blocks += [nonce + number.to_bytes(4, "big") for number in range(1, len(data) // 16 + 8)]
    encryptor = Cipher(algorithms.AES(frame.options["key"]), modes.ECB()).encryptor()
    return {block: encryptor.update(block) for block in blocks}


# On CPython


def race(frame):
    """(our best time, amshan's) in microseconds for a frame: one runs after the other, again and again."""
    from han.autodecoder import AutoDecoder
    from han.hdlc import HdlcFrameReader

    data = frame.sent[-1]
    receiver, reading = Receiver(**frame.options), Reading()
    reader, decoder = HdlcFrameReader(), AutoDecoder()

    def ours():
        receiver.feed(data)
        return receiver.next(reading)

    def amshan():
        return decoder.decode_message(reader.read(data)[0])

    if not ours() or (amshan() or {}).get("active_power_import") != reading.get("power_import_w"):
        raise BenchError(f"{frame.name}: amshan does not read what hanport reads")
    return tuple(map(min, zip(*((timed(ours), timed(amshan)) for _ in range(RUNS)))))


def timed(decode):
    """Microseconds of one call."""
    start = time.perf_counter()
    for _ in range(CALLS):
        decode()
    return (time.perf_counter() - start) / CALLS * 1e6


# Budgets and tables


def limit(budget, kind):
    """The budget's figure; None where there is none."""
    return BUDGETS[budget].get(kind) if budget else None


def over(what, measured, budget, kind):
    """[a line that says by how much a figure passes its budget], or [] when it does not."""
    allowed = limit(budget, kind)
    if allowed is None or (measured >= allowed if kind in LEAST else measured <= allowed):
        return []
    by = abs(measured - allowed)
    return [f"{what}: {figure(measured)} is {figure(by)} ({by / allowed:.0%}) past the budget of {figure(allowed)}"]


def figure(cell):
    """A table's cell as text."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:,.1f}" if isinstance(cell, float) else f"{cell:,}"


def show(title, *rows):
    """Print a table; the first column to the left, the others to the right."""
    cells = [list(map(figure, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    print(title)
    for first, *others in cells:
        print("  " + "  ".join([first.ljust(widths[0]), *map(str.rjust, others, widths[1:])]).rstrip())
    print(flush=True)  # before anything goes to standard error


def instructions(chosen, found):
    """Print what was executed for each frame; returns what passed its budget."""
    rows, passed = [], []
    for frame, one in zip(chosen, found):
        whole, after = limit(frame.budget, "whole"), limit(frame.budget, "after")
        rows.append((frame.name, len(frame.sent[-1]), one.whole, whole, one.after, after, one.pieces))
        passed += over(f"{frame.name}, whole", one.whole, frame.budget, "whole")
        passed += over(f"{frame.name}, after its last byte", one.after, frame.budget, "after")
    names = ("frame", "bytes", "whole", "budget", "last byte", "budget", "pieces of 6")
    show("Executed instructions, 32-bit RISC-V", names, *rows)
    return passed


def heap(found):
    """Print what the decoder takes of the heap, at most; returns what passed its budget."""
    data = max(one.data for one in found)
    rows = [("Receiver and Reading", data, limit("data", "bytes"))]
    rows.append(("code of hanport, imported", max(one.code for one in found), None))
    show("Heap in bytes, 32-bit MicroPython", ("", "bytes", "budget"), *rows)
    return over("the decoder's data", data, "data", "bytes")


def running():
    """Print what the running firmware leaves of an ESP32's heap; returns what is below its budget."""
    rows, passed = [], []
    build.build("host")
    for (what, free, piece), name in zip(heapbench.measure(), ("nobody", None, "two clients")):
        least_free, least_piece = limit(name, "free"), limit(name, "piece")
        rows.append((what, free, least_free, piece, least_piece))
        passed += over(f"heap, {what}: free", free, name, "free") + over(f"heap, {what}: piece", piece, name, "piece")
    show("Heap of 160 KB that is free, in bytes", ("", "free", "at least", "in one piece", "at least"), *rows)
    return passed


def times(chosen):
    """Print how fast CPython decodes what amshan reads too; returns what passed its budget."""
    rows, passed, factors = [], [], []
    for frame in chosen:
        ours, amshans = race(frame)
        factors.append(amshans / ours)
        rows.append((frame.name, ours, amshans, factors[-1], limit("amshan", "factor")))
        passed += over(f"{frame.name}, times faster than amshan", factors[-1], "amshan", "factor")
    show("Microseconds on CPython", ("frame", "hanport", "amshan", "factor", "at least"), *rows)
    reached = sum(factor >= WISH for factor in factors)
    print(f"{WISH} times faster than amshan: {reached} of {len(factors)} frames\n")
    return passed


def main():
    try:
        chosen = list(frames())
        found = costs(chosen)
        passed = instructions(chosen, found) + heap(found) + running()
        passed += times([one for one in chosen if one.options == HDLC])
    except (BenchError, BrokerError, build.BuildError, toolchain.ToolchainError, RuntimeError) as error:
        sys.exit(f"bench: {error}")
    if passed:
        sys.exit("\n".join(f"bench: {line}" for line in passed))
    print("All within their budgets.")


if __name__ == "__main__":
    main()
