"""The loops over bytes: compiled to machine code where MicroPython can (_native.py), else plain Python (_plain.py).

Both hold the same functions, which _plain.py describes; a test compares them on random input.
"""

try:
    from . import _native as _twin
except (ImportError, SyntaxError, ValueError, RuntimeError, MemoryError):
    # No such file; no code emitter; compiled for another machine; from source, no room for the compiler.
    from . import _plain as _twin

begin = _twin.begin
copy = _twin.copy
counters = _twin.counters
date_time = _twin.date_time
differ = _twin.differ
fetch = _twin.fetch
frame = _twin.frame
ghash = _twin.ghash
ghash_table = _twin.ghash_table
header = _twin.header
lend = _twin.lend
length = _twin.length
lines = _twin.lines
notification = _twin.notification
skip = _twin.skip
text = _twin.text
total = _twin.total
walk = _twin.walk
x25 = _twin.x25
xor = _twin.xor
