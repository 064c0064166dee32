"""The setup network: an access point of the dongle's own, with the setup page."""

import asyncio
import gc

import network

from app import clock, label, wifi
from app.log import log

_ASKED_S = 900  # after the button: for somebody to come
_GUEST_S = 60  # for who has just come when the network at home is back
_DONE_S = 5
_SCAN_S = 8
_RETRY_S = 10


class Setup:
    """Brings the setup network up beside the station. `is_open`; `is_over` when nobody needs it any more."""

    def __init__(self, board, settings, station, dongle, is_asked):
        """`dongle` is whom the page asks how things are (app.overview). When the owner has asked for the network it
        goes again after a while; else it stays until the dongle is in another one."""
        self._board = board
        self._settings = settings
        self._wifi = station
        self._dongle = dongle
        self._point = None
        self._portal = None
        self._is_asked = is_asked
        self._ends_s = 0  # by uptime
        self.name = label.network_name(board.id)
        if is_asked:
            self.prolong()

    @property
    def is_open(self):
        return self._portal is not None

    @property
    def is_over(self):
        return self.ends_s == 0

    @property
    def ends_s(self):
        """Seconds until the network goes; None while it stays, since there is nothing to be at home in."""
        is_needed = not self._settings["wifi.ssid"] or not (self._is_asked or self._wifi.state == wifi.CONNECTED)
        return None if is_needed else max(self._ends_s - clock.uptime_s(), 0)

    def prolong(self, seconds=_ASKED_S):
        """The owner is at it: the network stays for so long at least."""
        self._ends_s = max(self._ends_s, clock.uptime_s() + seconds)

    def finish(self):
        """The owner is through."""
        self._is_asked = True
        self._ends_s = clock.uptime_s() + _DONE_S

    async def run(self):
        """Open it, and every second look after it, for ever."""
        while not self.is_open:
            try:
                await self._open()
            except (OSError, MemoryError) as error:
                # Never without its password; and where the page finds no room, another second may have it.
                log("setup", f"the network cannot be opened: {error!r}")
                if self._point:
                    self._point.active(False)
                await asyncio.sleep(_RETRY_S)
        while True:
            # One radio: a try of the station moves the setup network to another channel and drops the phone.
            self._wifi.is_held = has_guests = self._point.isconnected()
            if has_guests and not self._is_asked:
                self.prolong(_GUEST_S)
            await asyncio.sleep(1)

    async def _open(self):
        await self._dongle.health.charged()
        channel = await self._best_channel()
        address = self._board.portal["address"]
        self._point = point = network.WLAN(network.AP_IF)
        # Before it is active: for not even a moment is it open to all.
        point.config(ssid=self.name, key=label.secret(), security=3, channel=channel)
        point.active(True)
        point.ifconfig((address, "255.255.255.0", address, address))
        gc.collect()
        from app.portal import Portal

        portal = Portal(self._board.portal, self._settings, self._wifi, self, self._dongle)
        await portal.start()
        self._portal = portal
        log("setup", f"network {self.name} is up, its password is on the label")

    async def _best_channel(self):
        """That of the strongest network: the phone need not follow when that one is tried."""
        self._wifi.scan()
        for _ in range(_SCAN_S):
            await asyncio.sleep(1)
            if self._wifi.networks is not None and not self._wifi.is_scanning:
                break
        return self._wifi.networks[0][1] if self._wifi.networks else 1
