"""Settings for one dongle or many, from a table: all rows are checked before anything is written.

JSON: an object of settings as in settings.json, or a list of them. CSV: a first line of names such as `wifi.ssid`.
`device` (as in han-a1b2c3) says which dongle a row is for; a row without it is for the one that is plugged in. What a
row does not name stays on the dongle as it is. No value is ever shown.
"""

import csv
import json
import sys
from pathlib import Path

import build
import dongle
from deploying import target
from deploying.upload import SettingsError
from dongle import DongleError

sys.path.insert(0, str(build.ROOT / "firmware"))

from app import config  # noqa: E402

_WORDS = {"true": True, "false": False}


def provision(port, file):
    """Bring each row to its dongle."""
    if not file:
        raise DongleError("which settings? FILE=settings.json, or dongles.csv")
    rows = read(Path(file))
    ports = [port] if port else dongle.find_ports()
    left = dict(rows)
    for one in ports:
        with dongle.Link(one) as link:
            found = target.examine(link)
            device = found.device if found.device in left else ""
            if device not in left:
                print(f"{found.device} on {one}: no row for it")
                continue
            if not device and len(ports) > 1:
                raise DongleError(f"which port? there are {', '.join(ports)}, and the row does not name a device")
            _bring(link, left.pop(device))
            link.reset()
        print(f"{found.device} on {one}: has its settings, and starts anew", flush=True)
    if left:
        missing = ", ".join(device or "the dongle" for device in left)
        raise DongleError(f"not plugged in, plug them in and run it again: {missing}")


def read(path):
    """{device, or "" for the only row without one: {group.key: value}}. SettingsError with a line for each fault."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise DongleError(f"{path}: {getattr(error, 'strerror', None) or 'not in UTF-8'}") from None
    try:
        rows = list(_of_csv(text) if path.suffix.lower() == ".csv" else _of_json(text))
    except ValueError as error:
        raise DongleError(f"{path}: {error}") from None
    found, faults = {}, []
    for number, (device, changes) in enumerate(rows, 1):
        where = f"{path.name}, row {number}"
        if device in found:
            faults.append(f"{where}: {'a second row' if device else 'a second row without a device'}: {device}")
        found[device] = changes
        faults += [f"{where}: {fault}" for fault in config.check(_tree({}, changes))[1]]
    if not found:
        faults.append(f"{path.name}: no row in it")
    if faults:
        raise SettingsError("\n".join(line.rstrip(": ") for line in faults))
    return found


def _of_json(text):
    """Yield (device, {group.key: value})."""
    try:
        rows = json.loads(text)
    except ValueError:
        raise ValueError("it is not JSON") from None
    for row in rows if isinstance(rows, list) else [rows]:
        if not isinstance(row, dict):
            raise ValueError("a row is an object of settings")
        row = dict(row)
        device = row.pop("device", "")
        changes = {}
        for group, settings in row.items():
            # What is no group of settings is left to config.check() to name.
            named = settings.items() if isinstance(settings, dict) else [("", settings)]
            changes.update({f"{group}.{name}": value for name, value in named})
        yield str(device), changes


def _of_csv(text):
    """Yield (device, {group.key: value}); an empty field names nothing."""
    lines = csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.split("\n")[0] else ",", strict=True)
    try:
        for row in lines:
            if None in row or None in row.values():
                raise ValueError(f"line {lines.line_num} has another number of fields than the first line")
            device = (row.pop("device", "") or "").strip()
            yield device, {key.strip(): _value(key.strip(), field) for key, field in row.items() if field}
    except csv.Error:
        raise ValueError(f"line {lines.line_num} is not CSV") from None


def _value(key, field):
    """A field of a CSV as the type that its setting has; what cannot be that stays text, for config.check()."""
    kind = config.SCHEMA[key][0] if key in config.SCHEMA else str
    if kind is str:
        return field
    if kind is bool:
        return _WORDS.get(field.strip().lower(), field)
    try:
        return json.loads(field)
    except ValueError:
        return field


def _tree(tree, changes):
    """settings.json's content with {group.key: value} changed in it."""
    tree = {group: dict(settings) if isinstance(settings, dict) else settings for group, settings in tree.items()}
    for key, value in changes.items():
        group, _, name = key.partition(".")
        if not name:
            tree[group] = value
        elif isinstance(tree.setdefault(group, {}), dict):
            tree[group][name] = value
    return tree


def _bring(link, changes):
    """Set these on the dongle; what else its settings hold stays."""
    present = target.files(link, config.SETTINGS_FILE)
    try:
        tree = json.loads(link.get(config.SETTINGS_FILE)) if present else {}
        tree = tree if isinstance(tree, dict) else {}
    except ValueError:
        tree = {}
        print("Note: the settings on the dongle could not be read, and are replaced")
    tree = _tree(tree, changes)
    faults = config.check(tree)[1]
    if faults:
        raise SettingsError("\n".join(f"beside what is on the dongle: {fault}" for fault in faults))
    target.put_in_place(link, {config.SETTINGS_FILE: json.dumps(tree).encode()})
