"""A household to measure: plausible power for every second, the same for the same seed, and exact registers.

The day is made of loads with fixed hours (appliances, thermostats that switch in a fixed rhythm), on one of
three branches each: the phases of a four-wire supply, the pairs 1-2, 2-3 and 3-1 of a three-wire one, or all
on one phase.
"""

import math
import random
from typing import NamedTuple

from simulator.clock import CET_S, meter_clock
from simulator.maker import FOUR_WIRE, HOUR_S, ONE_PHASE, THREE_WIRE

DAY_S = 86400
GAS_STEP_S = 300  # how often a gas meter reports
GAS_DM3 = 14  # what it has counted then, on every day alike
HOURLY_WATER_DM3 = 11
HOURLY_HEAT_MJ = 13
QUARTER_S = 900
ALL = 3  # a load on all three branches, a third on each
SUN_PEAK_W = 6000
CLOUD_S = 300  # how long a cloud stays
# Branch and W of the car: on one phase at 16 A, on one pair at 32 A, on three phases at 16 A.
CAR = {ONE_PHASE: (0, 3680), THREE_WIRE: (2, 7360), FOUR_WIRE: (ALL, 11040)}
# Branch, W and the rhythm of the thermostat in s, which is not in step with the hour.
PANEL_HEATERS = ((0, 800, 870), (1, 1000, 1130), (2, 1200, 1310))
NOMINAL_MV = 234_000
SAG_MV_PER_KW = 700
# The quadrant of (active, reactive) energy (Blue Book table 8).
QUADRANT = {("import", "import"): 1, ("export", "import"): 2, ("export", "export"): 3, ("import", "export"): 4}
# The voltage of each branch as a phasor of length 1.
ANGLES = tuple(complex(math.cos(angle), math.sin(angle)) for angle in (0, -2 * math.pi / 3, 2 * math.pi / 3))


class Load(NamedTuple):
    """Drawn from `start` to `stop` (seconds of the day), in every `period_s` for the first `on_s` seconds."""

    start: int
    stop: int
    branch: int
    watts: int
    var: int = 0
    period_s: int = DAY_S
    on_s: int = DAY_S


class House:
    """The household from `start_s` (Unix time, a full hour) on; `network` is one of maker's three.

    The meter's registers are read every `register_step_s`: what readings() gives of them is that old.
    """

    def __init__(self, start_s, network, seed, sun=False, register_step_s=HOUR_S):
        self._seed = seed
        self._network = network
        self._sun = sun
        self._register_step_s = register_step_s
        self._second = start_s
        self._day = None
        self._loads = ()
        self._hour = self._tariff = None
        self._quarter_ws = 0  # imported since the quarter of an hour began
        self._peak = (0, start_s)  # the month's highest mean of a quarter in W, and when that ended
        self._registers = _registers(seed, sun)
        self._read = dict(self._registers)

    def exchange_meter(self, second):
        """A new meter from that second on, whose registers begin at 0. Returns the old one's, in Wh and varh."""
        self._integrate_until(second)
        last = {key: amount // HOUR_S for key, amount in self._registers.items()}
        self._registers = dict.fromkeys(self._registers, 0)
        self._read = dict(self._registers)
        return last

    def power(self, second):
        """(W, var) drawn in that second of Unix time, over all phases; negative when the house gives."""
        return _total(self._branches(second))

    def readings(self, second):
        """What the meter measures in that second, as registers.py has it; seconds must not go back.

        Powers of single phases are there where each branch is a phase.
        """
        self._integrate_until(second)
        branches = self._branches(second)
        voltages_mv = [self._voltage_mv(second, branch, load) for branch, (load, _) in enumerate(branches)]
        currents_ma = _currents_ma(self._network, branches, voltages_mv)
        readings = _powers("", *_total(branches))
        for phase, (current_ma, voltage_mv) in enumerate(zip(currents_ma, voltages_mv), 1):
            readings[f"l{phase}_current_ma"] = current_ma
            readings[f"l{phase}_voltage_mv"] = voltage_mv
            if self._network != THREE_WIRE:
                readings.update(_powers(f"l{phase}_", *branches[phase - 1]))
        readings.update((key, amount // HOUR_S) for key, amount in self._read.items())
        readings["tariff"] = self._tariff_of(second)
        readings["gas_dm3"] = second // GAS_STEP_S * GAS_DM3 % 10**8
        readings["water_dm3"] = second // HOUR_S * HOURLY_WATER_DM3 % 10**8
        readings["heat_mj"] = second // HOUR_S * HOURLY_HEAT_MJ % 10**8
        readings["quarter_power_w"] = self._quarter_ws // QUARTER_S
        readings["month_peak_w"], readings["month_peak_s"] = self._peak
        return readings

    def _integrate_until(self, second):
        for now in range(self._second, second):
            self._count(self._branches(now), self._tariff_of(now))
            if (now + 1) % QUARTER_S == 0:
                self._end_quarter(now + 1)
            if (now + 1) % self._register_step_s == 0:
                self._read = dict(self._registers)
        self._second = max(self._second, second)

    def _end_quarter(self, second):
        """The highest of the month counts; the last quarter of a month belongs to it."""
        mean_w, self._quarter_ws = self._quarter_ws // QUARTER_S, 0
        is_another_month = meter_clock(second - 1, True).month != meter_clock(self._peak[1] - 1, True).month
        if is_another_month or mean_w > self._peak[0]:
            self._peak = (mean_w, second)

    def _count(self, branches, tariff):
        """One second's energy into every register that it belongs to."""
        registers = self._registers
        watts, var = _total(branches)
        way, reactive_way = _way(watts), _way(var)
        self._quarter_ws += max(watts, 0)
        registers[f"energy_{way}_wh"] += abs(watts)
        registers[f"energy_{way}_t{tariff}_wh"] += abs(watts)
        registers[f"reactive_energy_{reactive_way}_varh"] += abs(var)
        registers[f"reactive_energy_q{QUADRANT[way, reactive_way]}_varh"] += abs(var)
        if self._network != THREE_WIRE:
            for phase, (watts, _) in enumerate(branches, 1):
                registers[f"l{phase}_energy_{_way(watts)}_wh"] += abs(watts)

    def _tariff_of(self, second):
        """1 by night and at weekends, 2 by day, as a Dutch meter counts it."""
        if second // HOUR_S != self._hour:
            self._hour = second // HOUR_S
            clock = meter_clock(second, True)
            self._tariff = 2 if clock.isoweekday() < 6 and 7 <= clock.hour < 23 else 1
        return self._tariff

    def _branches(self, second):
        """((W, var), ...) of the three branches."""
        # People and the sun are taken to follow standard time all year.
        day, of_day = divmod(second + CET_S, DAY_S)
        if day != self._day:
            self._day, self._loads = day, _plan(self._seed, day, self._network)
        branches = [[0, 0], [0, 0], [0, 0], [0, 0]]
        for start, stop, branch, watts, var, period_s, on_s in self._loads:
            if start <= of_day < stop and (of_day - start) % period_s < on_s:
                branches[branch][0] += watts
                branches[branch][1] += var
        branches[0][0] += _noise(self._seed, second) % 32
        watts, var = branches.pop()
        if self._sun:
            watts -= _sun_w(self._seed, day, of_day)
        for branch in branches:
            branch[0] += watts // 3
            branch[1] += var // 3
        if self._network == ONE_PHASE:
            return [_total(branches), (0, 0), (0, 0)]
        return branches

    def _voltage_mv(self, second, branch, watts):
        drift_mv = _noise(self._seed + branch, second // 10) % 1500
        return NOMINAL_MV + drift_mv - watts * SAG_MV_PER_KW // 1000


def _registers(seed, sun):
    """The meter's registers when the house is first looked at, in watt-seconds and var-seconds.

    What is counted by phase or by tariff adds up to the whole.
    """
    rng = random.Random(f"{seed}/registers")
    registers = {
        "energy_import_wh": HOUR_S * int(rng.uniform(10e6, 90e6)),
        "energy_export_wh": HOUR_S * int(rng.uniform(1e6, 9e6)) if sun else 0,
        "reactive_energy_import_varh": HOUR_S * int(rng.uniform(0.1e6, 5e6)),
        "reactive_energy_export_varh": HOUR_S * int(rng.uniform(0.1e6, 9e6)),
    }
    for way in ("import", "export"):
        whole = registers[f"energy_{way}_wh"]
        night, first, second = (int(whole * rng.uniform(0.25, 0.4)) for _ in range(3))
        registers[f"energy_{way}_t1_wh"], registers[f"energy_{way}_t2_wh"] = night, whole - night
        for phase, amount in enumerate((first, second, whole - first - second), 1):
            registers[f"l{phase}_energy_{way}_wh"] = amount
    registers["reactive_energy_q1_varh"] = registers["reactive_energy_import_varh"]
    registers["reactive_energy_q2_varh"] = registers["reactive_energy_q3_varh"] = 0
    registers["reactive_energy_q4_varh"] = registers["reactive_energy_export_varh"]
    return registers


def _way(amount):
    return "import" if amount > 0 else "export"


def _powers(phase, watts, var):
    """What a meter shows of active and reactive power, under names that begin with `phase`."""
    apparent = abs(complex(watts, var))
    return {
        f"{phase}power_import_w": max(watts, 0),
        f"{phase}power_export_w": max(-watts, 0),
        f"{phase}reactive_import_var": max(var, 0),
        f"{phase}reactive_export_var": max(-var, 0),
        f"{phase}power_factor_permille": round(1000 * abs(watts) / apparent) if apparent else 1000,
    }


def _total(branches):
    return tuple(sum(column) for column in zip(*branches))


def _plan(seed, day, network):
    """The loads of one day, counted from 1970-01-01. Starting times differ from day to day."""
    rng = random.Random(f"{seed}/{day}")

    # Of Random's methods, random() and uniform() give the same in every version of Python.
    def between(low, high):
        return int(rng.uniform(low, high))

    def appliance(hour, spread_h, low_s, high_s, branch, watts, **rhythm):
        start = between(hour * HOUR_S, (hour + spread_h) * HOUR_S)
        return Load(start, start + between(low_s, high_s), branch, watts, **rhythm)

    heating = 0.32 + 0.3 * _winter(day)
    loads = [
        Load(0, DAY_S, 0, between(120, 240), var=-between(20, 50)),  # what is always on
        Load(0, DAY_S, 1, 95, var=75, period_s=2750, on_s=between(800, 1200)),  # fridge
        *(
            Load(0, DAY_S, branch, watts, period_s=period_s, on_s=int(period_s * heating))
            for branch, watts, period_s in PANEL_HEATERS
        ),
        appliance(6.5, 0.4, 2400, 4500, 2, 1950),  # water heater
        appliance(22.2, 0.3, 1800, 3600, 2, 1950),
        appliance(6.8, 0.5, 140, 200, 0, 2200),  # kettle
        appliance(15.6, 0.5, 140, 200, 0, 2200),
        appliance(19.3, 1, 140, 200, 0, 2200),
        appliance(16.2, 1, 2400, 4200, 1, 2600, period_s=75, on_s=45),  # oven
        appliance(16.5, 0.5, 20000, 24000, 1, 220, var=-30),  # light and screens
    ]
    if rng.random() < 0.6:
        loads.append(appliance(0.4, 0.8, 6000, 15000, *CAR[network]))
    return loads


def _winter(day):
    """1 in the middle of January, -1 in the middle of July."""
    return math.cos(2 * math.pi * (day % 365.2425 - 14) / 365.2425)


def _sun_w(seed, day, of_day):
    """What the panels give: a parabola from sunrise to sunset, less the clouds."""
    light_s = int((12.4 - 6 * _winter(day)) * HOUR_S)
    since_s = of_day - (DAY_S - light_s) // 2
    if not 0 < since_s < light_s:
        return 0
    peak_w = SUN_PEAK_W * light_s // (19 * HOUR_S)
    clear_percent = 30 + _noise(seed, day * DAY_S + of_day // CLOUD_S) % 71
    return peak_w * 4 * since_s * (light_s - since_s) // light_s**2 * clear_percent // 100


def _noise(seed, number):
    """A well-mixed number of 16 bits (a step of splitmix64)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + number) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> 31) * 0x94D049BB133111EB >> 40 & 0xFFFF


def _currents_ma(network, branches, voltages_mv):
    """The currents in L1, L2, L3 that the branches' powers need at their voltages."""
    flows = [
        complex(watts, -var) * 1e6 / voltage_mv * angle
        for (watts, var), voltage_mv, angle in zip(branches, voltages_mv, ANGLES)
    ]
    if network == THREE_WIRE:  # each line carries the difference of the two pairs it belongs to
        flows = [flows[0] - flows[2], flows[1] - flows[0], flows[2] - flows[1]]
    return [round(abs(flow)) for flow in flows]
