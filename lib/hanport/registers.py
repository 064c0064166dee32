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

# A row is: key, OBIS code as 0xAACCDDEE (the channel B and the billing period F left out), unit, decimals of the
# stored integer. One flat tuple, since on the dongle every nested one costs heap.
_ROW = const(4)
# fmt: off
_TABLE = (
    "list_version",                0x01000281, 0,       TEXT,
    "meter_id",                    0x00600100, 0,       TEXT,
    "meter_type",                  0x00600107, 0,       TEXT,
    "p1_ident",                    0,          0,       TEXT,
    "timestamp",                   0x00010000, 0,       TEXT,
    "utc_offset_min",              0,          0,       0,
    "timestamp_dst",               0,          0,       0,
    "power_import_w",              0x01010700, W,       0,
    "power_export_w",              0x01020700, W,       0,
    "reactive_import_var",         0x01030700, VAR,     0,
    "reactive_export_var",         0x01040700, VAR,     0,
    "l1_power_import_w",           0x01150700, W,       0,
    "l1_power_export_w",           0x01160700, W,       0,
    "l2_power_import_w",           0x01290700, W,       0,
    "l2_power_export_w",           0x012A0700, W,       0,
    "l3_power_import_w",           0x013D0700, W,       0,
    "l3_power_export_w",           0x013E0700, W,       0,
    "l1_reactive_import_var",      0x01170700, VAR,     0,
    "l1_reactive_export_var",      0x01180700, VAR,     0,
    "l2_reactive_import_var",      0x012B0700, VAR,     0,
    "l2_reactive_export_var",      0x012C0700, VAR,     0,
    "l3_reactive_import_var",      0x013F0700, VAR,     0,
    "l3_reactive_export_var",      0x01400700, VAR,     0,
    "l1_current_a",                0x011F0700, A,       3,
    "l2_current_a",                0x01330700, A,       3,
    "l3_current_a",                0x01470700, A,       3,
    "l1_voltage_v",                0x01200700, V,       3,
    "l2_voltage_v",                0x01340700, V,       3,
    "l3_voltage_v",                0x01480700, V,       3,
    "power_factor",                0x010D0700, NO_UNIT, 3,
    "l1_power_factor",             0x01210700, NO_UNIT, 3,
    "l2_power_factor",             0x01350700, NO_UNIT, 3,
    "l3_power_factor",             0x01490700, NO_UNIT, 3,
    "energy_import_wh",            0x01010800, WH,      0,
    "energy_export_wh",            0x01020800, WH,      0,
    "reactive_energy_import_varh", 0x01030800, VARH,    0,
    "reactive_energy_export_varh", 0x01040800, VARH,    0,
    "energy_import_t1_wh",         0x01010801, WH,      0,
    "energy_import_t2_wh",         0x01010802, WH,      0,
    "energy_export_t1_wh",         0x01020801, WH,      0,
    "energy_export_t2_wh",         0x01020802, WH,      0,
    "l1_energy_import_wh",         0x01150800, WH,      0,
    "l1_energy_export_wh",         0x01160800, WH,      0,
    "l2_energy_import_wh",         0x01290800, WH,      0,
    "l2_energy_export_wh",         0x012A0800, WH,      0,
    "l3_energy_import_wh",         0x013D0800, WH,      0,
    "l3_energy_export_wh",         0x013E0800, WH,      0,
)
# fmt: on
_ROWS = range(0, len(_TABLE), _ROW)
COUNT = len(_ROWS)
KEYS = tuple(_TABLE[row] for row in _ROWS)
UNITS = bytes(_TABLE[row + 2] for row in _ROWS)
DECIMALS = tuple(_TABLE[row + 3] for row in _ROWS)

# Key to number; the numbers are places in the tuples above.
INDEX = {key: number for number, key in enumerate(KEYS)}

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


LIST_OF = bytes(_list_of(number) for number in range(COUNT))


def _search_table():
    """What walk() and lines() (loops.py) search: the number of codes; code and register, by rising code; and for each
    register its unit, decimals x 256 and list x 4096; -1 for a text, -2 for the list's id."""
    codes = {_TABLE[row + 1]: number for number, row in enumerate(_ROWS) if _TABLE[row + 1]}
    # Kamstrup's own codes: identity and type (HAN-NVE interface description 3.1); number (OMNIPOWER HAN, 5512-2584).
    codes[0x01000005] = INDEX["meter_id"]
    codes[0x01600101] = INDEX["meter_type"]
    codes[0x01000001] = INDEX["meter_id"]
    table = array("i", (len(codes),))
    for code in sorted(codes):
        table.append(code)
        table.append(codes[code])
    for number in range(COUNT):
        about = UNITS[number] | DECIMALS[number] << 8 | LIST_OF[number] << 12
        if DECIMALS[number] == TEXT:
            about = -1 if number else -2
        table.append(about)
    return table


SEARCH = _search_table()
