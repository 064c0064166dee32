#!/usr/bin/env python3
"""Weeks in minutes: the real firmware on a real MicroPython with a real broker, while all goes wrong that goes wrong
in a house; and whether every hour of the meter arrived exactly once. It ends with 1 if one did not.
"""

import argparse
import time

from soaking.life import lateness_ms, lived, told
from soaking.plan import HOUR_S, LEAD_S, SPEEDS, drawn
from soaking.verdict import judged
from soaking.world import World

SHORTEST_H = 24


def hours_in(seconds, speed):
    """How many whole hours of the household go into so many real seconds."""
    return max(int((seconds * speed - LEAD_S) // HOUR_S), SHORTEST_H)


def run(plan, folder, say=lambda line: None):
    """Live through the plan; returns the Verdict."""
    world = World(plan, folder, say)
    said = lived(world, say)
    return judged(plan, folder, world.listener, world.downs, lateness_ms(said))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=300, help="real seconds to run (default 300)")
    parser.add_argument("--seed", type=int, help="what goes wrong when (default by the clock; it is printed)")
    parser.add_argument("--meter", choices=sorted(SPEEDS), default="kamstrup", help="whose meter (default kamstrup)")
    words = parser.parse_args()
    seed = int(time.time()) if words.seed is None else words.seed
    told(drawn(seed, words.meter, hours_in(words.seconds, SPEEDS[words.meter])), run)


if __name__ == "__main__":
    main()
