"""The energy of the house: readings are counted, and completed hours kept, whatever else the dongle does."""

import asyncio
import time

from app import clock, messages
from app.ledger import Ledger
from app.log import log
from app.totals import Totals

_AGAIN_S = 60
_NEAR_MARK_S = 120


class Counting:
    """`totals` and `ledger`, and how long ago the reading before was."""

    def __init__(self, settings, outbox, base):
        rule = settings["meter.clock"]
        self.totals = Totals(messages.zone_h(settings), None if rule == "auto" else rule)
        self.ledger = Ledger(settings, self.totals, outbox, base)
        self._read_ms = clock.ticks_ms()

    async def replay(self):
        """Read the journal, a few records at a time. Until that is done, no hour is counted."""
        while not self.ledger.is_ready:
            try:
                for _ in self.ledger.replay():
                    await asyncio.sleep(0)
            except Exception as error:
                # A flash that cannot be read now, a heap that is full now.
                log("journal", f"cannot be read, and is tried again: {error!r}")
                await asyncio.sleep(_AGAIN_S)

    def may_pause(self):
        """False near an hour mark, whose list a restart might miss."""
        now_s = clock.now_s()
        return now_s is None or _NEAR_MARK_S < now_s % 3600 < 3600 - _NEAR_MARK_S

    def pause(self):
        """Before a restart: keep what has been counted until now."""
        self.ledger.save()

    def count(self, reading):
        """Take a reading; returns the milliseconds since the one before, None while nothing is counted."""
        now_ms = clock.ticks_ms()
        elapsed_ms = time.ticks_diff(now_ms, self._read_ms)
        self._read_ms = now_ms
        if not self.ledger.is_ready:
            return None
        totals = self.totals
        if totals.count(reading, elapsed_ms, clock.now_s(), clock.source == clock.NTP):
            log("meter", "another meter: its registers go on where the other's ended")
        if totals.at_s is not None:
            clock.set_by_meter(totals.at_s)
        return elapsed_ms
