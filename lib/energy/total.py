"""A running total between the register readings, which most meters send once an hour only."""

from .registers import advance

_MS_PER_HOUR = 3600000
# A power says nothing about a longer silence; what was used in it comes with the next register reading.
LONGEST_GAP_MS = 30000


class RunningTotal:
    """One energy register in Wh, carried on by power x time from one reading of it to the next.

    It never falls: when a register reading comes in below it, it stands still until the registers have passed it.
    When the register begins anew, in this meter or the next one, the total goes on from where it was.
    """

    def __init__(self):
        self.wh = None  # the total; None until a register was read
        self.register_wh = None  # the meter's register as it was read last
        self.offset_wh = 0  # total less register: what was counted by the meters before this one
        self._estimate_wh = self._watt_ms = 0
        self._is_another = False

    @property
    def current_wh(self):
        """Register and estimate, without the standing still: it may lie below the total."""
        return self.register_wh + self.offset_wh + self._estimate_wh

    def restore(self, register_wh, offset_wh, estimate_wh=0):
        """Go on from what was kept over a restart: the last register, its offset, the estimate since."""
        self.register_wh = register_wh
        self.offset_wh = offset_wh
        self._estimate_wh = estimate_wh
        self.raise_to(self.current_wh)

    def raise_to(self, wh):
        """The total has been as high as this already."""
        if self.wh is None or wh > self.wh:
            self.wh = wh

    def exchanged(self):
        """The next register reading is another meter's."""
        self._is_another = self.register_wh is not None

    def add_power(self, watts, elapsed_ms):
        """Add `watts` for the time since the last call; a gap longer than 30 s counts as 30 s, as does one so long
        that the caller's clock has wrapped and says a negative time. Returns the whole Wh that came to the estimate.
        """
        if not 0 <= elapsed_ms <= LONGEST_GAP_MS:
            elapsed_ms = LONGEST_GAP_MS
        self._watt_ms += watts * elapsed_ms
        added = self._watt_ms // _MS_PER_HOUR
        self._watt_ms %= _MS_PER_HOUR
        self._estimate_wh += added
        if added and self.wh is not None:
            self.raise_to(self.current_wh)
        return added

    def set_register(self, wh, hours=1):
        """The meter's register reads `wh`, so many hours after it was read last. False when it is another register
        than before, or the first one, so that it does not tell what has gone through."""
        moved = None
        if self.register_wh is not None and not self._is_another:
            moved = advance(self.register_wh, wh, hours)
        if moved is not None:
            self.offset_wh += self.register_wh + moved - wh
        elif self.register_wh is not None:
            self.offset_wh = self.current_wh - wh
        self.register_wh = wh
        self._is_another = False
        self._estimate_wh = self._watt_ms = 0
        self.raise_to(self.current_wh)
        return moved is not None
