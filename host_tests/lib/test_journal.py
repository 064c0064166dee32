"""The journal on whatever file system the tests run on: what it finds again, and what it makes of damage."""

import os
import struct

import journal as package
from journal import Journal

PAYLOAD = 5
RECORD = PAYLOAD + 8
PER_SEGMENT = 4
SEGMENTS = 3


def in_a_folder(test):
    """The test, with a folder of its own that does not exist yet and is removed afterwards."""

    def run():
        folder = (os.getenv("TMPDIR") or ".") + "/journal-" + "".join(["%02x" % octet for octet in os.urandom(8)])
        try:
            test(folder)
        finally:
            remove(folder)

    return run


def remove(path):
    try:
        names = os.listdir(path)
    except OSError:
        names = None
    if names is None:
        try:
            os.remove(path)
        except OSError:
            pass
        return
    for name in names:
        remove(path + "/" + name)
    os.rmdir(path)


def started(folder, segments=SEGMENTS):
    """(journal, all that it has found), as after a start of the dongle."""
    journal = Journal(folder, PAYLOAD, PER_SEGMENT, segments)
    return journal, kept(journal.replay())


def kept(records):
    return [(seq, bytes(payload)) for seq, payload in records]


def hour(number):
    return b"hour" + bytes([number])


def filled(folder, count, segments=SEGMENTS):
    """A journal with so many hours in it, and what replay() must say of them."""
    journal, found = started(folder, segments)
    assert found == []
    return journal, [(journal.append(hour(number)), hour(number)) for number in range(count)]


def segments(folder):
    """The numbers in the names of the segment files, rising."""
    return sorted([int(name[:-4]) for name in os.listdir(folder) if name.endswith(".seg")])


def path(folder, first):
    return folder + "/%d.seg" % first


def read(name):
    with open(name, "rb") as file:
        return file.read()


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def crc32(content):
    """IEEE 802.3's, bit by bit."""
    crc = 0xFFFFFFFF
    for octet in content:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def record(seq, payload):
    """A record by its description."""
    content = payload + struct.pack("<I", seq)
    return content + struct.pack("<I", crc32(content))


def refused(journal, payload):
    """True when the journal says that this could not be written."""
    try:
        journal.append(payload)
        return False
    except OSError:
        return True


class Refusing:
    """The flash: takes so many bytes of a write, and then raises OSError."""

    def __init__(self, takes):
        self._takes = takes

    def __enter__(self):
        package.open = self._open
        return self

    def __exit__(self, *error):
        del package.open

    def _open(self, name, mode):
        return open(name, mode) if "r" in mode else RefusingFile(name, mode, self._takes)


class RefusingFile:
    def __init__(self, name, mode, takes):
        self._name = name
        self._mode = mode
        self._takes = takes

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def write(self, content):
        with open(self._name, self._mode) as file:
            file.write(content[: self._takes])
        raise OSError(5)


@in_a_folder
def test_hours_come_back_in_order_with_rising_numbers(folder):
    journal, hours = filled(folder, 9)
    assert [seq for seq, _payload in hours] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert journal.last_seq == 9
    assert kept(journal.records(0)) == hours
    journal, found = started(folder)
    assert (found, journal.last_seq, journal.damaged) == (hours, 9, 0)
    assert journal.append(hour(9)) == 10
    assert started(folder)[1] == hours + [(10, hour(9))]


@in_a_folder
def test_a_record_lies_in_the_file_as_described(folder):
    filled(folder, 6)
    assert segments(folder) == [1, 5]
    assert read(path(folder, 5)) == record(5, hour(4)) + record(6, hour(5))


@in_a_folder
def test_the_ring_drops_its_oldest_segment_and_never_a_younger_hour(folder):
    journal, hours = filled(folder, 0)
    for number in range(60):
        hours.append((journal.append(hour(number)), hour(number)))
        assert len(os.listdir(folder)) <= SEGMENTS
        found = kept(journal.records(0))
        assert len(found) >= min(len(hours), (SEGMENTS - 1) * PER_SEGMENT + 1)
        assert found == hours[-len(found) :] == started(folder)[1]
        if number % 7 == 0:
            journal = started(folder)[0]


@in_a_folder
def test_a_newest_file_cut_at_any_byte_costs_the_hours_behind_the_cut_alone(folder):
    # 7 hours: the newest segment has 3. 8: it is full.
    for count in (7, 8):
        _journal, hours = filled(folder, count)
        whole = read(path(folder, 5))
        for size in range(len(whole) + 1):
            write(path(folder, 5), whole[:size])
            expected = hours[: 4 + size // RECORD]
            journal, found = started(folder)
            assert found == expected, size
            assert journal.damaged == (1 if size % RECORD else 0), size
            assert kept(journal.records(0)) == expected, size
            # What was cut off was never acknowledged: its number may come again, a number that was found may not.
            after = [(journal.append(hour(100 + number)), hour(100 + number)) for number in range(3)]
            assert [seq for seq, _payload in after] == sorted({seq for seq, _payload in after}), size
            assert after[0][0] > expected[-1][0], size
            assert kept(journal.records(0)) == expected + after, size
            assert started(folder)[1] == expected + after, size
            for first in segments(folder):
                if first > 5:
                    os.remove(path(folder, first))
        remove(folder)


@in_a_folder
def test_no_flipped_bit_passes_for_an_hour_and_no_other_hour_is_lost(folder):
    _journal, hours = filled(folder, 7)
    for first in (1, 5):
        whole = read(path(folder, first))
        for at in range(len(whole)):
            for bit in range(8):
                write(path(folder, first), whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
                damaged = first + at // RECORD
                expected = [entry for entry in hours if entry[0] != damaged]
                journal, found = started(folder)
                assert (found, journal.damaged) == (expected, 1), (first, at, bit)
                assert kept(journal.records(0)) == expected, (first, at, bit)
                assert journal.last_seq == 7, (first, at, bit)
        write(path(folder, first), whole)
    assert started(folder)[1] == hours


@in_a_folder
def test_erased_and_zeroed_records_are_no_hours(folder):
    _journal, hours = filled(folder, 5)
    for filler in (b"\x00", b"\xff"):
        write(path(folder, 5), record(5, hour(4)) + filler * (3 * RECORD))
        journal, found = started(folder)
        assert (found, journal.damaged, journal.last_seq) == (hours, 3, 8)


@in_a_folder
def test_reading_the_records_counts_no_damage_twice(folder):
    filled(folder, 4)
    write(path(folder, 1), read(path(folder, 1))[:-1])
    journal, found = started(folder)
    assert len(kept(journal.records(0))) == len(found) == 3
    assert journal.damaged == 1
    assert kept(journal.replay()) == found
    assert journal.damaged == 1


@in_a_folder
def test_behind_a_torn_hour_a_new_segment_begins(folder):
    _journal, hours = filled(folder, 5)
    write(path(folder, 5), record(5, hour(4)) + b"torn")
    journal, _found = started(folder)
    hours.append((journal.append(hour(9)), hour(9)))
    assert hours[-1][0] == 7
    assert segments(folder) == [1, 5, 7]
    assert read(path(folder, 5)) == record(5, hour(4)) + b"torn"
    assert started(folder)[1] == hours


@in_a_folder
def test_behind_a_damaged_hour_of_whole_length_the_segment_goes_on(folder):
    _journal, hours = filled(folder, 5)
    write(path(folder, 5), record(5, hour(4)) + bytes(RECORD))
    journal, _found = started(folder)
    hours.append((journal.append(hour(9)), hour(9)))
    assert hours[-1][0] == 7
    assert segments(folder) == [1, 5]
    assert kept(journal.records(0)) == started(folder)[1] == hours


@in_a_folder
def test_an_hour_without_its_last_byte_is_damaged_even_if_the_one_before_ends_in_it(folder):
    first = record(1, hour(0))
    alike = [record(2, hour(number)) for number in range(256)]
    alike = [content for content in alike if content[-1] == first[-1]][0]
    os.mkdir(folder)
    write(path(folder, 1), first + alike[:-1])
    journal, found = started(folder)
    assert (found, journal.damaged) == ([(1, hour(0))], 1)


@in_a_folder
def test_what_does_not_belong_in_the_folder_is_left_alone(folder):
    _journal, hours = filled(folder, 6)
    strangers = (
        "readme.txt",
        "x.seg",
        ".seg",
        "0.seg",
        "-3.seg",
        "007.seg",
        "5.seg.new",
        "99999999999.seg",
        "4_0.seg",
    )
    for name in strangers:
        write(folder + "/" + name, b"not ours" * 100)
    os.mkdir(folder + "/more.seg")
    journal, found = started(folder)
    assert (found, journal.damaged) == (hours, 0)
    for number in range(30):
        journal.append(hour(number))
    assert sorted(os.listdir(folder)) == sorted(strangers + ("more.seg", "25.seg", "29.seg", "33.seg"))
    for name in strangers:
        assert read(folder + "/" + name) == b"not ours" * 100


@in_a_folder
def test_an_hour_that_lies_there_twice_comes_once(folder):
    _journal, hours = filled(folder, 8)
    for copied, name in ((1, 9), (5, 9), (5, 2), (1, 7)):
        write(path(folder, name), read(path(folder, copied)))
        journal, found = started(folder)
        assert found == kept(journal.records(0))
        assert [entry for entry in found if entry in hours] == found
        assert len({seq for seq, _payload in found}) == len(found)
        assert [seq for seq, _payload in found] == sorted([seq for seq, _payload in found])
        os.remove(path(folder, name))


@in_a_folder
def test_overlapping_segments_give_each_number_once(folder):
    os.mkdir(folder)
    for first, numbers in ((1, range(1, 5)), (3, range(3, 7)), (5, range(5, 6))):
        write(path(folder, first), b"".join([record(seq, hour(10 * first + seq)) for seq in numbers]))
    journal, found = started(folder)
    assert [seq for seq, _payload in found] == [1, 2, 3, 4, 5]
    assert kept(journal.records(0)) == found
    assert journal.append(hour(9)) == 6


@in_a_folder
def test_an_empty_newest_segment_is_filled(folder):
    _journal, hours = filled(folder, 4)
    write(path(folder, 5), b"")
    journal, found = started(folder)
    assert (found, journal.damaged) == (hours, 0)
    hours.append((journal.append(hour(4)), hour(4)))
    assert (segments(folder), started(folder)[1]) == ([1, 5], hours)


@in_a_folder
def test_a_segment_that_cannot_be_read_is_passed_over_and_never_written_to(folder):
    _journal, hours = filled(folder, 4)
    # A folder by the segment's name is what no file system reads as a file.
    os.mkdir(path(folder, 5))
    journal, found = started(folder)
    assert (found, journal.damaged) == (hours, 1)
    hours.append((journal.append(hour(9)), hour(9)))
    assert hours[-1][0] == 9
    assert kept(journal.records(0)) == started(folder)[1] == hours
    # Nor does it hold the ring up when its turn to go has come.
    write(path(folder, 5) + "/held", b"")
    for number in range(40):
        hours.append((journal.append(hour(number)), hour(number)))
    assert len(segments(folder)) == SEGMENTS + 1
    found = kept(journal.records(0))
    assert found == hours[-len(found) :]


@in_a_folder
def test_a_write_that_the_flash_refuses_raises_and_the_next_one_is_safe(folder):
    # The 3rd hour goes into a segment that was begun, the 5th begins one.
    for count in (2, 4):
        for takes in range(RECORD + 1):
            journal, hours = filled(folder, count)
            with Refusing(takes):
                for _ in range(3):
                    assert refused(journal, hour(50))
            assert kept(journal.records(0)) == hours
            # A start at this moment finds the refused one or not, and no other.
            assert started(folder)[1] == hours + ([(count + 1, hour(50))] if takes == RECORD else []), (count, takes)
            for number in (60, 61):
                hours.append((journal.append(hour(number)), hour(number)))
            assert kept(journal.records(0)) == started(folder)[1] == hours, (count, takes)
            assert [seq for seq, _payload in hours] == list(range(1, count + 3))
            remove(folder)


@in_a_folder
def test_a_flash_that_refuses_for_long_costs_one_segment_at_most(folder):
    for takes in range(RECORD + 1):
        journal, hours = filled(folder, 10)
        with Refusing(takes):
            for _ in range(20):
                assert refused(journal, hour(50))
        # Where half of it came to lie there, a new segment takes the place of the oldest, once.
        assert kept(journal.records(0)) == hours[PER_SEGMENT if takes else 0 :], takes
        assert len(segments(folder)) == SEGMENTS
        remove(folder)


@in_a_folder
def test_records_begin_anywhere_and_pass_over_what_is_missing(folder):
    _journal, hours = filled(folder, 11, 5)
    write(path(folder, 5), record(5, hour(4)) + b"?" * RECORD)
    os.remove(path(folder, 1))
    journal, found = started(folder, 5)
    assert [seq for seq, _payload in found] == [5, 9, 10, 11]
    for after in range(13):
        assert kept(journal.records(after)) == [entry for entry in hours if entry in found and entry[0] > after]


@in_a_folder
def test_records_go_on_to_hours_that_are_appended_meanwhile_while_the_ring_turns(folder):
    journal, _hours = filled(folder, 6)
    seen = []
    for seq, payload in journal.records(4):
        seen.append((seq, bytes(payload)))
        if len(seen) < 30:
            journal.append(hour(seq))
    assert [seq for seq, _payload in seen] == list(range(5, 36))
    # One that was waited with for too long has left the ring.
    reader = journal.records(30)
    assert next(reader)[0] == 31
    for number in range(20):
        journal.append(hour(number))
    assert next(reader)[0] == segments(folder)[0]


@in_a_folder
def test_others_have_their_turn_after_each_record_at_the_start(folder):
    filled(folder, 8)
    journal = Journal(folder, PAYLOAD, PER_SEGMENT, SEGMENTS)
    replay = journal.replay()
    for seq in range(1, 9):
        assert next(replay)[0] == seq
        # Nothing may be written before all is found: a number would be given twice.
        try:
            journal.append(hour(0))
            raise AssertionError("appended")
        except TypeError:
            pass
    assert list(replay) == []
    assert journal.append(hour(8)) == 9


@in_a_folder
def test_a_payload_of_another_size_is_refused(folder):
    journal, hours = filled(folder, 2)
    for wrong in (b"", b"1234", b"123456"):
        try:
            journal.append(wrong)
            raise AssertionError("appended")
        except ValueError:
            pass
    assert started(folder)[1] == hours


@in_a_folder
def test_records_of_another_size_than_before_are_damaged_and_the_numbers_go_on(folder):
    filled(folder, 6)
    journal = Journal(folder, PAYLOAD + 4, PER_SEGMENT, SEGMENTS)
    assert kept(journal.replay()) == []
    assert journal.damaged > 0
    seq = journal.append(b"123456789")
    assert seq > 6
    again = Journal(folder, PAYLOAD + 4, PER_SEGMENT, SEGMENTS)
    assert kept(again.replay()) == [(seq, b"123456789")]


@in_a_folder
def test_only_a_folder_that_cannot_be_had_raises(folder):
    write(folder, b"a file in its place")
    try:
        started(folder)
        raise AssertionError("no OSError")
    except OSError:
        pass
