"""Iskraemeco in Slovenia: several lists in turn, without OBIS codes, scalers and units.

Inferred, all of it: from tables of Elektro Ljubljana that owners quote in public threads, and from what public
readers take the lists for (UtilitechAS/amsreader-firmware, 869 and 956). Voltages in 0.1 V, currents in 0.01 A,
powers in W, energies in Wh: lists quoted there say 2325 for a voltage. Not even the readers are sure of the lists of
9 without a voltage, whose tariffs must add up to their sum (plausible.py), and of 4.
"""

from ..groups import (
    CURRENTS,
    EXPORTS,
    IMPORTS,
    PHASES_EXPORT,
    PHASES_IMPORT,
    POWERS,
    REACTIVE,
    REACTIVE_POWERS,
    VOLTAGES,
)
from ..registers import INDEX

LIST_ID = b"ISK"
SCALERS = {33: -2, 35: -1}
SCALERS_BY_FIRST = {}
POSITIONS = {}

# Tags, and what the element is: its register, or 255. The first is the device's name, which has its number in it.
_TEXT, _U16, _U32, _ANY = b"\x09", b"\x12", b"\x06", b"\xff"
_NAME = b"\xff"
_ID = bytes((INDEX["meter_id"],))
_POWERS = POWERS + REACTIVE_POWERS
SHAPES = (
    (
        2 * _TEXT + 4 * _U32 + 6 * _U16 + 6 * _U32,
        _NAME + _ID + _POWERS + VOLTAGES + CURRENTS + PHASES_IMPORT + PHASES_EXPORT,
        SCALERS,
    ),
    # Breaker and tariff, which are not read.
    (2 * _TEXT + b"\x03" + _ANY + 8 * _U32, _NAME + _ID + b"\xff\xff" + IMPORTS + EXPORTS + REACTIVE, SCALERS),
    (2 * _TEXT + 6 * _U16 + 4 * _U32, _NAME + _ID + VOLTAGES + CURRENTS + _POWERS, SCALERS),
    (
        2 * _TEXT + 4 * _U32 + 2 * _U16 + 2 * _U32,
        _NAME + _ID + _POWERS + VOLTAGES[:1] + CURRENTS[:1] + PHASES_IMPORT[:1] + PHASES_EXPORT[:1],
        SCALERS,
    ),
    # Reactive energy by tariff, which is not read.
    (2 * _TEXT + 8 * _U32, _NAME + _ID + IMPORTS[1:] + EXPORTS[1:] + 4 * b"\xff", SCALERS),
    (2 * _TEXT + 4 * _U32 + _U16 + 2 * _U32, _NAME + _ID + _POWERS + VOLTAGES[:1] + EXPORTS[1:], SCALERS),
    (2 * _TEXT + 2 * _U16 + 4 * _U32, _NAME + _ID + VOLTAGES[:1] + CURRENTS[:1] + _POWERS, SCALERS),
    (_TEXT + 8 * _U32, _NAME + POWERS + IMPORTS + EXPORTS, SCALERS),
    (2 * _TEXT + 2 * _U32, _NAME + _ID + IMPORTS[:1] + EXPORTS[:1], SCALERS),
)
