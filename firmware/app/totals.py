"""The running totals of import and export, from one reading to the next."""

from energy import RunningTotal
from hanport.registers import INDEX

_METER_ID = INDEX["meter_id"]
_TIMESTAMP = INDEX["timestamp"]
_POWER_IMPORT = INDEX["power_import_w"]
_POWER_EXPORT = INDEX["power_export_w"]
# The register of both tariffs, and those of each.
_ENERGY_IMPORT = (INDEX["energy_import_wh"], INDEX["energy_import_t1_wh"], INDEX["energy_import_t2_wh"])
_ENERGY_EXPORT = (INDEX["energy_export_wh"], INDEX["energy_export_t1_wh"], INDEX["energy_export_t2_wh"])


class Totals:
    """Both directions of one meter; another meter id begins anew."""

    def __init__(self):
        self.imported = RunningTotal()
        self.exported = RunningTotal()
        self._meter_id = None
        self._register_time = None
        self._export_ms = 0  # for which no export is counted yet

    def count(self, reading, elapsed_ms):
        """Carry the totals on with a reading that came so long after the one before it.

        True when it is the first one of another meter: its registers are counted anew.
        """
        is_another = self._is_another_meter(reading)
        if is_another:
            self.imported.restart()
            self.exported.restart()
            self._register_time = None
        self._add_power(reading, elapsed_ms)
        if reading.list == 3 and self._clock_has_moved(reading):
            _set_register(self.imported, reading, _ENERGY_IMPORT)
            _set_register(self.exported, reading, _ENERGY_EXPORT)
        return is_another

    def _add_power(self, reading, elapsed_ms):
        """A list 1 has no export. While it says that power is imported there is none; while it says 0 W, the next
        list 2 tells what was exported since."""
        self._export_ms += elapsed_ms
        if reading.has(_POWER_IMPORT):
            self.imported.add_power(reading.value(_POWER_IMPORT), elapsed_ms)
        if reading.has(_POWER_EXPORT):
            self.exported.add_power(reading.value(_POWER_EXPORT), self._export_ms)
            self._export_ms = 0
        elif reading.has(_POWER_IMPORT) and reading.value(_POWER_IMPORT) > 0:
            self._export_ms = 0

    def _is_another_meter(self, reading):
        if not reading.has(_METER_ID):
            return False
        before = self._meter_id
        self._meter_id = reading.value(_METER_ID)
        return before is not None and before != self._meter_id

    def _clock_has_moved(self, reading):
        """False for a list 3 that repeats the one before it, clock and all, as some Aidons send it."""
        time = reading.value(_TIMESTAMP)
        if time is not None and time == self._register_time:
            return False
        self._register_time = time
        return True


def _set_register(total, reading, registers):
    """Tell the total what the register reads; Dutch meters have one for each tariff alone."""
    both, first, second = registers
    if reading.has(both):
        total.set_register(reading.value(both))
    elif reading.has(first) and reading.has(second):
        total.set_register(reading.value(first) + reading.value(second))
