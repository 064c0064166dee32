"""A bar for steps that take long: on a terminal; elsewhere nothing, so that logs stay readable."""

import sys

_WIDTH = 30


class Bar:
    """Of so many bytes, with a word for what goes on."""

    def __init__(self, what, total):
        self._what, self._total, self._done = what, max(total, 1), 0
        self._shown = None

    def __enter__(self):
        self.add(0)
        return self

    def __exit__(self, *_error):
        if sys.stdout.isatty():
            print()

    def add(self, octets):
        self._done += octets
        percent = min(self._done * 100 // self._total, 100)
        if percent != self._shown and sys.stdout.isatty():
            filled = percent * _WIDTH // 100
            print(f"\r{self._what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {percent:3d} %", end="", flush=True)
        self._shown = percent
