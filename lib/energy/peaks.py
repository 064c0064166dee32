"""The capacity tariff (effektledd): the month's highest hours on different days, and the step they reach.

By the Norwegian rule (NVE's regulation on network tariffs, section 14-2) grid companies charge by steps for the
mean of the month's three highest hours, each on a day of its own; the number and the steps are the owner's to set.
"""

from . import calendar
from .hour import HOUR


class Peaks:
    """The month's highest hours: `highest` is [[Wh, number of the hour, day], ...], falling. Only hours that the
    meter's registers gave count."""

    def __init__(self, count, zone_h):
        self._count = count
        self._zone_h = zone_h
        self._month = None
        self.highest = []

    def note(self, hour):
        """Take a completed Hour, in whatever month it is."""
        year, month, day = calendar.local_day(hour.hour * calendar.HOUR_S, self._zone_h)
        self.begin(year, month)
        if hour.kind == HOUR and hour.wh[0] is not None:
            self._enter(hour.wh[0], hour.hour, day)

    def begin(self, year, month):
        """It is this month: with another one, all begins anew."""
        if self._month != (year, month):
            self._month = (year, month)
            self.highest = []

    def _enter(self, wh, hour, day):
        of_day = self._of_day(day)
        if of_day:
            if of_day[0] >= wh:
                return
            self.highest.remove(of_day)
        at = 0
        while at < len(self.highest) and self.highest[at][0] >= wh:
            at += 1
        self.highest.insert(at, [wh, hour, day])
        del self.highest[self._count :]

    def _of_day(self, day):
        for peak in self.highest:
            if peak[2] == day:
                return peak
        return None

    def mean_wh(self):
        """The mean of the highest hours so far; 0 at the beginning of a month."""
        return sum(peak[0] for peak in self.highest) // len(self.highest) if self.highest else 0

    def step(self, limits_wh):
        """(number of the step reached, from 1; where it ends, None for the last)."""
        mean_wh = self.mean_wh()
        for number, limit_wh in enumerate(limits_wh):
            if mean_wh < limit_wh:
                return number + 1, limit_wh
        return len(limits_wh) + 1, None

    def allowed_wh(self, limit_wh, day):
        """The most that an hour of this day may take before the mean passes `limit_wh`, or, where it has passed it
        already, before the mean rises."""
        others = [peak[0] for peak in self.highest if peak[2] != day]
        of_day = self._of_day(day)
        counted = others[: self._count - 1]
        allowed_wh = limit_wh * (len(counted) + 1) - sum(counted)
        if of_day:
            allowed_wh = max(allowed_wh, of_day[0])
        elif len(others) == self._count:
            allowed_wh = max(allowed_wh, others[-1])
        return allowed_wh
