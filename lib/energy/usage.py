"""What has gone through since midnight and since the month began."""

from . import calendar


class Usage:
    """Keeps the running totals at the beginning of the day and the month, on the wall's calendar; before the first
    of these was seen, those at the first hour mark. Pairs are (import, export) in Wh, None for what is not known.
    """

    def __init__(self, zone_h):
        self._zone_h = zone_h
        self._day = None
        self._day_totals = self._month_totals = (None, None)

    def note(self, hour):
        """Take a completed Hour; they come in order."""
        day = calendar.local_day((hour.hour + 1) * calendar.HOUR_S, self._zone_h)
        if self._day is None or day[:2] != self._day[:2]:
            self._month_totals = tuple(hour.totals)
        if day != self._day:
            self._day_totals = tuple(hour.totals)
        self._day = day

    def day(self, totals):
        """What has gone through today when the totals are so now."""
        return _since(self._day_totals, totals)

    def month(self, totals):
        """What has gone through this month when the totals are so now."""
        return _since(self._month_totals, totals)


def _since(before, now):
    return tuple(None if b is None or n is None else n - b for b, n in zip(before, now))
