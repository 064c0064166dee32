"""Images of an ESP32's flash: a MicroPython that is looked at before it is flashed, and one with the firmware in it.

Formats: Espressif's "Firmware image format" (esptool's documentation) and "Partition tables" (ESP-IDF's).
A MicroPython image is bootloader, partition table and program in one file, which begins at the board's
`image_offset`; its file system is the partition `vfs`, a littlefs with blocks as MicroPython makes them.
"""

import hashlib
import json
import struct
from typing import NamedTuple

import littlefs

CHIP_IDS = {"esp32": 0, "esp32s2": 2, "esp32c3": 5, "esp32s3": 9, "esp32c6": 13}  # esp_chip_id_t
CHIP_FAMILIES = {"esp32": "ESP32", "esp32s2": "ESP32-S2", "esp32c3": "ESP32-C3", "esp32s3": "ESP32-S3"}
CHIP_FAMILIES["esp32c6"] = "ESP32-C6"
TABLE_AT, _TABLE_SIZE, _ENTRY = 0x8000, 0xC00, 32
_APP, _MAGIC = 0, 0xE9
_HEADER = 24
_BLOCK = 4096
_FOLDER_BLOCKS = 5  # a folder is a pair of blocks, or two or three pairs where it holds many files
_ERASED = b"\xff"
_LITTLEFS = {"block_size": _BLOCK, "read_size": 32, "prog_size": 32}  # as MicroPython's VfsLfs2


class ImageError(Exception):
    """One line: why an image may not be flashed."""


class Partition(NamedTuple):
    kind: int
    subtype: int
    at: int
    size: int


def partitions(image, offset):
    """{name: Partition} of an image that begins at this address. Raises ImageError when its table is damaged."""
    table = image[TABLE_AT - offset : TABLE_AT - offset + _TABLE_SIZE]
    found = {}
    for at in range(0, len(table) - _ENTRY + 1, _ENTRY):
        entry = table[at : at + _ENTRY]
        if entry[:2] == b"\xaa\x50":
            kind, subtype, start, size, name = struct.unpack("<BBII16s", entry[2:28])
            found[name.rstrip(b"\0").decode("ascii", "replace")] = Partition(kind, subtype, start, size)
        elif entry[:2] == b"\xeb\xeb" and found:
            if entry[16:] != hashlib.md5(table[:at]).digest():
                raise ImageError("its partition table is damaged (MD5)")
            return found
        else:
            break
    raise ImageError("it has no partition table: is it a MicroPython image for an ESP32?")


def check(image, board):
    """See that a MicroPython image is whole and for this board's chip; returns its partitions. Raises ImageError."""
    offset = board["image_offset"]
    if len(image) < _HEADER or image[0] != _MAGIC:
        raise ImageError("it is no ESP32 image (the .bin is wanted, not .uf2 or .app-bin)")
    chip = struct.unpack_from("<H", image, 12)[0]
    if chip != CHIP_IDS[board["chip"]]:
        names = {number: name for name, number in CHIP_IDS.items()}
        raise ImageError(
            f"it is for an {names.get(chip, 'unknown chip')}, and {board['name']} has an {board['chip']}"
        )
    found = partitions(image, offset)
    _check_program(image, "bootloader")
    programs = [(name, part) for name, part in found.items() if part.kind == _APP and part.at - offset < len(image)]
    if not programs:
        raise ImageError("it breaks off before its program")
    name, program = min(programs, key=lambda one: one[1].at)
    _check_program(image[program.at - offset :], f"program ({name})")
    return found


def _check_program(octets, name):
    """By its checksum, and the SHA-256 behind that where its header says that there is one."""
    damaged = ImageError(f"it is damaged: the checksum of its {name} is wrong")
    if len(octets) < _HEADER or octets[0] != _MAGIC:
        raise damaged
    at, checksum = _HEADER, 0xEF
    for _number in range(octets[1]):
        if at + 8 > len(octets):
            raise damaged
        size = struct.unpack_from("<I", octets, at + 4)[0]
        segment = octets[at + 8 : at + 8 + size]
        for octet in segment:
            checksum ^= octet
        at += 8 + size
    end = (at | 15) + 1
    if end > len(octets) or octets[end - 1] != checksum:
        raise damaged
    if octets[_HEADER - 1] and octets[end : end + 32] != hashlib.sha256(octets[:end]).digest():
        raise damaged


def with_files(image, board, files):
    """The image with a file system in it that holds {path: bytes}, ready for a dongle's first start."""
    vfs = check(image, board).get("vfs")
    if not vfs:
        raise ImageError("it has no partition for files (vfs)")
    at = vfs.at - board["image_offset"]
    if at < len(image):
        raise ImageError("its program reaches into the partition for files (vfs)")
    return image + _ERASED * (at - len(image)) + file_system(files, vfs.size)


def file_system(files, size):
    """A littlefs of this size with {path: bytes}, up to the last block that is used."""
    folders = {path.rsplit("/", 1)[0] for path in files if "/" in path}
    # littlefs spreads what it writes: it is made as small as may be, and grows afterwards.
    needed = sum(-(-len(content) // _BLOCK) for content in files.values()) + _FOLDER_BLOCKS * (len(folders) + 2)
    total = size // _BLOCK
    try:
        made = littlefs.LittleFS(littlefs.UserContext(size), block_count=min(needed, total), **_LITTLEFS)
        for folder in sorted(folders):
            made.makedirs(folder, exist_ok=True)
        for path, content in sorted(files.items()):
            with made.open(path, "wb") as file:
                file.write(content)
        made.fs_grow(total)
    except littlefs.LittleFSError as error:
        raise ImageError(f"the firmware does not fit into the partition for files: {error}") from None
    octets = bytes(made.context.buffer).rstrip(_ERASED)
    return octets + _ERASED * (-len(octets) % _BLOCK)


def files_of(octets, size):
    """{path: bytes} of a file system of this size, mounted by littlefs itself; `octets` may end before its end.

    Raises LittleFSError when there is none.
    """
    context = littlefs.UserContext(size)
    context.buffer[:] = octets + _ERASED * (size - len(octets))
    mounted = littlefs.LittleFS(context, block_count=size // _BLOCK, mount=False, **_LITTLEFS)
    mounted.mount()
    found = {}
    for folder, _folders, names in mounted.walk("/"):
        for name in names:
            path = f"{folder}/{name}".lstrip("/")
            with mounted.open(path, "rb") as file:
                found[path] = file.read()
    return found


def firmware_files(folder, board_file):
    """{path: bytes} of a dongle with the compiled firmware of `folder` in its first slot."""
    files = {
        f"a/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    files["main.py"] = files.pop("a/main.py")
    files["board.json"] = board_file.read_bytes()
    files["slot"] = b"a"
    return files


def manifest(board, version, name):
    """What esp-web-tools, the flasher in a browser, wants to know of the image of that name."""
    part = {"path": name, "offset": board["image_offset"]}
    build = {"chipFamily": CHIP_FAMILIES[board["chip"]], "parts": [part]}
    about = {"name": f"HAN dongle ({board['name']})", "version": version, "new_install_prompt_erase": True}
    return json.dumps({**about, "builds": [build]}, indent=2) + "\n"


def make(image_path, board_file, board, folder, version, out):
    """Write the image of a board and its manifest into the folder `out`: the MicroPython of `image_path` and the
    firmware compiled to `folder`. Returns the image's path. Raises ImageError."""
    image = image_path.read_bytes()
    files = firmware_files(folder, board_file)
    octets = with_files(image, board, files)
    vfs = partitions(image, board["image_offset"])["vfs"]
    if files_of(octets[vfs.at - board["image_offset"] :], vfs.size) != files:
        raise ImageError("what was written into its file system does not come back")
    path = out / f"han-{version}-{board_file.stem}.bin"
    path.write_bytes(octets)
    path.with_suffix(".json").write_text(manifest(board, version, path.name))
    return path
