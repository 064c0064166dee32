"""Hours from the meter's registers: what went through between two hour marks, and a fair share for missed ones."""

from array import array

from .hour import ESTIMATE, HOUR, MARK

_MS_PER_HOUR = 3600000
# Hours whose estimates are kept apart until the next mark: two days, and the running one.
_KEPT = 49
# The longest stretch that is filled in: what the journal keeps. A dongle that was away for longer begins anew.
_LONGEST = 960
# Less than this unseen of a stretch says nothing; then the estimates are scaled as a whole.
_UNSEEN_MS = 60000
# So many marks in a row that lie before the last one, and rise among themselves, are believed: a clock was wrong.
_BELIEVED = 3


class Hours:
    """Completes hours at hour marks, which are numbered in hours since 2020-01-01 00:00 UTC.

    Between marks, add() collects what power x time says of each hour. complete() tells of a mark; next() then gives
    the hours up to it, in order. One hour between two marks is the meter's own; of several, each has its estimate,
    made to fit what the registers say of all, and what nobody saw of them takes what is left.
    Pairs are (import, export); what the meter does not have is None.
    """

    def __init__(self):
        self.mark = None  # the hour that began with the last mark
        self.registers = self.totals = (None, None)  # in Wh, at the mark
        self.meter = 0
        self._estimates = (array("i", [0] * _KEPT), array("i", [0] * _KEPT))
        self._seen_ms = array("i", [0] * _KEPT)
        self._target = None  # what complete() was told, until all hours up to it are done
        self._done = 0  # hours of this stretch
        self._lower = self._times_lower = 0

    def start(self, hour):
        """Go on behind this Hour, the last one that was kept."""
        self.mark = hour.hour + 1
        self.registers, self.totals = tuple(hour.registers), tuple(hour.totals)
        self.meter = hour.meter

    def add(self, hour, elapsed_ms, import_wh, export_wh):
        """What power x time says of a part of this hour."""
        if self.mark is None:
            return
        at = max(hour - self.mark, 0)
        if at < _KEPT:
            self._estimates[0][at] += import_wh
            self._estimates[1][at] += export_wh
            self._seen_ms[at] = min(self._seen_ms[at] + elapsed_ms, _MS_PER_HOUR)

    def complete(self, hour, registers, totals, meter, is_exact):
        """With the beginning of this hour the registers read so, and the running totals were so.

        `is_exact` is False when the totals do not tell the register's own difference, the meter being another one.
        """
        if self._target is not None or not self._is_believed(hour):
            return
        self._done = 0
        length = 0 if self.mark is None else hour - self.mark
        kind = HOUR if is_exact and length == 1 else ESTIMATE
        if not 0 < length <= _LONGEST:
            kind = MARK
        self._target = (hour, tuple(registers), tuple(totals), meter, kind)

    def _is_believed(self, hour):
        """False for a mark that was there already, or that lies before the last one and is alone with that."""
        if self.mark is None or hour > self.mark:
            self._times_lower = 0
            return True
        if hour < self.mark:
            self._times_lower = self._times_lower + 1 if self._times_lower and hour > self._lower else 1
            self._lower = hour
        return hour < self.mark and self._times_lower >= _BELIEVED

    def next(self, hour):
        """Fill in the next completed Hour; False when there is none. The same comes again until done() is called."""
        if self._target is None:
            return False
        until, registers, totals, hour.meter, hour.kind = self._target
        hour.hour = until - 1 if hour.kind == MARK else self.mark + self._done
        for way in (0, 1):
            start, end = self._reached(way, self._done), self._reached(way, self._done + 1)
            hour.wh[way] = None if end is None or hour.kind == MARK else end - start
            if hour.hour == until - 1:
                hour.registers[way], hour.totals[way] = registers[way], totals[way]
            else:
                hour.registers[way] = None if end is None else self.registers[way] + end
                hour.totals[way] = None if end is None else self.totals[way] + end
        return True

    def done(self):
        """The Hour that next() gave is safe: go on behind it."""
        until, registers, totals, meter, kind = self._target
        self._done += 1
        if kind == MARK or self.mark + self._done == until:
            self._forget(_KEPT if kind == MARK else self._done)
            self.mark, self.registers, self.totals, self.meter = until, registers, totals, meter
            self._target = None

    def so_far(self, hour, way):
        """Wh of this hour until now, by power x time; None where nothing is known."""
        at = -1 if self.mark is None else hour - self.mark
        return self._estimates[way][at] if 0 <= at < _KEPT else None

    def pending(self):
        """The estimates since the mark, to be kept over a restart: [import Wh, export Wh, ms seen] of each hour."""
        last = _KEPT
        while last and not self._seen_ms[last - 1]:
            last -= 1
        return [[self._estimates[0][i], self._estimates[1][i], self._seen_ms[i]] for i in range(last)]

    def restore(self, mark, pending):
        """Take what pending() said at that mark; what was completed since then falls away."""
        skipped = -1 if self.mark is None else self.mark - mark
        if skipped >= 0:
            for at, row in enumerate(pending[skipped : skipped + _KEPT]):
                self._estimates[0][at], self._estimates[1][at], self._seen_ms[at] = row

    def _reached(self, way, count):
        """Wh from the mark to the end of the stretch's first `count` hours; None when it has no such register."""
        until, _registers, totals, _meter, _kind = self._target
        before, after = self.totals[way], totals[way]
        if before is None or after is None:
            return None
        length = until - self.mark
        moved = after - before
        estimates = self._sum(self._estimates[way], length)
        unseen_ms = length * _MS_PER_HOUR - self._sum(self._seen_ms, length)
        part = self._sum(self._estimates[way], count)
        if moved > estimates and unseen_ms > _UNSEEN_MS:
            part_ms = count * _MS_PER_HOUR - self._sum(self._seen_ms, count)
            return part + (moved - estimates) * part_ms // unseen_ms
        return moved * part // estimates if estimates else moved * count // length

    def _sum(self, numbers, count):
        """The sum of an array's first `count` numbers; there are not more than it has."""
        total = 0
        for at in range(min(count, _KEPT)):
            total += numbers[at]
        return total

    def _forget(self, count):
        """The first hours are done; what came of the next one already moves to their place."""
        for numbers in self._estimates + (self._seen_ms,):
            for at in range(_KEPT):
                numbers[at] = numbers[at + count] if at + count < _KEPT else 0
