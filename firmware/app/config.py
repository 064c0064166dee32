"""The owner's settings: one JSON file, checked against one table.

What is wrong with it costs no start: each fault is one line that names the key, and that key's default is used.
"""

import json

from app.line import LINES

SETTINGS_FILE = "settings.json"
# Many times what all settings take; a file beyond it would fill the heap.
_LARGEST_FILE = 4096
_MOST_FAULTS = 10
_KEY_SIZE = 16
# 32 digits with a colon between all pairs, and some to spare.
_KEY_TEXT = (str, "", 64)
# What a meter's number is multiplied with to get V, A, W or Wh, from 10^-3 on.
_MULTIPLIERS = (0.001, 0.01, 0.1, 1, 10, 100, 1000)
_MULTIPLIER = (float, "auto", _MULTIPLIERS)

_LARGEST_KW = 1000
_MOST_STEPS = 16

# group.key: (type, default, what else must hold). Text lengths in bytes are WiFi's and MQTT's own limits.
SCHEMA = {
    "wifi.ssid": (str, "", 32),
    "wifi.password": (str, "", 63),
    "mqtt.host": (str, "", 253),
    "mqtt.port": (int, 1883, (1, 65535)),
    "mqtt.user": (str, "", 255),
    "mqtt.password": (str, "", 255),
    "mqtt.topic": (str, "han", 64),
    # The meter's number is personal data: it is published only when the owner wants it.
    "mqtt.meter_id": (bool, False, None),
    "mqtt.tls": (bool, False, None),
    # Files beside the settings, in PEM or DER.
    "mqtt.ca_file": (str, "", 64),
    "mqtt.cert_file": (str, "", 64),
    "mqtt.key_file": (str, "", 64),
    "mqtt.verify": (bool, True, None),
    "homeassistant.discovery": (bool, True, None),
    "homeassistant.prefix": (str, "homeassistant", 64),
    "owner.language": (str, "nb", ("nb", "nn", "en")),
    "time.server": (str, "pool.ntp.org", 253),
    "time.zone": (str, "CET", ("WET", "CET", "EET")),
    "meter.line": (str, "auto", ("auto",) + LINES),
    # What the grid company hands out for an encrypted meter.
    "meter.key": _KEY_TEXT,
    "meter.auth_key": _KEY_TEXT,
    # For lists that do not say how they are scaled, where the maker's usual scale is wrong or not known.
    "meter.voltage_multiplier": _MULTIPLIER,
    "meter.current_multiplier": _MULTIPLIER,
    "meter.power_multiplier": _MULTIPLIER,
    "meter.energy_multiplier": _MULTIPLIER,
    # Take P1 telegrams without a CRC, in which no wrong digit would show.
    "meter.unchecked": (bool, False, None),
    # Standard time all year, or the time that people live by; "auto" is as the maker usually has it.
    "meter.clock": (str, "auto", ("auto", "standard", "local")),
    "meter.calculate_l2": (bool, True, None),
    # The capacity tariff: how many of the month's highest hours count, where its steps end, and which to keep below.
    "tariff.hours": (int, 3, (1, 5)),
    "tariff.steps_kw": (list, [2, 5, 10, 15, 20, 25, 50, 75, 100], _LARGEST_KW),
    "tariff.limit_kw": (float, 0, _LARGEST_KW),
    # 0: the main fuse is not watched.
    "load.fuse_a": (int, 0, (0, 1000)),
    # -1: no pin shows the load signal.
    "load.pin": (int, -1, (-1, 48)),
    "load.pin_low": (bool, False, None),
}
CERTIFICATE_FILES = ("mqtt.ca_file", "mqtt.cert_file", "mqtt.key_file")
_TYPE_NAMES = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    float: "a number with decimals",
    list: "a list",
    dict: "a group",
}


def defaults():
    """{"group.key": value} of every setting."""
    return {key: row[1] for key, row in SCHEMA.items()}


def check(tree):
    """Check what the file held. Returns ({"group.key": value}, [one line per fault])."""
    settings = defaults()
    faults = []
    if not isinstance(tree, dict):
        return settings, ['settings must be an object of groups: { "wifi": { ... }, "mqtt": { ... } }']
    groups = {key.split(".")[0] for key in SCHEMA}
    for group in tree:
        if group not in groups:
            faults.append(f"{group}: unknown group; there are {_listed(groups)}")
        elif not isinstance(tree[group], dict):
            faults.append(f"{group}: must be a group of settings: {{ ... }}")
        else:
            for name, value in tree[group].items():
                key = f"{group}.{name}"
                fault = _fault(key, value)
                if fault:
                    faults.append(f"{key}: {fault}")
                else:
                    settings[key] = value
    if settings["meter.auth_key"] and not settings["meter.key"]:
        settings["meter.auth_key"] = ""
        faults.append("meter.auth_key: opens nothing alone: set meter.key too")
    return settings, faults


def _is_topic(text):
    """True for what topics may begin with (MQTT 3.1.1, 4.7)."""
    parts = text.split("/")
    return "" not in parts and text[0] != "$" and not any(odd in text for odd in "#+\0")


def _listed(names):
    return ", ".join(sorted(names))


def _fault(key, value):
    """What is wrong with this value, in words; None when it may be used."""
    row = SCHEMA.get(key)
    if row is None:
        group = key.split(".")[0] + "."
        names = [known[len(group) :] for known in SCHEMA if known.startswith(group)]
        return f"unknown setting; there are {_listed(names)}"
    kind, default, limit = row
    # The value is never shown: it may be a password in the wrong place.
    if limit is _MULTIPLIERS:
        if value == default or (type(value) in (int, float) and value in limit):
            return None
        return 'must be "auto" or one of 0.001, 0.01, 0.1, 1, 10, 100, 1000'
    if limit is _LARGEST_KW:
        return _kilowatts_fault(kind, value)
    # Not isinstance: to Python True is an int.
    if type(value) is not kind:
        hint = ": put it in quotation marks" if kind is str and type(value) in (int, float) else ""
        return f"must be {_TYPE_NAMES[kind]}, not {_TYPE_NAMES.get(type(value), 'null')}{hint}"
    if kind is int and not limit[0] <= value <= limit[1]:
        return f"must be from {limit[0]} to {limit[1]}"
    return _text_fault(key, value, limit) if kind is str else None


def _kilowatts_fault(kind, value):
    """As _fault(), of a power or a rising list of powers."""
    if kind is float:
        is_right = _is_kilowatts(value) or value == 0
        return None if is_right else f"must be 0 for none, or kW up to {_LARGEST_KW}"
    if type(value) is list and 0 < len(value) <= _MOST_STEPS:
        below = 0
        for limit in value:
            if not _is_kilowatts(limit) or limit <= below:
                break
            below = limit
        else:
            return None
    return f"must be a list of rising kW like [2, 5, 10], of at most {_MOST_STEPS}"


def _is_kilowatts(value):
    return type(value) in (int, float) and 0 < value <= _LARGEST_KW


def _text_fault(key, text, limit):
    """As _fault(), of a text."""
    if key in ("mqtt.topic", "homeassistant.prefix") and not _is_topic(text):
        return "must be names with / between them, without #, + and a leading $"
    if key == "mqtt.host" and any(odd in text for odd in " /:"):
        return "must be a name or an address alone, without mqtt:// and without a port"
    if key in CERTIFICATE_FILES and "/" in text:
        return "must be a file's name alone; the file lies beside the settings"
    if key == "wifi.password" and 0 < len(text.encode()) < 8:
        return "must be at least 8 bytes long, or empty for an open network"
    if key in ("meter.key", "meter.auth_key") and text and key_octets(text) is None:
        return "must be 32 hexadecimal digits, or empty for none"
    if isinstance(limit, tuple):
        return None if text in limit else "must be one of " + ", ".join(limit)
    return None if len(text.encode()) <= limit else f"must be at most {limit} bytes long"


def key_octets(text):
    """The bytes of a key in hexadecimal, with blanks, dashes and colons anywhere; None when it is no key."""
    for between in " -:":
        text = text.replace(between, "")
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return None
    return octets if len(octets) == _KEY_SIZE else None


def decoder_options(settings):
    """What the settings say to hanport's Receiver."""
    scalers = {}
    for quantity in ("voltage", "current", "power", "energy"):
        multiplier = settings[f"meter.{quantity}_multiplier"]
        if multiplier != "auto":
            scalers[quantity] = _MULTIPLIERS.index(multiplier) - _MULTIPLIERS.index(1)
    return {
        "key": key_octets(settings["meter.key"]),
        "auth_key": key_octets(settings["meter.auth_key"]),
        "scalers": scalers,
        "unchecked": settings["meter.unchecked"],
    }


def _is_whole(content):
    """True when every bracket is closed: MicroPython's json takes a file that breaks off for a whole one."""
    depth = 0
    in_text = escaped = False
    for octet in content:
        if in_text:
            if escaped:
                escaped = False
            elif octet == 0x5C:
                escaped = True
            elif octet == 0x22:
                in_text = False
        elif octet == 0x22:
            in_text = True
        elif octet in b"{[":
            depth += 1
        elif octet in b"}]":
            depth -= 1
    return depth == 0 and not in_text


def load(path=SETTINGS_FILE):
    """Read the settings file. Returns (settings, faults) as check() does; without a file, the defaults."""
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError:
        return defaults(), [f"there is no {path}: nothing to connect to"]
    if len(content) > _LARGEST_FILE:
        return defaults(), [f"{path} is larger than {_LARGEST_FILE} bytes: it cannot be a settings file"]
    if content[:3] == b"\xef\xbb\xbf":  # Windows' Notepad writes this mark
        content = content[3:]
    try:
        text = content.decode()
    except UnicodeError:
        return defaults(), [f"{path} is not in UTF-8: save it as UTF-8"]
    try:
        tree = json.loads(text)
        if not _is_whole(content):
            raise ValueError
    except ValueError:
        return defaults(), [f"{path} is not JSON: look for a comma too few or too many, or curly quotation marks"]
    except (RuntimeError, MemoryError):
        return defaults(), [f"{path} is nested too deeply"]
    settings, faults = check(tree)
    lines = [f"{path}: {fault}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        lines.append(f"{path}: and {len(faults) - _MOST_FAULTS} more faults")
    return settings, lines
