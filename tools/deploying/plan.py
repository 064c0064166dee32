"""What an upload has to do, from what is wanted and what is on the dongle; nothing is touched here."""

import hashlib
from typing import NamedTuple

import build
from deploying.target import FLAT, SLOTS, File
from dongle import NO_SPACE, NoSpaceError

FOLDERS = ("app", "lib", "www")  # of a version
_OF_FLAT = tuple(f"{folder}/" for folder in (*build.SOURCES.values(), build.PAGES))
_SPARE_BLOCKS = 8  # stay free, for the journal and the settings


class Plan(NamedTuple):
    """To fill `slot`: paths of a version that are there already, that the running version has, that must be sent;
    and what of the slot has to go, its MANIFEST first. `source` is what the running version's paths begin with."""

    slot: str
    source: str
    kept: list
    copied: list
    sent: list
    gone: list


def wanted(folder):
    """{path: File} of a build, by its MANIFEST, and that itself, which comes last: with it, a slot is whole."""
    manifest = (folder / build.MANIFEST).read_bytes()
    words = (line.split(" ") for line in manifest.decode().splitlines()[3:])
    files = {path: File(digest, int(size)) for digest, size, path in words}
    return {**files, build.MANIFEST: about(manifest)}


def about(content):
    """The File of these bytes."""
    return File(hashlib.sha256(content).hexdigest(), len(content))


def below(present, folder):
    """{path in the folder: File} of what lies in a slot."""
    return {path[len(folder) + 1 :]: file for path, file in present.items() if path.startswith(folder + "/")}


def flat(present):
    """{path: File} of a version in the root: what only an upload can have put there."""
    endings = (".py", ".mpy", ".txt", ".gz")
    return {path: file for path, file in present.items() if path.startswith(_OF_FLAT) and path.endswith(endings)}


def good(target, present):
    """The folder of the version that is known to run: a slot, the root, or "" for none."""
    if target.good in SLOTS and below(present, target.good):
        return target.good
    # main.py of today starts app.start.
    return FLAT if "main.py" in present and any(path.startswith("app/start.") for path in present) else ""


def plan(wanted, present, running):
    """The Plan for {path: File} of a version, where `running` is what good() said."""
    slot = SLOTS[1 - SLOTS.index(running)] if running in SLOTS else SLOTS[0]
    there = below(present, slot)
    to_copy_from = below(present, running) if running in SLOTS else flat(present)
    kept = [path for path in wanted if there.get(path) == wanted[path] and path != build.MANIFEST]
    missing = [path for path in wanted if path not in kept]
    copied = [path for path in missing if to_copy_from.get(path) == wanted[path] and path != build.MANIFEST]
    sent = [path for path in missing if path not in copied]
    gone = sorted(set(there) - set(kept), key=lambda path: (path != build.MANIFEST, path))
    return Plan(slot, running + "/" if running in SLOTS else "", kept, copied, sent, gone)


def check_room(target, work, wanted, present):
    """NoSpaceError when there is no room for what comes where what goes has been."""

    def blocks(files):
        return sum(-(-file.size // target.block) for file in files)

    needed = blocks(wanted[path] for path in (*work.sent, *work.copied)) + _SPARE_BLOCKS
    room = target.free + blocks(present[f"{work.slot}/{path}"] for path in work.gone)
    if needed > room:
        kib = target.block // 1024
        raise NoSpaceError(f"{NO_SPACE}: the new version needs {needed * kib} KB, and {room * kib} are free")
