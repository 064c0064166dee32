"""Brings a version of the firmware onto a dongle, into the slot that does not run (firmware/README.md, Versions).

Only what the dongle has in neither slot goes over the cable. The file `slot` is written last: whatever is broken off
before leaves the version that ran before, whole. The new one is on trial (firmware/app/trial.py).
"""

import re
import sys
import time
from pathlib import Path, PurePosixPath

import boardfile
import build
import dongle
from deploying import ondongle, target
from deploying import plan as planning
from deploying.progress import Bar
from deploying.target import SLOTS
from dongle import DongleError

sys.path.insert(0, str(build.ROOT / "firmware"))

from app import config  # noqa: E402

SETTINGS = build.ROOT / config.SETTINGS_FILE
START_S, LOG_S = 20, 4
_AT_ONCE = 16  # files
_TRACEBACK = "Traceback (most recent call last)"
_START_LINE = re.compile(r"\[ *\d+\] start: firmware ")


class SettingsError(Exception):
    """A line for each faulty setting."""


def settings_files(path):
    """{name on the dongle: bytes} of the settings, if they hold no fault, and of the certificates that they name,
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
    return {name: file.read_bytes() for name, file in files.items()}


def upload(board, port, settings):
    """Bring the firmware on the dongle up to date and start it."""
    board_file, board = boardfile.load(board)
    if board["mpy_arch"] is None:
        raise boardfile.BoardError(f"{board_file}: nothing can be uploaded to this board")
    settings = settings_files(settings)
    port = port or dongle.find_port()
    print(f"Asking the dongle on {port}", flush=True)
    with dongle.Link(port) as link:
        found = target.examine(link)
        target.check_board(found, board, port)
        folder = build.build(board["mpy_arch"])
        shared = {"board.json": board_file.read_bytes(), **settings, "main.py": (folder / "main.py").read_bytes()}
        try:
            fallback = _bring(link, found, folder, shared)
        except (DongleError, KeyboardInterrupt) as error:
            again = "" if isinstance(error, dongle.NoSpaceError) else ": run it again"
            said = f"{str(error) or 'interrupted'}; the dongle still has the firmware it had{again}"
            raise type(error)(said) from None
        link.reset()
        try:
            watch(link)
        finally:
            if fallback:
                print("It is on trial: the dongle goes back to the old one by itself if this one does not do well")


def _bring(link, found, folder, shared):
    """Put all there; returns the folder of the version to go back to, "" for none. `shared`: {path: bytes} of what
    lies in the root."""
    wanted = planning.wanted(folder)
    present = target.files(link, *SLOTS, *planning.FOLDERS, *{config.SETTINGS_FILE, "slot", *shared})
    good = planning.good(found, present)
    if config.SETTINGS_FILE not in shared:
        kept = "stay as they are" if config.SETTINGS_FILE in present else "are missing on the dongle too"
        print(f"There is no {SETTINGS.name} here: the settings {kept}")
    if good in SLOTS:
        # It has come up since: what was in the root before is not gone back to.
        link.run(ondongle.REMOVE.format(paths=list(planning.flat(present))))
    if good in SLOTS and planning.below(present, good) == wanted:
        print(f"0 of {len(wanted)} files to copy: the dongle runs this version", flush=True)
        slot, fallback = good, ""
    else:
        work = planning.plan(wanted, present, good)
        planning.check_room(found, work, wanted, present)
        if found.slot and found.slot[0] == work.slot:
            target.put_in_place(link, {"slot": good.encode()})  # the other will not be whole for a while
        _fill(link, work, wanted, folder)
        slot, fallback = (f"{work.slot} {good} 0" if good else work.slot), good
    # main.py comes after `slot`, which a main.py of old does not know.
    starter = shared.pop("main.py")
    contents = {**shared, "slot": slot.encode(), "main.py": starter}
    changed = [path for path in contents if present.get(path) != planning.about(contents[path])]
    target.put_in_place(link, {path: contents[path] for path in changed})
    return fallback


def _fill(link, work, wanted, folder):
    """Make a slot what is wanted, and see that it is. DongleError when something has arrived damaged."""
    octets = sum(wanted[path].size for path in work.sent)
    there = len(work.kept) + len(work.copied)
    print(f"{len(work.sent)} of {len(wanted)} files to copy ({octets} bytes), {there} are there", flush=True)
    link.run(ondongle.REMOVE.format(paths=[f"{work.slot}/{path}" for path in work.gone]))
    folders = {parent.as_posix() for path in wanted for parent in PurePosixPath(work.slot, path).parents}
    link.run(ondongle.MAKE_FOLDERS.format(folders=sorted(folders - {"."})))
    for at in range(0, len(work.copied), _AT_ONCE):
        some = [(work.source + path, f"{work.slot}/{path}") for path in work.copied[at : at + _AT_ONCE]]
        link.run(ondongle.FEED + ondongle.COPY.format(copies=some))
    with Bar("copying", octets) as bar:
        for number, path in enumerate(work.sent):
            if number % _AT_ONCE == 0:
                link.run(ondongle.FEED)
            link.put(f"{work.slot}/{path}", (folder / path).read_bytes(), bar.add)
    arrived = planning.below(target.files(link, work.slot), work.slot)
    for path in wanted:
        if arrived.get(path) != wanted[path]:
            raise DongleError(f"{path} has arrived damaged")


def watch(link):
    """Show the beginning of the log, and see that it comes and that nothing breaks off in it."""
    silent, started, is_broken = [], None, False
    for line in link.follow(START_S):
        if started is None and _START_LINE.search(line):
            started = time.monotonic()
        if started is None:
            silent.append(line)
        elif line:
            print(line, flush=True)
            is_broken = is_broken or line.startswith(_TRACEBACK)
        if started is not None and time.monotonic() - started > LOG_S:
            break
    if is_broken:
        raise DongleError("everything is copied, and the firmware has started, but does not run: see above")
    if started is None:
        print("\n".join(line for line in silent if line), flush=True)
        raise DongleError(f"everything is copied, but the firmware has not started within {START_S} s")
    print("The dongle has come up")
