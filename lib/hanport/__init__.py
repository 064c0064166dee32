"""hanport: reads what comes out of an electricity meter's HAN port. Bytes in, readings out.

See lib/README.md. The same code runs on CPython 3.9+ and MicroPython 1.25+, and does no input or output itself.
"""

from .counts import REASONS
from .reading import Reading
from .receiver import LINKS, Receiver

__all__ = ["LINKS", "REASONS", "Reading", "Receiver"]
