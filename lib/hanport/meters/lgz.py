"""Landis+Gyr in Switzerland, and wherever its push begins with a description of its objects: E450, E570.

The description has the OBIS codes, and no scalers or units: energies in Wh, powers in W, voltages in whole V,
currents in 0.01 A. That is inferred, from the facts sheet and from what a public reader takes them for
(scs/smartmeter-datacollector). E570's energies have 64 bits.
"""

LIST_ID = b"LGZ"
SCALERS = {33: -2, 35: 0}
SCALERS_BY_FIRST = {}
POSITIONS = {}
