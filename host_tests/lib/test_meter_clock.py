"""Which time a meter's clock shows: winter time all year, people's time, or neither."""

from energy.calendar import seconds
from energy.meterclock import LOCAL, MARKED, OFF, STANDARD, MeterClock

_CET = 1


def _clock(rule, fixed=False):
    clock = MeterClock(_CET, rule if fixed else None)
    clock.expect(rule)
    return clock


def test_an_aidon_stays_on_winter_time_in_summer():
    clock = _clock(STANDARD)
    assert clock.utc(seconds(2026, 7, 21, 21), None, None, False) == seconds(2026, 7, 21, 20)
    assert clock.utc(seconds(2026, 7, 21, 22), None, seconds(2026, 7, 21, 21), True) == seconds(2026, 7, 21, 21)


def test_a_kaifa_follows_summer_time():
    clock = _clock(LOCAL)
    assert clock.utc(seconds(2026, 7, 21, 22, 0, 10), None, None, False) == seconds(2026, 7, 21, 20, 0, 10)
    assert clock.utc(seconds(2026, 1, 21, 22, 0, 10), None, None, False) == seconds(2026, 1, 21, 21, 0, 10)


def test_in_the_night_of_spring_the_wall_skips_an_hour_and_utc_none():
    clock = _clock(LOCAL)
    shown = (seconds(2026, 3, 29, 1), seconds(2026, 3, 29, 3), seconds(2026, 3, 29, 4))
    assert [clock.utc(s, None, None, False) for s in shown] == [seconds(2026, 3, 29, h) for h in (0, 1, 2)]


def test_in_the_night_of_autumn_our_own_clock_tells_the_first_two_oclock_from_the_second():
    clock = _clock(LOCAL)
    shown = seconds(2026, 10, 25, 2, 0, 10)
    first, second = seconds(2026, 10, 25, 0, 0, 10), seconds(2026, 10, 25, 1, 0, 10)
    assert clock.utc(shown, None, None, False) == first
    for sure in (False, True):
        assert clock.utc(shown, None, first + 20, sure) == first
        assert clock.utc(shown, None, second - 20, sure) == second
    assert clock.utc(seconds(2026, 10, 25, 3, 0, 10), None, None, False) == second + 3600


def test_a_p1_meter_says_which_time_it_shows():
    clock = _clock(MARKED)
    assert clock.utc(seconds(2026, 7, 1, 14), 1, None, False) == seconds(2026, 7, 1, 12)
    # Swedish meters stay on winter time, and say so.
    assert clock.utc(seconds(2026, 7, 1, 13), 0, None, False) == seconds(2026, 7, 1, 12)


def test_ntp_finds_out_after_three_readings_that_a_meter_does_otherwise():
    clock = _clock(STANDARD)
    own = seconds(2026, 7, 1, 12)
    answers = [clock.utc(own + i + 7200, None, own + i, True) for i in range(0, 50, 10)]
    assert answers == [None, None, own + 20, own + 30, own + 40]
    assert clock.rule == LOCAL


def test_one_list_that_repeats_the_hour_before_is_in_doubt_and_changes_nothing():
    for month in (1, 7):
        clock = _clock(STANDARD)
        own = seconds(2026, month, 1, 12, 0, 12)
        for hour in range(6):
            repeated = seconds(2026, month, 1, 12 + hour)  # by winter time an hour behind
            assert clock.utc(repeated, None, own + 3600 * hour, True) is None
            right = seconds(2026, month, 1, 13 + hour)
            assert clock.utc(right, None, own + 3600 * hour + 10, True) == right - 3600
        assert clock.rule == STANDARD


def test_a_clock_that_shows_neither_gives_way_to_ours_and_is_taken_up_again_when_it_is_right():
    clock = _clock(STANDARD)
    own = seconds(2026, 1, 1, 12)
    wrong = [clock.utc(seconds(2000, 1, 1) + i, None, own + i, True) for i in range(0, 40, 10)]
    assert wrong == [None, None, own + 20, own + 30]
    assert clock.rule == OFF
    right = [clock.utc(own + 3600 + i, None, own + i, True) for i in range(100, 140, 10)]
    assert right == [None, None, own + 120, own + 130]


def test_the_same_clock_again_is_no_second_vote():
    clock = _clock(STANDARD)
    own = seconds(2026, 7, 1, 12)
    assert [clock.utc(own + 7200, None, own + i, True) for i in range(9)] == [None] * 9


def test_against_the_owners_word_nothing_stands():
    clock = MeterClock(_CET, STANDARD)
    clock.expect(LOCAL)
    own = seconds(2026, 7, 1, 12)
    assert [clock.utc(own + 7200 + i, None, own + i, True) for i in range(5)] == [own + 3600 + i for i in range(5)]
