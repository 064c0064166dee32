"""What the tests of the simulated meter share: its frames, its schedule, and what amshan reads in them."""

import json
from datetime import datetime, timedelta
from itertools import takewhile

from conftest import ROOT

from simulator import makers
from simulator.clock import unix_ms
from simulator.house import HOUR_S
from simulator.makers import KAMSTRUP_REVISION_S
from simulator.push import SimulatedMeter

EVERY_MAKER = (*makers.MAKERS.values(), KAMSTRUP_REVISION_S)
EVERY_TYPE = [(maker, meter_type) for maker in EVERY_MAKER for meter_type in maker.types]
TYPE_IDS = [f"{maker.name}-{kind.name}" + "-S" * (maker is KAMSTRUP_REVISION_S) for maker, kind in EVERY_TYPE]

# amshan's names for what is read.
AMSHAN = {
    "list_version": "list_ver_id",
    "meter_id": "meter_id",
    "meter_type": "meter_type",
    "power_import_w": "active_power_import",
    "power_export_w": "active_power_export",
    "reactive_import_var": "reactive_power_import",
    "reactive_export_var": "reactive_power_export",
    "energy_import_wh": "active_power_import_total",
    "energy_export_wh": "active_power_export_total",
    "reactive_energy_import_varh": "reactive_power_import_total",
    "reactive_energy_export_varh": "reactive_power_export_total",
    **{f"l{phase}_current_a": f"current_l{phase}" for phase in (1, 2, 3)},
    **{f"l{phase}_voltage_v": f"voltage_l{phase}" for phase in (1, 2, 3)},
}


def golden(name):
    frames = json.loads((ROOT / "host_tests/golden/norway.json").read_text())
    return next(frame for frame in frames if frame["name"].split()[0] == name)


def readings_of(expected, clock_status=0):
    """The simulator's readings, in integers, that an expected reading in SI units came from."""
    clock = expected.get("timestamp", "2000-01-01T00:00:00")
    readings = {"timestamp": datetime.fromisoformat(clock), "clock_status": clock_status}
    for key, value in expected.items():
        if key.endswith(("_a", "_v")):
            readings[key[:-1] + "m" + key[-1]] = round(1000 * value)
        elif key != "timestamp":
            readings[key] = value
    return readings


def pushes(maker, type_name, clock, seconds, **house):
    meter = SimulatedMeter(maker, maker.type_named(type_name), unix_ms(clock), **house)
    end_ms = meter.start_ms + 1000 * seconds
    return list(takewhile(lambda push: push.due_ms < end_ms, meter.pushes()))


def schedule(maker, seconds, clock="2026-01-15T12:00:00"):
    """[(seconds after the clock, list number), ...]"""
    sent = pushes(maker, maker.types[0].name, clock, seconds)
    return [((push.due_ms - unix_ms(clock)) / 1000, push.list_number) for push in sent]


def hourly_clocks(maker, clock, hours):
    sent = pushes(maker, maker.types[0].name, clock, hours * HOUR_S)
    return [push.expected["timestamp"] for push in sent if push.list_number == 3]


def from_amshan(decoded):
    """What amshan has read, under this project's keys.

    Two differences are its own: Embriq's meter id keeps its NUL padding, and what it scales by 0.01,
    Kamstrup's currents, stays as the float multiplication has it, 4.7700000000000005.
    """
    reading = {}
    for key, name in AMSHAN.items():
        if name in decoded:
            value = decoded[name]
            reading[key] = value.rstrip("\0") if isinstance(value, str) else round(value, 6)
    clock = decoded.get("meter_datetime")
    if clock:
        reading["timestamp"] = clock.replace(tzinfo=None).isoformat()
        if clock.tzinfo:
            reading["utc_offset_min"] = clock.utcoffset() / timedelta(minutes=1)
    return reading
