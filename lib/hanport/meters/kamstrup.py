"""Kamstrup OMNIPOWER with the HAN-NVE module: a list id, then pairs of OBIS code and value without scaler or unit.

"HAN-NVE interface description", revision 3.1: currents in 0.01 A, voltages in V, energies in 10 Wh.
"""

LIST_ID = b"Kamstrup_V0001"
SCALERS = {30: 1, 32: 1, 33: -2, 35: 0}
POSITIONS = None
