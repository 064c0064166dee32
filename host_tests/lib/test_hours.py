"""Hours from hour marks: the meter's own, estimates for missed ones, in order and complete."""

from energy.hour import ESTIMATE, HOUR, MARK, SIZE, Hour
from energy.hours import Hours

_MINUTE_MS = 60000


def _mark(hours, hour, wh, export_wh=None, is_exact=True, meter=7):
    """A mark where registers and totals are the same; the hours that it completes: (hour, kind, import, export)."""
    hours.complete(hour, (wh, export_wh), (wh, export_wh), meter, is_exact)
    return _drain(hours)


def _drain(hours):
    done = []
    record = Hour()
    while hours.next(record):
        done.append((record.hour, record.kind, record.wh[0], record.wh[1]))
        hours.done()
    return done


def _use(hours, hour, wh, minutes=60, export_wh=0):
    """Power for so many minutes of an hour."""
    for minute in range(minutes):
        share = wh * (minute + 1) // minutes - wh * minute // minutes
        sold = export_wh * (minute + 1) // minutes - export_wh * minute // minutes
        hours.add(hour, _MINUTE_MS, share, sold)


def _started(hour=100, wh=5000, export_wh=None):
    hours = Hours()
    assert _mark(hours, hour, wh, export_wh) == [(hour - 1, MARK, None, None)]
    return hours


def test_an_hour_is_the_difference_of_the_registers_and_not_of_the_estimates():
    hours = _started()
    _use(hours, 100, 950)
    assert _mark(hours, 101, 6000) == [(100, HOUR, 1000, None)]
    assert _mark(hours, 102, 6000) == [(101, HOUR, 0, None)]


def test_the_first_mark_completes_nothing_since_the_hour_before_was_not_seen_whole():
    hours = Hours()
    _use(hours, 99, 500, 25)
    assert _mark(hours, 100, 5000) == [(99, MARK, None, None)]


def test_a_mark_that_comes_again_completes_no_hour_twice():
    hours = _started()
    assert len(_mark(hours, 101, 6000)) == 1
    assert _mark(hours, 101, 6000) == []
    assert _mark(hours, 101, 6100) == []
    assert _mark(hours, 102, 6500) == [(101, HOUR, 500, None)]


def test_hours_after_a_missed_mark_come_in_order_in_the_proportion_of_their_estimates():
    hours = _started()
    _use(hours, 100, 1000)
    _use(hours, 101, 3000)
    assert _drain(hours) == []
    assert _mark(hours, 102, 5000 + 4400) == [(100, ESTIMATE, 1100, None), (101, ESTIMATE, 3300, None)]
    assert _mark(hours, 103, 9500) == [(102, HOUR, 100, None)]


def test_what_nobody_saw_takes_what_is_left():
    hours = _started()
    _use(hours, 100, 1000)
    _use(hours, 101, 600, 30)
    # The meter was silent for half an hour and then an hour: 1500 Wh are left for 90 minutes.
    assert _mark(hours, 103, 5000 + 3100) == [
        (100, ESTIMATE, 1000, None),
        (101, ESTIMATE, 1100, None),
        (102, ESTIMATE, 1000, None),
    ]


def test_estimates_always_add_up_to_the_registers():
    for used in (0, 1, 7, 1000, 4001, 123457):
        for length in (2, 3, 7, 48, 49, 60, 200):
            hours = _started(export_wh=50)
            for i in range(min(length, 55)):
                _use(hours, 100 + i, 37 * i % 11, (i * 13) % 61 or 1, i)
            done = _mark(hours, 100 + length, 5000 + used, 50 + used // 3)
            assert [row[0] for row in done] == list(range(100, 100 + length))
            assert sum(row[2] for row in done) == used
            assert sum(row[3] for row in done) == used // 3
            assert min(row[2] for row in done) >= 0
            assert {row[1] for row in done} == {ESTIMATE}


def test_what_was_used_since_the_mark_moves_to_the_running_hour():
    hours = _started()
    _use(hours, 100, 1000)
    _use(hours, 101, 11, 1)
    assert (hours.so_far(100, 0), hours.so_far(101, 0), hours.so_far(150, 0)) == (1000, 11, None)
    _mark(hours, 101, 6000)
    assert hours.so_far(101, 0) == 11
    assert hours.pending() == [[11, 0, _MINUTE_MS]]


def test_an_exchanged_meters_hour_is_an_estimate():
    hours = _started()
    hours.complete(101, (30, None), (5000 + 700, None), 8, False)
    record = Hour()
    assert hours.next(record)
    assert (record.kind, record.wh[0], record.registers[0], record.totals[0], record.meter) == (
        ESTIMATE,
        700,
        30,
        5700,
        8,
    )
    hours.done()
    hours.complete(102, (530, None), (6200, None), 8, True)
    assert _drain(hours) == [(101, HOUR, 500, None)]


def test_a_power_cut_amid_a_stretch_goes_on_behind_the_last_hour_that_was_kept():
    def stretch(hours):
        hours.complete(103, (5000 + 3100, None), (5000 + 3100, None), 7, True)

    whole = _started()
    broken = _started()
    for hours in (whole, broken):
        _use(hours, 100, 1000)
        _use(hours, 101, 600, 30)
    stretch(whole)
    expected = _drain(whole)
    stretch(broken)
    kept = Hour()
    assert broken.next(kept)
    saved = broken.pending()
    again = Hours()
    record = Hour()
    record.unpack(kept.pack())
    again.start(record)
    again.restore(100, saved)
    stretch(again)
    assert [(kept.hour, kept.kind, kept.wh[0], kept.wh[1])] + _drain(again) == expected


def test_an_hour_that_could_not_be_kept_comes_again():
    hours = _started()
    hours.complete(101, (6000, None), (6000, None), 7, True)
    record = Hour()
    assert hours.next(record) and hours.next(record)
    assert (record.hour, record.wh[0]) == (100, 1000)
    assert _drain(hours) == [(100, HOUR, 1000, None)]


def test_a_clock_that_was_ahead_is_put_back_after_three_marks_that_agree():
    hours = _started(500)
    assert _mark(hours, 101, 6000) == []
    assert _mark(hours, 102, 7000) == []
    assert _mark(hours, 103, 8000) == [(102, MARK, None, None)]
    assert _mark(hours, 104, 9000) == [(103, HOUR, 1000, None)]


def test_a_single_mark_from_the_past_changes_nothing():
    hours = _started(500)
    for _ in range(5):
        assert _mark(hours, 101, 6000) == []
    assert _mark(hours, 501, 6000) == [(500, HOUR, 1000, None)]


def test_a_dongle_that_was_away_for_longer_than_the_journal_keeps_begins_anew():
    hours = _started()
    assert _mark(hours, 100 + 961, 90000) == [(1060, MARK, None, None)]
    assert len(_mark(_started(), 100 + 960, 90000)) == 960


def test_a_kept_hour_is_the_same_when_it_is_read_again():
    record, again = Hour(), Hour()
    record.kind, record.meter, record.hour = HOUR, 65535, 60000
    record.wh = [1234, None]
    record.registers = [2**33, None]
    record.totals = [2**33 + 5, None]
    assert len(record.pack()) == SIZE == 48
    again.unpack(record.pack())
    assert (again.kind, again.meter, again.hour) == (HOUR, 65535, 60000)
    assert (again.wh, again.registers, again.totals) == (record.wh, record.registers, record.totals)
    record.wh = [None, None]
    again.unpack(record.pack())
    assert again.wh == [None, None]
