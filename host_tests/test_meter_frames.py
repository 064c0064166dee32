"""The simulated Norwegian meters' frames, to the bit.

They are judged by the vendors' own example frames and others of the golden file, and by amshan, a decoder that has
nothing to do with this project.
"""

import json
from datetime import datetime

import pytest

import make_golden
from independent import amshan_frames
from simulated import every_type, golden, pushes, readings_of, wire
from simulator.makers import AIDON, EMBRIQ, KAIFA, KAMSTRUP, KAMSTRUP_REVISION_S

NORWAY = (AIDON, EMBRIQ, KAIFA, KAMSTRUP, KAMSTRUP_REVISION_S)

# Frame length between the flags and header check sequence, as in captured frames and vendors' documents.
HEADER_CHECKS = [
    (AIDON, "02A:0413 0D2:82D6 10B:FA7C 11E:EEEE 13E:7F8E 177:391E 18A:EBFD"),
    (EMBRIQ, "02A:0413 11E:EEEE 18A:EBFD"),
    (KAIFA, "027:5A87 065:F050 078:C498 079:8093 087:9E6D 09A:AAA5 09B:EEAE"),
    (KAMSTRUP, "0AE:A01B 0BA:EDAA 0E2:239A 0E3:9886 104:776E 12C:FC04 12D:4718 1CB:57E7"),
]

# Bytes on the wire of lists 1, 2 and 3.
LENGTHS = [
    (AIDON, "6515", (44, 212, 320)),
    (AIDON, "6525", (44, 269, 377)),
    (AIDON, "6534", (44, 288, 396)),
    (AIDON, "6540", (44, 269, 377)),
    (AIDON, "6550", (44, 288, 396)),
    (EMBRIQ, "ZMF1", (44, 288, 396)),
    (EMBRIQ, "ZFF1", (44, 288, 396)),
    (KAIFA, "MA105H2E", (41, 103, 137)),
    (KAIFA, "MA304H3E", (41, 123, 157)),
    (KAIFA, "MA304H4", (41, 122, 156)),
    (KAIFA, "MA304T3", (41, 122, 156)),
    (KAIFA, "MA304T4", (41, 122, 156)),
    (KAMSTRUP, "6841121", (None, 228, 302)),
    (KAMSTRUP, "6841131", (None, 228, 302)),
    (KAMSTRUP, "6861111", (None, 188, 262)),
    (KAMSTRUP, "6851131", (None, 228, 302)),
    (KAMSTRUP_REVISION_S, "6841121", (None, 229, 303)),
]

# Which list of which type each golden frame is, and its clock's status byte where it is not 0.
GOLDEN = {
    "AIDON-L2-1P": (AIDON, "6515", 2, 0),
    "AIDON-L3-1P": (AIDON, "6515", 3, 0),
    "EMBRIQ-L1": (EMBRIQ, "ZFF1", 1, 0),
    "EMBRIQ-L2": (EMBRIQ, "ZFF1", 2, 0),
    "KAM-DOC-1": (KAMSTRUP, "6841131", 2, 0x01),
    "KAM-DOC-2": (KAMSTRUP, "6841131", 3, 0),
    "KAM-DOC-3": (KAMSTRUP, "6861111-1Q", 3, 0),
    "KAM-L1-1P": (KAMSTRUP, "6861111", 2, 0),
    "KAM-L2-1P": (KAMSTRUP, "6861111", 3, 0),
}


@pytest.mark.parametrize(("maker", "checks"), HEADER_CHECKS)
def test_the_header_check_of_every_norwegian_frame_length_is_the_makers(maker, checks):
    for size, check in (pair.split(":") for pair in checks.split()):
        empty = maker.link.frame(b"")
        frame = maker.link.frame(bytes(int(size, 16) + 2 - len(empty)))
        end = len(empty) - 3  # of the header, before the frame check and the closing flag
        assert frame[1:3].hex().upper() == "A" + size
        assert frame[end - 2 : end].hex().upper() == check


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_frame_is_rebuilt_to_the_bit_from_its_readings(name):
    maker, type_name, number, status = GOLDEN[name]
    if status:
        clock = maker.message.clock._replace(statuses=(status, status))
        maker = maker._replace(message=maker.message._replace(clock=clock))
    frame = golden(name)
    readings = readings_of(frame["expected"])
    meter_type = maker.type_named(type_name)
    assert maker.encode(meter_type, number, readings).hex().upper() == frame["hex"].upper()
    assert maker.expected_reading(meter_type, number, readings) == frame["expected"]


@pytest.mark.parametrize(("maker", "type_name", "lengths"), LENGTHS)
def test_every_list_has_the_length_that_is_seen_in_the_field(maker, type_name, lengths):
    sent = pushes(maker, type_name, "2026-01-15T12:00:00", 15)
    seen = {push.list_number: len(push.frame) for push in sent}
    assert tuple(seen.get(number) for number in (1, 2, 3)) == lengths


def test_an_aidon_current_may_be_negative():
    readings = {**readings_of(golden("AIDON-L2-1P")["expected"]), "l1_current_ma": -7400}
    aidon_6515 = AIDON.type_named("6515")
    assert bytes.fromhex("1f0700ff 10ffb6 02020fff1621") in AIDON.encode(aidon_6515, 2, readings)
    assert AIDON.expected_reading(aidon_6515, 2, readings)["l1_current_a"] == -7.4


def test_a_kaifa_three_wire_meter_sends_no_middle_voltage():
    direct, transformer = (
        pushes(KAIFA, name, "2026-01-15T12:00:00", 1)[0].expected for name in ("MA304H3E", "MA304T3")
    )
    assert direct["l2_voltage_v"] == 0 and direct["l2_current_a"] > 0
    assert transformer["l2_voltage_v"] == 0 and transformer["l2_current_a"] == 0


def test_values_are_rounded_to_the_nearest_and_registers_down():
    readings = {
        **pushes(KAMSTRUP, "6841131", "2026-01-15T12:00:00", 10)[1].expected,
        "timestamp": datetime(2026, 1, 15),
        "is_summer_time": False,
        **{f"l{phase}_current_ma": 1235 for phase in (1, 2, 3)},
        **{f"l{phase}_voltage_mv": 230_499 for phase in (1, 2, 3)},
        "energy_import_wh": 1239,
    }
    expected = KAMSTRUP.expected_reading(KAMSTRUP.types[1], 3, readings)
    assert (expected["l1_current_a"], expected["l1_voltage_v"]) == (1.24, 230.0)
    assert expected["energy_import_wh"] == 1230


@pytest.mark.parametrize(("maker", "meter_type"), **every_type(NORWAY))
def test_amshan_reads_every_list_as_it_was_meant(maker, meter_type):
    sent = pushes(maker, meter_type.name, "2026-06-15T11:59:58", 14, sun=True)
    assert {push.list_number for push in sent} == set(maker.message.lists)
    assert amshan_frames(wire(sent)) == [push.expected for push in sent]


def test_the_golden_frames_that_the_simulator_made_are_what_it_makes_and_what_amshan_reads():
    stored = json.loads(make_golden.FILE.read_text())
    assert stored == make_golden.frames()
    assert json.loads(make_golden.DANISH.read_text()) == make_golden.danish_frames()
    for entry in stored:
        assert amshan_frames(bytes.fromhex(entry["hex"])) == [entry["expected"]], entry["name"]
