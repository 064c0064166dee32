"""MicroPython onto an empty board, and everything off it again: what esptool does, after looking twice.

Before anything is erased the image is looked at (flashimage.py: its checksums, its chip), the chip is asked what it
is, and how large its flash is. esptool compares what it has written with the image.
"""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from importlib import metadata
from pathlib import Path

import boardfile
import build
import dongle
import flashimage
from deploying.progress import Bar
from dongle import DongleError

# The release that is flashed when none is named: the oldest on which the tests run, and which has been on an ESP32.
RELEASE = "20250415-v1.25.0"
_FILES = "https://micropython.org/resources/firmware/"
_PAGES = "https://micropython.org/download/"
_CACHE = build.ROOT / ".cache" / "images"
_TIMEOUT_S = 30
_CHIP = re.compile(r"Detecting chip type\.\.\.\s*(ESP[\w-]+)")
_FLASH_SIZE = re.compile(r"Detected flash size: (\d+)([KM])B")
# The chip stays in its boot loader: boards without the circuit for it cannot be put there again by esptool.
_STAY = ("--after", "no-reset")
_OLD_WORDS = {word: word.replace("-", "_") for word in ("no-reset", "flash-id", "write-flash", "erase-flash")}


def flash(board, port, image):
    """Put MicroPython on a board. All that was on it goes."""
    board_file, board = boardfile.load(board)
    if board["image"] is None:
        raise boardfile.BoardError(f"{board_file}: this board is not flashed")
    path = _found(image or board["image"], board)
    content = path.read_bytes()
    try:
        partitions = flashimage.check(content, board)
    except flashimage.ImageError as error:
        raise DongleError(f"{path.name} is not flashed: {error}") from None
    port = port or dongle.find_port()
    _check_chip(port, board, max(part.at + part.size for part in partitions.values()))
    print(f"Writing {path.name}; everything that was on the board goes", flush=True)
    offset = f"{board['image_offset']:#x}"
    _esptool(port, "--chip", board["chip"], "write-flash", "--erase-all", offset, str(path))
    print(
        f"MicroPython is on it. Press reset if it does not start by itself; then: make upload BOARD={board_file.stem}"
    )


def erase(port, yes):
    """Everything off the board, MicroPython too."""
    port = port or dongle.find_port()
    if not yes:
        try:
            answer = input(f"Everything on {port} goes: firmware, settings, label, hours. Write yes to erase it: ")
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise DongleError("nothing has been erased")
    _esptool(port, "erase-flash")


def _found(image, board):
    """The path of an image: a file, or one that is fetched by its name on MicroPython's download page."""
    if image.endswith(".bin") or "/" in image:
        if not Path(image).is_file():
            raise DongleError(f"there is no file {image}")
        return Path(image)
    name = (image if re.search(r"-v\d", image) else f"{image}-{RELEASE}") + ".bin"
    path = _CACHE / name
    if not path.exists():
        _fetch(name, path, board)
    return path


def _fetch(name, path, board):
    """Fetch an image, look at it, and keep it."""
    try:
        with urllib.request.urlopen(_FILES + name, timeout=_TIMEOUT_S) as answer:
            pieces = []
            with Bar(f"fetching {name}", int(answer.headers.get("Content-Length") or 0)) as bar:
                while piece := answer.read(65536):
                    pieces.append(piece)
                    bar.add(len(piece))
    except urllib.error.HTTPError as error:
        raise DongleError(f"there is no {name} ({error.code}): see {_PAGES}") from None
    except OSError as error:
        raise DongleError(
            f"{name} cannot be fetched, no network ({getattr(error, 'reason', error)}): "
            f"fetch it elsewhere from {_PAGES}{board['image'].split('-')[0]}/, then IMAGE=file.bin"
        ) from None
    content = b"".join(pieces)
    try:
        flashimage.check(content, board)
    except flashimage.ImageError as error:
        raise DongleError(f"{name} has not arrived well: {error}") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_bytes(content)
    path.with_suffix(".new").rename(path)


def _check_chip(port, board, needed):
    """DongleError when the chip on the port is not the board's, or its flash is too small for so many bytes."""
    print(f"Asking the chip on {port}", flush=True)
    said, error = _asked(port)
    chip = _CHIP.search(said)
    if not chip:
        raise DongleError(_why(port, error))
    if chip[1].lower().replace("-", "") != board["chip"]:
        raise DongleError(
            f"{board['name']} has an {board['chip']}, but on {port} is an {chip[1]}: wrong board or port"
        )
    size = _FLASH_SIZE.search(said)
    print(f"{chip[1]}, {size[0].lower() if size else 'its flash does not say its size'}", flush=True)
    if size and int(size[1]) << (20 if size[2] == "M" else 10) < needed:
        raise DongleError(f"the image is for {needed >> 20} MB of flash, and the chip has {size[1]} {size[2]}B")


def _asked(port):
    """(what esptool prints of the chip, its complaint)."""
    done = subprocess.run(_command(port, *_STAY, "flash-id"), capture_output=True, text=True, errors="replace")
    return done.stdout, done.stderr


def _esptool(port, *words):
    """Run esptool, which shows its own bar."""
    done = subprocess.run(_command(port, *words), stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        raise DongleError(f"{_why(port, done.stderr)}; the board may be empty now: run it again")


def _command(port, *words):
    if int(metadata.version("esptool").split(".")[0]) < 5:  # Python 3.9 has no later one
        words = [_OLD_WORDS.get(word, word) for word in words]
    return [sys.executable, "-m", "esptool", "--port", port, *words]


def _why(port, complaint):
    """One line for esptool's."""
    if "Could not open" in complaint:
        return dongle.why_closed(port)
    if "Failed to connect" in complaint or "No serial data" in complaint:
        return (
            f"no chip answers on {port}: hold BOOT (AP, Prog, 0), press and release reset, let go, and run it again"
        )
    found = re.search(r"fatal error occurred: *(.*)", complaint.replace("\n", " "))
    return f"esptool says: {found[1].strip() if found else 'nothing'}"
