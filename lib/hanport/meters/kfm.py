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
    INDEX["list_version"],
    INDEX["meter_id"],
    INDEX["meter_type"],
    INDEX["power_import_w"],
    INDEX["power_export_w"],
    INDEX["reactive_import_var"],
    INDEX["reactive_export_var"],
)
_ONE_PHASE = (INDEX["l1_current_a"], INDEX["l1_voltage_v"])
_THREE_PHASES = (
    INDEX["l1_current_a"],
    INDEX["l2_current_a"],
    INDEX["l3_current_a"],
    INDEX["l1_voltage_v"],
    INDEX["l2_voltage_v"],
    INDEX["l3_voltage_v"],
)
_HOUR = (
    INDEX["timestamp"],
    INDEX["energy_import_wh"],
    INDEX["energy_export_wh"],
    INDEX["reactive_energy_import_varh"],
    INDEX["reactive_energy_export_varh"],
)
POSITIONS = {
    9: bytes(_HEAD + _ONE_PHASE),
    13: bytes(_HEAD + _THREE_PHASES),
    14: bytes(_HEAD + _ONE_PHASE + _HOUR),
    18: bytes(_HEAD + _THREE_PHASES + _HOUR),
}
