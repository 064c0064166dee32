"""The running totals of import and export, from one reading to the next."""

from energy import RunningTotal
from hanport.registers import INDEX

_METER_ID = INDEX["meter_id"]
_TIMESTAMP = INDEX["timestamp"]
_POWER_IMPORT = INDEX["power_import_w"]
_POWER_EXPORT = INDEX["power_export_w"]
_ENERGY_IMPORT = INDEX["energy_import_wh"]
_ENERGY_EXPORT = INDEX["energy_export_wh"]


class Totals:
    """Both directions of one meter; another meter id begins anew."""

    def __init__(self):
        self.imported = RunningTotal()
        self.exported = RunningTotal()
        self._meter_id = None
        self._register_time = None

    def count(self, reading, elapsed_ms):
        """Carry the totals on with a reading that came so long after the one before it.

        True when it is the first one of another meter: its registers are counted anew.
        """
        is_another = self._is_another_meter(reading)
        if is_another:
            self.imported.restart()
            self.exported.restart()
            self._register_time = None
        registers_are_new = reading.list == 3 and self._clock_has_moved(reading)
        for total, power, energy in (
            (self.imported, _POWER_IMPORT, _ENERGY_IMPORT),
            (self.exported, _POWER_EXPORT, _ENERGY_EXPORT),
        ):
            if reading.has(power):
                total.add_power(reading.value(power), elapsed_ms)
            if registers_are_new and reading.has(energy):
                total.set_register(reading.value(energy))
        return is_another

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
