"""Which dongle is on the port: looked at before anything is done to it."""

import re
from typing import NamedTuple

import build
from deploying import ondongle
from dongle import DongleError

OLDEST = (1, 25)  # the oldest MicroPython that the tests run on
_ABOUT = re.compile(r"^about (\S+) (\d+)\.(\d+) (\d+) (.*)", re.M)
FLAT = "."  # a version that lies in the root, as before there were slots
SLOTS = ("a", "b")


class File(NamedTuple):
    """On the dongle."""

    digest: str
    size: int


class Target(NamedTuple):
    """What a dongle says of itself: MicroPython's machine, the number of its instruction set, the device's name, the
    words of the file `slot`, the size of a block of its flash and how many are free."""

    machine: str
    instructions: int
    device: str
    slot: tuple
    block: int
    free: int

    @property
    def good(self):
        """The folder of the version that is known to run, by the file `slot`; "" where there is no such file."""
        words = self.slot
        return words[1] if len(words) > 2 else words[0] if words else ""


def examine(link):
    """The Target on a connection. DongleError where nothing of ours can run."""
    output = link.run(ondongle.FEED + ondongle.DESCRIBE)
    found = _ABOUT.search(output)
    if not found or found[1] != "micropython":
        raise DongleError(f"{found[1] if found else 'what'} runs on {link.port} is not MicroPython: make flash first")
    version, machine = (int(found[2]), int(found[3])), found[5].strip()
    print(f"MicroPython {found[2]}.{found[3]} on {machine}", flush=True)
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise DongleError(
            f"MicroPython {found[2]}.{found[3]} is too old: flash {oldest} or later, as make flash does"
        )
    said = dict(re.findall(r"^(id|slot|room) (.*)", output, re.M))
    words = tuple(said.get("slot", "").split())
    block, free = map(int, said.get("room", "4096 0").split())
    return Target(machine, int(found[4]), said.get("id", ""), words, block, free)


def check_board(target, board, port):
    """DongleError when the dongle is not this board."""
    chip = target.machine.split(" with ")[-1].replace("-", "").lower()
    wrong_chip = chip.startswith("esp") and chip != board["chip"]
    if wrong_chip or target.instructions != build.INSTRUCTION_SETS.index(board["mpy_arch"]):
        raise DongleError(
            f"{board['name']} has an {board['chip']}, but on {port} is a {target.machine}: wrong board or port"
        )


def files(link, *paths):
    """{path: File} of these files on the dongle, and of all below these folders."""
    lines = link.run(ondongle.FEED + ondongle.LIST.format(paths=list(paths))).splitlines()
    words = (line.split(" ", 3) for line in lines if line.startswith("file "))
    return {path: File(digest, int(size)) for _word, digest, size, path in words}


def put_in_place(link, contents, told=lambda octets: None):
    """Replace files in the root, {path: bytes}, in this order: each is the old or the new one, whole. told(octets)
    hears of each piece."""
    for path, content in contents.items():
        link.put(path + ".new", content, told)
    link.run(ondongle.PUT_IN_PLACE.format(paths=list(contents)))
