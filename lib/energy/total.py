"""A running total between the register readings, which most meters send once an hour only."""

_MS_PER_HOUR = 3600000
# A power says nothing about a longer silence; what was used in it comes with the next register reading.
_LONGEST_GAP_MS = 30000


class RunningTotal:
    """One energy register in Wh, carried on by power x time from one reading of it to the next.

    It never falls: when a register reading comes in below it, it stands still until the registers have passed it.
    """

    def __init__(self):
        self.restart()

    def restart(self):
        """Begin with another meter: nothing is known until its first register reading."""
        self.wh = None  # the total; None until a register was read
        self.overshoot_wh = 0  # by how much the last stretch was estimated too high
        self._register_wh = self._estimate_wh = 0
        self._watt_ms = 0

    def add_power(self, watts, elapsed_ms):
        """Add `watts` for the time since the last call; a gap longer than 30 s counts as 30 s, as does one so long
        that the caller's clock has wrapped and says a negative time."""
        if not 0 <= elapsed_ms <= _LONGEST_GAP_MS:
            elapsed_ms = _LONGEST_GAP_MS
        self._watt_ms += watts * elapsed_ms
        self._estimate_wh += self._watt_ms // _MS_PER_HOUR
        self._watt_ms %= _MS_PER_HOUR
        if self.wh is not None and self._register_wh + self._estimate_wh > self.wh:
            self.wh = self._register_wh + self._estimate_wh

    def set_register(self, wh):
        """The meter's register reads `wh`."""
        self._register_wh = wh
        self._estimate_wh = self._watt_ms = 0
        if self.wh is None or wh > self.wh:
            self.wh = wh
        self.overshoot_wh = self.wh - wh
