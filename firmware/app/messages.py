"""What the MQTT messages hold (firmware/README.md, "Topics"): written into the outbox's texts."""

import json

from energy import calendar
from energy.hour import ESTIMATE
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


def write_state(text, reading, registers, calculated):
    """As write_registers(), and which of them were calculated: numbers of registers."""
    write_registers(text, reading, registers)
    if calculated:
        text.go_on()
        text.names("calculated", [KEYS[index] for index in calculated])
        text.end()


def write_total(text, import_wh, export_wh):
    """The running totals that are known."""
    text.begin()
    if import_wh is not None:
        text.number("energy_import_wh", import_wh)
    if export_wh is not None:
        text.number("energy_export_wh", export_wh)
    text.end()


LONGEST_USAGE = 256


def write_usage(text, so_far, day, month):
    """What this hour, this day and this month have used: pairs of import and export."""
    text.begin()
    for name, pair in (("hour", so_far), ("day", day), ("month", month)):
        for way, wh in zip(("import", "export"), pair):
            if wh is not None:
                text.number(f"{name}_{way}_wh", wh)
    text.end()


def write_json(text, tree):
    """Any JSON; for what is said once a minute or less."""
    text.raw(json.dumps(tree).encode())


def zone_h(settings):
    """The winter time's offset in the owner's time zone, in hours."""
    return calendar.ZONES[settings["time.zone"]]


def hour(completed, zone_h):
    """The `hour` message of a completed Hour."""
    start_s = completed.hour * calendar.HOUR_S
    message = {
        "start": calendar.iso(start_s, zone_h),
        "end": calendar.iso(start_s + calendar.HOUR_S, zone_h),
        "source": "estimate" if completed.kind == ESTIMATE else "meter",
    }
    for name, wh in zip(("import_wh", "export_wh"), completed.wh):
        if wh is not None:
            message[name] = wh
    return message
