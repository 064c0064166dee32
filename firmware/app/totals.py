"""One meter's energy: from its readings to running totals of import and export, and to completed hours."""

import binascii

from energy import calendar
from energy.hours import Hours
from energy.meterclock import LOCAL, MARKED, OFF, STANDARD, MeterClock
from energy.total import LONGEST_GAP_MS, RunningTotal
from hanport.meters import follows_summer_time
from hanport.registers import INDEX

_LIST_VERSION = INDEX["list_version"]
_METER_ID = INDEX["meter_id"]
_SUMMER = INDEX["timestamp_dst"]
_POWER_IMPORT = INDEX["power_import_w"]
_POWER_EXPORT = INDEX["power_export_w"]
# The register of both tariffs, and those of each.
_ENERGY_IMPORT = (INDEX["energy_import_wh"], INDEX["energy_import_t1_wh"], INDEX["energy_import_t2_wh"])
_ENERGY_EXPORT = (INDEX["energy_export_wh"], INDEX["energy_export_t1_wh"], INDEX["energy_export_t2_wh"])
# The list with an hour's registers comes within its first minute (Kamstrup's at second 5 to 55). Where every telegram
# has them, as on P1, they are those of that moment, and must be of the hour's very beginning.
_MARK_S = 60
_MARK_OF_MANY_S = 15
_MANY_S = 600
_HALF_S = calendar.HOUR_S // 2
# Nobody's clock is right that says an earlier time.
_EARLIEST_S = calendar.seconds(2025, 1, 1)


class Totals:
    """Both directions of one meter, and of the one that comes after it."""

    def __init__(self, zone_h, clock_rule=None):
        """`zone_h` is the winter time's offset; `clock_rule` is "standard" or "local" where the owner has said it."""
        self.imported = RunningTotal()
        self.exported = RunningTotal()
        self.hours = Hours()
        self.clock = MeterClock(zone_h, clock_rule)
        self.meter = 0  # a number that tells meters apart; 0 as long as the meter has not said which it is
        self.at_s = None  # UTC of the last reading by the meter's clock
        self._registers = (None, None)
        self._shown_s = None
        self._registers_ms = None  # since the registers were read last
        self._sends_many = False
        self._is_exact = True  # since the last hour mark
        self._knows_clock = False
        self._export_ms = 0  # for which no export is counted yet

    @property
    def wh(self):
        """The running totals (import, export); None for what the meter has not said."""
        return self.imported.wh, self.exported.wh

    def resume(self, hour):
        """Go on behind the last Hour that was kept."""
        self.hours.start(hour)
        self.meter = hour.meter
        for total, register, wh in zip((self.imported, self.exported), hour.registers, hour.totals):
            if register is not None:
                total.restore(register, wh - register)

    def restore(self, mark, pending, clock_rule):
        """Take what Hours.pending() said at that mark before a restart, and how the meter's clock runs."""
        self.hours.restore(mark, pending)
        for way, total in enumerate((self.imported, self.exported)):
            if total.register_wh is not None:
                total.restore(total.register_wh, total.offset_wh, sum(row[way] for row in self.hours.pending()))
        self.clock.expect(clock_rule)
        self._knows_clock = True

    def count(self, reading, elapsed_ms, own_s, is_sure):
        """Carry on with a reading that came so long after the one before it.

        `own_s` is our own clock, None when it is not set, and `is_sure` when NTP has set it. True when it is the
        first reading of another meter.
        """
        is_another = self._is_another_meter(reading)
        if is_another:
            self.imported.exchanged()
            self.exported.exchanged()
            self._is_exact = self._knows_clock = False
            self._registers = (None, None)
        self._add_power(reading, elapsed_ms, own_s)
        shown_s = self._shown(reading)
        self.at_s = None
        registers = (_register(reading, _ENERGY_IMPORT), _register(reading, _ENERGY_EXPORT))
        if reading.list < 3 or not self._is_repeated(registers, shown_s):
            self.at_s = self._utc(reading, shown_s, own_s, is_sure)
            if reading.list == 3:
                self._take_registers(registers)
        return is_another

    def so_far(self, hour, way):
        """Wh imported (way 0) or exported (1) in this hour until now; None when that is not known."""
        if self.hours.mark == hour and self.hours.totals[way] is not None:
            return (self.imported, self.exported)[way].current_wh - self.hours.totals[way]
        return self.hours.so_far(hour, way)

    def _add_power(self, reading, elapsed_ms, own_s):
        """A list 1 has no export. While it says that power is imported there is none; while it says 0 W, the next
        list 2 tells what was exported since."""
        if self._registers_ms is not None:
            self._registers_ms = min(self._registers_ms + abs(elapsed_ms), 1000 * _MANY_S)
        if not 0 <= elapsed_ms <= LONGEST_GAP_MS:
            elapsed_ms = LONGEST_GAP_MS
        self._export_ms += elapsed_ms
        import_wh = export_wh = 0
        if reading.has(_POWER_IMPORT):
            import_wh = self.imported.add_power(reading.value(_POWER_IMPORT), elapsed_ms)
        if reading.has(_POWER_EXPORT):
            export_wh = self.exported.add_power(reading.value(_POWER_EXPORT), self._export_ms)
            self._export_ms = 0
        elif reading.has(_POWER_IMPORT) and reading.value(_POWER_IMPORT) > 0:
            self._export_ms = 0
        if own_s is not None:
            # The power is that of the time before the reading: its middle says which hour that was.
            self.hours.add((own_s - elapsed_ms // 2000) // calendar.HOUR_S, elapsed_ms, import_wh, export_wh)

    def _is_another_meter(self, reading):
        if not reading.has(_METER_ID):
            return False
        before = self.meter
        # Of the number itself, which is personal data, nothing is kept; 0 is taken for an unknown one.
        self.meter = binascii.crc32(reading.value(_METER_ID)) & 0xFFFF or 1
        return before not in (0, self.meter)

    def _shown(self, reading):
        """What the meter's clock shows; None when the list has no time."""
        when = reading.date_time()
        if when is None:
            return None
        if not self._knows_clock and (reading.has(_SUMMER) or reading.has(_LIST_VERSION)):
            self._knows_clock = True
            if reading.has(_SUMMER):
                self.clock.expect(MARKED)
            else:
                self.clock.expect(LOCAL if follows_summer_time(reading.value(_LIST_VERSION)) else STANDARD)
        return calendar.seconds(*when)

    def _utc(self, reading, shown_s, own_s, is_sure):
        """When it was; of a list without a time, when it came. None while that is not known."""
        if shown_s is None:
            return own_s if reading.list == 3 else None
        at_s = self.clock.utc(shown_s, reading.value(_SUMMER), own_s, is_sure)
        return None if at_s is None or at_s < _EARLIEST_S else at_s

    def _is_repeated(self, registers, shown_s):
        """True for a list 3 that is the one before it once more, clock and all, as some Aidons send it."""
        if shown_s is not None and shown_s == self._shown_s and registers == self._registers:
            return True
        self._registers, self._shown_s = registers, shown_s
        return False

    def _take_registers(self, registers):
        self._sends_many = self._registers_ms is not None and self._registers_ms < 1000 * _MANY_S
        self._registers_ms = 0
        hours = 1
        if self.at_s is not None and self.hours.mark is not None:
            hours = self.at_s // calendar.HOUR_S - self.hours.mark
        for total, register in zip((self.imported, self.exported), registers):
            if register is not None and not total.set_register(register, hours):
                self._is_exact = False
        self._mark_hour(registers)

    def _mark_hour(self, registers):
        """Tell of an hour mark, when the registers are those of a full hour."""
        if self.at_s is None:
            return
        hour, second = self.at_s // calendar.HOUR_S, self.at_s % calendar.HOUR_S
        if self._sends_many:
            is_mark = second < _MARK_OF_MANY_S
        else:
            # A meter whose clock is wrong counts hours of its own: they are taken for those that they are nearest to.
            is_mark = second < _MARK_S or self.clock.rule == OFF
            hour += second >= _HALF_S
        if is_mark:
            totals = [None if r is None else t.current_wh for t, r in zip((self.imported, self.exported), registers)]
            self.hours.complete(hour, registers, totals, self.meter, self._is_exact)
            self._is_exact = True


def _register(reading, registers):
    """What the register reads; Dutch meters have one for each tariff alone. None where there is none."""
    both, first, second = registers
    if reading.has(both):
        return reading.value(both)
    if reading.has(first) and reading.has(second):
        return reading.value(first) + reading.value(second)
    return None
