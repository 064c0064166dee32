"""What is masked of every simulated meter: whole, cut at every byte, with each bit flipped; and real captures."""

import re

import pytest

from hanport import Receiver
from maskcapture import mask
from simulated import EVERY_MAKER, every_type, pushes, wire
from simulator.ciphering import derived_key
from simulator.links import Hdlc
from vectors import outcome

NUMBER = "7358214696352471"
KEY = derived_key(1, "key")
SERIAL = b"\xd3\xb5\xe9\xc6\x8a"  # as the system title has it, behind the maker's letters
CLOCK = "2026-01-15T12:59:40"
SHOWN = 5  # characters of a number that may be left in a row
# Those whose lists have no number longer than this, or none in text.
IDS = ("meter_id", "gas_meter_id", "water_meter_id", "heat_meter_id")
LENGTHS = {
    "Embriq": 8,
    "Landis+Gyr (CH)": 8,
    "Netz NOe": 12,
    "P1 (NL)": 12,
    "P1 (BE)": 12,
    "P1 (LU)": 12,
    "P1 (HU)": 12,
    "Kamstrup (DK)": 8,
}


def number_of(maker):
    return NUMBER[: LENGTHS.get(maker.name, 16)]


def sent_by(maker, type_name, security_control=None, seconds=60, link=None):
    """What the meter sends, with every list, when its number is the one above."""
    if maker.encryption:
        title = maker.encryption.system_title[:3] + SERIAL
        maker = maker._replace(encryption=maker.encryption._replace(system_title=title))
    kind = maker.type_named(type_name)
    changes = dict(kind.changes)
    if "encryption" in changes:
        changes["encryption"] = maker.encryption
    if link:
        changes["link"] = link
    index = maker.types.index(kind)
    types = (*maker.types[:index], kind._replace(changes=changes), *maker.types[index + 1 :])
    return pushes(
        maker._replace(types=types),
        type_name,
        CLOCK,
        seconds,
        meter_id=number_of(maker) if maker.meter_id else None,
        security_control=security_control,
    )


def masked(data):
    """A copy of the data, masked."""
    buffer = bytearray(data)
    for _ in mask(buffer, len(buffer)):
        pass
    assert len(buffer) == len(data)
    return bytes(buffer)


def what_survives(data, number):
    """What can still be read of a number, or of the title's serial number: in text, hexadecimal, BCD, binary."""
    found = []
    for start in range(len(number) - SHOWN):
        run = number[start : start + SHOWN + 1]
        found += [run] * (run.encode() in data)
        found += [run + " in hexadecimal"] * (run.encode().hex().encode() in data.lower())
        found += [run + " in BCD"] * (len(run) % 2 == 0 and bytes.fromhex(run) in data)
    if len(number) < 10:
        found += ["binary"] * (int(number).to_bytes(4, "big") in data)
    found += ["title"] * (SERIAL[:3] in data or SERIAL[2:] in data)
    return found


def decoded(data, key=None):
    """The readings without their texts, the counters, and the texts."""
    readings, counters = outcome(data, Receiver("line", key=key, unchecked=True))
    ids = [reading.pop(key, None) for reading in readings for key in IDS]
    for reading in readings:
        if (
            "timestamp" not in reading
        ):  # DSMR 2.2, of whose gas meter's time nothing but its place tells that it is one
            reading.pop("gas_m3", None), reading.pop("gas_timestamp", None)
    for reading in readings:
        # A number in it may be the meter's; what it begins with tells the maker, and often the type.
        reading["p1_ident"] = re.sub("[0-9A-F]{8,}|[0-9]{6,}", "#", reading.get("p1_ident", ""))
    return readings, counters, ids


def controls_of(maker):
    return (0, 0x30) if maker.encryption else (None,)


def assert_same_but_for_numbers(data, number, key=None):
    after = masked(data)
    assert what_survives(after, number) == []
    readings, counters, _ = decoded(data, key)
    again, counters_again, ids = decoded(after, key)
    assert again == readings and counters_again == counters
    assert not any(name and str(name).strip("0") for name in ids)
    return readings


@pytest.mark.parametrize("maker, kind", **every_type())
def test_every_meter_reads_the_same_but_for_its_number(maker, kind):
    for control in controls_of(maker):
        data = wire(sent_by(maker, kind.name, control))
        readings = assert_same_but_for_numbers(data, number_of(maker))
        assert bool(readings) == (not control)


def push_with_number(maker, control):
    """The first push that carries the number; None where no list of the maker's does."""
    sent = sent_by(maker, maker.types[0].name, control, 31)
    found = [push.frame for push in sent if what_survives(push.frame, number_of(maker))]
    assert bool(found) == bool(maker.meter_id or control)
    return found[0] if found else b""


def is_near(frame, place, number):
    """Whether a byte is in the header, in the number or in what stands before that."""
    return place < 24 or bool(what_survives(frame[max(0, place - 16) : place + 32], number))


def cuts(frame, number):
    """All; of a long telegram one in three where no number is near."""
    return [cut for cut in range(1, len(frame)) if len(frame) < 512 or cut % 3 == 0 or is_near(frame, cut, number)]


@pytest.mark.parametrize("maker", EVERY_MAKER, ids=lambda maker: maker.name)
def test_a_push_that_is_cut_shows_no_number(maker):
    for control in controls_of(maker):
        frame = push_with_number(maker, control)
        for cut in cuts(frame, number_of(maker)):
            for data in (
                frame[cut:],
                frame[:cut],
                frame + frame[cut:],
                frame[:cut] + frame,
                frame[cut:] + frame[:cut],
            ):
                assert what_survives(masked(data), number_of(maker)) == [], (cut, data.hex())


@pytest.mark.parametrize("maker", EVERY_MAKER, ids=lambda maker: maker.name)
def test_a_push_with_a_flipped_bit_shows_no_number_and_stays_damaged(maker):
    for control in controls_of(maker):
        frame = push_with_number(maker, control)
        before = sent_by(maker, maker.types[-1].name, control, 11)[0].frame
        for place in range(len(frame)):
            # All bits near the number, else one of each byte.
            for bit in range(8) if is_near(frame, place, number_of(maker)) else (place % 8,):
                damaged = bytearray(before + frame)
                damaged[len(before) + place] ^= 1 << bit
                after = masked(damaged)
                assert what_survives(after, number_of(maker)) == [], (place, bit)
                if not control:
                    assert decoded(after)[0] == decoded(damaged)[0], (place, bit)


@pytest.mark.parametrize("size", [17, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 60, 61, 62, 63, 64, 70, 100])
def test_a_number_that_is_cut_by_segments_is_masked(size):
    for maker in EVERY_MAKER:
        if isinstance(maker.link, Hdlc) and maker.meter_id:
            for link in ({"block_size": 0, "segment_size": size}, {"block_size": size, "segment_size": 0}):
                link = maker.link._replace(**link)
                data = wire(sent_by(maker, maker.types[0].name, 0, 31, link))
                after = masked(data)
                number = number_of(maker)
                readings, counters, ids = decoded(data)
                again, counters_again, ids_again = decoded(after)
                assert counters_again == counters, maker.name
                for reading in readings + again:
                    reading.pop("meter_type", None)
                assert again == readings, maker.name
                assert what_survives(after, number) == []
                for shown in ids_again:
                    assert shown is None or what_survives(str(shown).encode(), number) == [], maker.name
