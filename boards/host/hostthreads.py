"""The host's `_thread`: one thread at a time, as on the ESP32. Its MicroPython has a GIL, the unix port has none:
there one thread's garbage collector may free what another is just moving, and MicroPython died of it now and then.

A thread runs until it waits: for time (time.py), for a stream (select.py), for a name (socket.py). Nobody waits
while he holds a lock, and so nobody finds one taken. Whoever imports `_thread` must have imported one of these or
`machine` before; else the first wait raises RuntimeError.
"""

import sys
from _thread import *  # noqa: F403, it is that module but for one name
from _thread import allocate_lock
from _thread import start_new_thread as _start

import hostdelay

_turn = allocate_lock()
_turn.acquire()
hostdelay.thread_begins()


class _Waiting:
    """What is done `with` it, others may run meanwhile: one call, that waits and hardly makes anything."""

    def __enter__(self):
        _turn.release()

    def __exit__(self, _kind, _error, _trace):
        _turn.acquire()


waiting = _Waiting()


def start_new_thread(function, arguments):
    """As _thread's."""
    _start(_run, (function, arguments))


def _run(function, arguments):
    _turn.acquire()
    thread = hostdelay.thread_begins()
    try:
        function(*arguments)
    finally:
        hostdelay.thread_ends(thread)
        _turn.release()


sys.modules["_thread"] = sys.modules[__name__]
