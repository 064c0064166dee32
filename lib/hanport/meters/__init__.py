"""Which maker's list is it? Its id says so, and the maker's module what the list leaves out.

The module is named by the letters before the "_" of the list's id, in lower case (KFM_001: kfm.py), and is imported
when its meter is seen for the first time. So a new maker is one new file here, with

LIST_ID          what the list calls itself
SCALERS          {DLMS unit: power of ten from the raw value to W, var, Wh, varh, A, V}, where a list carries none;
                 0 when not named
SCALERS_BY_FIRST {OBIS code as 0xAACCDDEE: SCALERS}, for lists of the same id that begin with another register
POSITIONS        {number of elements: the registers in their order}, for lists without OBIS codes
SUMMER_TIME      True when the meters' clocks follow summer time; may be left out when they do not
"""

from ..const import const
from ..loops import copy, differ

_LONGEST_ID = const(32)
_UNDERSCORE = const(0x5F)


class Makers:
    """Finds the module of a list; the last list's is at hand."""

    def __init__(self):
        self._id = bytearray(_LONGEST_ID)
        self._size = 0
        self._module = None

    def find(self, buffer, start, size):
        """The module for the list id in buffer[start:start + size], or None."""
        if size == self._size and not differ(buffer, start, self._id, 0, size):
            return self._module
        return self._look_up(buffer, start, size)

    def _look_up(self, buffer, start, size):
        if not 0 < size <= _LONGEST_ID:
            return None
        try:
            module = _import(_name(buffer, start, size))
        except MemoryError:
            return None  # perhaps there is room the next time
        if module and (len(module.LIST_ID) != size or differ(buffer, start, module.LIST_ID, 0, size)):
            module = None
        copy(buffer, start, self._id, 0, size)
        self._size = size
        self._module = module
        return module


def follows_summer_time(list_id):
    """True when the clocks of this list's maker do; False where nobody knows."""
    module = _import(_name(list_id, 0, len(list_id)))
    return getattr(module, "SUMMER_TIME", False)


def _name(buffer, start, size):
    """The letters before the underscore; empty when there is anything else."""
    name = ""
    for i in range(start, start + size):
        octet = buffer[i]
        if octet == _UNDERSCORE:
            return name
        if not 97 <= octet | 0x20 <= 122 or octet > 127:
            return ""
        name += chr(octet | 0x20)
    return ""


def _import(name):
    if not name:
        return None
    try:
        return __import__(__name__ + "." + name, None, None, ("LIST_ID",))
    except ImportError:
        return None
