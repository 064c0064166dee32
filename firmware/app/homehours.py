"""Completed hours, from the journal, sent one by one."""

import asyncio
import json

from app import clock, messages
from energy import calendar
from energy.hour import MARK, Hour

_MOST_DAYS = 40
_USUAL_DAYS = 3
_A_FEW = 8


def hours(home, request):
    """Those of the last days."""
    try:
        days = min(max(int(request.args["days"]), 1), _MOST_DAYS)
    except (KeyError, TypeError, ValueError):
        days = _USUAL_DAYS
    request.client.endless()
    return _Hours(home.dongle, days), 200, [("Content-Type", "application/json; charset=utf-8")]


class _Hours:
    """The body of the answer with hours: read from the journal and sent one at a time."""

    def __init__(self, dongle, days):
        self._zone_h = messages.zone_h(dongle.settings)
        self._hour = Hour()
        now_s = clock.now_s()
        self._first = 0 if now_s is None else now_s // calendar.HOUR_S - 24 * days
        self._records = dongle.ledger.kept(2 * 24 * days + _A_FEW)
        self._before = b'{"hours":['

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._before is None:
            raise StopAsyncIteration
        hour = self._hour
        for payload in self._records:
            await asyncio.sleep(0)  # each is read from the flash
            hour.unpack(payload)
            if hour.kind != MARK and hour.hour >= self._first:
                before, self._before = self._before, b","
                return before + json.dumps(messages.hour(hour, self._zone_h)).encode()
        end = b"]}" if self._before == b"," else self._before + b"]}"
        self._before = None
        return end
