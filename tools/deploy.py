#!/usr/bin/env python3
"""Puts the firmware on a dongle that runs MicroPython: `deploy.py upload --board esp32 --port /dev/ttyUSB0`.

All talking is mpremote's. What has changed goes into a folder of its own on the dongle first, so that a copy that is
broken off leaves the firmware that was there; renaming it all into place takes a moment, and main.py comes last.
"""

import argparse
import hashlib
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath

import boardfile
import build
import dongle
from dongle import ANSWER_S, DongleError

sys.path.insert(0, str(build.ROOT / "firmware"))

from app import config

SETTINGS = build.ROOT / config.SETTINGS_FILE
STAGE = "upload"  # the folder on the dongle
OURS = tuple(f"{folder}/" for folder in build.SOURCES.values())
OLDEST = (1, 25)  # the oldest that the tests run on
START_S, LOG_S = 20, 4
SLOWEST_COPY = 400  # bytes a second; 115200 baud gives some 3000
START_LINE = re.compile(r"\[ *\d+\] start: firmware ")
# These three run on the dongle. The firmware's watchdog survives the soft reset with which mpremote begins and
# cannot be stopped: it gets ten minutes.
DESCRIBE = """\
import sys, machine
about = sys.implementation
mpy = getattr(about, "_mpy", 0)
print("about", about.name, "%d.%d" % about.version[:2], mpy >> 10 & 15, getattr(about, "_machine", "unknown"))
try:
    machine.WDT(timeout=600000)
except (AttributeError, ValueError, OSError):
    pass
"""
LIST = """\
import os, hashlib, binascii
def show(path):
    try:
        if os.stat(path)[0] & 0x4000:
            for name in os.listdir(path):
                show(path + "/" + name)
            return
    except OSError:
        return
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        block = file.read(512)
        while block:
            digest.update(block)
            block = file.read(512)
    print("file", binascii.hexlify(digest.digest()).decode(), path)
for path in {paths}:
    show(path)
"""
PUT_IN_PLACE = """\
import os
def remove(path):
    if os.stat(path)[0] & 0x4000:
        for name in os.listdir(path):
            remove(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)
for folder in {folders}:
    try:
        os.mkdir(folder)
    except OSError:
        pass
for path in {changed}:
    os.rename("{stage}/" + path, path)
for path in {stale}:
    remove(path)
"""


class SettingsError(Exception):
    """A line for each faulty setting."""


def settings_files(path):
    """{name on the dongle: file} of the settings, if they hold no fault, and of the certificates that they name,
    which lie beside them; empty if none was named and there is none."""
    if path is None and not SETTINGS.exists():
        return {}
    path = Path(path or SETTINGS)
    settings, faults = config.load(str(path))
    files = {config.SETTINGS_FILE: path}
    for key in config.CERTIFICATE_FILES:
        if settings[key]:
            files[settings[key]] = path.parent / settings[key]
            if not files[settings[key]].is_file():
                faults.append(f"{key}: there is no such file beside {path.name}")
    if faults:
        raise SettingsError("\n".join(faults))
    return files


def files_of(listing):
    """{path: SHA-256} of what the program LIST has printed."""
    lines = (line.split(" ", 2) for line in listing.splitlines() if line.startswith("file "))
    return {path: digest for _word, digest, path in lines}


def examine(port, board, settings=()):
    """{path: SHA-256} of the firmware's files on the dongle, once it is sure that the firmware runs there."""
    try:
        paths = [*build.SOURCES.values(), "main.py", "board.json", *{config.SETTINGS_FILE, *settings}]
        output = dongle.mpremote(port, "exec", DESCRIBE + LIST.format(paths=paths))
    except DongleError as error:
        hint = ": flash MicroPython first, or press reset and run it again" if "answer" in str(error) else ""
        raise DongleError(f"{error}{hint}") from None
    found = re.search(r"^about (\S+) (\d+)\.(\d+) (\d+) (.*)", output, re.M)
    if not found or found[1] != "micropython":
        raise DongleError(f"{found[1] if found else 'what'} runs on {port} is not MicroPython: flash it first")
    version, machine = (int(found[2]), int(found[3])), found[5].strip()
    print(f"MicroPython {found[2]}.{found[3]} on {machine}")
    if version < OLDEST:
        raise DongleError(f"MicroPython {found[2]}.{found[3]} is too old: flash {OLDEST[0]}.{OLDEST[1]} or later")
    chip = machine.split(" with ")[-1].replace("-", "").lower()
    wrong_chip = chip.startswith("esp") and chip != board["chip"]
    if wrong_chip or int(found[4]) != build.INSTRUCTION_SETS.index(board["mpy_arch"]):
        raise DongleError(
            f"{board['name']} has an {board['chip']}, but on {port} is a {machine}: wrong board or port"
        )
    return files_of(output)


def upload(board_name, port, settings_path):
    """Bring the firmware on the dongle up to date and start it."""
    board_file, board = boardfile.load(board_name)
    if board["mpy_arch"] is None:
        raise boardfile.BoardError(f"{board_file}: nothing can be uploaded to this board")
    settings = settings_files(settings_path)
    port = port or dongle.find_port()
    print(f"Asking the dongle on {port}", flush=True)
    present = examine(port, board, settings)
    folder = build.build(board["mpy_arch"])
    wanted = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    wanted["board.json"] = board_file
    wanted.update(settings)
    if not settings:
        kept = "stay as they are" if config.SETTINGS_FILE in present else "are missing on the dongle too"
        print(f"There is no {SETTINGS.name} here: the settings {kept}")
    digests = {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in wanted.items()}
    changed = [path for path in sorted(wanted) if digests[path] != present.get(path)]
    changed.sort(key="main.py".__eq__)
    stale = [path for path in present if is_program(path) and path not in wanted]
    print(f"{len(changed)} of {len(wanted)} files to copy, {len(stale)} to remove", flush=True)
    if changed:
        stage(port, {path: wanted[path] for path in changed}, digests)
    put_in_place(port, changed, stale)
    start(port)


def is_program(path):
    """Whether a file on the dongle is one that only an upload can have put there."""
    return path.startswith(OURS) and path.endswith((".py", ".mpy"))


def stage(port, files, digests):
    """Copy files into a folder of their own on the dongle, and see that they have arrived whole."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / STAGE
        folder.mkdir()
        for path, file in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / path)
        words = ("resume", "cp", "-r", str(folder), ":", "+", "exec", LIST.format(paths=[STAGE]))
        timeout_s = ANSWER_S + sum(file.stat().st_size for file in files.values()) // SLOWEST_COPY
        try:
            arrived = files_of(dongle.mpremote(port, *words, timeout_s=timeout_s))
        except DongleError as error:
            raise DongleError(f"{error}; the dongle still has the firmware it had: run it again") from None
    damaged = [path for path in files if arrived.get(f"{STAGE}/{path}") != digests[path]]
    if damaged:
        raise DongleError(f"{damaged[0]} has arrived damaged; the dongle still has the firmware it had: run it again")


def put_in_place(port, changed, stale):
    """Rename what has been staged, in this order, and remove what is no longer part of the firmware."""
    parents = {parent.as_posix() for path in changed for parent in PurePosixPath(path).parents if parent.name}
    folders = sorted({*parents, STAGE})
    program = PUT_IN_PLACE.format(folders=folders, changed=changed, stage=STAGE, stale=[*stale, STAGE])
    try:
        dongle.mpremote(port, "resume", "exec", program)
    except DongleError as error:
        raise DongleError(f"{error}; the dongle may be incomplete: run it again") from None


def start(port):
    """Reset the dongle and show the beginning of its log."""
    dongle.mpremote(port, "resume", "reset")
    silent, started = [], None
    for line in dongle.follow(port, START_S):
        if started is None and START_LINE.search(line):
            started = time.monotonic()
        if started is None:
            silent.append(line)
        elif line:
            print(line, flush=True)
        if started is not None and time.monotonic() - started > LOG_S:
            break
    if started is None:
        print("\n".join(line for line in silent if line), flush=True)
        raise DongleError(f"everything is copied, but the firmware has not started within {START_S} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    command = parser.add_subparsers(required=True).add_parser("upload", help="copy the firmware and start it")
    command.add_argument("--board", default="", help="a name in boards/, or the path of a board file")
    command.add_argument("--port", help="the dongle's serial port; without it, the only one there is")
    command.add_argument("--settings", help="settings to put on the dongle; without it, settings.json if it is there")
    words = parser.parse_args()
    try:
        upload(words.board, words.port, words.settings)
    except (DongleError, SettingsError, boardfile.BoardError, build.BuildError) as error:
        sys.exit("\n".join(f"upload: {line}" for line in str(error).split("\n")))
    except KeyboardInterrupt:
        sys.exit("upload: interrupted: run it again")


if __name__ == "__main__":
    main()
