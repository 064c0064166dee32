"""The owner's settings: one JSON file, checked against one table.

What is wrong with it costs no start: each fault is one line that names the key, and that key's default is used.
"""

import json
import os

from app import storage
from linesearch import LINES

SETTINGS_FILE = "settings.json"
# Many times what all settings take; a file beyond it would fill the heap.
_LARGEST_FILE = 4096
_NO_SPACE = 28  # ENOSPC
_MOST_FAULTS = 10
_LONGEST_FAULT = 200  # letters
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
    # What the router is told, and mDNS; empty: the device's own name.
    "wifi.hostname": (str, "", 32),
    # As "192.168.1.20/24", with the router's address beside it; empty: the router gives one.
    "wifi.address": (str, "", 18),
    "wifi.gateway": (str, "", 15),
    "wifi.dns": (str, "", 15),
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
    # Of the page's password, its salt and hash.
    "owner.password": (str, "", 128),
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
    if settings["wifi.address"] and not settings["wifi.gateway"]:
        settings["wifi.address"] = ""
        faults.append("wifi.address: needs wifi.gateway too, the router's address")
    if settings["meter.auth_key"] and not settings["meter.key"]:
        settings["meter.auth_key"] = ""
        faults.append("meter.auth_key: opens nothing alone: set meter.key too")
    return settings, [_one_line(fault) for fault in faults]


def _one_line(text):
    """A fault as the log may have it: what the file calls a setting can be anything."""
    return "".join(letter if letter >= " " else "?" for letter in text[:_LONGEST_FAULT])


def _is_topic(text):
    """True for what topics may begin with (MQTT 3.1.1, 4.7)."""
    parts = text.split("/")
    return "" not in parts and text[0] != "$" and not any(odd in text for odd in "#+\0")


def _is_hostname(text):
    letters = all("a" <= letter.lower() <= "z" or "0" <= letter <= "9" or letter == "-" for letter in text)
    return letters and text[0] != "-" and text[-1] != "-"


def _is_address(text, sizes=("24",)):
    """True for four numbers with points between them, and one size of a network."""
    parts = text.split(".")
    is_address = len(parts) == 4 and all(_is_digits(part) and len(part) < 4 and int(part) < 256 for part in parts)
    return is_address and len(sizes) == 1 and _is_digits(sizes[0]) and 8 <= int(sizes[0]) <= 30


def _is_digits(text):
    return text != "" and all("0" <= digit <= "9" for digit in text)


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
    if key == "wifi.hostname" and text and not _is_hostname(text):
        return "must be letters a to z, digits and dashes, without a dash at the ends"
    if key == "wifi.address" and text and not _is_address(text.split("/")[0], text.split("/")[1:]):
        return "must be an address and its network's size like 192.168.1.20/24, or empty"
    if key in ("wifi.gateway", "wifi.dns") and text and not _is_address(text):
        return "must be an address like 192.168.1.1, or empty"
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
    tree, fault = _read(path)
    if fault:
        return defaults(), [fault]
    settings, faults = check(tree)
    lines = [f"{path}: {fault}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        lines.append(f"{path}: and {len(faults) - _MOST_FAULTS} more faults")
    return settings, lines


def wrong(changes):
    """The first key of {"group.key": value} whose value may not be used; None when all may."""
    for key, value in changes.items():
        if _fault(key, value):
            return key
    return None


def change(changes, path=SETTINGS_FILE):
    """Set these, {"group.key": value}, in the file, and leave what else it holds.

    Returns the first key that is none or whose value is wrong, by itself or beside the others, and then nothing is
    set; None when all is kept. A file that cannot be read is laid aside, with .bad behind its name. Raises OSError
    when the flash refuses.
    """
    key = wrong(changes)
    if key:
        return key
    tree, fault = _read(path)
    is_bad = fault or not isinstance(tree, dict)
    if is_bad:
        tree = {}
    for key, value in changes.items():
        group, name = key.split(".")
        if not isinstance(tree.get(group), dict):
            tree[group] = {}
        tree[group][name] = value
    taken = check(tree)[0]
    for key, value in changes.items():
        if taken[key] != value:
            return key
    content = json.dumps(tree).encode()
    if len(content) > _LARGEST_FILE:
        raise OSError(_NO_SPACE)
    if is_bad:
        try:
            os.rename(path, path + ".bad")
        except OSError:
            pass  # there was none
    storage.write_file(path, content)
    return None


def _read(path):
    """(what the file holds, None), or (None, what is wrong with it, in words)."""
    content = storage.read_file(path, _LARGEST_FILE)
    if content is None:
        try:
            os.stat(path)
        except OSError:
            return None, f"there is no {path}: nothing to connect to"
        return None, f"{path} is larger than {_LARGEST_FILE} bytes: it cannot be a settings file"
    if content[:3] == b"\xef\xbb\xbf":  # Windows' Notepad writes this mark
        content = content[3:]
    try:
        text = content.decode()
    except UnicodeError:
        return None, f"{path} is not in UTF-8: save it as UTF-8"
    try:
        tree = json.loads(text)
        if not _is_whole(content):
            raise ValueError
    except ValueError:
        return None, f"{path} is not JSON: look for a comma too few or too many, or curly quotation marks"
    except (RuntimeError, MemoryError):
        return None, f"{path} is nested too deeply"
    return tree, None
