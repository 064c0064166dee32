"""The dongle's start: MicroPython runs this file after boot."""

from app.dongle import start

start()
