"""The capacity tariff's running hour: where it will end, what it may still take, and the signal to draw less."""

import machine

from app import clock, messages
from app.log import log
from energy import calendar
from energy.load import Forecast, LoadSignal
from hanport.registers import INDEX

_POWER_IMPORT = INDEX["power_import_w"]
_CURRENTS = (INDEX["l1_current_a"], INDEX["l2_current_a"], INDEX["l3_current_a"])
_HOUR_S = calendar.HOUR_S
# Currents come every 10 s; what is older says nothing of now.
_CURRENT_LASTS_S = 60


class Capacity:
    """Watches the running hour by the totals, and the main fuse by the currents."""

    def __init__(self, settings, totals, ledger):
        self._totals = totals
        self._ledger = ledger
        self._zone_h = messages.zone_h(settings)
        self.steps_wh = [round(1000 * limit) for limit in settings["tariff.steps_kw"]]
        self._limit_wh = round(1000 * settings["tariff.limit_kw"])
        self._fuse_ma = 1000 * settings["load.fuse_a"] or None
        self._forecast = Forecast()
        self._highest_ma = None
        self._current_s = 0
        self._forecast_wh = self._hour_limit_wh = self._so_far_wh = None
        self.signal = LoadSignal()
        self._pin = None
        if settings["load.pin"] >= 0:
            self._on = 0 if settings["load.pin_low"] else 1
            try:
                self._pin = machine.Pin(settings["load.pin"], machine.Pin.OUT, value=1 - self._on)
            except ValueError as error:  # which chip has which pins, the settings do not know
                log("load", f"load.pin cannot be used: {error}")

    def note(self, reading, elapsed_ms):
        """Take the power and the currents of a list."""
        if reading.has(_POWER_IMPORT):
            self._forecast.add_power(reading.value(_POWER_IMPORT), elapsed_ms)
        highest_ma = None
        for index in _CURRENTS:
            if reading.has(index):
                highest_ma = max(highest_ma or 0, abs(reading.value(index)))
        if highest_ma is not None:
            self._highest_ma = highest_ma
            self._current_s = clock.uptime_s()

    def tick(self, silent_ms):
        """Once a second: True when the load signal has changed. `silent_ms` is how long the meter has been silent."""
        now_s = clock.now_s()
        uptime_s = clock.uptime_s()
        if silent_ms > 1000 * _CURRENT_LASTS_S:
            now_s = None
        if uptime_s - self._current_s > _CURRENT_LASTS_S:
            self._highest_ma = None
        self._so_far_wh = self._forecast_wh = self._hour_limit_wh = None
        if now_s is not None:
            year, month, day = calendar.local_day(now_s, self._zone_h)
            self._ledger.peaks.begin(year, month)
            limit_wh = self._limit_wh or self._ledger.peaks.step(self.steps_wh)[1]
            if limit_wh is not None:
                self._hour_limit_wh = self._ledger.peaks.allowed_wh(limit_wh, day)
            self._so_far_wh = self._totals.so_far(now_s // _HOUR_S, 0)
            self._forecast_wh = self._forecast.wh(self._so_far_wh, _HOUR_S - now_s % _HOUR_S)
        has_changed = self.signal.update(
            uptime_s, self._forecast_wh, self._hour_limit_wh, self._highest_ma, self._fuse_ma
        )
        if self._pin and has_changed:
            self._pin.value(self._on if self.signal.reason != "none" else 1 - self._on)
        return has_changed

    def message(self):
        """The `capacity` message."""
        peaks = self._ledger.peaks
        step, step_limit_wh = peaks.step(self.steps_wh)
        message = {
            "peaks": [
                {"start": calendar.iso(hour * _HOUR_S, self._zone_h), "import_wh": wh}
                for wh, hour, _day in peaks.highest
            ],
            "mean_wh": peaks.mean_wh(),
            "step": step,
        }
        limit_wh = self._hour_limit_wh
        remaining_wh = None
        if limit_wh is not None and self._so_far_wh is not None:
            remaining_wh = max(0, limit_wh - self._so_far_wh)
        for key, wh in (
            ("step_limit_wh", step_limit_wh),
            ("hour_limit_wh", limit_wh),
            ("hour_forecast_wh", self._forecast_wh),
            ("hour_remaining_wh", remaining_wh),
        ):
            if wh is not None:
                message[key] = wh
        return message

    def load_message(self):
        """The `load` message."""
        return {"reduce": self.signal.reason != "none", "reason": self.signal.reason}
