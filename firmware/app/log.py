"""The log: lines on the console, each with the seconds since the start; the last of them are kept for the page."""

import _thread
import sys

from app.clock import uptime_s

_KEPT = 1024

_lock = _thread.allocate_lock()
_ring = bytearray(_KEPT)
_end = 0  # where the next byte goes; the one there now is the oldest


def log(subject, text):
    """Print one line: when, what about, what happened. Never a secret."""
    line = f"[{uptime_s():6d}] {subject}: {text}".replace("\n", " ").replace("\r", " ") + "\n"
    _keep(line.encode())
    try:
        # One write, since the MQTT thread logs too.
        sys.stdout.write(line)
    except OSError:
        pass  # nobody listens, which is no reason to stop


def _keep(octets):
    global _end
    with _lock:
        for octet in octets[:_KEPT]:
            _ring[_end] = octet
            _end = (_end + 1) % _KEPT


def lines():
    """The last whole lines, as bytes."""
    with _lock:
        kept = bytes(_ring[_end:] + _ring[:_end])
    # What the ring has room for begins in the middle of a line, or with what was never written.
    return kept[kept.find(b"\n[") + 1 :] if kept[0] else kept[kept.rfind(b"\0") + 1 :]
