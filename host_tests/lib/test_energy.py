"""The running total between register readings."""

from energy.total import RunningTotal


def _at(wh):
    total = RunningTotal()
    total.set_register(wh)
    return total


def test_nothing_is_known_before_the_first_register_reading():
    total = RunningTotal()
    total.add_power(3600, 10000)
    assert total.wh is None
    total.set_register(5000)
    assert total.wh == 5000


def test_power_times_time_is_added_without_loss():
    total = _at(1000)
    added = 0
    for _ in range(1440):
        added += total.add_power(1001, 2500)
    assert total.wh == 1000 + 1001
    assert added == 1001


def test_the_register_takes_over_when_it_is_ahead():
    total = _at(1000)
    total.add_power(3600, 10000)
    assert total.set_register(1500)
    assert (total.wh, total.current_wh) == (1500, 1500)


def test_the_total_stands_still_until_the_register_has_passed_it():
    total = _at(1000)
    for _ in range(10):
        total.add_power(3600, 10000)
    assert total.wh == 1100
    total.set_register(1040)
    assert (total.wh, total.current_wh) == (1100, 1040)
    for _ in range(6):
        total.add_power(3600, 10000)
        assert total.wh == 1100
    total.add_power(3600, 10000)
    assert total.wh == 1110


def test_a_long_silence_counts_as_thirty_seconds():
    total = _at(0)
    total.add_power(3600, 3600000)
    assert total.wh == 30
    total.add_power(3600, -500000000)
    assert total.wh == 60


def test_another_meters_register_begins_without_a_fall_and_without_a_spike():
    for new in (3, 45000000):
        total = _at(100000)
        total.add_power(3600, 10000)
        total.exchanged()
        assert not total.set_register(new)
        assert total.wh == 100010
        assert total.set_register(new + 500)
        assert total.wh == 100510


def test_a_register_that_falls_is_another_meters_though_nobody_has_said_so():
    total = _at(5000000)
    assert not total.set_register(700)
    assert total.set_register(900)
    assert total.wh == 5000200


def test_a_register_that_rolls_over_goes_on():
    for end in (10**8, 10**9, 2**32, 10 * 2**32):
        total = _at(end - 1000)
        assert total.set_register(2500)
        assert total.wh == end + 2500
        assert total.set_register(2600)
        assert total.wh == end + 2600


def test_a_total_goes_on_behind_a_restart_and_is_never_lower_than_it_was():
    total = RunningTotal()
    total.restore(5000, 100000, 40)
    assert total.wh == 105040
    total.raise_to(105060)
    total.add_power(3600, 10000)
    assert total.wh == 105060
    total.set_register(5100)
    assert total.wh == 105100


def test_large_registers_are_exact():
    total = _at(1095522480)
    total.add_power(17250, 10000)
    total.add_power(17250, 10000)
    assert total.wh == 1095522480 + 95
