"""The dongle in the owner's WiFi: connected, connected again after every loss, and in a word why it is not."""

import _thread
import asyncio

import network

from app import clock
from app.log import log

OFF = "off"  # no network is set
CONNECTING = "connecting"
CONNECTED = "connected"
WRONG_PASSWORD = "wrong_password"
NOT_FOUND = "not_found"
WEAK = "weak"
NO_ADDRESS = "no_address"
REFUSED = "refused"

_TRY_S = 20
_REPEATS = 1  # the driver's own, in one try: then its status says why, where endless ones only say "connecting"
_PAUSE_S = 10
_CHECK_MS = 500
# Below this a router may not hear the answer: then a wrong password cannot be told from a weak signal.
_WEAK_DBM = -80
_BUS_DBM = 11  # sent with, where power is scarce: an eighth of the full power
# WLAN.status() of the ESP32, and the reasons of its driver (wifi_err_reason_t) that it passes on.
_WORDS = {
    15: WRONG_PASSWORD,  # the handshake that proves it
    200: WEAK,  # nothing more is heard of the router
    201: NOT_FOUND,
    202: WRONG_PASSWORD,
    204: WRONG_PASSWORD,
    210: NOT_FOUND,
    211: NOT_FOUND,
    212: NOT_FOUND,
    1000: NO_ADDRESS,
    1001: NO_ADDRESS,
    1010: NO_ADDRESS,
}


class Wifi:
    """Keeps the station connected and tells the MQTT link whether there is a network.

    To be read by anybody: `state`, one of the words above; `networks`, [(SSID as bytes, channel, dBm, whether it has
    a password), ...] of the last scan, strongest first, None before it; `is_scanning`, or about to.
    """

    def __init__(self, settings, device, health):
        """`health` is an app.health.Health: its supply says when the radio may be used."""
        self._settings = settings
        self._device = device
        self._health = health
        self._station = None
        self._has_changed = self._wants_scan = self._is_busy = False
        self._lost_s = 0  # since when, by uptime, there has been no connection
        self.is_held = False  # set from outside: what has failed is not tried again now, somebody needs the radio
        self.state = OFF
        self.networks = None

    @property
    def is_scanning(self):
        return self._wants_scan or self._is_busy

    @property
    def hostname(self):
        """The name that the router is told, and that mDNS answers to with .local behind it."""
        return self._settings["wifi.hostname"] or self._device

    @property
    def address(self):
        """The dongle's address in the owner's network; "" when it has none."""
        return self._station.ifconfig()[0] if self.state == CONNECTED else ""

    @property
    def failing_s(self):
        """For how long there has been no connection; 0 while there is one, or none is wanted."""
        return 0 if self.state in (OFF, CONNECTED) else clock.uptime_s() - self._lost_s

    def rssi_dbm(self):
        """How strong the router is that has taken us in, be it without an address; None when none has."""
        try:
            return self._station.status("rssi") if self._station else None
        except (OSError, ValueError, AttributeError):
            return None

    def change(self):
        """The settings name another network, or none: leave the one there is, and begin anew at once."""
        self._has_changed = True
        self.state = CONNECTING if self._settings["wifi.ssid"] else OFF
        self._lost_s = clock.uptime_s()

    def scan(self):
        """Look for networks as soon as the radio is free."""
        self._wants_scan = True

    async def run(self, link):
        """Connect, watch, connect again, for ever."""
        network.hostname(self.hostname)
        self._station = station = network.WLAN(network.STA_IF)
        self.change()
        await self._health.charged()
        station.active(True)
        station.config(reconnects=_REPEATS)
        if self._health.is_bus_powered:
            station.config(txpower=_BUS_DBM)
        while True:
            if self._has_changed:
                self._has_changed = False
                self._leave()
            if not station.isconnected():
                link.network_up = False
                if self.state == CONNECTED:
                    self._lost_s = clock.uptime_s()
                    self.state = CONNECTING
                if not self._settings["wifi.ssid"]:
                    self.state = OFF
                elif (self.state == CONNECTING or not self.is_held) and await self._connect():
                    continue
            elif not link.network_up:
                self.state = CONNECTED
                log("wifi", f"connected to {self._settings['wifi.ssid']}, address {station.ifconfig()[0]}")
                link.network_up = True
            await self._rest()

    async def _connect(self):
        """One try with a deadline: True when it has succeeded.

        An error of the ESP32's status stays until there is an address, also while it tries once more: so it is asked
        at the end alone.
        """
        station = self._station
        self._leave()  # after a loss the driver tries by itself, and takes no orders meanwhile
        await self._health.charged()
        await asyncio.sleep_ms(_CHECK_MS)
        try:
            self._set_address()
            station.connect(self._settings["wifi.ssid"], self._settings["wifi.password"])
            for _ in range(_TRY_S * 1000 // _CHECK_MS):
                await asyncio.sleep_ms(_CHECK_MS)
                if station.isconnected():
                    return True
                if self._has_changed:
                    return False
            self._fail(NO_ADDRESS if self.rssi_dbm() is not None else _WORDS.get(station.status(), REFUSED))
        except OSError as error:
            log("wifi", f"the radio refuses: {error}")
            self._fail(REFUSED)
        self._leave()
        return False

    def _fail(self, word):
        """Whatever else it looks like: a signal that is too weak may be the reason."""
        strength = self._strength()
        if word not in (NOT_FOUND, WEAK) and strength is not None and strength < _WEAK_DBM:
            word = WEAK
        if word != self.state:
            log("wifi", f"no connection to {self._settings['wifi.ssid']}: {word}; it is tried again")
        self.state = word
        self._wants_scan = True

    def _strength(self):
        """dBm of our network in the last scan, None when it was not there."""
        wanted = self._settings["wifi.ssid"].encode()
        for ssid, _channel, strength, _is_secure in self.networks or ():
            if ssid == wanted:
                return strength
        return None

    def _set_address(self):
        address = self._settings["wifi.address"]
        if address:
            gateway = self._settings["wifi.gateway"]
            self._station.ipconfig(addr4=address, gw4=gateway)
            network.ipconfig(dns=self._settings["wifi.dns"] or gateway)
        elif not self._station.ipconfig("dhcp4"):
            self._station.ipconfig(dhcp4=True)

    def _leave(self):
        try:
            self._station.disconnect()
        except OSError:
            pass  # it was not there

    async def _rest(self):
        """Half a second while all is well or somebody needs the radio, else longer; a scan where one is wanted."""
        is_waiting = self.state in (OFF, CONNECTED) or self.is_held
        for _ in range(1 if is_waiting else _PAUSE_S * 1000 // _CHECK_MS):
            if self._wants_scan:
                self._start_scan()
            await asyncio.sleep_ms(_CHECK_MS)
            while self._is_busy:
                await asyncio.sleep_ms(_CHECK_MS)
            if self._has_changed:
                return

    def _start_scan(self):
        """It blocks for seconds, and so has a thread of its own."""
        self._is_busy = True
        self._wants_scan = False
        try:
            _thread.start_new_thread(self._scan, ())
        except (OSError, MemoryError):
            self._is_busy = False  # no room for a thread now

    def _scan(self):
        try:
            found = {}
            for ssid, _bssid, channel, strength, security, _hidden in self._station.scan():
                # A house may have several senders of one name, and senders without one.
                if ssid and (ssid not in found or strength > found[ssid][2]):
                    found[ssid] = (ssid, channel, strength, security != 0)
            self.networks = sorted(found.values(), key=_strength_of, reverse=True)
        except (OSError, MemoryError):
            pass  # what was found before stays
        finally:
            self._is_busy = False


def _strength_of(row):
    return row[2]
