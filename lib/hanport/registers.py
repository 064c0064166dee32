"""What can be read from a meter: the one table of keys, OBIS codes, units and decimals.

Every other part of the project (API, JSON, MQTT, pages) takes its names from here.
"""

from .const import const

TEXT = const(-1)  # in place of decimals: the register holds text

# DLMS unit enumeration (Blue Book, table 4).
_W = const(27)
_VAR = const(29)
_WH = const(30)
_VARH = const(32)
_A = const(33)
_V = const(35)

# A row is: key, OBIS code as 0xAACCDDEE (the channel B and the billing period F left out), unit, decimals of the
# stored integer. One flat tuple, since on the dongle every nested one costs heap.
_ROW = const(4)
# fmt: off
_TABLE = (
    "list_version",                0x01000281, 0,     TEXT,
    "meter_id",                    0x00600100, 0,     TEXT,
    "meter_type",                  0x00600107, 0,     TEXT,
    "timestamp",                   0x00010000, 0,     TEXT,
    "utc_offset_min",              0,          0,     0,
    "power_import_w",              0x01010700, _W,    0,
    "power_export_w",              0x01020700, _W,    0,
    "reactive_import_var",         0x01030700, _VAR,  0,
    "reactive_export_var",         0x01040700, _VAR,  0,
    "l1_current_a",                0x011F0700, _A,    3,
    "l2_current_a",                0x01330700, _A,    3,
    "l3_current_a",                0x01470700, _A,    3,
    "l1_voltage_v",                0x01200700, _V,    3,
    "l2_voltage_v",                0x01340700, _V,    3,
    "l3_voltage_v",                0x01480700, _V,    3,
    "energy_import_wh",            0x01010800, _WH,   0,
    "energy_export_wh",            0x01020800, _WH,   0,
    "reactive_energy_import_varh", 0x01030800, _VARH, 0,
    "reactive_energy_export_varh", 0x01040800, _VARH, 0,
)
# fmt: on
_ROWS = range(0, len(_TABLE), _ROW)
COUNT = len(_ROWS)
KEYS = tuple(_TABLE[row] for row in _ROWS)
UNITS = bytes(_TABLE[row + 2] for row in _ROWS)
DECIMALS = tuple(_TABLE[row + 3] for row in _ROWS)

# Key to number and OBIS code to number; the numbers are places in the tuples above.
INDEX = {key: number for number, key in enumerate(KEYS)}
BY_OBIS = {_TABLE[row + 1]: number for number, row in enumerate(_ROWS) if _TABLE[row + 1]}
# Kamstrup's own codes for its identity and type (HAN-NVE interface description 3.1).
BY_OBIS[0x01000005] = INDEX["meter_id"]
BY_OBIS[0x01600101] = INDEX["meter_type"]


def is_energy(number):
    """True for a register that counts energy, active or reactive."""
    return UNITS[number] == _WH or UNITS[number] == _VARH


def find(buffer, start):
    """The number of the register whose six-byte OBIS code stands at buffer[start], or -1."""
    # No such medium, and the code below stays a small integer; not the present value but an earlier period's.
    if buffer[start] > 0x3F or buffer[start + 5] != 0xFF:
        return -1
    code = buffer[start] << 24 | buffer[start + 2] << 16 | buffer[start + 3] << 8 | buffer[start + 4]
    return BY_OBIS.get(code, -1)
