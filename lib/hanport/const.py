"""const(): folded away by MicroPython's compiler, and a plain function on CPython."""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value
