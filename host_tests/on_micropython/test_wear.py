"""What the journal and the running state cost the flash, and the heap, counted on a real littlefs."""

import gc

from ram_flash import BLOCK_SIZE, Mounted, formatted

from app.storage import write_file
from journal import Journal

# Half of a dongle's 2 MB, and of these a part whose blocks never change, as those of the firmware's own files.
BLOCKS = 256
STILL_BLOCKS = 100
# The dongle's: an hour and its acknowledgement an hour, 40 days of them.
PAYLOAD = 48
PER_SEGMENT = 73
SEGMENTS = 28
RECORDS = 2000
RECORDS_PER_HOUR = 2
# The running state, every 5 minutes.
STATE = b"{%s}" % (b"0123456789" * 30)
STATES_PER_RECORD = 6
TEN_YEARS_H = 10 * 365 * 24
ENDURANCE = 100000  # erases that a block of NOR flash is good for


def _run(flash, records, states_per_record):
    """Let a dongle live for so many records; returns the erases of all blocks for each."""
    before = sum(flash.erases)
    with Mounted(flash):
        journal = Journal("/flash/hours", PAYLOAD, PER_SEGMENT, SEGMENTS)
        for _ in journal.replay():
            pass
        for number in range(records):
            journal.append(bytes([number & 255]) * PAYLOAD)
            for _ in range(states_per_record):
                write_file("/flash/state.json", STATE)
    return (sum(flash.erases) - before) / records


def test_a_record_costs_little_more_than_one_erase():
    erases = _run(formatted(BLOCKS), RECORDS, 0)
    print("wear: %.3f erases a record" % erases)
    assert 0.9 < erases < 1.1


def test_ten_years_of_hours_and_states_wear_out_no_block():
    flash = formatted(BLOCKS)
    with Mounted(flash):
        write_file("/flash/firmware", bytes(STILL_BLOCKS * BLOCK_SIZE))
    before = list(flash.erases)
    erases = _run(flash, RECORDS, STATES_PER_RECORD)
    worst = max([after - first for after, first in zip(flash.erases, before)])
    years = TEN_YEARS_H * RECORDS_PER_HOUR / RECORDS
    print("wear: %.2f erases a record and its %d states" % (erases, STATES_PER_RECORD))
    print("wear: in ten years %d erases of the block that has most" % (worst * years))
    assert erases < 8
    assert worst * years < ENDURANCE / 5


def test_forty_days_of_hours_take_no_heap_but_for_the_segments_numbers():
    flash = formatted(BLOCKS)
    _run(flash, SEGMENTS * PER_SEGMENT, 0)
    with Mounted(flash):
        journal = Journal("/flash/hours", PAYLOAD, PER_SEGMENT, SEGMENTS)
        gc.collect()
        before = gc.mem_alloc()
        count = 0
        for _seq, _payload in journal.replay():
            count += 1
        gc.collect()
        taken = gc.mem_alloc() - before
        assert count == SEGMENTS * PER_SEGMENT
        assert taken < 1000
