"""What every frame of every link must stand: any cut, a flipped bit in any byte.

host_tests/lib/damage.py has the same for a few frames, on MicroPython too.
"""

from functools import partial

import pytest

from hanport import Receiver
from simulated import every_type, pushes
from simulator import makers
from simulator.ciphering import derived_key
from vectors import decode, nordics, receiver_for

CLOCK = "2026-01-15T12:59:55"
KEYS = {"key": derived_key(1, "key"), "auth_key": derived_key(1, "authentication key")}
# The telegrams of two have no check, so that nothing shows damage; and one is so long that its cuts take minutes.
LEFT_OUT = ("adn9", "dsmr2", "dsmr5-longest")
FLAG = 0x7E
# Every bit is flipped of so many first bytes, where lengths, counts and types stand, and of so many last ones, with
# the check and the end; between them one of each byte, for a check tells all bits alike.
HEAD, TAIL = 64, 16
HEX_LETTERS = b"ABCDEFabcdef"
CASE = 0x20


class Case:
    """A meter's push, and an intact one to come after it.

    A telegram's reading needs the bytes from `first` to before `last`: its "/" to its check, of which fewer than four
    digits need the line's end behind them. All other frames need all.
    """

    def __init__(self, frame, expected, after, expected_after, new_receiver):
        self.frame, self.expected = frame, expected
        self.after, self.expected_after = after, expected_after
        self.new_receiver = new_receiver
        self.first, self.check, self.last = 0, len(frame), len(frame)
        if b"/" in frame[:3]:
            self.first, self.check = frame.index(b"/"), frame.index(b"!") + 1
            digits = len(frame[self.check :].rstrip())
            self.last = self.check + (4 if digits == 4 else digits + 1)

    def readings(self, data):
        """What comes of these bytes, and of the intact push behind them."""
        return decode(data + self.after, receiver=self.new_receiver())

    def check_damaged(self, data, is_read=False):
        """The intact push is read, and the one in the data only if it is whole."""
        expected = [self.expected, self.expected_after] if is_read else [self.expected_after]
        assert self.readings(bytes(data)) == expected


def simulated_case(maker, kind):
    def new_receiver():
        scalers = {"energy": 0} if maker is makers.KAMSTRUP_SE else None
        keys = dict(KEYS) if maker.encryption else {}
        if maker.encryption and maker.encryption.authentication_key:
            keys["auth_key"] = maker.encryption.authentication_key
        return Receiver("line", scalers=scalers, **keys)

    # The longest of the lists, and the one after it.
    sent = pushes(maker, kind.name, CLOCK, 40, sun=True)
    place = max(range(len(sent) - 1), key=lambda i: len(sent[i].frame))
    push, after = sent[place : place + 2]
    return Case(push.frame, push.expected, after.frame, after.expected, new_receiver)


def golden_case(entry):
    frame = bytes.fromhex(entry["hex"])
    return Case(frame, entry["expected"], frame, entry["expected"], lambda: receiver_for(entry))


def cases():
    types = every_type()
    simulated = [
        pytest.param(partial(simulated_case, maker, kind), id=name)
        for name, (maker, kind) in zip(types["ids"], types["argvalues"])
        if kind.name not in LEFT_OUT
    ]
    golden = [entry for entry in nordics() if entry["name"] not in LEFT_OUT]
    return [pytest.param(partial(golden_case, entry), id=entry["name"]) for entry in golden] + simulated


@pytest.mark.parametrize("new_case", cases())
def test_a_frame_that_breaks_off_gives_no_reading_and_the_next_one_does(new_case):
    case = new_case()
    for cut in range(1, case.last):
        if cut == len(case.frame) - 1 and case.frame[-1] == FLAG:
            # The next frame's opening flag stands for the closing one.
            assert case.readings(case.frame[:cut]) == case.readings(case.frame)
        else:
            case.check_damaged(case.frame[:cut])


@pytest.mark.parametrize("new_case", cases())
def test_a_frame_without_its_beginning_gives_no_reading_and_the_next_one_does(new_case):
    case = new_case()
    for cut in range(case.first + 1, len(case.frame)):
        case.check_damaged(case.frame[cut:])


def is_harmless(case, place, bit):
    """Only a telegram has bits that do not count: around it, and the case of its check's letters."""
    if case.first <= place < case.last:
        return place >= case.check and case.frame[place] in HEX_LETTERS and 1 << bit == CASE
    return True


@pytest.mark.parametrize("new_case", cases())
def test_a_frame_with_a_flipped_bit_gives_no_reading_and_the_next_one_does(new_case):
    case = new_case()
    damaged = bytearray(case.frame)
    for place in range(len(damaged)):
        is_between = HEAD <= place < len(damaged) - TAIL
        for bit in (place % 8,) if is_between else range(8):
            damaged[place] ^= 1 << bit
            case.check_damaged(damaged, is_harmless(case, place, bit))
            damaged[place] ^= 1 << bit
