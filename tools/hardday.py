#!/usr/bin/env python3
"""A hard day: the real firmware on a real MicroPython with all that it has running (reader, page with somebody at it,
MQTT over TLS, journal), while 2,000 things go wrong. It ends with 1 if anything is not as it should be.
"""

import argparse
import sys
import time

import broker
from hardships.plan import DAY_H, drawn
from hardships.verdict import judged
from hardships.world import HardWorld
from soaking.life import lateness_ms, lived, told

SHORTEST_H = 2


def run(plan, folder, say=lambda line: None):
    """Live through the plan; returns the Verdict."""
    world = HardWorld(plan, folder, say)
    said = lived(world, say)
    world.count_the_meters(said)
    return judged(plan, folder, world, lateness_ms(said))


def hours_of(text):
    hours = int(text)
    if hours < SHORTEST_H:
        raise argparse.ArgumentTypeError(f"{SHORTEST_H} hours at the least")
    return hours


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hours", type=hours_of, default=DAY_H, help=f"of the household (default {DAY_H})")
    parser.add_argument("--seed", type=int, help="what goes wrong when (default by the clock; it is printed)")
    parser.add_argument("--faults", type=int, help="how many things go wrong (default 2,000 for a day)")
    words = parser.parse_args()
    if not broker.mosquitto():
        sys.exit("a broker with TLS is needed: install mosquitto")
    try:
        plan = drawn(int(time.time()) if words.seed is None else words.seed, words.hours, words.faults)
    except ValueError as error:
        sys.exit(f"hard-day: {error}")
    told(plan, run)


if __name__ == "__main__":
    main()
