"""What the MQTT messages hold (firmware/README.md, "Topics"): written into the outbox's texts."""

import json

from hanport.registers import COUNT, DECIMALS, INDEX, KEYS, TEXT, UNITS, VAR, W, is_energy

# A P1 meter's ident may have its serial number in it.
_PERSONAL = (INDEX["meter_id"], INDEX["p1_ident"])
_TIMESTAMP = INDEX["timestamp"]
_LONGEST_TEXT = 32

POWER = bytes(i for i in range(COUNT) if UNITS[i] in (W, VAR))
ENERGY = bytes(i for i in range(COUNT) if is_energy(i) or i == _TIMESTAMP)


def state_registers(with_meter_id):
    """The registers of the `state` topic; the meter's number only for an owner who wants it published."""
    hidden = () if with_meter_id else _PERSONAL
    return bytes(i for i in range(COUNT) if not is_energy(i) and i not in hidden)


def write_registers(text, reading, registers):
    """Those of the registers that the reading has, in SI units under their keys."""
    text.begin()
    for index in registers:
        if reading.has(index):
            if DECIMALS[index] == TEXT:
                octets = bytearray(_LONGEST_TEXT)
                text.text(KEYS[index], octets[: reading.text_into(index, octets, 0)])
            else:
                text.number(KEYS[index], reading.value(index), DECIMALS[index])
    text.end()


def write_total(text, imported, exported):
    """The running totals that are known."""
    text.begin()
    if imported.wh is not None:
        text.number("energy_import_wh", imported.wh)
    if exported.wh is not None:
        text.number("energy_export_wh", exported.wh)
    text.end()


def write_json(text, tree):
    """Any JSON; for what is said once a minute or less."""
    text.raw(json.dumps(tree).encode())
