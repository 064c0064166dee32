"""What a dongle has kept when its power went in the middle of any program or erase, on a real littlefs."""

from ram_flash import Mounted, RamFlash, formatted

from app.storage import read_file, write_file
from journal import Journal

BLOCKS = 24
PAYLOAD = 48
# Of 56 bytes a record: two still lie in littlefs's directory itself, the third makes it a file with a block.
PER_SEGMENT = 5
SEGMENTS = 3
STEPS = 34
# Steps between two starts, and how many of these it takes until littlefs has moved its root directory.
STRETCH = 5
STRETCHES = 450
# Within so many operations the power goes again.
AGAIN = 40
FOLDER = "/flash/hours"
STATE = "/flash/state.json"
LARGEST_STATE = 400


def _hour(number):
    return bytes([number & 255, number >> 8]) * (PAYLOAD // 2)


def _state(number):
    """300 bytes or so, all of them telling."""
    return b"state %d " % number * (34 - number % 3)


def _started():
    """(journal, all that it has found), as after a start of the dongle."""
    journal = Journal(FOLDER, PAYLOAD, PER_SEGMENT, SEGMENTS)
    return journal, _kept(journal.replay())


def _kept(records):
    return [(seq, bytes(payload)) for seq, payload in records]


class Life:
    """What a dongle did until its power went: hours appended, a state written, and what was under way last."""

    def __init__(self, hours=(), state=None):
        self.hours = list(hours)
        self.state = state
        self.next_hour = self.next_state = None

    def run(self, flash, numbers):
        """Start the dongle on this flash and let it run; False when the power has gone."""
        try:
            with Mounted(flash):
                journal, found = _started()
                self._check(journal, found)
                self.hours = found
                self.state = read_file(STATE, LARGEST_STATE)
                for number in numbers:
                    self._go_on(journal, number)
            return True
        except OSError:
            return False

    def _go_on(self, journal, number):
        self.next_hour, self.next_state = _hour(number), _state(number)
        self.hours.append((journal.append(self.next_hour), self.next_hour))
        self.next_hour = None
        write_file(STATE, self.next_state)
        self.state = self.next_state

    def _check(self, journal, found):
        """Assert that of what was done before, the start has found everything, whole and in order."""
        expected = self.hours
        if found and found[-1][1] == self.next_hour:
            expected = expected + [found[-1]]
        assert found == expected[len(expected) - len(found) :]
        assert len(found) >= min(len(self.hours), (SEGMENTS - 1) * PER_SEGMENT)
        assert [seq for seq, _payload in found] == sorted({seq for seq, _payload in found})
        # littlefs never shows half of what was written.
        assert journal.damaged == 0
        assert _kept(journal.records(0)) == found
        assert read_file(STATE, LARGEST_STATE) in (self.state, self.next_state)


def _cut_everywhere(memory, before, numbers):
    """Cut the power at every operation of these numbers' life, half done and just done; returns how many there are.

    `before` is the Life that the flash has seen. Each time the dongle starts again, loses its power again after some
    operations, starts, goes on for more than a segment, and starts.
    """
    cut = 0
    while True:
        for halves in (1, 2):
            life = Life(before.hours, before.state)
            flash = RamFlash(BLOCKS, bytearray(memory), cut, halves)
            if life.run(flash, numbers):
                return cut
            life.run(RamFlash(BLOCKS, flash.memory, 7 * cut % AGAIN), range(1000, 1000 + PER_SEGMENT))
            assert life.run(RamFlash(BLOCKS, flash.memory), range(2000, 2002 + PER_SEGMENT))
            assert life.run(RamFlash(BLOCKS, flash.memory), ())
        cut += 1


def test_a_power_cut_at_any_program_or_erase_costs_no_hour_and_no_state():
    points = _cut_everywhere(formatted(BLOCKS).memory, Life(), range(STEPS))
    print("power cuts: at each of %d programs and erases, half done and just done" % points)
    assert points > 300


def _moved():
    """(stretch, the flash before it, the Life until then): the last of a dongle's many stretches that wrote into the
    blocks that the root directory had at first."""
    flash = formatted(BLOCKS)
    life = Life()
    moved = None
    erases = 0
    for stretch in range(STRETCHES):
        before = stretch, bytes(flash.memory), Life(life.hours, life.state)
        assert life.run(flash, range(stretch * STRETCH, (stretch + 1) * STRETCH))
        if sum(flash.erases[:2]) > erases:
            erases = sum(flash.erases[:2])
            moved = before
    return moved


def test_nor_does_a_power_cut_while_littlefs_moves_its_directory_to_level_the_wear():
    stretch, memory, life = _moved()
    # Else it has not moved at all: it is written anew every 15 stretches.
    assert stretch < STRETCHES - 50
    points = _cut_everywhere(memory, life, range(stretch * STRETCH, (stretch + 1) * STRETCH))
    print("power cuts: at each of %d programs and erases while the directory moves" % points)
    assert points > 40
