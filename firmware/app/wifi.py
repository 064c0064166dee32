"""The dongle in the owner's WiFi: connected, and connected again after every loss."""

import asyncio

import network

from app.log import log

_TRY_S = 20
_PAUSE_S = 10
_CHECK_MS = 500


class Wifi:
    """Keeps the station connected and tells the MQTT link whether there is a network."""

    def __init__(self, settings, device):
        self._ssid = settings["wifi.ssid"]
        self._password = settings["wifi.password"]
        self._device = device
        self._station = None

    def rssi_dbm(self):
        """How strong the router's signal is; None when there is none, or the port does not tell."""
        try:
            return self._station.status("rssi") if self._station and self._station.isconnected() else None
        except (OSError, ValueError, AttributeError):
            return None

    async def run(self, link):
        """Connect, watch, connect again, for ever."""
        network.hostname(self._device)
        self._station = station = network.WLAN(network.STA_IF)
        station.active(True)
        while True:
            if not station.isconnected():
                link.network_up = False
                await self._connect(station)
            if station.isconnected() and not link.network_up:
                log("wifi", f"connected to {self._ssid}, address {station.ifconfig()[0]}")
                link.network_up = True
            await asyncio.sleep_ms(_CHECK_MS)

    async def _connect(self, station):
        """One try with a deadline; an error status of the ESP32 sticks, so isconnected() alone is asked."""
        log("wifi", f"connecting to {self._ssid}")
        try:
            station.connect(self._ssid, self._password)
            for _ in range(_TRY_S * 1000 // _CHECK_MS):
                await asyncio.sleep_ms(_CHECK_MS)
                if station.isconnected():
                    return
            log("wifi", f"no connection to {self._ssid} within {_TRY_S} s; trying again")
            station.disconnect()
        except OSError as error:
            log("wifi", f"the radio refuses: {error}")
        await asyncio.sleep(_PAUSE_S)
