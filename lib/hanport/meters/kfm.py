"""Kaifa in Norway and Sweden: lists without OBIS codes, every value by its position.

As in "HAN OBIS codes KFM_001", 2017-03-21.
Some Swedish ones have OBIS codes, and CT meters there 64-bit energies; the units are the same (captured frames).

The list of codes prints currents and voltages as 16-bit values in 0.1 A; the meters send 32 bits, in mA and 0.1 V.
MA105H2E has one phase. MA304H3E, MA304T3 (IT nets) send a zero for what they do not measure.
"""

from ..registers import INDEX

LIST_ID = b"KFM_001"
SUMMER_TIME = True  # frames of September 2017 and October 2024
SCALERS = {33: -3, 35: -1}
SCALERS_BY_FIRST = {}

_HEAD = (
    "list_version",
    "meter_id",
    "meter_type",
    "power_import_w",
    "power_export_w",
    "reactive_import_var",
    "reactive_export_var",
)
_ONE_PHASE = ("l1_current_a", "l1_voltage_v")
_THREE_PHASES = ("l1_current_a", "l2_current_a", "l3_current_a", "l1_voltage_v", "l2_voltage_v", "l3_voltage_v")
_HOUR = (
    "timestamp",
    "energy_import_wh",
    "energy_export_wh",
    "reactive_energy_import_varh",
    "reactive_energy_export_varh",
)


def _numbers(keys):
    return bytes(INDEX[key] for key in keys)


POSITIONS = {
    9: _numbers(_HEAD + _ONE_PHASE),
    13: _numbers(_HEAD + _THREE_PHASES),
    14: _numbers(_HEAD + _ONE_PHASE + _HOUR),
    18: _numbers(_HEAD + _THREE_PHASES + _HOUR),
}
