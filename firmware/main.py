"""The dongle's start: MicroPython runs this file after boot."""

import gc

# Collect often: what the imports leave behind would otherwise lie between what stays, and cut the heap into pieces.
gc.threshold(4096)

from app.dongle import start  # noqa: E402

start()
