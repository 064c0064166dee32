"""Lists that say nothing of whose they are.

Austria: Landis+Gyr E450 (14 elements, on older ones 11): whole V, 0.01 A, W, Wh; what the three 16-bit values before
the number are is not known, and they are not read. Wiener Netze (9 elements that begin with a clock): Wh, varh, W,
var. Iskraemeco (12 elements, behind the code 0-6:25.9.0): Wh, varh, W.
Slovenia: Landis+Gyr E450 (9 and 14 elements that begin with the number): whole V, 0.01 A, W, Wh.
Croatia: Iskraemeco IE.5 (33 elements): 0.1 V, 0.01 A, power factor in thousandths. Of the last five nothing is known.

Inferred, all of it: from decrypted lists that owners show in public threads and from what public readers take them
for (UtilitechAS/amsreader-firmware 787, 1072, 1269; arendst/Tasmota 8790); no document of a grid company was read.
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

LIST_ID = b""
SCALERS = {33: -2, 35: 0}
SCALERS_BY_FIRST = {}
POSITIONS = {}

_TENTHS = {33: -2, 35: -1, 255: -3}
_TEXT, _U16, _U32, _CLOCK, _ANY = b"\x09", b"\x12", b"\x06", b"\x19", b"\xff"
_SKIP = b"\xff"
_ID = bytes((INDEX["meter_id"],))
_TIME = bytes((INDEX["timestamp"],))
_ENERGIES = bytes((INDEX["energy_import_wh"], INDEX["energy_export_wh"]))
_FACTOR = bytes((INDEX["power_factor"],))
SHAPES = (
    (
        6 * _U16 + 4 * _U32 + 3 * _U16 + _TEXT,
        VOLTAGES + CURRENTS + POWERS + _ENERGIES + 3 * _SKIP + _ID,
        SCALERS,
    ),
    (6 * _U16 + 4 * _U32 + _TEXT, VOLTAGES + CURRENTS + POWERS + _ENERGIES + _ID, SCALERS),
    (_CLOCK + 8 * _U32, _TIME + _ENERGIES + REACTIVE + POWERS + REACTIVE_POWERS, SCALERS),
    (_TEXT + 8 * _U32, _ID + POWERS + REACTIVE_POWERS + _ENERGIES + REACTIVE, SCALERS),
    # First the frequency; and the number is another one, of the grid company.
    (_TEXT + 7 * _U16 + 6 * _U32, 2 * _SKIP + CURRENTS + VOLTAGES + PHASES_IMPORT + PHASES_EXPORT, SCALERS),
    # The list's own code; number, time, date.
    (
        4 * _TEXT + 6 * _U32 + 2 * _TEXT,
        _SKIP + _ID + 2 * _SKIP + _ENERGIES + REACTIVE + POWERS + 2 * _SKIP,
        SCALERS,
    ),
    (
        3 * _TEXT + 12 * _U32 + _U16 + 6 * _U32 + 6 * _U16 + 5 * _ANY,
        _ID
        + 2 * _SKIP
        + IMPORTS
        + EXPORTS
        + 4 * _SKIP
        + POWERS
        + _FACTOR
        + PHASES_IMPORT
        + PHASES_EXPORT
        + VOLTAGES
        + CURRENTS
        + 5 * _SKIP,
        _TENTHS,
    ),
)
