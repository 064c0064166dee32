"""Aidon in Norway ("HAN interface description" 1.1A): every value comes with its OBIS code, scaler and unit."""

LIST_ID = b"AIDON_V0001"
SCALERS = {}
SCALERS_BY_FIRST = {}
POSITIONS = {}
