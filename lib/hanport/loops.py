"""The loops over bytes: compiled to machine code where MicroPython can (_native.py), else plain Python (_plain.py).

Both hold the same functions; a test compares them on random input.
"""

try:
    from ._native import (
        begin,
        copy,
        counters,
        date_time,
        differ,
        fetch,
        frame,
        ghash,
        ghash_table,
        header,
        lend,
        length,
        lines,
        notification,
        skip,
        text,
        total,
        walk,
        x25,
        xor,
    )
except (ImportError, SyntaxError, ValueError):  # no such file; no code emitter; compiled for another machine
    from ._plain import (
        begin,
        copy,
        counters,
        date_time,
        differ,
        fetch,
        frame,
        ghash,
        ghash_table,
        header,
        lend,
        length,
        lines,
        notification,
        skip,
        text,
        total,
        walk,
        x25,
        xor,
    )

__all__ = [
    "begin",
    "copy",
    "counters",
    "date_time",
    "differ",
    "fetch",
    "frame",
    "ghash",
    "ghash_table",
    "header",
    "lend",
    "length",
    "lines",
    "notification",
    "skip",
    "text",
    "total",
    "walk",
    "x25",
    "xor",
]
