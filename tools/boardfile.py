"""The board files in boards/, checked against their schema."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

import build

BOARDS = build.ROOT / "boards"


class BoardError(Exception):
    """One line that says what is wrong with a board file, or which boards there are."""


def faults(board):
    """A line for each breach of boards/schema.json."""
    schema = json.loads((BOARDS / "schema.json").read_text(encoding="utf-8"))
    found = sorted(Draft202012Validator(schema).iter_errors(board), key=lambda error: error.json_path)
    return [f"{error.json_path.replace('$', 'board', 1)}: {error.message}" for error in found]


def names():
    """Those in boards/."""
    return sorted(path.stem for path in BOARDS.glob("*.json") if path.stem != "schema")


def load(name):
    """(path, content) of a board by its name in boards/, or by the path of a .json file."""
    if not name.endswith(".json"):
        name = name.lower()
    known = names()
    if name not in known and not name.endswith(".json"):
        raise BoardError(f"{f'no such board: {name};' if name else 'which board?'} there are {', '.join(known)}")
    path = BOARDS / f"{name}.json" if name in known else Path(name)
    try:
        board = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BoardError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise BoardError(f"{path} is not JSON: {error}") from None
    for fault in faults(board):
        raise BoardError(f"{path}: {fault}")
    return path, board
