"""The frames that tests decode, and small helpers to decode them. Runs on CPython and MicroPython."""

import json

from hanport import Reading, Receiver

_TESTS = __file__.rsplit("/", 2)[0]
GOLDEN = _TESTS + "/golden/"
SHARED = _TESTS + "/../../shared/"


def load(path):
    """The JSON file's content."""
    with open(path, "r") as file:
        return json.load(file)


def golden():
    """(name, frame, expected reading) of every frame that stands in the repository."""
    return [
        (entry["name"], bytes.fromhex(entry["hex"]), entry["expected"])
        for name in ("norway.json", "simulated.json")
        for entry in load(GOLDEN + name)
    ]


def nordics():
    """The entries of golden/nordics.json: frames of other links, encrypted ones, other countries."""
    return load(GOLDEN + "nordics.json")


def danish():
    """Three encrypted, authenticated frames of one meter, whose invocation counter rises."""
    return load(GOLDEN + "danish.json")


def receiver_for(entry, link=None):
    """A Receiver with what an entry of nordics() needs: its link (or another), keys, scalers."""
    key = entry.get("key")
    auth_key = entry.get("authentication_key")
    return Receiver(
        link or entry["link"],
        key=bytes.fromhex(key) if key else None,
        auth_key=bytes.fromhex(auth_key) if auth_key else None,
        scalers=entry.get("scalers"),
    )


def sheet_frames():
    """The same of the facts sheet's chapter C."""
    import sheet

    with open(SHARED + "spec.md", "r") as file:
        return [(name, frame, reading) for name, _source, frame, reading in sheet.frames(file.read(), "C")]


def decode(data, chunk=None, receiver=None):
    """The readings, as dicts, that come of data fed in pieces of `chunk` bytes."""
    receiver = receiver or Receiver("hdlc")
    reading = Reading()
    chunk = chunk or len(data)
    found = []
    for start in range(0, len(data), chunk):
        piece = data[start : start + chunk]
        receiver.feed(piece, len(piece))
        while receiver.next(reading):
            found.append(reading.as_dict())
    return found


def outcome(data, receiver, chunk=None):
    """The readings, and the counters of what did not pass that are not zero."""
    readings = decode(data, chunk, receiver)
    passed = ("bytes", "frames", "readings")
    return readings, {name: n for name, n in receiver.counters.items() if n and name not in passed}


class Numbers:
    """Pseudo-random numbers, the same on every machine (Park and Miller's minimal standard generator)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = self.state * 48271 % 2147483647
        return self.state % n
