"""Living through a plan, and what is said of it; one way for whatever a world does to its dongle."""

import json
import re
import sys
import tempfile
from pathlib import Path

import build


def lived(world, say):
    """Live through the world's plan, until all of its hours have been heard; what its meter has said in the end."""

    def is_complete():
        starts = {json.loads(payload)["start"] for payload in world.listener.named("hour")}
        return len(starts) >= world.plan.hours

    said = world.run(is_complete)
    say(said)
    return said


def lateness_ms(said):
    """How late the meter has been by what it has said: this host was busy with other things."""
    found = re.search(r"up to (\d+) ms late", said)
    return int(found[1]) if found else 0


def told(plan, run):
    """Print the plan, what run(plan, folder, say) tells, and its verdict; ends the program, with 1 for any fault."""
    print(f"{plan}\n", flush=True)
    try:
        build.build("host")
        with tempfile.TemporaryDirectory(prefix="soak") as folder:
            verdict = run(plan, Path(folder), lambda line: print(line, flush=True))
    except KeyboardInterrupt:
        sys.exit(1)
    print(f"\n{verdict}")
    sys.exit(bool(verdict.faults))
