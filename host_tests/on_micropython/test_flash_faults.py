"""A flash that is full, or refuses for a moment, while the dongle goes on, on a real littlefs."""

import os

from ram_flash import BLOCK_SIZE, Mounted, RamFlash, formatted

from journal import Journal

BLOCKS = 24
PAYLOAD = 48
PER_SEGMENT = 5
SEGMENTS = 3
COUNT = 24


class RefusingFlash(RamFlash):
    """One that can always be read: after a read that fails, littlefs takes what it had in mind for the block."""

    def readblocks(self, block, buffer, offset=0):
        was_off, self.is_off = self.is_off, False
        super().readblocks(block, buffer, offset)
        self.is_off = was_off
        return 0


def _started():
    """(journal, all that it has found), as after a start of the dongle."""
    journal = Journal("/flash/hours", PAYLOAD, PER_SEGMENT, SEGMENTS)
    return journal, [(seq, bytes(payload)) for seq, payload in journal.replay()]


def _taken(journal, number, hours):
    """True when the hour was taken; then it is one of `hours`."""
    hour = bytes([number]) * PAYLOAD
    try:
        hours.append((journal.append(hour), hour))
        return True
    except OSError:
        return False


def _check(flash, hours):
    """Assert that a start finds the last of these hours, and nothing else."""
    with Mounted(flash):
        journal, found = _started()
    assert journal.damaged == 0
    assert found == hours[-len(found) :]
    assert len(found) >= min(len(hours), (SEGMENTS - 1) * PER_SEGMENT)


def _empty():
    """The content of a flash with a journal that has nothing in it."""
    flash = formatted(BLOCKS)
    with Mounted(flash):
        _started()
    return flash.memory


def test_a_flash_that_refuses_one_operation_costs_nothing_once_it_is_repeated():
    memory = _empty()
    cut = 0
    while True:
        flash = RefusingFlash(BLOCKS, bytearray(memory), cut)
        hours = []
        refused = 0
        with Mounted(flash):
            journal, _found = _started()
            for number in range(COUNT):
                if not _taken(journal, number, hours):
                    refused += 1
                    flash.is_off = False
                    assert _taken(journal, 100 + number, hours)
        _check(flash, hours)
        if not refused:
            break
        assert (refused, len(hours)) == (1, COUNT)
        cut += 1
    assert cut > 60


def test_a_full_flash_costs_no_old_hour():
    flash = RamFlash(BLOCKS, _empty())
    hours = []
    with Mounted(flash):
        journal, _found = _started()
        for number in range(8):
            assert _taken(journal, number, hours)
        _fill("/flash/stranger")
        kept = len(list(journal.records(0)))
        refused = 0
        for number in range(8, 100):
            refused += not _taken(journal, number, hours)
        assert refused > 80
        assert len(list(journal.records(0))) >= kept
        os.remove("/flash/stranger")
        for number in range(100, 103):
            assert _taken(journal, number, hours)
    _check(flash, hours)


def _fill(path):
    with open(path, "wb") as file:
        try:
            while True:
                file.write(bytes(BLOCK_SIZE))
                file.flush()
        except OSError:
            pass
