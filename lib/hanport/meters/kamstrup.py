"""Kamstrup OMNIPOWER: a list id, then pairs of OBIS code and value without scaler or unit.

Norway ("HAN-NVE interface description", revision 3.1): currents in 0.01 A, voltages in V, energies in 10 Wh. Swedish
ones send the same list with energies in Wh: nothing in it tells which, so the owner's energy multiplier does.

Denmark ("OMNIPOWER HAN interface specification" 5512-2584, DLMS push 1): the list begins with 1.8.0; energies in Wh,
power factors in 0.01.
"""

LIST_ID = b"Kamstrup_V0001"
SCALERS = {30: 1, 32: 1, 33: -2, 35: 0}
SCALERS_BY_FIRST = {0x01010800: {30: 0, 32: 0, 33: -2, 35: 0, 255: -2}}
POSITIONS = {}
