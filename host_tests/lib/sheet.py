"""Reads the project's facts sheet: every example frame with what the sheet says it holds.

The sheet spells each frame's content out in words, made by another decoder than ours; here the words become the
expected reading. Plain string handling, so that it runs on MicroPython too.
"""

NAMES = {
    "1-1:0.2.129": "list_version",
    "1-0:0.2.129": "list_version",
    "0-0:96.1.0": "meter_id",
    "1-1:0.0.5": "meter_id",
    "1-1:0.0.1": "meter_id",
    "0-0:96.1.7": "meter_type",
    "1-1:96.1.1": "meter_type",
    "0-0:1.0.0": "timestamp",
    "0-1:1.0.0": "timestamp",
    "1.7.0": "power_import_w",
    "2.7.0": "power_export_w",
    "3.7.0": "reactive_import_var",
    "4.7.0": "reactive_export_var",
    "31.7.0": "l1_current_a",
    "51.7.0": "l2_current_a",
    "71.7.0": "l3_current_a",
    "32.7.0": "l1_voltage_v",
    "52.7.0": "l2_voltage_v",
    "72.7.0": "l3_voltage_v",
    "1.8.0": "energy_import_wh",
    "2.8.0": "energy_export_wh",
    "3.8.0": "reactive_energy_import_varh",
    "4.8.0": "reactive_energy_export_varh",
    "13.7.0": "power_factor",
}
for _phase in (1, 2, 3):
    for _number, _name in (
        (1, "power_import_w"),
        (2, "power_export_w"),
        (3, "reactive_import_var"),
        (4, "reactive_export_var"),
        (13, "power_factor"),
    ):
        NAMES[str(20 * _phase + _number) + ".7.0"] = "l" + str(_phase) + "_" + _name
    NAMES[str(20 * _phase + 1) + ".8.0"] = "l" + str(_phase) + "_energy_import_wh"
    NAMES[str(20 * _phase + 2) + ".8.0"] = "l" + str(_phase) + "_energy_export_wh"
_POWERS = ["power_import_w", "power_export_w", "reactive_import_var", "reactive_export_var"]
_IDS = ["list_version", "meter_id", "meter_type"]
_ENERGIES = [
    "timestamp",
    "energy_import_wh",
    "energy_export_wh",
    "reactive_energy_import_varh",
    "reactive_energy_export_varh",
]
_ONE_PHASE = _IDS + _POWERS + ["l1_current_a", "l1_voltage_v"]
_PHASES = ["l1_current_a", "l2_current_a", "l3_current_a", "l1_voltage_v", "l2_voltage_v", "l3_voltage_v"]
# Kaifa's lists have no OBIS codes: position is meaning (sheet C.3).
KAIFA = {
    1: ["power_import_w"],
    9: _ONE_PHASE,
    13: _IDS + _POWERS + _PHASES,
    14: _ONE_PHASE + _ENERGIES,
    18: _IDS + _POWERS + _PHASES + _ENERGIES,
}
# Divisor from raw to SI of the lists that carry no scaler (sheet C.3, C.4); negative multiplies.
KAIFA_SCALE = {"current": 1000, "voltage": 10, "energy": 1}
KAMSTRUP_SCALE = {"current": 100, "voltage": 1, "energy": -10}
# Sweden and Denmark (sheet D.4, D.5).
KAMSTRUP_WH_SCALE = {"current": 100, "voltage": 1, "energy": 1, "factor": 100}


def frames(text, chapter):
    """The sheet's frames of one chapter ("C"), as (name, source, bytes, expected reading)."""
    found = []
    body = text.split("\n# " + chapter + ". ")[1].split("\n# ")[0]
    for block in body.split("\n**")[1:]:
        if "```hex\n" not in block:
            continue
        title, rest = block.split("**", 1)
        lines = rest.split("```hex\n")[1].split("\n")
        source = rest.split("source: ")[1].split("\n")[0]
        kamstrup_scale = KAMSTRUP_SCALE if chapter == "C" else KAMSTRUP_WH_SCALE
        found.append((title, source, bytes.fromhex(lines[0]), expected(lines[2], kamstrup_scale)))
    return found


def expected(words, kamstrup_scale=KAMSTRUP_SCALE):
    """The reading that a line of the sheet describes, keys and SI units as in the captures' own expectations."""
    reading = {}
    head, body = words.split("; body ")
    stamp = head.split("APDU date-time: ")[1]
    if not stamp.startswith("absent"):
        _clock(reading, stamp.split("-form ")[1])
    count, body = body.split(": ", 1)
    items = body.split("; ")
    scale = KAIFA_SCALE if "KFM_001" in items[0] else kamstrup_scale
    if count[0] == "S" and ("KFM_001" in items[0] or count == "S1") and int(count[1:]) in KAIFA:
        for key, item in zip(KAIFA[int(count[1:])], items):
            _put(reading, key, item.split(" ", 1)[1], KAIFA_SCALE)
        return reading
    for item in items:
        if item == "null":
            continue
        if item.startswith("vis "):
            reading["list_version"] = item[5:-1]
            continue
        obis, _tag, value = item.split(" ", 2)
        _put(reading, NAMES.get(obis) or NAMES[obis.split(":")[1]], value, scale)
    return reading


def _put(reading, key, words, scales):
    if words.startswith('"'):
        text = words[1:-1]
        if key == "timestamp":
            _clock(reading, text)
        else:
            reading[key] = text.replace("\\0", "")
        return
    raw = int(words.split(" ")[0])
    if "(10^" in words:
        exponent = int(words.split("(10^")[1].split(" ")[0])
        divisor = 10**-exponent if exponent < 0 else -(10**exponent)
    else:
        parts = [part for part in scales if part in key]
        divisor = scales[parts[0]] if parts else 1
    if key == "meter_id":
        reading[key] = str(raw)
    elif key.endswith("_a") or key.endswith("_v") or key.endswith("_factor"):
        reading[key] = raw / divisor
    else:
        reading[key] = raw * -divisor if divisor < 0 else raw // divisor


def _clock(reading, words):
    parts = words.split(" ")
    reading["timestamp"] = parts[0]
    deviation = [part[4:] for part in parts if part.startswith("dev=")][0]
    if deviation != "unspec":
        reading["utc_offset_min"] = -int(deviation)
