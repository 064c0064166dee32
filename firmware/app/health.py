"""How the dongle itself does: what its supply gives, and whether this life is a good one.

On a board that lives from the meter, the radio waits until there is enough for it (boards/README.md).
"""

import asyncio

from app import clock, lent
from app.log import log

_SAMPLES = 8
_LOW_MV = 3000  # the least that is recommended for ESP32s (Espressif's data sheets)
_BACK_MV = 100  # so far above it, it is low no more
_CHARGE_S = 180
_BLIND_S = 10  # where nobody measures
_GOOD_S = 300


class Health:
    """`supply_mv`, None where nobody measures it; `is_low`: all is paced, and this is no time for an update;
    `is_starved`: soon after each of the last starts there was no power."""

    def __init__(self, board, life, is_safe, is_starved):
        """`life` and `is_starved` are as app.starts has them; `is_safe`: what crashes is left alone."""
        supply = board.data.get("supply") or {}
        self.is_bus_powered = board.is_bus_powered
        self._adc = board.vcc_adc()
        self._wifi_mv = supply.get("wifi_mv", 0)
        self._low_mv = supply.get("low_mv", _LOW_MV)
        self.life = life
        self.is_safe = is_safe
        self.is_starved = is_starved
        self.is_low = self._lasts = False
        self._measure()

    def tick(self):
        """Once a second. True when the supply has just become low."""
        if not self._lasts and clock.uptime_s() >= _GOOD_S:
            self._lasts = True
            self.is_starved = False
            if not self.is_safe:
                lent.module("starts").lasts()
        was_low = self.is_low
        self._measure()
        if self.supply_mv is not None:
            self.is_low = self.supply_mv < self._low_mv + (_BACK_MV if was_low else 0)
        if self.is_low != was_low:
            self._say("low" if self.is_low else "enough")
        return self.is_low and not was_low

    async def charged(self):
        """Before the radio is used: wait until there is enough for it, though not for ever."""
        if self._is_charged():
            return
        self._say("WiFi waits")
        ends_s = clock.uptime_s() + _CHARGE_S
        while clock.uptime_s() < ends_s:
            await asyncio.sleep(1)
            if self._is_charged():
                return
        self._say("WiFi waits no longer")

    def _is_charged(self):
        if self.supply_mv is None or not self._wifi_mv:
            return not self.is_bus_powered or clock.uptime_s() >= _BLIND_S
        return self.supply_mv >= self._wifi_mv

    def _measure(self):
        """The mean of some samples; None where it cannot be measured."""
        self.supply_mv = None
        if not self._adc:
            return
        adc, (above, below) = self._adc
        uv = 0
        try:
            for _ in range(_SAMPLES):
                uv += adc.read_uv()
        except OSError:
            return
        self.supply_mv = int(uv // (1000 * _SAMPLES) * (above + below) / below)

    def _say(self, what):
        log("supply", f"{self.supply_mv} mV: {what}")
