#!/usr/bin/env python3
"""A new dongle's setup, to be tried in a browser on this computer: the real firmware on a real MicroPython, with a
simulated meter, a real broker, and networks that are made up.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import build
import toolchain
from broker import BrokerError
from demo import seconds_of
from newcomer import ADDRESS, AIR, Newcomer
from simulator.makers import MAKERS

_UP_S = 30


def show(newcomer):
    """What somebody needs to know who is going to try it."""
    print(f"Open {newcomer.url}/ in a browser: this is the page that a phone sees in the dongle's own network.\n")
    for network in AIR:
        print(f"  network {network['ssid']}, password {network['password'] or 'none'}")
    print(f"  MQTT at {ADDRESS}, port {newcomer.broker.port}, without user\n\nCtrl-C ends it.", flush=True)


def wait_for_page(newcomer):
    deadline = time.monotonic() + _UP_S
    while not any("is up" in line for line in list(newcomer.log)):
        if time.monotonic() > deadline:
            raise RuntimeError("the setup network does not come up:\n" + "\n".join(newcomer.log))
        time.sleep(0.1)


def run(newcomer, seconds):
    """Show the log until Ctrl-C, or for so many seconds."""
    newcomer.start("--sun")
    wait_for_page(newcomer)
    show(newcomer)
    shown = len(newcomer.log)
    deadline = time.monotonic() + seconds if seconds else float("inf")
    while time.monotonic() < deadline:
        lines = newcomer.log[shown:]
        shown += len(lines)
        for line in lines:
            print(f"    dongle {line}", flush=True)
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--meter", default="aidon", type=str.lower, choices=MAKERS)
    parser.add_argument("--seconds", type=seconds_of, help="how long; without it until Ctrl-C")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="han-setup-") as folder:
        newcomer = Newcomer(Path(folder), options.meter, preexec_fn=os.setpgrp)
        try:
            build.build("host")
            run(newcomer, options.seconds)
        except KeyboardInterrupt:
            pass
        except (BrokerError, toolchain.ToolchainError, build.BuildError, RuntimeError) as error:
            sys.exit(f"demo-setup: {error}")
        finally:
            newcomer.close()


if __name__ == "__main__":
    main()
