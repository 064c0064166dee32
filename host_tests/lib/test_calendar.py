"""Times, dates and summer time. The expected offsets are those of Norway's legal time."""

from energy import calendar


def test_dates_and_seconds_are_each_others_inverse():
    assert calendar.seconds(2020, 1, 1) == 0
    assert calendar.seconds(2024, 2, 29, 12, 30, 45) == 1520 * 86400 + 45045
    for day in range(-8000, 20000, 13):
        when = calendar.date_time(day * 86400 + 3723)
        assert when[3:] == (1, 2, 3)
        assert calendar.seconds(*when) == day * 86400 + 3723
    assert calendar.date_time(calendar.seconds(2100, 3, 1) - 1) == (2100, 2, 28, 23, 59, 59)


def test_summer_time_begins_and_ends_on_the_last_sundays():
    for (year, month, day), offset in (
        ((2026, 3, 29), 1),
        ((2026, 10, 25), -1),
        ((2027, 3, 28), 1),
        ((2027, 10, 31), -1),
        ((2030, 3, 31), 1),
        ((2030, 10, 27), -1),
    ):
        at_s = calendar.seconds(year, month, day, 1)
        assert calendar.is_summer_time(at_s - 1) == (offset < 0)
        assert calendar.is_summer_time(at_s) == (offset > 0)


def test_times_are_written_with_the_walls_offset():
    assert calendar.iso(calendar.seconds(2026, 1, 15, 11), 1) == "2026-01-15T12:00:00+01:00"
    assert calendar.iso(calendar.seconds(2026, 7, 1, 22), 1) == "2026-07-02T00:00:00+02:00"
    assert calendar.iso(calendar.seconds(2026, 7, 1, 22), 2) == "2026-07-02T01:00:00+03:00"
    # The hour that comes twice: 02:00 in summer time, then 02:00 in winter time.
    assert calendar.iso(calendar.seconds(2026, 10, 25, 0), 1) == "2026-10-25T02:00:00+02:00"
    assert calendar.iso(calendar.seconds(2026, 10, 25, 1), 1) == "2026-10-25T02:00:00+01:00"


def test_a_day_begins_at_midnight_on_the_wall():
    assert calendar.local_day(calendar.seconds(2026, 6, 30, 21, 59), 1) == (2026, 6, 30)
    assert calendar.local_day(calendar.seconds(2026, 6, 30, 22), 1) == (2026, 7, 1)
    assert calendar.local_day(calendar.seconds(2026, 12, 31, 23), 1) == (2027, 1, 1)
