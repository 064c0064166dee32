"""What of the reader's delay is the host's: an ESP32 runs nothing else, a computer may have other things to do.

Linux counts for each thread how long it could have run and did not, in nanoseconds: the second number of its
schedstat (Documentation/scheduler/sched-stats.rst). All threads of the process count, since the reader waits for
whose turn it is (hostthreads.py). Where nobody counts it, all of that is the firmware's. And who asks a pty waits
until the kernel has brought its bytes, however long that takes; a UART has its own in a buffer.
"""

import os
import sys

_SPEED = int(os.getenv("HAN_SPEED") or 1)
_QUICK_US = 5000  # to ask a line takes less
_threads = []
_asking_us = 0  # since the reader's last delay
_time_passed = None  # the reader's own


class _Thread:
    """What the kernel says of the thread that makes it, now and the time before."""

    def __init__(self):
        self._file = open("/proc/thread-self/schedstat", "rb")
        self._now = bytearray(64)
        self._before = bytearray(64)

    def look(self):
        self._now, self._before = self._before, self._now
        self._file.seek(0)
        self._file.readinto(self._now)

    def held_ms(self):
        """Between the last two looks."""
        return (_held_ns(self._now) - _held_ns(self._before)) // 1000000

    def close(self):
        self._file.close()


def _held_ns(text):
    return int(bytes(text).split()[1])


def thread_begins():
    """In that thread; returns what thread_ends() wants."""
    try:
        thread = _Thread()
    except OSError:
        return None
    thread.look()
    thread.look()
    _threads.append(thread)
    return thread


def thread_ends(thread):
    if thread:
        _threads.remove(thread)
        thread.close()


def install():
    """Have the reader that is there, if one is, note its delays without the host's."""
    global _time_passed
    reader = sys.modules.get("app.reader")
    if reader and _time_passed is None and _threads:
        _time_passed = reader.Reader.time_passed
        reader.Reader.time_passed = _note_own


def asked(us):
    """To ask the line took so long. (What of it was a wait for a processor counts twice: milliseconds.)"""
    global _asking_us
    if us > _QUICK_US:
        _asking_us += us


def _note_own(reader, passed_ms, delay_ms):
    global _asking_us
    for thread in _threads:
        thread.look()
    if delay_ms > reader.longest_delay_ms:
        delay_ms -= _asking_us // 1000 * _SPEED
        for thread in _threads:
            delay_ms -= thread.held_ms() * _SPEED
    _asking_us = 0
    _time_passed(reader, passed_ms, delay_ms)
