#!/usr/bin/env python3
"""Writes golden/simulated.json: a frame of every list of those meters of which no public example may stand here;
and golden/danish.json: encrypted frames whose invocation counter rises, which needs more than one.

The values beside the frames are the simulated household's own, before any encoding; amshan must agree with them.
"""

import json
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
FILE = TESTS / "golden" / "simulated.json"
DANISH = TESTS / "golden" / "danish.json"

_TYPES = (
    ("AIDON", "6525"),
    ("AIDON", "6534"),
    ("EMBRIQ", "ZMF1"),
    ("KAIFA", "MA105H2E"),
    ("KAIFA", "MA304H3E"),
    ("KAIFA", "MA304H4"),
    ("KAIFA", "MA304T3"),
    ("KAIFA", "MA304T4"),
    ("KAMSTRUP", "6841121"),
    ("KAMSTRUP", "6841131"),
    ("KAMSTRUP", "6861111-1Q"),
    ("KAMSTRUP_REVISION_S", "6841121"),
)


def frames():
    """[{"name", "source", "hex", "expected"}]: the first of each list of each type, around a full hour in June."""
    from simulated import pushes
    from simulator import makers

    found = []
    for maker, type_name in _TYPES:
        seen = set()
        for push in pushes(getattr(makers, maker), type_name, "2026-06-15T11:59:41", 60, sun=True):
            if push.list_number not in seen:
                seen.add(push.list_number)
                found.append(
                    {
                        "name": f"{maker} {type_name} list {push.list_number}",
                        "source": "tools/meter.py",
                        "hex": push.frame.hex().upper(),
                        "expected": push.expected,
                    }
                )
    return found


def danish_frames():
    """The first three frames of an encrypted, authenticated three-phase meter, with its throw-away keys."""
    from simulated import pushes
    from simulator import makers
    from simulator.ciphering import derived_key

    keys = {"key": derived_key(1, "key"), "authentication_key": derived_key(1, "authentication key")}
    sent = pushes(makers.KAMSTRUP_DK, "3-phase", "2026-06-15T12:00:00", 30, sun=True, security_control=0x30, **keys)
    return [
        {
            "name": f"KAMSTRUP_DK {number}",
            "source": "tools/meter.py",
            "link": "hdlc",
            "hex": push.frame.hex().upper(),
            **{name: key.hex().upper() for name, key in keys.items()},
            "expected": push.expected,
        }
        for number, push in enumerate(sent, 1)
    ]


def main():
    for folder in ("", "../tools", "../lib"):
        sys.path.insert(0, str(TESTS / folder))
    for file, entries in ((FILE, frames()), (DANISH, danish_frames())):
        lines = ",\n".join(json.dumps(entry) for entry in entries)
        file.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
