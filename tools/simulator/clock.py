"""Norwegian time from Unix time, without a time zone database, which Windows and a bare Debian lack."""

from datetime import datetime, timedelta, timezone

CET_S = 3600
CEST_S = 7200


def is_summer_time(unix_s):
    """The EU's rule (2000/84/EC): from the last Sunday of March to the last of October, at 01:00 UTC."""
    year = datetime.fromtimestamp(unix_s, timezone.utc).year
    return _last_sunday_s(year, 3) <= unix_s < _last_sunday_s(year, 10)


def _last_sunday_s(year, month):
    """01:00 UTC on the last Sunday of March or October, which both have 31 days."""
    last_day = datetime(year, month, 31, 1, tzinfo=timezone.utc)
    return (last_day - timedelta(days=last_day.isoweekday() % 7)).timestamp()


def meter_clock(unix_s, follows_summer_time):
    """The datetime, to the second and without zone, that the meter's clock shows."""
    offset_s = CEST_S if follows_summer_time and is_summer_time(unix_s) else CET_S
    return datetime(1970, 1, 1) + timedelta(seconds=unix_s + offset_s)


def unix_ms(text):
    """Unix time in ms of ISO 8601 text; without zone it is Norwegian time, the first where an hour comes
    twice.

    Raises ValueError for anything else, and for years outside 1971 to 2099.
    """
    when = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    if not 1970 < when.year < 2100:
        raise ValueError(text)
    if when.tzinfo is None:
        in_summer_s = when.replace(tzinfo=timezone.utc).timestamp() - CEST_S
        return round(1000 * (in_summer_s if is_summer_time(in_summer_s) else in_summer_s + CEST_S - CET_S))
    return round(1000 * when.timestamp())
