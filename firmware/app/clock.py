"""The dongle's own clock: how long it runs, and what time it is, set by NTP, else by the meter.

Times are whole seconds since 2020-01-01 00:00 UTC (`energy.calendar`), which stay small integers until 2054.
"""

import _thread
import asyncio.core as _loop
import time

import machine

from energy import calendar

NTP = "ntp"
METER = "meter"
# How long NTP's word stands before the meter's is taken in its place: the crystal may be a minute off by then.
_NTP_LASTS_S = 30 * 86400
# Smaller differences are the way that a list takes, and no reason to set anything.
_CLOSE_S = 60

_lock = _thread.allocate_lock()
_uptime_s = 0
_seen_ms = None
_began_s = None  # what time it was at the start
_set_at_s = 0
source = None  # who has set it: NTP, METER, or None


def ticks_ms():
    """Milliseconds of the event loop's clock, to be used with time.ticks_diff(); a host may run it faster."""
    return _loop.ticks()


def uptime_s():
    """Seconds since the start; asked for at least every few days, it never wraps."""
    global _uptime_s, _seen_ms
    with _lock:
        now_ms = ticks_ms()
        if _seen_ms is None:
            _seen_ms = now_ms
        passed = time.ticks_diff(now_ms, _seen_ms) // 1000
        _uptime_s += passed
        _seen_ms = time.ticks_add(_seen_ms, passed * 1000)
        return _uptime_s


def now_s():
    """What time it is; None until somebody has said it."""
    began_s = _began_s
    return None if began_s is None else began_s + uptime_s()


def set_by_ntp(at_s):
    """Take the time from NTP."""
    _set(at_s, NTP)


def set_by_meter(at_s):
    """Take the time from the meter, as long as NTP has said nothing for a month and it differs from our own."""
    if source == NTP and uptime_s() - _set_at_s < _NTP_LASTS_S:
        return
    if source is None or abs(at_s - now_s()) > _CLOSE_S:
        _set(at_s, METER)


def _set(at_s, by):
    global _began_s, _set_at_s, source
    _set_at_s = uptime_s()
    _began_s = at_s - _set_at_s
    source = by
    # TLS asks the system's clock whether a certificate is still good.
    year, month, day, hour, minute, second = calendar.date_time(at_s)
    machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))
