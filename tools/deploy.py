#!/usr/bin/env python3
"""From an empty board to a dongle that runs, and what an owner does with it later: `deploy.py upload --board esp32`.

The Makefile has a target for each of these. What they do is in deploying/, one file for each subject.
"""

import argparse
import sys

import boardfile
import build
from deploying import console, flash, keep, label, provision, upload
from deploying.upload import SettingsError
from dongle import DongleError

_BOARD = ("--board", {"default": "", "help": "a name in boards/, or the path of a board file"})
_PORT = ("--port", {"help": "the dongle's serial port; without it, the only one there is"})
_IMAGE = (
    "--image",
    {"help": "a MicroPython .bin, or its name on MicroPython's download page; without it, the board's"},
)
_SETTINGS = ("--settings", {"help": "settings to put on the dongle; without it, settings.json if it is there"})
_OUT = ("--out", {"help": "where to put it; without it, build/"})
_TABLE = ("--file", {"required": True, "help": "settings as JSON (an object, or a list of them) or CSV"})
_FILE = ("--file", {"help": "the backup; without it, the latest of this dongle"})
_YES = ("--yes", {"action": "store_true", "help": "do not ask"})
# name: (what it is, its words, what does it)
COMMANDS = {
    "flash": ("MicroPython onto an empty board; all that is on it goes", (_BOARD, _PORT, _IMAGE), flash.flash),
    "upload": ("copy the firmware, what has changed of it, and start it", (_BOARD, _PORT, _SETTINGS), upload.upload),
    "label": ("the setup network, its password, its QR code: to see and to print", (_PORT, _OUT), label.label),
    "provision": ("settings for one dongle or many, checked first", (_PORT, _TABLE), provision.provision),
    "backup": ("the owner's files on the dongle, to a file", (_PORT, _OUT), keep.backup),
    "restore": ("back onto the dongle what a backup holds", (_PORT, _FILE), keep.restore),
    "logs": ("what the dongle says, until Ctrl-C", (_PORT,), console.logs),
    "repl": ("MicroPython's prompt, until Ctrl-]", (_PORT,), console.repl),
    "erase": ("everything off the board, after asking", (_PORT, _YES), flash.erase),
}


def _parser():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, dest="name", metavar="COMMAND")
    for name, (about, words, _function) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about)
        for word, options in words:
            command.add_argument(word, **options)
    return parser


def main():
    words = vars(_parser().parse_args())
    name = words.pop("name")
    try:
        COMMANDS[name][2](**words)
    except (DongleError, SettingsError, boardfile.BoardError, build.BuildError, OSError) as error:
        sys.exit("\n".join(f"{name}: {line}" for line in str(error).split("\n")))
    except KeyboardInterrupt as error:
        sys.exit(f"{name}: {str(error) or 'interrupted: run it again'}")


if __name__ == "__main__":
    main()
