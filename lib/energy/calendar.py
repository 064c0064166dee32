"""Times as whole seconds since 2020-01-01 00:00 UTC, which a 32-bit MicroPython holds without heap until 2054; and
what the clock on the wall says then, in the time zones of the European Union (directive 2000/84/EC).
"""

HOUR_S = 3600
DAY_S = 86400
_DAYS_TO_2020 = 737730  # from 1 March of the year 0, as the Gregorian calendar counts back
_DAYS_IN_400_YEARS = 146097
# The hours that a zone is ahead of UTC in winter.
ZONES = {"WET": 0, "CET": 1, "EET": 2}


def seconds(year, month, day, hour=0, minute=0, second=0):
    """The time of a date and a time of day in UTC."""
    return _days(year, month, day) * DAY_S + hour * HOUR_S + minute * 60 + second


def date_time(at_s):
    """(year, month, day, hour, minute, second) in UTC."""
    of_day = at_s % DAY_S
    return _date(at_s // DAY_S) + (of_day // HOUR_S, of_day // 60 % 60, of_day % 60)


def is_summer_time(at_s):
    """True from the last Sunday of March to that of October, at 01:00 UTC each."""
    year = date_time(at_s)[0]
    return _last_sunday_s(year, 3) <= at_s < _last_sunday_s(year, 10)


def offset_s(at_s, zone_h):
    """How far clocks on the wall are ahead of UTC at that time."""
    return (zone_h + is_summer_time(at_s)) * HOUR_S


def local_day(at_s, zone_h):
    """(year, month, day) on the wall's calendar."""
    return _date((at_s + offset_s(at_s, zone_h)) // DAY_S)


def iso(at_s, zone_h):
    """ISO 8601 with offset, as a text: 2026-01-15T12:00:00+01:00."""
    offset = offset_s(at_s, zone_h)
    return "{}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}+{:02d}:00".format(*date_time(at_s + offset), offset // HOUR_S)


def _days(year, month, day):
    """Days since 2020-01-01. Years are counted from March, so that the leap day is their last."""
    if month < 3:
        year -= 1
        month += 12
    leap_days = year // 4 - year // 100 + year // 400
    return 365 * year + leap_days + (153 * (month - 3) + 2) // 5 + day - 1 - _DAYS_TO_2020


def _date(days):
    """(year, month, day), the inverse of _days()."""
    days += _DAYS_TO_2020
    era = days // _DAYS_IN_400_YEARS
    days -= era * _DAYS_IN_400_YEARS
    year = (days - days // 1460 + days // 36524 - days // 146096) // 365
    days -= 365 * year + year // 4 - year // 100
    month = (5 * days + 2) // 153
    day = days - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + 400 * era + (month < 3), month, day


def _last_sunday_s(year, month):
    """01:00 UTC on the last Sunday of March or October, which both have 31 days; 2020-01-01 was a Wednesday."""
    last = _days(year, month, 31)
    return (last - (last + 3) % 7) * DAY_S + HOUR_S
