"""The dongle's start: MicroPython runs this file after boot.

It chooses which of the two versions on the flash runs (firmware/README.md, Versions), and gives up one that is on
trial after three starts. An upload by the page never touches it.
"""

import gc
import os
import sys
import time

# Collect often: what the imports leave behind would otherwise lie between what stays, and cut the heap into pieces.
gc.threshold(4096)

_MOST_STARTS = 3
_STUCK_MS = 120000
_PAUSE_S = 5


def choose():
    """(the folder of the version to run, whether it is on trial); "" where it lies in the root."""
    try:
        with open("slot", "r") as file:
            words = file.readline().split()
    except OSError:
        words = []
    if len(words) < 3:
        return words[0] if words else "", False
    try:
        if words[2] < str(_MOST_STARTS):
            words[2] = str(int(words[2]) + 1)
        else:
            words = [words[1], "back"]
        with open("slot.new", "w") as file:
            file.write(" ".join(words))
        os.rename("slot.new", "slot")
    except (OSError, ValueError):
        pass  # the flash refuses, or the file is damaged: something must run
    return words[0], len(words) > 2


def run(folder, is_on_trial):
    """Run it. Where it ends there is nobody to see it: the dongle starts anew."""
    if folder:
        sys.path.insert(0, folder + "/lib")
        sys.path.insert(0, folder)
    import machine

    if is_on_trial:
        machine.WDT(timeout=_STUCK_MS)  # whatever it hangs in
    try:
        from app.start import start

        start()
    except Exception as error:
        sys.print_exception(error)
    time.sleep(_PAUSE_S)
    machine.reset()


run(*choose())
