"""What the counters are called, by the numbers of codes.py."""

from .codes import HEADER_CHECK

NAMES = (
    "bytes",
    "frames",
    "readings",
    "lost_bytes",
    "unreadable",
    "header_check",
    "frame_check",
    "end_flag",
    "truncated",
    "too_long",
    "not_text",
    "no_check",
    "incomplete",
    "no_key",
    "wrong_key",
    "wrong_tag",
    "replayed",
    "unknown_apdu",
    "malformed",
    "unknown_list",
)
REASONS = NAMES[HEADER_CHECK:]
