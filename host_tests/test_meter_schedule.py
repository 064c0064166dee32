"""When the simulated meter sends what, what its clock shows, and the household behind it."""

from datetime import datetime

import pytest

from simulated import hourly_clocks, pushes, schedule
from simulator import makers
from simulator.clock import is_summer_time, meter_clock, unix_ms
from simulator.house import House
from simulator.maker import HOUR_S
from simulator.makers import AIDON, EMBRIQ, KAIFA, KAMSTRUP
from simulator.push import SimulatedMeter


def test_an_aidon_list_3_replaces_list_2_ten_seconds_past_the_hour():
    assert schedule(AIDON, 21) == [
        (0, 2), (2.5, 1), (5, 1), (7.5, 1), (10, 3), (12.5, 1), (15, 1), (17.5, 1), (20, 2)
    ]  # fmt: skip
    assert schedule(EMBRIQ, 21) == schedule(AIDON, 21)


def test_a_kaifa_sends_list_1_at_even_seconds_that_do_not_end_in_0():
    assert schedule(KAIFA, 21) == [
        (0, 2), (2, 1), (4, 1), (6, 1), (8, 1), (10, 3), (12, 1), (14, 1), (16, 1), (18, 1), (20, 2)
    ]  # fmt: skip


def test_a_kamstrup_sends_its_hourly_list_beside_list_2():
    assert schedule(KAMSTRUP, 22) == [(1.1, 2), (6.1, 3), (11.1, 2), (21.1, 2)]


@pytest.mark.parametrize("hourly_s", makers.KAMSTRUP_HOURLY_S)
def test_a_kamstrup_sends_its_hourly_list_at_the_second_it_is_told(hourly_s):
    kamstrup = KAMSTRUP._replace(schedule=KAMSTRUP.schedule._replace(hourly_s=hourly_s))
    sent = schedule(kamstrup, 60)
    assert [due for due, number in sent if number == 3] == [hourly_s + 1.1]
    assert [due for due, number in sent if number == 2] == [1.1, 11.1, 21.1, 31.1, 41.1, 51.1]


def test_a_meter_switched_on_between_two_lists_starts_with_the_next():
    assert schedule(AIDON, 5, "2026-01-15T12:00:01.200")[0] == (1.3, 1)


@pytest.mark.parametrize(
    ("maker", "clock"),
    [(AIDON, "00:00:00"), (EMBRIQ, "00:00:06"), (KAIFA, "00:00:10"), (KAMSTRUP, "00:00:05")],
)
def test_midnight_is_hour_0_of_the_next_day(maker, clock):
    assert hourly_clocks(maker, "2026-12-31T23:59:50", 0.01) == [f"2027-01-01T{clock}"]


def test_in_the_night_to_summer_time_only_a_kaifa_skips_an_hour():
    night = "2026-03-29T00:59:50"
    assert hourly_clocks(KAIFA, night, 2) == ["2026-03-29T01:00:10", "2026-03-29T03:00:10"]
    assert hourly_clocks(AIDON, night, 2) == ["2026-03-29T01:00:00", "2026-03-29T02:00:00"]
    assert hourly_clocks(KAMSTRUP, night, 2) == ["2026-03-29T01:00:05", "2026-03-29T02:00:05"]


def test_in_the_night_to_winter_time_only_a_kaifa_has_an_hour_twice():
    night = "2026-10-25T01:59:50"
    assert hourly_clocks(KAIFA, night, 2) == ["2026-10-25T02:00:10", "2026-10-25T02:00:10"]
    assert hourly_clocks(AIDON, night, 2) == ["2026-10-25T01:00:00", "2026-10-25T02:00:00"]
    assert hourly_clocks(KAMSTRUP, night, 2) == ["2026-10-25T01:00:05", "2026-10-25T02:00:05"]


def test_summer_time_lasts_from_the_last_sunday_of_march_to_the_last_of_october():
    for start, end in (
        ("2023-03-26", "2023-10-29"),
        ("2024-03-31", "2024-10-27"),
        ("2026-03-29", "2026-10-25"),
        ("2027-03-28", "2027-10-31"),
    ):
        for day, before, after in ((start, False, True), (end, True, False)):
            change_s = unix_ms(day + "T01:00:00Z") // 1000
            assert (is_summer_time(change_s - 1), is_summer_time(change_s)) == (before, after)


def test_a_time_without_zone_is_central_european_and_the_first_of_two():
    assert unix_ms("2026-01-15T12:00:00") == unix_ms("2026-01-15T11:00:00Z")
    assert unix_ms("2026-07-15T12:00:00") == unix_ms("2026-07-15T12:00:00+02:00")
    assert unix_ms("2026-10-25T02:30:00") == unix_ms("2026-10-25T00:30:00Z")
    assert meter_clock(unix_ms("2026-07-15T12:00:00") // 1000, False) == datetime(2026, 7, 15, 11)


@pytest.mark.parametrize("type_name", ["MA105H2E", "MA304H3E", "MA304H4"])
def test_registers_are_the_sum_of_the_power_to_the_watt_second(type_name):
    meter = SimulatedMeter(KAIFA, KAIFA.type_named(type_name), unix_ms("2026-06-15T17:00:00"), sun=True)
    first_s = meter.start_ms // 1000
    lists_3 = (push.expected for push in meter.pushes() if push.list_number == 3)
    first = next(lists_3)
    sums = dict.fromkeys((key for key in first if "energy" in key), 0)
    for hour in (1, 2, 3):
        reading = next(lists_3)
        for second in range(first_s + (hour - 1) * HOUR_S, first_s + hour * HOUR_S):
            watts, var = meter.house.power(second)
            sums["energy_import_wh"] += max(watts, 0)
            sums["energy_export_wh"] += max(-watts, 0)
            sums["reactive_energy_import_varh"] += max(var, 0)
            sums["reactive_energy_export_varh"] += max(-var, 0)
        assert {key: reading[key] - first[key] for key in sums} == {key: sums[key] // HOUR_S for key in sums}
    assert sums["energy_import_wh"] and sums["energy_export_wh"]


def test_an_aidon_list_3_carries_the_registers_of_the_full_hour_and_the_power_of_the_moment():
    meter = SimulatedMeter(AIDON, AIDON.types[0], unix_ms("2026-01-15T12:20:00"))
    list_3 = next(push for push in meter.pushes() if push.list_number == 3)
    noon_s = unix_ms("2026-01-15T12:00:00") // 1000
    house = House(noon_s, AIDON.types[0].network, 1)
    at_noon = house.readings(noon_s)["energy_import_wh"]
    hour_ws = sum(house.power(second)[0] for second in range(noon_s, noon_s + HOUR_S))
    assert list_3.expected["energy_import_wh"] == (at_noon + hour_ws // HOUR_S) // 10 * 10
    assert list_3.expected["power_import_w"] == house.power(noon_s + HOUR_S + 10)[0]


@pytest.mark.parametrize("network", [makers.ONE_PHASE, makers.THREE_WIRE, makers.FOUR_WIRE])
def test_a_day_in_a_sunny_house_is_plausible(network):
    midnight_s = unix_ms("2026-06-15T00:00:00Z") // 1000
    house = House(midnight_s, network, seed=7, sun=True)
    day = [house.readings(second) for second in range(midnight_s, midnight_s + 86400, 100)]
    assert all(not (now["power_import_w"] and now["power_export_w"]) for now in day)
    assert max(now["power_export_w"] for now in day) > 2000
    assert 3000 < max(now["power_import_w"] for now in day) < 20_000
    for key in day[0]:
        if "energy" in key:
            assert all(earlier[key] <= later[key] for earlier, later in zip(day, day[1:]))
    used_wh = day[-1]["energy_import_wh"] - day[0]["energy_import_wh"]
    assert 2_000 < used_wh < 60_000
    assert all(207_000 < now["l1_voltage_mv"] < 253_000 for now in day)


@pytest.mark.parametrize("network", [makers.ONE_PHASE, makers.FOUR_WIRE])
def test_what_a_phase_draws_fits_its_current_voltage_and_power_factor(network):
    midnight_s = unix_ms("2026-06-15T00:00:00Z") // 1000
    house = House(midnight_s, network, seed=3, sun=True)
    phases = (1,) if network == makers.ONE_PHASE else (1, 2, 3)
    for second in range(midnight_s, midnight_s + 86400, 500):
        now = house.readings(second)
        watts = var = 0
        for phase in phases:
            p = now[f"l{phase}_power_import_w"] - now[f"l{phase}_power_export_w"]
            q = now[f"l{phase}_reactive_import_var"] - now[f"l{phase}_reactive_export_var"]
            apparent = now[f"l{phase}_current_ma"] * now[f"l{phase}_voltage_mv"] / 1e6
            assert apparent == pytest.approx(abs(complex(p, q)), abs=0.3)
            if apparent:
                assert now[f"l{phase}_power_factor_permille"] == pytest.approx(1000 * abs(p) / apparent, abs=3)
            watts, var = watts + p, var + q
        assert watts == now["power_import_w"] - now["power_export_w"]
        assert var == now["reactive_import_var"] - now["reactive_export_var"]
        total = abs(complex(watts, var))
        assert now["power_factor_permille"] == round(1000 * abs(watts) / total)


def test_registers_of_tariffs_phases_and_quadrants_add_up():
    start_s = unix_ms("2026-06-12T20:00:00Z") // 1000  # Friday, 22:00; the night and the weekend are tariff 1
    house = House(start_s, makers.FOUR_WIRE, seed=3, sun=True, register_step_s=1)
    first, at_23, on_sunday = (house.readings(start_s + hours * HOUR_S) for hours in (0, 1, 40))
    for way in ("import", "export"):
        for now in (first, at_23, on_sunday):
            tariffs = now[f"energy_{way}_t1_wh"] + now[f"energy_{way}_t2_wh"]
            assert tariffs == pytest.approx(now[f"energy_{way}_wh"], abs=1)
    quadrants = [on_sunday[f"reactive_energy_q{quadrant}_varh"] for quadrant in (1, 2, 3, 4)]
    assert quadrants[0] + quadrants[1] == pytest.approx(on_sunday["reactive_energy_import_varh"], abs=1)
    assert quadrants[2] + quadrants[3] == pytest.approx(on_sunday["reactive_energy_export_varh"], abs=1)
    assert first["energy_import_t2_wh"] < at_23["energy_import_t2_wh"] == on_sunday["energy_import_t2_wh"]
    assert first["energy_import_t1_wh"] == at_23["energy_import_t1_wh"] < on_sunday["energy_import_t1_wh"]
    # What one phase gives while another takes is counted by phase, and not in the whole.
    for way in ("import", "export"):
        grown = [on_sunday[key] - first[key] for key in (f"l{phase}_energy_{way}_wh" for phase in (1, 2, 3))]
        assert sum(grown) >= on_sunday[f"energy_{way}_wh"] - first[f"energy_{way}_wh"] - 3


def test_registers_are_as_old_as_the_meter_reads_them():
    start_s = unix_ms("2026-01-15T12:00:00") // 1000
    hourly, now = (House(start_s, makers.FOUR_WIRE, seed=1, register_step_s=step_s) for step_s in (HOUR_S, 1))
    seen = [(hourly.readings(second), now.readings(second)) for second in range(start_s, start_s + 3 * HOUR_S, 600)]
    assert len({old["energy_import_wh"] for old, _ in seen}) == 3
    assert len({new["energy_import_wh"] for _, new in seen}) == len(seen)
    assert all(old["energy_import_wh"] == new["energy_import_wh"] for old, new in seen[::6])


@pytest.mark.parametrize("network", [makers.ONE_PHASE, makers.THREE_WIRE, makers.FOUR_WIRE])
def test_currents_and_voltages_can_carry_the_power(network):
    start_s = unix_ms("2026-01-15T00:00:00Z") // 1000
    house = House(start_s, network, seed=3)
    for second in range(start_s, start_s + 86400, 500):
        now = house.readings(second)
        u1, u2, u3 = (now[f"l{phase}_voltage_mv"] / 1000 for phase in (1, 2, 3))
        i1, i2, i3 = (now[f"l{phase}_current_ma"] / 1000 for phase in (1, 2, 3))
        power = abs(complex(now["power_import_w"], now["reactive_import_var"] - now["reactive_export_var"]))
        if network == makers.THREE_WIRE:  # two wattmeters, on lines 1 and 3 against line 2, see all of it
            assert power <= 1.02 * (u1 * i1 + u2 * i3)
        else:
            assert power <= 1.001 * (u1 * i1 + u2 * i2 + u3 * i3) + 1 <= 1.1 * power + 50


def test_the_same_seed_is_the_same_house_and_another_is_not():
    one, again, other = (pushes(KAIFA, "MA304H4", "2026-01-15T11:59:58", 60, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert [push.frame for push in one] != [push.frame for push in other]
