"""The log: lines on the console, each with the seconds since the start."""

import sys
import time

_start_ms = time.ticks_ms()
_uptime_s = 0
_seen_ms = _start_ms


def uptime_s():
    """Seconds since the start; asked for at least every few days, it never wraps."""
    global _uptime_s, _seen_ms
    passed = time.ticks_diff(time.ticks_ms(), _seen_ms) // 1000
    _uptime_s += passed
    _seen_ms = time.ticks_add(_seen_ms, passed * 1000)
    return _uptime_s


def log(subject, text):
    """Print one line: when, what about, what happened. Never a secret."""
    # One write, since the MQTT thread logs too.
    sys.stdout.write(f"[{uptime_s():6d}] {subject}: {text}\n")
