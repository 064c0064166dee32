"""The running total between register readings."""

from energy import RunningTotal


def test_nothing_is_known_before_the_first_register_reading():
    total = RunningTotal()
    total.add_power(3600, 10000)
    assert total.wh is None
    total.set_register(5000)
    assert total.wh == 5000


def test_power_times_time_is_added_without_loss():
    total = RunningTotal()
    total.set_register(1000)
    for _ in range(1440):
        total.add_power(1001, 2500)
    assert total.wh == 1000 + 1001


def test_the_register_takes_over_when_it_is_ahead():
    total = RunningTotal()
    total.set_register(1000)
    total.add_power(3600, 10000)
    total.set_register(1500)
    assert (total.wh, total.overshoot_wh) == (1500, 0)


def test_the_total_stands_still_until_the_register_has_passed_it():
    total = RunningTotal()
    total.set_register(1000)
    for _ in range(10):
        total.add_power(3600, 10000)
    assert total.wh == 1100
    total.set_register(1040)
    assert (total.wh, total.overshoot_wh) == (1100, 60)
    for _ in range(6):
        total.add_power(3600, 10000)
        assert total.wh == 1100
    total.add_power(3600, 10000)
    assert total.wh == 1110


def test_a_long_silence_counts_as_thirty_seconds():
    total = RunningTotal()
    total.set_register(0)
    total.add_power(3600, 3600000)
    assert total.wh == 30
    total.add_power(3600, -500000000)
    assert total.wh == 60


def test_another_meter_starts_anew_and_may_be_lower():
    total = RunningTotal()
    total.set_register(100000)
    total.restart()
    assert total.wh is None
    total.set_register(3)
    assert total.wh == 3


def test_large_registers_are_exact():
    total = RunningTotal()
    total.set_register(1095522480)
    total.add_power(17250, 10000)
    total.add_power(17250, 10000)
    assert total.wh == 1095522480 + 95
