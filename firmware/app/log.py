"""The log: lines on the console, each with the seconds since the start."""

import sys

from app.clock import uptime_s


def log(subject, text):
    """Print one line: when, what about, what happened. Never a secret."""
    line = f"[{uptime_s():6d}] {subject}: {text}".replace("\n", " ").replace("\r", " ")
    try:
        # One write, since the MQTT thread logs too.
        sys.stdout.write(line + "\n")
    except OSError:
        pass  # nobody listens, which is no reason to stop
