"""The simulated meters of Sweden, Denmark, Finland and their neighbours, to the bit.

They are judged by golden/nordics.json: vendors' examples, and frames and telegrams with invented values in the
layouts that are seen in the field.
"""

import json

import pytest

from conftest import ROOT
from hanport import extras
from simulated import every_type, golden, pushes, readings_of
from simulator import makers
from simulator.ciphering import Cipher
from simulator.links import LLC_HEADER, Hdlc, MBus, general_blocks
from simulator.makers import (
    AIDON_SE,
    KAIFA_SE,
    KAMSTRUP,
    KAMSTRUP_DK,
    KAMSTRUP_SE,
    LANDIS_GYR_CH,
    NETZ_NOE,
    P1_BE,
    P1_DK,
    P1_FI,
    P1_HU,
    P1_LU,
    P1_NL,
    P1_SE,
)
from simulator.registers import QUADRANTS, REGISTERS

NORDICS = json.loads((ROOT / "host_tests/golden/nordics.json").read_text())
PLAIN = {
    "AIDON-SE": (AIDON_SE, "RJ12", 3),
    "KAIFA-SE-1P": (KAIFA_SE, "MA105H2E", 3),
    "KAIFA-SE-T4": (KAIFA_SE, "MA304T4", 3),
    "KAM-SE-L2": (KAMSTRUP_SE, "6841131", 3),
    "KAM-DK-PUSH1": (KAMSTRUP_DK, "3-phase", 3),
    "P1-SE": (P1_SE, "efs", 3),
    "P1-NL": (P1_NL, "dsmr5", 3),
}
# What the frames hold beside what a decoder reads.
MORE_READINGS = {
    "P1-NL": {"meter_id": "SYN0001", "tariff": 2, "gas_dm3": 123_456},
    "E450": {
        "reactive_energy_q1_varh": 345_678,
        "reactive_energy_q2_varh": 412,
        "reactive_energy_q3_varh": 234_567,
        "reactive_energy_q4_varh": 56_789,
    },
}

# Bytes on the wire.
LENGTHS = [
    (AIDON_SE, "RJ12", {581}),
    (AIDON_SE, "RJ45", {581}),
    (KAIFA_SE, "MA105H2E", {137}),
    (KAIFA_SE, "MA304H4", {156}),
    (KAIFA_SE, "MA304H3E", {157}),
    (KAIFA_SE, "MA304T4", {172}),
    (KAIFA_SE, "MA304H4-OBIS", {287}),
    (KAMSTRUP_SE, "6841131", {228, 302}),
    (KAMSTRUP_DK, "3-phase", {461}),
    (KAMSTRUP_DK, "CT", {461}),
    (KAMSTRUP_DK, "3-phase-N1", {461}),
    (NETZ_NOE, "MA309M", {282}),
    (NETZ_NOE, "T210-D", {282}),
    (LANDIS_GYR_CH, "E450", {401}),
    (P1_SE, "efs", {708}),
    (P1_NL, "dsmr5", {588}),
]


@pytest.mark.parametrize("name", PLAIN)
def test_a_golden_frame_is_rebuilt_to_the_bit_from_its_readings(name):
    maker, type_name, number = PLAIN[name]
    entry = golden(name, "nordics.json")
    kind = maker.type_named(type_name)
    maker = maker.of_type(kind)
    readings = {**readings_of(entry["expected"]), **MORE_READINGS.get(name, {})}
    assert maker.encode(kind, number, readings).hex().upper() == entry["hex"]
    assert maker.expected_reading(kind, number, readings) == entry["expected"]


def kam_doc_1():
    """The message of Kamstrup's first example, whose clock is not set."""
    clock = KAMSTRUP.message.clock._replace(statuses=(1, 1))
    message = KAMSTRUP.message._replace(clock=clock)
    return message.encode(KAMSTRUP.type_named("6841131"), 2, readings_of(golden("KAM-DOC-1")["expected"]))


def test_a_golden_message_in_two_segments_is_rebuilt_to_the_bit():
    link = Hdlc((103,), (1, 17), 0x13, segment_size=120)  # Iskra's addresses
    assert link.wrap(kam_doc_1()).hex().upper() == golden("KAM-DOC-1 in two segments", "nordics.json")["hex"]


@pytest.mark.parametrize("control", [0x30, 0x20, 0x10])
def test_a_golden_encrypted_frame_is_rebuilt_to_the_bit(control):
    entry = golden(f"KAM-DOC-1, security control {control:x}", "nordics.json")
    keys = (bytes.fromhex(entry["key"]), bytes.fromhex(entry.get("authentication_key", "")))
    encryption = KAMSTRUP_DK.encryption
    cipher = Cipher(encryption.system_title, encryption.length_size, control, *keys)
    link = KAMSTRUP_DK.link._replace(**encryption.link_changes)
    assert link.wrap(cipher.encrypt(kam_doc_1(), 0xA32F)).hex().upper() == entry["hex"]


@pytest.mark.parametrize(
    ("name", "type_name", "system_title"),
    [
        ("NETZ-NOE", "MA309M", "4B464D6750000009"),
        ("NETZ-NOE in Sagemcom's parts", "T210-D", "5341475900000001"),
    ],
)
def test_the_golden_austrian_frames_are_rebuilt_to_the_bit(name, type_name, system_title):
    entry = golden(name, "nordics.json")
    kind = NETZ_NOE.type_named(type_name)
    maker = NETZ_NOE.of_type(kind)
    readings = {**readings_of(entry["expected"]), "is_summer_time": True}
    message = maker.message._replace(invoke_id=0x8006870E)
    cipher = Cipher(bytes.fromhex(system_title), 0, 0x20, bytes.fromhex(entry["key"]), b"")
    assert maker.link.wrap(cipher.encrypt(message.encode(kind, 3, readings), 0x23)).hex().upper() == entry["hex"]
    assert maker.expected_reading(kind, 3, readings) == entry["expected"]


def test_the_golden_swiss_blocks_are_rebuilt_to_the_bit():
    entry = golden("E450", "nordics.json")
    kind, link = LANDIS_GYR_CH.types[0], LANDIS_GYR_CH.link
    readings = {**readings_of(entry["expected"]), **MORE_READINGS["E450"]}
    apdu = LANDIS_GYR_CH.message._replace(invoke_id=7).encode(kind, 3, readings)
    first, *others = general_blocks([apdu[:112], apdu[112:220], apdu[220:]])
    frames = [link.frame(LLC_HEADER + first), *(link.frame(block) for block in others)]
    assert b"".join(frames).hex().upper() == entry["hex"]
    assert LANDIS_GYR_CH.expected_reading(kind, 3, readings) == entry["expected"]


def test_every_golden_frame_has_been_rebuilt():
    others = {"KAM-DOC-1 in two segments", "NETZ-NOE", "NETZ-NOE in Sagemcom's parts", "E450"}
    others |= {f"KAM-DOC-1, security control {control}" for control in (30, 20, 10)}
    names = {entry["name"] for entry in NORDICS}
    assert {name.split()[0] for name in names - others} == set(PLAIN)
    assert others < names


@pytest.mark.parametrize(("maker", "type_name", "lengths"), LENGTHS)
def test_every_list_has_the_length_that_is_seen_in_the_field(maker, type_name, lengths):
    sent = pushes(maker, type_name, "2026-01-15T12:00:00", 45)
    assert {len(push.frame) for push in sent} == lengths


@pytest.mark.parametrize(("type_name", "length"), [("3-phase", 491), ("1-phase", 317)])
def test_an_encrypted_danish_frame_has_the_length_and_header_that_are_seen_in_the_field(type_name, length):
    (push,) = pushes(KAMSTRUP_DK, type_name, "2026-01-15T12:00:00", 5, security_control=0x30)
    assert len(push.frame) == length
    header = "A1E9410313C637" if length == 491 else "A13B410313C8F6"
    assert push.frame[1:8].hex().upper() == header


def test_every_meter_sends_at_the_speed_and_as_often_as_it_should():
    every = {
        maker.name: ((maker.line.baudrate, maker.line.parity, maker.line.is_inverted), maker.schedule.step_ms)
        for maker in makers.MAKERS.values()
    }
    assert every == {
        "Aidon": ((2400, "E", False), 2500),
        "Embriq": ((2400, "E", False), 2500),
        "Kaifa": ((2400, "E", False), 2000),
        "Kamstrup": ((2400, "N", False), 5000),
        "Aidon (SE)": ((115200, "N", True), 10_000),
        "Kaifa (SE)": ((2400, "E", False), 15_000),
        "Kamstrup (SE)": ((2400, "N", False), 5000),
        "P1 (SE)": ((115200, "N", True), 10_000),
        "Kamstrup (DK)": ((2400, "N", False), 10_000),
        "P1 (DK)": ((115200, "N", True), 10_000),
        "P1 (FI)": ((115200, "N", True), 10_000),
        "P1 (NL)": ((115200, "N", True), 1000),
        "P1 (BE)": ((115200, "N", True), 1000),
        "P1 (LU)": ((115200, "N", True), 10_000),
        "P1 (HU)": ((115200, "N", True), 1000),
        "Netz NOe": ((2400, "E", False), 5000),
        "Kaifa (AT)": ((2400, "E", False), 5000),
        "Landis+Gyr (AT)": ((2400, "E", False), 10_000),
        "Wiener Netze": ((2400, "E", False), 10_000),
        "Iskraemeco (AT)": ((2400, "E", False), 10_000),
        "P1 (AT)": ((115200, "N", True), 10_000),
        "Landis+Gyr (CH)": ((2400, "E", False), 5000),
        "Iskraemeco (SI)": ((115200, "N", True), 10_000),
        "Landis+Gyr (SI)": ((2400, "N", False), 10_000),
        "Iskraemeco (HR)": ((115200, "N", True), 10_000),
    }
    nes = P1_DK.of_type(P1_DK.type_named("nes"))
    assert (nes.line.baudrate, nes.line.parity) == (115200, "E")
    rj45 = AIDON_SE.of_type(AIDON_SE.type_named("RJ45"))
    assert (rj45.line.baudrate, rj45.line.parity, rj45.line.is_inverted) == (2400, "E", False)


def test_a_swedish_kamstrup_sends_its_hourly_list_at_35():
    sent = pushes(KAMSTRUP_SE, "6841131", "2026-01-15T11:59:58", 60)
    assert [push.expected["timestamp"][-5:] for push in sent if push.list_number == 3] == ["00:35"]


SUMMER = "2026-06-15T12:00:00+02:00"


@pytest.mark.parametrize(
    ("maker", "type_name", "clock"),
    [
        (AIDON_SE, "RJ12", ("2026-06-15T11:00:00", None)),
        (KAIFA_SE, "MA304H4", ("2026-06-15T12:00:00", None)),
        (KAIFA_SE, "MA304H4-OBIS", ("2026-06-15T11:00:00", None)),
        (KAMSTRUP_SE, "6841131", ("2026-06-15T12:00:00", None)),
        (KAMSTRUP_DK, "3-phase", ("2026-06-15T12:00:00", None)),
        (P1_SE, "efs", ("2026-06-15T11:00:00", 0)),
        (P1_SE, "kam5", ("2026-06-15T12:00:00", 1)),
        (P1_SE, "nes", ("2026-06-15T11:00:00", None)),
        (P1_DK, "nes", ("2026-06-15T12:00:00", None)),
        (P1_FI, "efs", ("2026-06-15T12:00:00", 0)),
        (P1_NL, "dsmr5", ("2026-06-15T12:00:00", 1)),
        (NETZ_NOE, "MA309M", ("2026-06-15T12:00:00", None)),
        (P1_BE, "fluvius", ("2026-06-15T12:00:00", 1)),
        (P1_LU, "smarty", ("2026-06-15T12:00:00", 1)),
        (P1_HU, "eon", ("2026-06-15T12:00:00", 1)),
    ],
)
def test_in_summer_each_clock_is_its_makers(maker, type_name, clock):
    push = pushes(maker, type_name, SUMMER, 15)[0]
    assert (push.expected["timestamp"], push.expected.get("timestamp_dst")) == clock


def telegram(type_name, maker=P1_SE, clock=SUMMER):
    return pushes(maker, type_name, clock, 10)[0].frame.decode("ascii")


def test_p1_makers_deviate_from_the_recommendation_in_their_own_ways():
    assert telegram("efs").startswith("/XXX5\\SYN0001\r\n\r\n0-0:1.0.0(260615110000W)\r\n1-0:1.8.0(")
    assert telegram("kam5").startswith("\r\n/KAM5\r\n\r\n0-0:1.0.0(260615120000S)\r\n")
    assert telegram("lgf5").startswith("/LGF5E360\r\n") and "*kVAr)" in telegram("lgf5")
    assert telegram("ell5").startswith("/ELL5\\253") and "*kvar)" in telegram("ell5")
    assert "0-0:1.0.0(20260615 11:00:00)\r\n" in telegram("nes")
    assert telegram("adn9").startswith("/ADN9 6534\r\n") and telegram("adn9").endswith("*A)!\r\n")
    assert telegram("adn9-crc")[-9:-6] == "\r\n!"
    codes = [line.split("(")[0] for line in telegram("lgf5").splitlines()]
    assert codes[codes.index("1-0:21.7.0") :][:3] == ["1-0:21.7.0", "1-0:22.7.0", "1-0:41.7.0"]
    assert len(codes) == 2 + 27 + 1


def test_a_danish_meter_number_is_a_number_and_its_voltage_may_be_in_hundredths():
    usual, n1 = (pushes(KAMSTRUP_DK, name, SUMMER, 5)[0] for name in ("3-phase", "3-phase-N1"))
    assert usual.expected["meter_id"] == "16909060"
    assert bytes.fromhex("09060101000001ff 0601020304") in usual.frame
    assert usual.expected["l1_voltage_v"] == round(n1.expected["l1_voltage_v"])
    assert n1.expected["l1_voltage_v"] != usual.expected["l1_voltage_v"]


def test_finnish_registers_move_on_once_a_minute():
    sent = pushes(P1_FI, "efs", "2026-01-15T11:59:50", 200)
    registers = [push.expected["energy_import_wh"] for push in sent]
    powers = [push.expected["power_import_w"] for push in sent]
    assert len(set(registers[1:7])) == 1 and registers[0] < registers[1] < registers[7]
    assert len(set(powers[1:7])) > 1


def test_sagemcoms_first_frame_is_longer_than_its_length_can_say():
    kind = NETZ_NOE.type_named("T210-D")
    assert NETZ_NOE.of_type(kind).link == MBus(part_size=252)
    (push,) = pushes(NETZ_NOE, "T210-D", "2026-01-15T12:00:00", 5)
    assert push.frame[:4].hex() == "68010168" and push.frame[263:267].hex() == "680d0d68"


@pytest.mark.parametrize(("maker", "meter_type"), **every_type())
def test_what_a_meter_is_expected_to_be_read_as_has_the_projects_keys(maker, meter_type):
    keys = {key for push in pushes(maker, meter_type.name, SUMMER, 15) for key in push.expected}
    assert keys <= {"p1_ident", "timestamp_dst", "utc_offset_min", *REGISTERS, *extras.KEYS} - set(QUADRANTS)
    # Of alternating lists one has registers alone, and one the phases alone.
    assert "power_import_w" in keys or meter_type.name in ("12-energy", "10-energy", "4", "14")
