"""The counters: what they are called, by the numbers of codes.py, and how they count."""

from .codes import HEADER_CHECK
from .const import const
from .fields import COUNTS

_WRAP = const(0x3FFFFFFF)  # they stay small integers, which take no heap

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


def count(state, code, n=1):
    """Count n more of what the code says."""
    state[COUNTS + code] = state[COUNTS + code] + n & _WRAP
