"""The capacity tariff's highest hours, what the month and the day have used, and what may still be used."""

from energy.calendar import seconds
from energy.hour import ESTIMATE, HOUR, MARK, Hour
from energy.peaks import Peaks
from energy.usage import Usage

_CET = 1
_STEPS_WH = (2000, 5000, 10000)


def _hour(day, of_day, wh, kind=HOUR, month=6, total=None):
    """The completed hour that began then by the wall's clock, in summer time."""
    hour = Hour()
    hour.kind, hour.hour = kind, seconds(2026, month, day, of_day) // 3600 - 2
    hour.wh = [wh, None]
    hour.totals = [total, None]
    return hour


def _peaks(*hours, count=3):
    peaks = Peaks(count, _CET)
    for hour in hours:
        peaks.note(_hour(*hour))
    return peaks


def _highest(peaks):
    return [(wh, day) for wh, _hour, day in peaks.highest]


def test_the_highest_hours_are_on_different_days():
    peaks = _peaks((1, 8, 4000), (1, 9, 5000), (2, 8, 3000), (3, 8, 2000), (4, 8, 1000), (2, 20, 3500))
    assert _highest(peaks) == [(5000, 1), (3500, 2), (2000, 3)]
    assert peaks.mean_wh() == 3500


def test_a_day_counts_by_the_walls_calendar():
    peaks = _peaks((1, 23, 4000), (2, 0, 3000))
    assert _highest(peaks) == [(4000, 1), (3000, 2)]


def test_no_estimate_becomes_a_peak():
    peaks = _peaks((1, 8, 4000), (2, 8, 9000, ESTIMATE), (3, 8, None, MARK))
    assert _highest(peaks) == [(4000, 1)]


def test_a_new_month_begins_without_peaks():
    peaks = _peaks((30, 23, 9000), (1, 0, 1000, HOUR, 7))
    assert _highest(peaks) == [(1000, 1)]
    peaks.begin(2026, 8)
    assert _highest(peaks) == [] and peaks.mean_wh() == 0


def test_the_step_is_the_one_that_the_mean_lies_in():
    for wh, step in ((0, (1, 2000)), (1999, (1, 2000)), (2000, (2, 5000)), (9999, (3, 10000)), (10000, (4, None))):
        assert _peaks((1, 8, wh)).step(_STEPS_WH) == step
    assert _peaks().step(_STEPS_WH) == (1, 2000)


def test_an_hour_may_take_what_keeps_the_mean_below_the_limit():
    peaks = _peaks((1, 8, 4000), (2, 8, 5000), (3, 8, 1000))
    # (4000 + 5000 + 6000) / 3 = 5000
    assert peaks.allowed_wh(5000, 4) == 6000
    assert peaks.allowed_wh(5000, 3) == 6000
    # On day 2 the hour stands in the place of its 5000: (4000 + 1000 + 10000) / 3.
    assert peaks.allowed_wh(5000, 2) == 10000


def test_in_the_first_days_of_a_month_the_mean_is_of_the_days_that_there_are():
    assert _peaks().allowed_wh(5000, 1) == 5000
    assert _peaks((1, 8, 4000)).allowed_wh(5000, 1) == 5000
    assert _peaks((1, 8, 4000)).allowed_wh(5000, 2) == 6000


def test_where_the_mean_has_passed_the_limit_an_hour_may_not_raise_it_further():
    peaks = _peaks((1, 8, 9000), (2, 8, 8000), (3, 8, 7000))
    assert peaks.allowed_wh(5000, 4) == 7000
    assert peaks.allowed_wh(5000, 3) == 7000
    assert peaks.allowed_wh(5000, 1) == 9000


def test_another_number_of_hours_may_count():
    assert _highest(_peaks((1, 8, 4000), (2, 8, 5000), count=1)) == [(5000, 2)]
    assert _peaks((1, 8, 4000), (2, 8, 5000), count=1).allowed_wh(4500, 3) == 5000


def test_the_day_and_the_month_begin_with_the_totals_at_midnight():
    usage = Usage(_CET)
    usage.note(_hour(30, 21, 100, total=1000))
    assert (usage.day((1500, None)), usage.month((1500, None))) == ((500, None), (500, None))
    usage.note(_hour(30, 22, 100, total=1600))
    assert usage.day((1700, 3)) == (700, None)
    usage.note(_hour(30, 23, 100, total=1800))
    assert (usage.day((1850, 3)), usage.month((1850, 3))) == ((50, None), (50, None))
    usage.note(_hour(1, 23, 100, month=7, total=2500))
    assert (usage.day((2600, 3)), usage.month((2600, 3))) == ((100, None), (800, None))


def test_what_is_not_known_yet_is_not_made_up():
    assert Usage(_CET).day((1500, None)) == (None, None)
