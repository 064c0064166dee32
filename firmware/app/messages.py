"""What the MQTT messages hold (firmware/README.md, "Topics"): written into the outbox's texts."""

import json

from hanport.registers import COUNT, DECIMALS, INDEX, KEYS, TEXT, UNITS, is_energy

_METER_ID = INDEX["meter_id"]
_TIMESTAMP = INDEX["timestamp"]
_WATT = 27
_VAR = 29
_LONGEST_TEXT = 32

POWER = bytes(i for i in range(COUNT) if UNITS[i] in (_WATT, _VAR))
ENERGY = bytes(i for i in range(COUNT) if is_energy(i) or i == _TIMESTAMP)
_STATE = bytes(i for i in range(COUNT) if not is_energy(i) and i != _METER_ID)


def state_registers(with_meter_id):
    """The registers of the `state` topic; the meter's number only for an owner who wants it published."""
    return bytes((_METER_ID,)) + _STATE if with_meter_id else _STATE


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
