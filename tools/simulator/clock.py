"""The meter's clock: time zones with summer time, without a time zone database, which Windows and a bare Debian
lack; and what each maker's clock shows and claims."""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from simulator.encoding import DEVIATION_UNSPECIFIED, UNSPECIFIED, date_time

CET_S = 3600
EET_S = 7200
SUMMER_S = 3600


def is_summer_time(unix_s):
    """The EU's rule (2000/84/EC): from the last Sunday of March to the last of October, at 01:00 UTC."""
    year = datetime.fromtimestamp(unix_s, timezone.utc).year
    return _last_sunday_s(year, 3) <= unix_s < _last_sunday_s(year, 10)


def _last_sunday_s(year, month):
    """01:00 UTC on the last Sunday of March or October, which both have 31 days."""
    last_day = datetime(year, month, 31, 1, tzinfo=timezone.utc)
    return (last_day - timedelta(days=last_day.isoweekday() % 7)).timestamp()


def meter_clock(unix_s, follows_summer_time, zone_s=CET_S):
    """The datetime, to the second and without zone, that the meter's clock shows."""
    offset_s = zone_s + SUMMER_S if follows_summer_time and is_summer_time(unix_s) else zone_s
    return datetime(1970, 1, 1) + timedelta(seconds=unix_s + offset_s)


def unix_ms(text):
    """Unix time in ms of ISO 8601 text; without zone it is Central European time, the first where an hour comes
    twice.

    Raises ValueError for anything else, and for years outside 1971 to 2099.
    """
    when = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if not 1970 < when.year < 2100:
        raise ValueError(text)
    if when.tzinfo is None:
        in_summer_s = when.replace(tzinfo=timezone.utc).timestamp() - CET_S - SUMMER_S
        return round(1000 * (in_summer_s if is_summer_time(in_summer_s) else in_summer_s + SUMMER_S))
    return round(1000 * when.timestamp())


class Clock(NamedTuple):
    """How a maker's clock runs and how its lists write it. The pairs are for winter and for summer time."""

    follows_summer_time: bool = False  # or stays on standard time all year
    zone_s: int = CET_S
    has_weekday: bool = True  # or 0 in its place
    hundredths: int = UNSPECIFIED
    deviations_min: tuple = (DEVIATION_UNSPECIFIED, DEVIATION_UNSPECIFIED)
    statuses: tuple = (0, 0)

    def readings(self, unix_s):
        """What lists need to know of the time: the datetime that the clock shows, and whether it is summer time's."""
        return {
            "timestamp": meter_clock(unix_s, self.follows_summer_time, self.zone_s),
            "is_summer_time": self.follows_summer_time and is_summer_time(unix_s),
        }

    def encode(self, readings):
        """The 12 bytes of a COSEM date-time."""
        when, season = readings["timestamp"], readings["is_summer_time"]
        weekday = when.isoweekday() if self.has_weekday else 0
        return date_time(when, weekday, self.hundredths, self.deviations_min[season], self.statuses[season])

    def utc_offset_min(self, readings):
        """What the clock claims, None for nothing; by the standard a deviation has the opposite sign."""
        deviation_min = self.deviations_min[readings["is_summer_time"]]
        return None if deviation_min == DEVIATION_UNSPECIFIED else -deviation_min
