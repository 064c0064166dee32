"""Embriq's card in Landis+Gyr meters: as Aidon, every value comes with its OBIS code, scaler and unit."""

LIST_ID = b"EMBRIQ_V1_1"
SCALERS = {}
SCALERS_BY_FIRST = {}
POSITIONS = {}
