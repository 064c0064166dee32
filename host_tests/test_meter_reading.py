"""Our own decoder reads what the simulated meter sends: every type, whole and after damage."""

import pytest

from hanport import Receiver
from simulated import every_type, pushes, wire
from simulator import makers
from simulator.ciphering import derived_key
from simulator.faults import faults_named
from vectors import decode

CLOCK = "2026-06-15T11:59:38"
KEYS = {"key": derived_key(1, "key"), "auth_key": derived_key(1, "authentication key")}
READ = list(makers.MAKERS.values())
MBUS = (makers.MAKERS["mbus-at"], makers.MAKERS["kaifa-at"])
ENCRYPTED = [(control, keys) for control in (0x30, 0x20, 0x21, 0x10) for keys in ("both", "one")]


UNCHECKED = ("adn9", "dsmr2")


def receiver_for(maker, kind, link="line", **keys):
    """With what the owner would have to set: multipliers in Sweden, telegrams without a check allowed."""
    scalers = {"energy": 0} if maker is makers.KAMSTRUP_SE else None
    if keys and maker.encryption and maker.encryption.authentication_key and "auth_key" in keys:
        keys["auth_key"] = maker.encryption.authentication_key
    return Receiver(link, scalers=scalers, unchecked=kind.name in UNCHECKED, **keys)


def read(maker, kind, seconds=60, keys=None, faults=(), **meter):
    """(what the meter meant, what we read) in so many seconds around a full hour."""
    sent = pushes(maker, kind.name, CLOCK, seconds, sun=True, faults=faults_named(faults), **meter)
    found = decode(wire(sent), 100, receiver_for(maker, kind, **(keys or {})))
    return [push.expected for push in sent if push.expected is not None], found


@pytest.mark.parametrize(("maker", "kind"), **every_type(READ))
def test_every_list_of_every_type_is_read_as_it_was_meant(maker, kind):
    meant, found = read(maker, kind, keys=KEYS)
    assert len(meant) >= 3
    assert found == meant


@pytest.mark.parametrize(("control", "which"), ENCRYPTED)
def test_an_encrypted_meter_is_read_with_both_keys_and_with_one(control, which):
    kind = makers.KAMSTRUP_DK.types[0]
    keys = KEYS if which == "both" else {"key": KEYS["key"]}
    meant, found = read(makers.KAMSTRUP_DK, kind, keys=keys, security_control=control)
    assert len(meant) == 6
    assert found == meant


def damages_of(maker, kind):
    """Every damage that the checks of this type can tell."""
    for faults in (("lost=0.0005",), ("flip=0.0002",), ("noise=0.3",), ("lost=0.0003", "noise=0.2")):
        # Without a check nothing shows a lost digit; and of two flipped bits an M-Bus sum shows 15 in 16.
        is_blind = maker in MBUS and faults == ("flip=0.0002",)
        if kind.name == "dsmr5-longest" and faults == ("flip=0.0002",):
            faults = ("flip=0.00005",)  # or nearly none would arrive whole
        if not is_blind and (kind.name not in UNCHECKED or faults == ("noise=0.3",)):
            yield faults


def is_within(few, many):
    """True when the few are among the many, in their order."""
    rest = iter(many)
    return all(one in rest for one in few)


# What a fault must not change: whatever arrives whole is read, in its order; nothing is read that was not sent. (More
# may be read than arrives whole: a frame's missing closing flag is made good by the next one's opening flag.)
@pytest.mark.parametrize(("maker", "kind"), **every_type(READ))
def test_after_any_damage_the_frames_that_arrive_whole_are_read_and_nothing_else(maker, kind):
    sent, _found = read(maker, kind, 300, KEYS)
    for faults in damages_of(maker, kind):
        arrived, found = read(maker, kind, 300, KEYS, faults)
        assert len(arrived) > 5, faults
        assert is_within(arrived, found), faults
        assert is_within(found, sent), faults


def test_a_replayed_frame_is_not_read_twice_under_a_verified_tag():
    kind = makers.KAMSTRUP_DK.types[0]
    meant, found = read(makers.KAMSTRUP_DK, kind, 600, KEYS, ("replay=0.2",), security_control=0x30)
    assert found == meant


def test_a_meter_whose_counter_starts_anew_is_read_again():
    kind = makers.KAMSTRUP_DK.types[0]
    meant, found = read(makers.KAMSTRUP_DK, kind, 300, KEYS, ("counter-back@120",), security_control=0x30)
    # The first two after it are refused, for they might be anybody's; the third shows that they rise.
    assert len(found) == len(meant) - 2
    assert found == [reading for i, reading in enumerate(meant) if i not in (12, 13)]


@pytest.mark.parametrize("link", ["segment_size", "block_size"])
def test_lists_in_segments_and_blocks_are_read_after_damage_too(link):
    plain = makers.AIDON_SE
    maker = plain._replace(link=plain.link._replace(**{link: 100}))
    for faults in ((), ("lost=0.0004",), ("flip=0.0001", "noise=0.1")):
        meant, found = read(maker, maker.types[0], 600, None, faults)
        assert len(meant) > 10
        assert is_within(meant, found)
        assert is_within(found, read(maker, maker.types[0], 600)[0])


def test_a_wrong_line_setting_gives_no_reading():
    meant, found = read(makers.AIDON, makers.AIDON.types[0], 120, None, ("line=115200-8N1",))
    assert meant == [] and found == []
