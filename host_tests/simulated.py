"""What the tests of the simulated meter share: its frames and its schedule."""

import json
from datetime import datetime
from itertools import takewhile

from conftest import ROOT
from simulator import makers
from simulator.clock import unix_ms
from simulator.maker import HOUR_S
from simulator.makers import KAMSTRUP_REVISION_S
from simulator.push import SimulatedMeter
from simulator.registers import REGISTERS, reading_key

EVERY_MAKER = (*makers.MAKERS.values(), KAMSTRUP_REVISION_S)


def every_type(of_makers=EVERY_MAKER):
    """(maker, type) of these makers, and names for pytest."""
    types = [(maker, kind) for maker in of_makers for kind in maker.types]
    names = [f"{maker.name}-{kind.name}" + "-S" * (maker is KAMSTRUP_REVISION_S) for maker, kind in types]
    return {"argvalues": types, "ids": names}


def golden(name, file="norway.json"):
    """The entry of a golden file whose name begins with this word, or is this."""
    frames = json.loads((ROOT / "host_tests/golden" / file).read_text())
    return next(frame for frame in frames if name in (frame["name"], frame["name"].split()[0]))


def readings_of(expected):
    """The simulator's readings, in integers, that an expected reading in SI units came from."""
    readings = {"timestamp": datetime(2000, 1, 1), "is_summer_time": bool(expected.get("timestamp_dst"))}
    for key, value in expected.items():
        if key == "timestamp":
            readings[key] = datetime.fromisoformat(value)
        elif key in REGISTERS:
            readings[reading_key(key)] = value if reading_key(key) == key else round(1000 * value)
    return readings


def pushes(maker, type_name, clock, seconds, **meter):
    """What a meter sends; `meter` is SimulatedMeter's own: seed, sun, meter_id, security_control, faults, ..."""
    meter = SimulatedMeter(maker, maker.type_named(type_name), unix_ms(clock), **meter)
    end_ms = meter.start_ms + 1000 * seconds
    return list(takewhile(lambda push: push.due_ms < end_ms, meter.pushes()))


def wire(sent):
    """The bytes of these pushes."""
    return b"".join(push.frame for push in sent)


def schedule(maker, seconds, clock="2026-01-15T12:00:00"):
    """[(seconds after the clock, list number), ...]"""
    sent = pushes(maker, maker.types[0].name, clock, seconds)
    return [((push.due_ms - unix_ms(clock)) / 1000, push.list_number) for push in sent]


def hourly_clocks(maker, clock, hours):
    sent = pushes(maker, maker.types[0].name, clock, hours * HOUR_S)
    return [push.expected["timestamp"] for push in sent if push.list_number == 3]
