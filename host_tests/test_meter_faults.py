"""What goes wrong on request, and that the truth lists what a decoder can still read."""

import itertools

import pytest

from independent import amshan_frames, amshan_telegrams
from simulated import pushes
from simulator.clock import unix_ms
from simulator.faults import Faults, faults_named
from simulator.line import Line, line_named
from simulator.makers import AIDON, AIDON_SE, KAIFA, KAMSTRUP, KAMSTRUP_DK, P1_SE
from simulator.push import SimulatedMeter
from simulator.uart import heard

CLOCK = "2026-01-15T11:59:58"


def faulty(maker, seconds, *faults, type_name=None, clock=CLOCK, **meter):
    name = type_name or maker.types[0].name
    return pushes(maker, name, clock, seconds, faults=faults_named(faults), **meter)


def readable(sent):
    return [push.expected for push in sent if push.expected is not None]


# Bytes


@pytest.mark.parametrize("fault", ["lost=0.001", "flip=0.0003"])
def test_the_frames_that_arrive_whole_are_those_that_a_decoder_with_checks_reads(fault):
    sent = faulty(AIDON, 600, fault, type_name="6534")
    whole = readable(sent)
    assert 20 < len(whole) < len(sent) - 20
    undamaged = {push.frame for push in pushes(AIDON, "6534", CLOCK, 600)}
    assert all((push.frame in undamaged) == (push.expected is not None) for push in sent)
    # A decoder alone with each frame: what amshan loses by looking for flags is not the meter's fault.
    assert [reading for push in sent for reading in amshan_frames(push.frame) if reading] == whole


def test_noise_comes_between_frames_and_leaves_them_whole():
    quiet, noisy = faulty(KAIFA, 300), faulty(KAIFA, 300, "noise=0.3")
    assert all(loud.frame.endswith(push.frame) for push, loud in zip(quiet, noisy))
    assert readable(noisy) == readable(quiet)
    with_noise = sum(len(loud.frame) > len(push.frame) for push, loud in zip(quiet, noisy))
    assert 0.2 < with_noise / len(quiet) < 0.4
    assert max(len(loud.frame) - len(push.frame) for push, loud in zip(quiet, noisy)) == 40


def test_damaged_telegrams_are_those_whose_check_is_wrong():
    sent = faulty(P1_SE, 1000, "flip=0.0001", type_name="efs")
    whole = readable(sent)
    assert 20 < len(whole) < len(sent) - 20
    found = [reading for push in sent for reading in amshan_telegrams(push.frame) if reading]
    assert [reading["timestamp"] for reading in found] == [reading["timestamp"] for reading in whole]


def test_after_a_shared_flag_that_was_damaged_or_noise_the_next_frame_cannot_be_read():
    sharing = AIDON._replace(link=AIDON.link._replace(shares_flags=True))
    first, *others = faulty(sharing, 60, "noise=1")
    assert first.expected and not readable(others)
    sent = faulty(sharing, 3000, "lost=0.002")
    after_a_lost_flag = [after for before, after in zip(sent, sent[1:]) if before.frame[-1:] != b"\x7e"]
    assert after_a_lost_flag and not readable(after_a_lost_flag)


def test_the_same_seed_has_the_same_faults_and_another_has_not():
    one, again, other = (
        [push.frame for push in faulty(AIDON, 60, "lost=0.01", "noise=0.5", seed=seed)] for seed in (1, 1, 2)
    )
    assert one == again != other


# A wrong setting of the line

EVEN = Line(2400, 8, "E", 1)
NONE = Line(2400, 8, "N", 1)
RJ12 = Line(115200, 8, "N", 1, is_inverted=True)
EVERY_BYTE = bytes(range(256))


@pytest.mark.parametrize("line", [EVEN, NONE, RJ12, Line(9600, 7, "E", 1), Line(2400, 8, "E", 1, idle_bits=1)])
def test_a_uart_with_the_lines_own_setting_hears_every_byte(line):
    data = bytes(byte & 0x7F for byte in EVERY_BYTE) if line.bits == 7 else EVERY_BYTE
    assert heard(data, line, line) == data


def test_a_byte_that_takes_12_bit_times_hides_a_wrong_parity():
    kaifa = KAIFA.line
    assert heard(EVERY_BYTE, kaifa, NONE) == EVERY_BYTE
    sent = faulty(KAIFA, 20, "line=2400-8N1")
    assert readable(sent) == readable(faulty(KAIFA, 20))


def test_a_parity_bit_that_is_not_sent_is_missed():
    assert heard(EVERY_BYTE, NONE, EVEN) != EVERY_BYTE
    assert not readable(faulty(KAMSTRUP, 20, "line=2400-8E1"))


def test_a_fast_uart_hears_a_slow_byte_as_several():
    # Four samples a bit: 0 000 1111 0|, the wrong stop bit, then the same from the next falling edge on.
    assert heard(b"\x55", NONE, Line(9600, 8, "N", 1)).hex() == "7878f8"
    assert heard(b"\x00", NONE, Line(115200, 8, "N", 1)) == b"\x00"  # one long break


def test_a_slow_uart_hears_a_fast_line_as_few_bytes():
    assert len(heard(EVERY_BYTE, Line(115200, 8, "N", 1), NONE)) < 256 / 20


def test_an_inverted_line_is_not_understood_without_inversion():
    assert heard(b"Inverted", RJ12, RJ12._replace(is_inverted=False)) != b"Inverted"
    assert not readable(faulty(AIDON_SE, 30, "line=115200-8N1"))


def test_a_setting_is_named_in_the_usual_way():
    assert line_named("2400-8E1") == line_named("2400 8E1") == EVEN
    assert line_named("115200-8N1-inverted") == line_named("115200 8N1 inverted") == RJ12
    with pytest.raises(ValueError, match="8X1 is no line setting like"):
        line_named("2400-8X1")


# The meter


def test_a_repeated_list_3_has_the_clock_and_the_registers_of_the_one_before():
    hours = [push.expected for push in faulty(AIDON, 6 * 3600, "repeat=0.5", seed=3) if push.list_number == 3]
    true = [push.expected for push in faulty(AIDON, 6 * 3600, seed=3) if push.list_number == 3]
    repeated = [now["timestamp"] == before["timestamp"] for before, now in zip(hours, hours[1:])]
    assert any(repeated) and not all(repeated)
    for is_repeated, before, now, meant in zip(repeated, hours, hours[1:], true[1:]):
        assert now["power_import_w"] == meant["power_import_w"]
        source = before if is_repeated else meant
        assert all(now[key] == source[key] for key in now if key == "timestamp" or "energy" in key)


def test_a_moment_of_noise_and_of_a_lost_byte_harms_the_frame_that_is_due_then_and_no_other():
    quiet, sent = faulty(AIDON, 60), faulty(AIDON, 60, "noise@10", "noise@13", "lost@20", "lost@45")
    harmed = [number for number, (one, other) in enumerate(zip(quiet, sent)) if one.frame != other.frame]
    began_ms = unix_ms(CLOCK)
    due_s = [(push.due_ms - began_ms) / 1000 for push in sent]
    assert len(harmed) == 4
    assert all(due_s[number - 1] < at_s <= due_s[number] for number, at_s in zip(harmed, (10, 13, 20, 45)))
    noisy, lossy = harmed[:2], harmed[2:]
    assert all(sent[number].frame.endswith(quiet[number].frame) and sent[number].expected for number in noisy)
    for number in lossy:
        assert len(sent[number].frame) == len(quiet[number].frame) - 1 and sent[number].expected is None


def test_a_moment_of_repetition_is_for_the_next_list_3():
    hours = [push.expected for push in faulty(AIDON, 4 * 3600, "repeat@3700") if push.list_number == 3]
    assert [hour["timestamp"][11:13] for hour in hours] == ["12", "13", "13", "15"]


def test_a_clock_that_jumps_is_off_for_so_long_and_the_meter_counts_it_once():
    faults = faults_named(["clock@3000+4000=-5400", "clock@9000+1=86400"])
    clock_ms = unix_ms(CLOCK)
    meter = SimulatedMeter(AIDON, AIDON.types[0], clock_ms, faults=faults)
    sent = itertools.takewhile(lambda push: push.due_ms < clock_ms + 4 * 3600 * 1000, meter.pushes())
    hours = [push.expected["timestamp"][11:] for push in sent if push.list_number == 3]
    assert hours == ["12:00:00", "11:30:00", "14:00:00", "15:00:00"]
    assert meter.done == {"clock": 1}  # the other one nobody has seen


def test_a_stuck_meter_is_silent_from_then_on():
    assert [push.due_ms for push in faulty(AIDON, 60, "stuck@10.5")] == [push.due_ms for push in faulty(AIDON, 10.5)]


@pytest.mark.parametrize(
    ("maker", "ids"),
    [
        (AIDON, ["7359990000000001", "7359990000000000"]),
        (KAMSTRUP_DK, ["16909060", "16909061"]),
    ],
)
def test_a_new_meter_has_another_id_and_registers_from_0(maker, ids):
    readings = [push.expected for push in faulty(maker, 7300, "new-id@3700") if push.list_number != 1]
    found = [reading["meter_id"] for reading in readings]
    assert list(dict.fromkeys(found)) == ids and found.index(ids[1]) == found.count(ids[0])
    registers = [reading["energy_import_wh"] for reading in readings if "energy_import_wh" in reading]
    assert registers[0] > 1_000_000 and registers[-1] < 50_000


def counters(sent):
    return [int.from_bytes(push.frame[25:29], "big") for push in sent]


def test_a_frame_counter_that_starts_anew_falls_and_rises_again():
    sent = faulty(KAMSTRUP_DK, 100, "counter-back@45", security_control=0x30)
    assert counters(sent)[0] > 1000
    falls = [after < before for before, after in zip(counters(sent), counters(sent)[1:])]
    assert falls.count(True) == 1 and counters(sent)[-1] == len(sent) - falls.index(True) - 1
    assert len(readable(sent)) == len(sent)


@pytest.mark.parametrize("control", [0x30, 0x20])
def test_a_replayed_frame_is_the_same_again_and_is_to_be_refused_where_a_tag_proves_it(control):
    sent = faulty(KAMSTRUP_DK, 300, "replay=0.4", security_control=control)
    again = [now for before, now in zip(sent, sent[1:]) if now.frame == before.frame]
    assert 5 < len(again) < len(sent) / 2
    assert len(set(counters(sent))) == len(sent) - len(again)
    assert [push.expected is None for push in again] == [control == 0x30] * len(again)


def test_without_faults_nothing_goes_wrong():
    assert faults_named([]) == Faults()
    assert faulty(AIDON, 60) == pushes(AIDON, AIDON.types[0].name, CLOCK, 60)


@pytest.mark.parametrize(
    "word",
    ["lost", "lost=2", "lost=-1", "stuck=3", "stuck@soon", "fire@3", "noise@x", "clock@3", "clock@3+x=5", "line"],
)
def test_a_fault_that_is_not_known_is_refused(word):
    with pytest.raises(ValueError, match="is no "):
        faults_named([word])
