"""The log: lines on the console, each with the seconds since the start."""

import _thread
import sys
import time

_lock = _thread.allocate_lock()
_uptime_s = 0
_seen_ms = time.ticks_ms()


def uptime_s():
    """Seconds since the start; asked for at least every few days, it never wraps."""
    global _uptime_s, _seen_ms
    with _lock:
        passed = time.ticks_diff(time.ticks_ms(), _seen_ms) // 1000
        _uptime_s += passed
        _seen_ms = time.ticks_add(_seen_ms, passed * 1000)
        return _uptime_s


def log(subject, text):
    """Print one line: when, what about, what happened. Never a secret."""
    line = f"[{uptime_s():6d}] {subject}: {text}".replace("\n", " ").replace("\r", " ")
    try:
        # One write, since the MQTT thread logs too.
        sys.stdout.write(line + "\n")
    except OSError:
        pass  # nobody listens, which is no reason to stop
