"""How the hour will end, when to draw less; and what a three-wire meter does not measure."""

from energy import threewire
from energy.load import Forecast, LoadSignal


def test_the_forecast_is_what_was_used_and_what_the_power_will_add():
    forecast = Forecast()
    assert forecast.wh(500, 1800) is None
    forecast.add_power(4000, 2500)
    assert forecast.wh(500, 1800) == 2500
    assert forecast.wh(500, 0) == 500
    assert forecast.wh(None, 1800) is None


def test_a_kettle_does_not_frighten_and_a_car_does():
    forecast = Forecast()
    forecast.add_power(1000, 2500)
    for _ in range(8):
        forecast.add_power(3000, 2500)
    assert 1000 < forecast.wh(0, 3600) < 1400
    for _ in range(480):
        forecast.add_power(12000, 2500)
    assert 11900 < forecast.wh(0, 3600) <= 12000


def test_after_a_silence_only_the_new_power_counts():
    forecast = Forecast()
    forecast.add_power(9000, 2500)
    forecast.add_power(1000, 3600000)
    assert forecast.wh(0, 3600) == 1000


def _changes(signal, seconds, forecast=None, limit=None, milliamperes=None, fuse=None, start=0):
    """(second, reason) of each change."""
    changes = []
    for now in range(start, start + seconds):
        if signal.update(now, forecast, limit, milliamperes, fuse):
            changes.append((now, signal.reason))
    return changes


def test_the_signal_comes_after_a_minute_and_goes_after_five_well_below():
    signal = LoadSignal()
    assert _changes(signal, 1000, 5000, 5000) == []
    assert _changes(signal, 100, 5001, 5000, start=1000) == [(1060, "hour")]
    assert _changes(signal, 1000, 4500, 5000, start=2000) == []
    assert _changes(signal, 400, 4499, 5000, start=3000) == [(3300, "none")]


def test_a_short_peak_raises_no_signal():
    signal = LoadSignal()
    for minute in range(0, 600, 60):
        assert _changes(signal, 50, 9000, 5000, start=minute) == []
        assert _changes(signal, 10, 4000, 5000, start=minute + 50) == []


def test_the_main_fuse_is_watched_by_each_phase_and_goes_first():
    signal = LoadSignal()
    assert _changes(signal, 20, 9000, 5000, 25001, 25000) == [(10, "fuse")]
    assert _changes(signal, 90, 9000, 5000, 25001, 25000, start=20) == []
    assert _changes(signal, 400, 9000, 5000, 20000, 25000, start=200) == [(500, "hour")]


def test_a_silent_meter_does_not_keep_a_house_cold():
    signal = LoadSignal()
    _changes(signal, 100, 9000, 5000)
    assert signal.reason == "hour"
    assert _changes(signal, 400, None, 5000, start=100) == [(400, "none")]


def test_the_missing_line_voltage_of_a_kaifa_is_the_third_side_of_the_triangle():
    assert threewire.lacks_u2(b"MA304H3E") and not threewire.lacks_u2(b"MA304H4")
    assert threewire.voltage_mv(230000, 230000) == 230000
    assert abs(threewire.voltage_mv(228700, 229800) - 229252) <= 1


def test_the_current_of_l2_follows_from_powers_and_the_other_currents():
    # A heater between L1 and L2; between L3 and L1; three alike; one of 2.3 kW each on 1-2 and 2-3.
    for power_w, i1, i3, i2 in (
        (2300, 10000, 0, 10000),
        (2300, 10000, 10000, 0),
        (6900, 17321, 17321, 17321),
        (4600, 10000, 10000, 17321),
    ):
        found = threewire.current_ma(power_w, 0, i1, i3, 230000, 230000)
        assert abs(found - i2) <= 200, (power_w, found)
    assert threewire.current_ma(0, 0, 0, 0, 230000, 230000) == 0
    # The sign that IT meters give to L1 does not matter.
    assert threewire.current_ma(2300, 0, -10000, 0, 230000, 230000) == 10000
