"""How the running hour will end, and when it is time to switch something off."""

# Kettles come and go: the forecast goes by the power of the last minutes.
_SMOOTHING_MS = 120000
_FINER = 16  # of a watt, so that no small step is lost to rounding
# How long something must last before the signal follows; heating cables and water heaters are not for quick changes.
_HOUR_ON_S = 60
_FUSE_ON_S = 10
_OFF_S = 300
# Hysteresis: the signal goes when there is so much less than the limit.
_OFF_PERCENT = 90


class Forecast:
    """The running hour's energy at its end, from what was used so far and the power of the last minutes."""

    def __init__(self):
        self._finer_w = None

    def add_power(self, watts, elapsed_ms):
        """This power was drawn for so long."""
        watts *= _FINER
        if self._finer_w is None or not 0 <= elapsed_ms < _SMOOTHING_MS:
            self._finer_w = watts
        else:
            self._finer_w += (watts - self._finer_w) * elapsed_ms // _SMOOTHING_MS

    def wh(self, so_far_wh, left_s):
        """Wh when the hour ends, which is in `left_s`; None as long as nobody knows."""
        if self._finer_w is None or so_far_wh is None:
            return None
        return so_far_wh + self._finer_w * left_s // (3600 * _FINER)


class LoadSignal:
    """Says when the house should draw less: the hour would pass its limit, or a phase the main fuse.

    `reason` is "none", "hour" or "fuse".
    """

    def __init__(self):
        self._hour = _Latch(_HOUR_ON_S)
        self._fuse = _Latch(_FUSE_ON_S)

    @property
    def reason(self):
        return "fuse" if self._fuse.is_on else "hour" if self._hour.is_on else "none"

    def update(self, now_s, forecast_wh, limit_wh, highest_ma, fuse_ma):
        """What is true now, None for what is not known or has no limit. True when `reason` has changed."""
        before = self.reason
        self._hour.follow(forecast_wh, limit_wh, now_s)
        self._fuse.follow(highest_ma, fuse_ma, now_s)
        return self.reason != before


class _Latch:
    """On when a value has been above its limit for some time, off when it has been well below for longer.

    What is not known is below: a meter that falls silent must not keep a house cold.
    """

    def __init__(self, on_s):
        self._on_s = on_s
        self._since_s = None
        self.is_on = False

    def follow(self, value, limit, now_s):
        if value is None or limit is None:
            crosses = self.is_on
        elif self.is_on:
            crosses = value * 100 < limit * _OFF_PERCENT
        else:
            crosses = value > limit
        if not crosses:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s >= (_OFF_S if self.is_on else self._on_s):
            self.is_on = not self.is_on
            self._since_s = None
