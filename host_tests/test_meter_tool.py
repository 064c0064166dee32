"""The simulated meter: its frames to the bit, its schedule, its household and its outputs.

It is judged by the vendors' own example frames and others of the golden file, and by amshan, a decoder that
has nothing to do with this project.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from simulator import encoding, makers
from simulator.clock import is_summer_time, meter_clock, unix_ms
from simulator.house import HOUR_S, House
from simulator.line import PacedLine
from simulator.lists import encode_list, expected_reading
from simulator.makers import AIDON, EMBRIQ, KAIFA, KAMSTRUP, KAMSTRUP_REVISION_S
from simulator.outputs import FileOutput, PtyOutput, SerialOutput, TcpOutput
from simulator.push import SimulatedMeter

ROOT = Path(__file__).resolve().parent.parent
EVERY_MAKER = (*makers.MAKERS.values(), KAMSTRUP_REVISION_S)
EVERY_TYPE = [(maker, meter_type) for maker in EVERY_MAKER for meter_type in maker.types]
TYPE_IDS = [f"{maker.name}-{kind.name}" + "-S" * (maker is KAMSTRUP_REVISION_S) for maker, kind in EVERY_TYPE]

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
    frames = json.loads((ROOT / "host_tests/golden/norway.json").read_text(encoding="utf-8"))
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


# Frames


@pytest.mark.parametrize(("maker", "checks"), HEADER_CHECKS)
def test_the_header_check_of_every_norwegian_frame_length_is_the_makers(maker, checks):
    for size, check in (pair.split(":") for pair in checks.split()):
        empty = encoding.hdlc_frame(maker.destination, maker.source, maker.control, b"")
        information = bytes(int(size, 16) + 2 - len(empty))
        frame = encoding.hdlc_frame(maker.destination, maker.source, maker.control, information)
        end = len(empty) - 3  # of the header, before the frame check and the closing flag
        assert frame[1:3].hex().upper() == "A" + size
        assert frame[end - 2 : end].hex().upper() == check


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_frame_is_rebuilt_to_the_bit_from_its_readings(name):
    maker, type_name, number, clock_status = GOLDEN[name]
    frame = golden(name)
    readings = readings_of(frame["expected"], clock_status)
    meter_type = maker.type_named(type_name)
    assert encode_list(maker, meter_type, number, readings).hex().upper() == frame["hex"].upper()
    assert expected_reading(maker, meter_type, number, readings) == frame["expected"]


@pytest.mark.parametrize(("maker", "type_name", "lengths"), LENGTHS)
def test_every_list_has_the_length_that_is_seen_in_the_field(maker, type_name, lengths):
    sent = pushes(maker, type_name, "2026-01-15T12:00:00", 15)
    seen = {push.list_number: len(push.frame) for push in sent}
    assert tuple(seen.get(number) for number in (1, 2, 3)) == lengths


def test_an_aidon_current_may_be_negative():
    readings = {**readings_of(golden("AIDON-L2-1P")["expected"]), "l1_current_ma": -7400}
    aidon_6515 = AIDON.type_named("6515")
    assert bytes.fromhex("1f0700ff 10ffb6 02020fff1621") in encode_list(AIDON, aidon_6515, 2, readings)
    assert expected_reading(AIDON, aidon_6515, 2, readings)["l1_current_a"] == -7.4


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
        **{f"l{phase}_current_ma": 1235 for phase in (1, 2, 3)},
        **{f"l{phase}_voltage_mv": 230_499 for phase in (1, 2, 3)},
        "energy_import_wh": 1239,
    }
    expected = expected_reading(KAMSTRUP, KAMSTRUP.types[1], 3, readings)
    assert (expected["l1_current_a"], expected["l1_voltage_v"]) == (1.24, 230.0)
    assert expected["energy_import_wh"] == 1230


@pytest.mark.parametrize(("maker", "meter_type"), EVERY_TYPE, ids=TYPE_IDS)
def test_amshan_reads_every_list_as_it_was_meant(maker, meter_type):
    autodecoder = pytest.importorskip("han.autodecoder")
    hdlc = pytest.importorskip("han.hdlc")
    sent = pushes(maker, meter_type.name, "2026-06-15T11:59:58", 14, sun=True)
    frames = hdlc.HdlcFrameReader().read(b"".join(push.frame for push in sent))
    assert len(frames) == len(sent)
    assert {push.list_number for push in sent} == ({1, 2, 3} if maker.schedule.has_list_1 else {2, 3})
    for push, frame in zip(sent, frames):
        assert frame.is_valid
        assert from_amshan(autodecoder.AutoDecoder().decode_message(frame)) == push.expected


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


# Schedule and clock


def test_an_aidon_list_3_replaces_list_2_ten_seconds_past_the_hour():
    assert schedule(AIDON, 21) == [
        (0, 2), (2.5, 1), (5, 1), (7.5, 1), (10, 3), (12.5, 1), (15, 1), (17.5, 1), (20, 2)
    ]  # fmt: skip
    assert schedule(EMBRIQ, 21) == schedule(AIDON, 21)


def test_a_kaifa_sends_list_1_at_even_seconds_that_do_not_end_in_0():
    assert schedule(KAIFA, 21) == [
        (0, 2), (2, 1), (4, 1), (6, 1), (8, 1), (10, 3), (12, 1), (14, 1), (16, 1), (18, 1), (20, 2)
    ]  # fmt: skip


def test_a_kamstrup_sends_its_hourly_list_beside_list_2():
    assert schedule(KAMSTRUP, 22) == [(1.1, 2), (6.1, 3), (11.1, 2), (21.1, 2)]


@pytest.mark.parametrize("hourly_s", makers.KAMSTRUP_HOURLY_S)
def test_a_kamstrup_sends_its_hourly_list_at_the_second_it_is_told(hourly_s):
    kamstrup = KAMSTRUP._replace(schedule=KAMSTRUP.schedule._replace(hourly_s=hourly_s))
    sent = schedule(kamstrup, 60)
    assert [due for due, number in sent if number == 3] == [hourly_s + 1.1]
    assert [due for due, number in sent if number == 2] == [1.1, 11.1, 21.1, 31.1, 41.1, 51.1]


def test_a_meter_switched_on_between_two_lists_starts_with_the_next():
    assert schedule(AIDON, 5, "2026-01-15T12:00:01.200")[0] == (1.3, 1)


@pytest.mark.parametrize(
    ("maker", "clock"),
    [(AIDON, "00:00:00"), (EMBRIQ, "00:00:06"), (KAIFA, "00:00:10"), (KAMSTRUP, "00:00:05")],
)
def test_midnight_is_hour_0_of_the_next_day(maker, clock):
    assert hourly_clocks(maker, "2026-12-31T23:59:50", 0.01) == [f"2027-01-01T{clock}"]


def test_in_the_night_to_summer_time_only_a_kaifa_skips_an_hour():
    night = "2026-03-29T00:59:50"
    assert hourly_clocks(KAIFA, night, 2) == ["2026-03-29T01:00:10", "2026-03-29T03:00:10"]
    assert hourly_clocks(AIDON, night, 2) == ["2026-03-29T01:00:00", "2026-03-29T02:00:00"]
    assert hourly_clocks(KAMSTRUP, night, 2) == ["2026-03-29T01:00:05", "2026-03-29T02:00:05"]


def test_in_the_night_to_winter_time_only_a_kaifa_has_an_hour_twice():
    night = "2026-10-25T01:59:50"
    assert hourly_clocks(KAIFA, night, 2) == ["2026-10-25T02:00:10", "2026-10-25T02:00:10"]
    assert hourly_clocks(AIDON, night, 2) == ["2026-10-25T01:00:00", "2026-10-25T02:00:00"]
    assert hourly_clocks(KAMSTRUP, night, 2) == ["2026-10-25T01:00:05", "2026-10-25T02:00:05"]


def test_summer_time_lasts_from_the_last_sunday_of_march_to_the_last_of_october():
    for start, end in (
        ("2023-03-26", "2023-10-29"),
        ("2024-03-31", "2024-10-27"),
        ("2026-03-29", "2026-10-25"),
        ("2027-03-28", "2027-10-31"),
    ):
        for day, before, after in ((start, False, True), (end, True, False)):
            change_s = unix_ms(day + "T01:00:00Z") // 1000
            assert (is_summer_time(change_s - 1), is_summer_time(change_s)) == (before, after)


def test_a_time_without_zone_is_norwegian_and_the_first_of_two():
    assert unix_ms("2026-01-15T12:00:00") == unix_ms("2026-01-15T11:00:00Z")
    assert unix_ms("2026-07-15T12:00:00") == unix_ms("2026-07-15T12:00:00+02:00")
    assert unix_ms("2026-10-25T02:30:00") == unix_ms("2026-10-25T00:30:00Z")
    assert meter_clock(unix_ms("2026-07-15T12:00:00") // 1000, False) == datetime(2026, 7, 15, 11)


# Household


@pytest.mark.parametrize("type_name", ["MA105H2E", "MA304H3E", "MA304H4"])
def test_registers_are_the_sum_of_the_power_to_the_watt_second(type_name):
    meter = SimulatedMeter(KAIFA, KAIFA.type_named(type_name), unix_ms("2026-06-15T17:00:00"), sun=True)
    first_s = meter.start_ms // 1000
    lists_3 = (push.expected for push in meter.pushes() if push.list_number == 3)
    first = next(lists_3)
    sums = dict.fromkeys((key for key in first if "energy" in key), 0)
    for hour in (1, 2, 3):
        reading = next(lists_3)
        for second in range(first_s + (hour - 1) * HOUR_S, first_s + hour * HOUR_S):
            watts, var = meter.house.power(second)
            sums["energy_import_wh"] += max(watts, 0)
            sums["energy_export_wh"] += max(-watts, 0)
            sums["reactive_energy_import_varh"] += max(var, 0)
            sums["reactive_energy_export_varh"] += max(-var, 0)
        assert {key: reading[key] - first[key] for key in sums} == {key: sums[key] // HOUR_S for key in sums}
    assert sums["energy_import_wh"] and sums["energy_export_wh"]


def test_an_aidon_list_3_carries_the_registers_of_the_full_hour_and_the_power_of_the_moment():
    meter = SimulatedMeter(AIDON, AIDON.types[0], unix_ms("2026-01-15T12:20:00"))
    list_3 = next(push for push in meter.pushes() if push.list_number == 3)
    noon_s = unix_ms("2026-01-15T12:00:00") // 1000
    house = House(noon_s, AIDON.types[0].network, 1)
    at_noon = house.readings(noon_s)["energy_import_wh"]
    hour_ws = sum(house.power(second)[0] for second in range(noon_s, noon_s + HOUR_S))
    assert list_3.expected["energy_import_wh"] == (at_noon + hour_ws // HOUR_S) // 10 * 10
    assert list_3.expected["power_import_w"] == house.power(noon_s + HOUR_S + 10)[0]


@pytest.mark.parametrize("network", [makers.ONE_PHASE, makers.THREE_WIRE, makers.FOUR_WIRE])
def test_a_day_in_a_sunny_house_is_plausible(network):
    midnight_s = unix_ms("2026-06-15T00:00:00Z") // 1000
    house = House(midnight_s, network, seed=7, sun=True)
    day = [house.readings(second) for second in range(midnight_s, midnight_s + 86400, 100)]
    assert all(not (now["power_import_w"] and now["power_export_w"]) for now in day)
    assert max(now["power_export_w"] for now in day) > 2000
    assert 3000 < max(now["power_import_w"] for now in day) < 20_000
    for key in day[0]:
        if "energy" in key:
            assert all(earlier[key] <= later[key] for earlier, later in zip(day, day[1:]))
    used_wh = day[-1]["energy_import_wh"] - day[0]["energy_import_wh"]
    assert 2_000 < used_wh < 60_000
    assert all(207_000 < now["l1_voltage_mv"] < 253_000 for now in day)


@pytest.mark.parametrize("network", [makers.ONE_PHASE, makers.THREE_WIRE, makers.FOUR_WIRE])
def test_currents_and_voltages_can_carry_the_power(network):
    start_s = unix_ms("2026-01-15T00:00:00Z") // 1000
    house = House(start_s, network, seed=3)
    for second in range(start_s, start_s + 86400, 500):
        now = house.readings(second)
        u1, u2, u3 = (now[f"l{phase}_voltage_mv"] / 1000 for phase in (1, 2, 3))
        i1, i2, i3 = (now[f"l{phase}_current_ma"] / 1000 for phase in (1, 2, 3))
        power = abs(complex(now["power_import_w"], now["reactive_import_var"] - now["reactive_export_var"]))
        if network == makers.THREE_WIRE:  # two wattmeters, on lines 1 and 3 against line 2, see all of it
            assert power <= 1.02 * (u1 * i1 + u2 * i3)
        else:
            assert power <= 1.001 * (u1 * i1 + u2 * i2 + u3 * i3) + 1 <= 1.1 * power + 50


def test_the_same_seed_is_the_same_house_and_another_is_not():
    one, again, other = (pushes(KAIFA, "MA304H4", "2026-01-15T11:59:58", 60, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert [push.frame for push in one] != [push.frame for push in other]


# Outputs


class Recorder:
    """An output that keeps what comes when."""

    def __init__(self):
        self.chunks = []

    def write(self, data):
        self.chunks.append((time.monotonic(), data))


@pytest.mark.parametrize(("maker", "wire_s"), [(AIDON, 1.233), (KAIFA, 0.615), (KAMSTRUP, 0.950)])
def test_a_list_2_takes_its_time_on_the_line(maker, wire_s):
    frame = pushes(maker, maker.types[0].name, "2026-01-15T12:00:00", 2)[0].frame
    speed, recorder = 4, Recorder()
    began = time.monotonic()
    assert PacedLine(maker.line, recorder, 0, speed, lambda: False).send(frame, 400)
    assert b"".join(data for _, data in recorder.chunks) == frame
    assert len(recorder.chunks) > len(frame) / 10
    assert recorder.chunks[0][0] - began >= 0.4 / speed
    assert 0 <= recorder.chunks[-1][0] - began - (0.4 + wire_s) / speed < 0.1
    assert len(frame) * maker.line.byte_s == pytest.approx(wire_s, abs=0.0005)


def test_a_stopped_meter_falls_silent_in_the_middle_of_a_frame():
    recorder = Recorder()
    line = PacedLine(AIDON.line, recorder, 0, 1, lambda: len(recorder.chunks) > 3)
    assert not line.send(bytes(400), 0)
    assert sum(len(data) for _, data in recorder.chunks) < 400


@pytest.fixture
def pty():
    output = PtyOutput(AIDON.line)
    yield output
    output.close()


def open_reader(path):
    return os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)


def test_a_pty_passes_every_byte_unchanged(pty):
    reader = open_reader(pty.address)
    pty.write(bytes(range(256)))
    assert os.read(reader, 1000) == bytes(range(256))
    os.close(reader)


def test_a_pty_reader_may_go_and_come_back_and_hears_nothing_old(pty):
    pty.write(b"nobody listens")
    assert pty.dropped == 14
    reader = open_reader(pty.address)
    pty.write(b"hello")
    assert os.read(reader, 1000) == b"hello"
    pty.write(b"not read")
    os.close(reader)
    pty.write(b"nobody again")
    assert pty.dropped == 26
    reader = open_reader(pty.address)
    pty.write(b"back\x7e\x03\x04\r\n")
    assert os.read(reader, 1000) == b"back\x7e\x03\x04\r\n"
    os.close(reader)


def test_a_pty_reader_that_does_not_read_does_not_hold_up_the_meter(pty):
    reader = open_reader(pty.address)
    for _ in range(200):
        pty.write(bytes(400))
    assert pty.dropped > 40_000
    os.close(reader)


def test_a_pty_reader_that_writes_is_ignored(pty):
    reader = os.open(pty.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(reader, b"/?!\r\n")
    pty.write(b"data")
    assert os.read(reader, 1000) == b"data"
    os.close(reader)


def test_a_link_is_not_put_in_the_place_of_a_file(tmp_path):
    (tmp_path / "han").write_text("precious")
    with pytest.raises(OSError, match="no link of a meter"):
        PtyOutput(AIDON.line, str(tmp_path / "han"))
    assert (tmp_path / "han").read_text() == "precious"


def test_a_tcp_client_may_go_and_others_hear_on():
    output = TcpOutput(0)
    address = ("127.0.0.1", int(output.address.split(":")[1]))
    with socket.create_connection(address) as stays:
        with socket.create_connection(address) as goes:
            output.write(b"both")
            assert (stays.recv(100), goes.recv(100)) == (b"both", b"both")
        for _ in range(3):
            output.write(b"+")
            time.sleep(0.01)
        with socket.create_connection(address) as comes:
            output.write(b"new")
            assert comes.recv(100) == b"new"
        assert stays.recv(100) == b"+++new"
    output.close()


def test_a_tcp_client_that_does_not_read_does_not_hold_up_the_meter():
    output = TcpOutput(0)
    with socket.create_connection(("127.0.0.1", int(output.address.split(":")[1]))):
        for _ in range(400):
            output.write(bytes(65536))
        assert output.dropped > 0
    output.close()


@pytest.mark.parametrize(("maker", "parity"), [(AIDON, "E"), (KAIFA, "E"), (KAMSTRUP, "N")])
def test_a_serial_port_is_opened_at_the_meters_setting(maker, parity, monkeypatch):
    serial = pytest.importorskip("serial")
    opened = []

    class Port(serial.Serial):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            opened.append(self)

    monkeypatch.setattr(serial, "Serial", Port)
    master, slave = os.openpty()
    output = SerialOutput(maker.line, os.ttyname(slave))
    output.write(b"data")
    assert os.read(master, 100) == b"data"
    assert termios.tcgetattr(slave)[4] == termios.B2400
    assert (opened[0].bytesize, opened[0].parity, opened[0].stopbits) == (8, parity, 1)
    output.close()
    os.close(master)
    os.close(slave)


# The command


def command(*options):
    return [sys.executable, str(ROOT / "tools/meter.py"), *map(str, options)]


def run(*options):
    return subprocess.run(command(*options), capture_output=True, timeout=20)


AN_HOUR_TURNS = ("--meter", "aidon", "--type", "6534", "--clock", "2026-01-15T11:59:50.100", "--seconds", 30)


def test_a_file_holds_every_frame_and_the_truth_of_each(tmp_path):
    done = run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin", "--truth", tmp_path / "truth.json")
    assert done.returncode == 0
    assert done.stderr.decode() == "frames sent: 9 of list 1, 2 of list 2, 1 of list 3\n"
    truth = [json.loads(line) for line in (tmp_path / "truth.json").read_text().splitlines()]
    sent = pushes(AIDON, "6534", "2026-01-15T11:59:50.100", 30)
    assert truth == [{"list": push.list_number, **push.expected} for push in sent]
    assert (tmp_path / "han.bin").read_bytes() == b"".join(push.frame for push in sent)


def test_standard_output_takes_the_same_bytes_as_a_file(tmp_path):
    run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin")
    assert run(*AN_HOUR_TURNS, "--file", "-").stdout == (tmp_path / "han.bin").read_bytes()


def test_a_paced_file_grows_at_the_speed_of_the_line(tmp_path):
    began = time.monotonic()
    run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin", "--pace", "--speed", 30)
    assert 1 <= time.monotonic() - began < 4
    assert (tmp_path / "han.bin").read_bytes() == run(*AN_HOUR_TURNS, "--file", "-").stdout


def test_a_pty_reader_gets_the_bytes_of_the_file_and_finds_the_setting_of_the_line(tmp_path):
    link = tmp_path / "han"
    options = (*AN_HOUR_TURNS, "--pty", "--link", link, "--speed", 20)
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        address = meter.stdout.readline().decode().strip()
        assert os.path.realpath(link) == address
        setting = json.loads((tmp_path / "han.line").read_text())
        received = read_to_end(os.open(link, os.O_RDONLY | os.O_NOCTTY))
        assert meter.wait(5) == 0
    assert setting == {"baudrate": 2400, "bits": 8, "parity": "E", "stop": 1, "invert": False}
    whole = run(*AN_HOUR_TURNS, "--file", "-").stdout
    assert whole.endswith(received) and len(received) > len(whole) / 2
    assert not os.listdir(tmp_path)


def read_to_end(reader):
    received = b""
    try:
        while True:
            data = os.read(reader, 4096)
            if not data:
                return received
            received += data
    except OSError:  # EIO: the meter has gone
        return received
    finally:
        os.close(reader)


def test_a_tcp_client_gets_the_bytes_of_the_file():
    options = (*AN_HOUR_TURNS, "--tcp", 0, "--speed", 20)
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        host, port = meter.stdout.readline().decode().split(":")
        with socket.create_connection((host, int(port))) as client:
            received = b"".join(iter(lambda: client.recv(4096), b""))
    whole = run(*AN_HOUR_TURNS, "--file", "-").stdout
    assert whole.endswith(received) and len(received) > len(whole) / 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_meter_at_once_and_removes_the_link(number, tmp_path):
    options = ("--meter", "kamstrup", "--pty", "--link", tmp_path / "han")
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        meter.stdout.readline()
        assert sorted(os.listdir(tmp_path)) == ["han", "han.line"]
        meter.send_signal(number)
        assert meter.wait(5) == 0
        assert meter.stderr.read().decode().startswith("frames sent: ")
    assert not os.listdir(tmp_path)


def test_the_link_of_a_later_meter_is_left_alone(tmp_path):
    link = str(tmp_path / "han")
    earlier, later = PtyOutput(AIDON.line, link), PtyOutput(KAMSTRUP.line, link)
    earlier.close()
    assert os.readlink(link) == later.address
    assert json.loads((tmp_path / "han.line").read_text())["parity"] == "N"
    later.close()
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--meter aidon --type 6599 --tcp 0", "has no type 6599, but 6525 (three-wire), 6515 (1-phase)"),
        ("--meter embriq --type ZCF1 --tcp 0", "has no type ZCF1, but ZMF1 (four-wire), ZFF1 (three-wire)"),
        ("--meter aidon --file -", "--file needs --seconds"),
        ("--meter aidon --tcp 0 --hourly-second 25", "--hourly-second is for Kamstrup"),
        ("--meter kaifa --tcp 0 --old", "--old is for Kamstrup"),
        ("--meter kaifa --tcp 0 --clock noon", "noon is no time like"),
        ("--meter kaifa --tcp 0 --meter-id 123", "has 16 ASCII characters"),
        ("--meter kaifa --tcp 70000", "invalid port value"),
        ("--meter kaifa --serial /dev/null --speed 2", "leave out --speed"),
        ("--meter kaifa --pty --truth /nowhere/truth", "No such file or directory"),
        ("--meter kaifa --serial /nowhere/tty", "could not open port /nowhere/tty"),
    ],
)
def test_a_mistake_is_told_in_one_line(options, complaint):
    done = run(*options.split())
    lines = done.stderr.decode().splitlines()
    assert done.returncode in (1, 2)
    assert len(lines) == 1 and complaint in lines[0]


def test_a_taken_tcp_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port}: "):
            TcpOutput(port)


def test_a_closed_pipe_ends_the_meter_in_one_line():
    reader, writer = os.pipe()
    os.close(reader)
    to_pipe = command(*AN_HOUR_TURNS, "--file", "-")
    done = subprocess.run(to_pipe, stdout=writer, stderr=subprocess.PIPE, timeout=20)
    os.close(writer)
    assert done.stderr.decode() == "meter.py: [Errno 32] Broken pipe\n"


def test_a_file_output_overwrites(tmp_path):
    (tmp_path / "han.bin").write_bytes(b"old and long")
    output = FileOutput(str(tmp_path / "han.bin"))
    output.write(b"new")
    output.close()
    assert (tmp_path / "han.bin").read_bytes() == b"new"
