"""What the house draws now, and has drawn in the last hour."""

from array import array

from hanport.registers import INDEX

STEP_S = 15
SLOTS = 240  # an hour
_UNKNOWN = -(1 << 31)
_FRESH_MS = 25000  # as long as a Kamstrup is silent between two lists, twice
_IMPORT, _EXPORT = INDEX["power_import_w"], INDEX["power_export_w"]


class Recent:
    """`import_w` and `export_w` are the last ones, None before the first; `readings` counts the lists.

    `age_s` is for how long there has been no new mean. `slots` is how many means are kept, 0 for none.
    """

    def __init__(self, slots=SLOTS):
        self.import_w = self.export_w = None
        self.readings = 0
        self.list = 0
        self.age_s = 0
        self._means = array("i", [_UNKNOWN] * slots)
        self._next = 0
        self._sum = self._count = 0

    def note(self, reading):
        """Take a list."""
        self.readings = (self.readings + 1) & 0xFFFFFF
        self.list = reading.list
        if reading.has(_EXPORT):
            self.export_w = reading.value(_EXPORT)
        if reading.has(_IMPORT):
            self.import_w = reading.value(_IMPORT)
            # A list 1 has the import alone. Who imports does not export.
            if self.import_w and not reading.has(_EXPORT) and self.export_w is not None:
                self.export_w = 0

    def tick(self, silent_ms):
        """Once a second; `silent_ms` is how long the meter has been silent."""
        if silent_ms < _FRESH_MS and self.import_w is not None:
            self._sum += self.import_w - (self.export_w or 0)
            self._count += 1
        self.age_s += 1
        if self.age_s < STEP_S:
            return
        self._means[self._next] = self._sum // self._count if self._count else _UNKNOWN
        self._next = (self._next + 1) % len(self._means)
        self._sum = self._count = self.age_s = 0

    def watts(self):
        """The means, the oldest first; None for a time without readings."""
        slots = len(self._means)
        for place in range(self._next, self._next + slots):
            mean = self._means[place % slots]
            yield None if mean == _UNKNOWN else mean
