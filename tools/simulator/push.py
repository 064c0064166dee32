"""The simulated meter: which list it sends when, with which readings."""

from typing import NamedTuple

from simulator.clock import meter_clock
from simulator.house import HOUR_S, House
from simulator.lists import encode_list, expected_reading

LIST_2_EVERY_MS = 10_000


class Push(NamedTuple):
    due_ms: int  # Unix time when the first byte leaves the meter, or as soon after it as the line is free
    list_number: int
    frame: bytes
    expected: dict  # see lists.expected_reading


def due_lists(schedule, tick_ms):
    """The numbers of the lists that belong to a tick of the meter's clock (Unix time in ms)."""
    is_hourly = tick_ms % (HOUR_S * 1000) == schedule.hourly_s * 1000
    if tick_ms % LIST_2_EVERY_MS == 0:
        if not is_hourly:
            return (2,)
        return (3,) if schedule.hourly_replaces_list_2 else (2, 3)
    if is_hourly:
        return (3,)
    return (1,) if schedule.has_list_1 else ()


class SimulatedMeter:
    """A meter of `maker` and `meter_type` (makers.py), switched on at `start_ms` (Unix time).

    The household is drawn from `seed`; with `sun` it has solar panels. Powers, currents and voltages are
    those of the moment, registers those of the last full hour.
    """

    def __init__(self, maker, meter_type, start_ms, seed=1, sun=False, meter_id=None):
        self.maker = maker
        self.meter_type = meter_type
        self.start_ms = start_ms
        start_s = start_ms // 1000
        self.house = House(start_s - start_s % HOUR_S, meter_type.network, seed, sun)
        self._texts = {
            "list_version": maker.list_version,
            "meter_id": meter_id or maker.meter_id,
            "meter_type": meter_type.text,
        }

    def pushes(self):
        """Every Push, in order, without end."""
        schedule = self.maker.schedule
        tick_ms = self._first_tick_ms()
        while True:
            for number in due_lists(schedule, tick_ms):
                readings = self._readings(tick_ms // 1000, number)
                yield Push(
                    tick_ms + schedule.start_ms,
                    number,
                    encode_list(self.maker, self.meter_type, number, readings),
                    expected_reading(self.maker, self.meter_type, number, readings),
                )
            tick_ms += schedule.step_ms

    def _first_tick_ms(self):
        """The first tick at or after the start."""
        step_ms = self.maker.schedule.step_ms
        return -(-self.start_ms // step_ms) * step_ms

    def _readings(self, second, number):
        lag_s = self.maker.schedule.clock_lag_s if number == 3 else 0
        clock = meter_clock(second - lag_s, self.maker.follows_summer_time)
        return {**self._texts, **self.house.readings(second), "timestamp": clock}
