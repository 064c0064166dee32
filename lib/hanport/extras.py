"""What only some meters send beside electricity: tariff in force, monthly peak; gas, water and heat behind the meter.

Registers as in registers.py, with a store of their own: this module is imported when the first of their lines comes,
so that whoever has none of them pays nothing. DSMR 2.2 to 5.0.2 (P1 companion standard), Fluvius' e-MUCS P1 1.7.1.
"""

from array import array

from .const import const
from .fields import STAMP
from .loops import copy

# A row is: key, what it is of: the code C.D.E as CCDDEE of a line of the meter's own, or the kind of meter that sends
# it; unit; decimals of the stored integer. A kind of meter has three rows in turn: what was counted, when, by whom.
_TABLE = b"""
tariff 600E00 - 0
quarter_power_w 010400 W 0
month_peak_w 010600 W 0
month_peak_timestamp 0 - -1
energy_import_t3_wh 010803 Wh 0
energy_import_t4_wh 010804 Wh 0
energy_export_t3_wh 020803 Wh 0
energy_export_t4_wh 020804 Wh 0
gas_m3 gas m3 3
gas_timestamp gas - -1
gas_meter_id gas - -1
water_m3 water m3 3
water_timestamp water - -1
water_meter_id water - -1
heat_gj heat GJ 3
heat_timestamp heat - -1
heat_meter_id heat - -1
"""


def _rows():
    """[key, code, unit, decimals] of each register, as bytes."""
    return [row.split() for row in _TABLE.strip().split(b"\n")]


KEYS = tuple(row[0].decode() for row in _rows())
DECIMALS = array("b", (int(row[3]) for row in _rows()))
# The codes of the meter's own lines, in the order of their registers.
CODES = array("i", (int(row[1], 16) if row[1][0] < 0x3A else 0 for row in _rows()))
# DLMS units (Blue Book, table 4), as lines() tells them: 13 is a cubic metre, 25 a joule.
_UNITS = {b"-": 255, b"W": 27, b"Wh": 30, b"m3": 13, b"GJ": 25}
UNITS = bytes(_UNITS[row[2]] for row in _rows())
COUNT = len(KEYS)
TEXT = const(-1)  # in place of decimals
TEXT_SIZE = const(32)

MONTH_PEAK = const(2)  # and behind it its time
# And behind each of these its time and its number.
GAS = const(8)
WATER = const(11)
HEAT = const(14)

del _rows, _UNITS


class Extras:
    """The extra registers of a Reading: its `more`."""

    def __init__(self, store):
        """`store` is the Reading's, which tells when there is another list."""
        self._store = store
        self._stamp = store[STAMP]
        self._present = 0
        self._values = array("i", [0] * COUNT)  # of a text its size
        self._texts = bytearray(TEXT_SIZE * COUNT)

    @property
    def present(self):
        """A bit for each register that this list carried."""
        return self._present if self._stamp == self._store[STAMP] else 0

    def has(self, index):
        return self.present >> index & 1

    def value(self, index):
        """As Reading.value()."""
        if not self.has(index):
            return None
        value = self._values[index]
        return value if DECIMALS[index] != TEXT else bytes(self._texts[TEXT_SIZE * index : TEXT_SIZE * index + value])

    def get(self, key):
        """As Reading.get()."""
        return self.value(KEYS.index(key)) if key in KEYS else None

    def __iter__(self):
        """As of Reading."""
        for index in range(COUNT):
            if self.has(index):
                yield KEYS[index], self.value(index), None if DECIMALS[index] == TEXT else DECIMALS[index]

    def put(self, index, value):
        """Store an integer of 31 bits; of a text, its size."""
        self._values[index] = value
        self._present = self.present | 1 << index
        self._stamp = self._store[STAMP]

    def put_text(self, index, buffer, start, size):
        """Store a text; a long one is cut."""
        size = min(size, TEXT_SIZE)
        copy(buffer, start, self._texts, TEXT_SIZE * index, size)
        self.put(index, size)

    def is_later(self, index, text):
        """True when a time of ISO 8601 is later than the one that is stored."""
        at = TEXT_SIZE * index
        for i in range(self._values[index]):
            if text[i] != self._texts[at + i]:
                return text[i] > self._texts[at + i]
        return False
