"""What can be read from a meter: the one table of keys, OBIS codes, units and decimals.

Every other part of the project (API, JSON, MQTT, pages) takes its names from here.
"""

from array import array

from .const import const

TEXT = const(-1)  # in place of decimals: the register holds text

# DLMS unit enumeration (Blue Book, table 4).
W = const(27)
VAR = const(29)
WH = const(30)
VARH = const(32)
A = const(33)
V = const(35)
NO_UNIT = const(255)

# A row is: key, OBIS code as AACCDDEE (the channel B and the billing period F left out; 0 where there is none), unit,
# decimals of the stored integer, or TEXT. One text, of which the keys are taken when they are asked for: on the
# dongle small objects cost heap.
_TABLE = b"""
list_version 01000281 - -1
meter_id 00600100 - -1
meter_type 00600107 - -1
p1_ident 0 - -1
timestamp 00010000 - -1
utc_offset_min 0 - 0
timestamp_dst 0 - 0
power_import_w 01010700 W 0
power_export_w 01020700 W 0
reactive_import_var 01030700 var 0
reactive_export_var 01040700 var 0
l1_power_import_w 01150700 W 0
l1_power_export_w 01160700 W 0
l2_power_import_w 01290700 W 0
l2_power_export_w 012A0700 W 0
l3_power_import_w 013D0700 W 0
l3_power_export_w 013E0700 W 0
l1_reactive_import_var 01170700 var 0
l1_reactive_export_var 01180700 var 0
l2_reactive_import_var 012B0700 var 0
l2_reactive_export_var 012C0700 var 0
l3_reactive_import_var 013F0700 var 0
l3_reactive_export_var 01400700 var 0
l1_current_a 011F0700 A 3
l2_current_a 01330700 A 3
l3_current_a 01470700 A 3
l1_voltage_v 01200700 V 3
l2_voltage_v 01340700 V 3
l3_voltage_v 01480700 V 3
power_factor 010D0700 none 3
l1_power_factor 01210700 none 3
l2_power_factor 01350700 none 3
l3_power_factor 01490700 none 3
energy_import_wh 01010800 Wh 0
energy_export_wh 01020800 Wh 0
reactive_energy_import_varh 01030800 varh 0
reactive_energy_export_varh 01040800 varh 0
energy_import_t1_wh 01010801 Wh 0
energy_import_t2_wh 01010802 Wh 0
energy_export_t1_wh 01020801 Wh 0
energy_export_t2_wh 01020802 Wh 0
l1_energy_import_wh 01150800 Wh 0
l1_energy_export_wh 01160800 Wh 0
l2_energy_import_wh 01290800 Wh 0
l2_energy_export_wh 012A0800 Wh 0
l3_energy_import_wh 013D0800 Wh 0
l3_energy_export_wh 013E0800 Wh 0
"""
_LINE = b"\n"
_BLANK = b" "


def _rows():
    """[key, code, unit, decimals] of each register, as bytes."""
    return [row.split() for row in _TABLE.strip().split(_LINE)]


def _unit(name):
    units = {b"W": W, b"var": VAR, b"Wh": WH, b"varh": VARH, b"A": A, b"V": V, b"none": NO_UNIT, b"-": 0}
    return units[name]


UNITS = bytes(_unit(row[2]) for row in _rows())
DECIMALS = array("b", (int(row[3]) for row in _rows()))
COUNT = len(UNITS)


def _starts():
    """Where each row begins."""
    starts = array("H", [0] * COUNT)
    end = 0
    for number in range(COUNT):
        starts[number] = _TABLE.find(_LINE, end) + 1
        end = starts[number]
    return starts


_STARTS = _starts()


class _Keys:
    """The keys, in the order of their numbers: a sequence of texts."""

    def __len__(self):
        return COUNT

    def __getitem__(self, number):
        start = _STARTS[number]
        return _TABLE[start : _TABLE.find(_BLANK, start)].decode()

    def index(self, key):
        return INDEX[key]


class _Index:
    """From a key to its number, which is a place in KEYS, UNITS and DECIMALS; KeyError when there is no such key."""

    def __len__(self):
        return COUNT

    def __contains__(self, key):
        return self._at(key) >= 0

    def __getitem__(self, key):
        at = self._at(key)
        if at < 0:
            raise KeyError(key)
        return _TABLE.count(_LINE, 0, at)

    def _at(self, key):
        return _TABLE.find(_LINE + key.encode() + _BLANK)


KEYS = _Keys()
INDEX = _Index()

# The table's first rows are texts; and walk() (loops.py) knows the places of these.
TIMESTAMP = const(4)
UTC_OFFSET = const(5)
POWER_IMPORT = const(7)


def is_energy(number):
    """True for a register that counts energy, active or reactive."""
    return UNITS[number] == WH or UNITS[number] == VARH


def _list_of(number):
    """Which list the register makes of a reading: 1 power alone, 2 values of the moment, 3 registers; else 0."""
    if number < POWER_IMPORT:
        return 0
    return 3 if is_energy(number) else 1 if number == POWER_IMPORT else 2


def _search_table():
    """What walk() and lines() (loops.py) search: the number of codes; code and register, by rising code; and for each
    register its unit, decimals x 256 and list x 4096; -1 for a text, -2 for the list's id."""
    codes = {int(row[1], 16): number for number, row in enumerate(_rows()) if row[1] != b"0"}  # noqa: F821, deleted below
    # Kamstrup's own codes: identity and type (HAN-NVE interface description 3.1); number (OMNIPOWER HAN, 5512-2584).
    codes[0x01000005] = INDEX["meter_id"]
    codes[0x01600101] = INDEX["meter_type"]
    codes[0x01000001] = INDEX["meter_id"]
    table = array("i", (len(codes),))
    for code in sorted(codes):
        table.append(code)
        table.append(codes[code])
    for number in range(COUNT):
        about = UNITS[number] | DECIMALS[number] << 8 | _list_of(number) << 12  # noqa: F821, deleted below
        if DECIMALS[number] == TEXT:
            about = -1 if number else -2
        table.append(about)
    return table


SEARCH = _search_table()

# Wanted once, and a dongle's heap for ever.
del _rows, _unit, _starts, _list_of, _search_table
