"""The unix port as a board, its `network`: one radio in an air that a test can change (hostair.py).

A station connects, fails and is thrown out as with MicroPython on an ESP32 (ports/esp32/network_wlan.c): it tries
again by itself, and `status()` keeps its error until an address is there. Where no file says what is in the air, it
is connected as soon as it tries. What an access point is set to is seen in `ap.json` once it has been active; a test
may name the stations that are with it in `stations.json`: ["02a1b2c3d4e5"].
"""

import json
import os
import time

import hostair
import machine

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_BEACON_TIMEOUT = hostair.BEACON_TIMEOUT
STAT_NO_AP_FOUND = hostair.NO_AP_FOUND
STAT_WRONG_PASSWORD = hostair.AUTH_FAIL
STAT_ASSOC_FAIL = hostair.ASSOC_FAIL
STAT_HANDSHAKE_TIMEOUT = hostair.HANDSHAKE_TIMEOUT
STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = hostair.NO_AP_FOUND_IN_AUTHMODE_THRESHOLD
AUTH_OPEN = 0
AUTH_WPA2_PSK = 3
_ASSOC_LEAVE = 8  # wifi_err_reason_t: the station has gone by itself
# These stay in status(), whatever is tried meanwhile; others give way to STAT_CONNECTING.
_STICKY = (hostair.NO_AP_FOUND, hostair.NO_AP_FOUND_IN_AUTHMODE_THRESHOLD, hostair.AUTH_FAIL)
_SHORTEST_TRY_MS = 100
_NOWHERE = ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
_HERE = ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
_OLD_NAMES = {"essid": "ssid", "password": "key", "authmode": "security"}

_of_all = {"hostname": "mpy-esp32", "country": "XX", "dns": "0.0.0.0"}


def hostname(name=None):
    """Get or set the name that the router is told, of at most 32 characters."""
    return _global("hostname", name, 1, 32)


def country(code=None):
    """Get or set the country, of two letters."""
    return _global("country", code, 2, 2)


def ipconfig(name=None, **settings):
    """Get or set the name server, `dns`; with an address that was set by hand none is told."""
    for what, value in settings.items():
        _global(what, value, 7, 15)
    return _global(name) if name else None


def _global(what, value=None, shortest=0, longest=0):
    if value is None:
        return _of_all[what]
    if not shortest <= len(value) <= longest:
        raise ValueError(what)
    _of_all[what] = value


class _Interface:
    """What station and access point have in common."""

    def __init__(self, mac, addresses, **settings):
        self._is_active = False
        self._ip = addresses
        self._settings = {"mac": mac, "channel": 1, "pm": WLAN.PM_PERFORMANCE, "txpower": 20.0, "ssid": ""}
        self._settings.update(settings)

    def active(self, on=None):
        """Get or set whether the interface is up."""
        if on is not None:
            self._is_active = bool(on)
            self._changed()
        return self._is_active

    def config(self, name=None, **settings):
        """Get one setting, or set some. ValueError for one that does not exist."""
        if bool(name) == bool(settings):
            raise TypeError("either pos or kw args are allowed")
        if name:
            return self._setting(_OLD_NAMES.get(name, name))
        for name, value in settings.items():
            self._set(_OLD_NAMES.get(name, name), value)
        self._changed()

    def _setting(self, name):
        if name not in self._settings or name == "key":
            raise ValueError("unknown config param")
        return self._settings[name]

    def _set(self, name, value):
        if name not in self._settings:
            raise ValueError("unknown config param")
        self._settings[name] = value

    def ifconfig(self, addresses=None):
        """Get or set (address, mask, gateway, name server); "dhcp" asks for them."""
        if addresses is None:
            return self._addresses()
        self._ip = None if addresses == "dhcp" else tuple(addresses)
        self._changed()

    def ipconfig(self, name=None, **settings):
        """Get one of addr4, gw4, dhcp4, has_dhcp4, or set some of the first three."""
        if not name:
            for name, value in settings.items():
                self._set_address(name, value)
            self._changed()
            return None
        address, mask, gateway, _server = self._addresses()
        values = {"addr4": (address, mask), "gw4": gateway, "dhcp4": self._ip is None}
        values["has_dhcp4"] = self._ip is None and address != _NOWHERE[0]
        if name not in values:
            raise ValueError("unexpected key")
        return values[name]

    def _set_address(self, name, value):
        address, mask, gateway, server = self._ip or self._addresses()
        if name == "dhcp4":
            self._ip = None if value else (address, mask, gateway, server)
        elif name == "addr4":
            address, mask = value if isinstance(value, tuple) else _split(value)
            self._ip = (address, mask, gateway, server)
        elif name == "gw4":
            self._ip = (address, mask, value, server)
        else:
            raise ValueError("unexpected key")

    def _addresses(self):
        return self._ip or _NOWHERE

    def _changed(self):
        """Something was set."""


def _split(text):
    """(address, mask) of "192.168.4.1/24"."""
    address, _, bits = text.partition("/")
    mask = 0xFFFFFFFF << 32 - int(bits or 32) & 0xFFFFFFFF
    return address, ".".join([str(mask >> shift & 255) for shift in (24, 16, 8, 0)])


class _Station(_Interface):
    """A station. Nothing runs behind it: each question first lets happen what has been due since the last one."""

    def __init__(self, mac):
        super().__init__(mac, None, reconnects=-1)
        self._is_wanted = self._is_connected = False
        self._has_joined = False  # with an address or without
        self._reason = 0  # for which it was last disconnected
        self._failed = 0  # tries since connect()
        self._key = ""
        self._bssid = None
        self._began_ms = 0

    def connect(self, ssid=None, key=None, *, bssid=None):
        """Begin to connect, and go on until disconnect(). OSErrors as the port's."""
        self._follow()
        if not self._is_active:
            raise OSError("Wifi Not Started")
        if self._is_trying():
            raise OSError("Wifi Internal State Error")  # sta is connecting, cannot set config
        if ssid is not None:
            self._settings["ssid"] = ssid if isinstance(ssid, str) else ssid.decode()
            self._key = key or ""
            self._bssid = bssid
        self._is_connected = self._has_joined = False
        self._is_wanted = True
        self._failed = 0
        self._began_ms = time.ticks_ms()

    def disconnect(self):
        """Leave the network, or give up the try; an error of tries that have ended stays."""
        self._follow()
        if self._is_connected or self._is_trying():
            self._reason = _ASSOC_LEAVE
        self._is_wanted = self._is_connected = self._has_joined = False

    def isconnected(self):
        """Whether it is in a network and has an address."""
        self._follow()
        return self._is_connected

    def status(self, what=None):
        """One of the STAT_ values; "rssi": the network's strength in dBm."""
        self._follow()
        if what == "rssi":
            network = self._network() if self._has_joined else None
            if not network or "rssi" not in network:
                raise OSError("Wifi Not Connected")
            return network["rssi"]
        if what is not None:
            raise ValueError("unknown status param")
        if self._is_connected:
            return STAT_GOT_IP
        if self._reason in _STICKY:
            return self._reason
        if self._reason == _ASSOC_LEAVE:
            return STAT_IDLE
        if self._is_trying():
            return STAT_CONNECTING
        return self._reason or STAT_IDLE

    def scan(self):
        """The networks in the air, strongest first; none while it is connecting. Blocks for two seconds."""
        self._follow()
        if not self._is_active:
            raise OSError("STA must be active")
        if self._is_trying():
            return []
        time.sleep_ms(hostair.SCAN_MS)
        there = sorted(hostair.networks() or [], key=hostair.strength, reverse=True)
        return [hostair.seen(network) for network in there]

    def _network(self):
        return hostair.strongest(self._settings["ssid"], self._bssid)

    def _is_trying(self):
        reconnects = self._settings["reconnects"]
        return self._is_wanted and not self._is_connected and (reconnects < 0 or self._failed <= reconnects)

    def _follow(self):
        """Lose the network that has gone; end the tries that have had their time."""
        if self._is_connected and hostair.refusal(self._network(), self._key):
            self._fail(hostair.BEACON_TIMEOUT)
            self._began_ms = time.ticks_ms()
        while self._is_trying():
            network = self._network()
            reason = hostair.refusal(network, self._key)
            took_ms = hostair.SCAN_MS if network is None else network.get("delay_ms", _SHORTEST_TRY_MS)
            if time.ticks_diff(time.ticks_ms(), self._began_ms) < took_ms:
                return
            if not reason:
                self._join(network)
                return
            self._fail(reason)
            self._began_ms = time.ticks_add(self._began_ms, max(took_ms, _SHORTEST_TRY_MS))

    def _fail(self, reason):
        self._is_connected = self._has_joined = False
        self._reason = reason
        self._failed += 1

    def _join(self, network):
        """One radio: the access point goes where the station is."""
        self._has_joined = True
        if network.get("address", True):
            self._is_connected = True
            self._reason = 0
            self._settings["channel"] = hostair.channel(network)
            _interfaces[AP_IF].move(hostair.channel(network))

    def _addresses(self):
        return (self._ip or _HERE) if self.isconnected() else _NOWHERE

    def _changed(self):
        if not self._is_active:
            self._is_wanted = self._is_connected = self._has_joined = False


class _AccessPoint(_Interface):
    """An access point, whose settings are seen in ap.json."""

    def __init__(self, mac):
        addresses = ("192.168.4.1", "255.255.255.0", "192.168.4.1", "0.0.0.0")
        name = "ESP_" + "".join([f"{octet:02X}" for octet in mac[3:]])
        super().__init__(mac, addresses, key="", security=AUTH_OPEN, hidden=False, max_clients=4)
        self._settings["ssid"] = name
        self._is_shown = False

    def isconnected(self):
        """Whether any station is with it."""
        return bool(self.status("stations"))

    def status(self, what=None):
        """None; "stations": [(address,)] of those that are with it."""
        if what is None:
            return None
        if what != "stations":
            raise ValueError("unknown status param")
        try:
            with open("stations.json", "r") as file:
                stations = json.load(file)
        except OSError:
            stations = []
        return [(bytes.fromhex(station),) for station in stations] if self._is_active else []

    def move(self, channel):
        """Go to another channel; the stations must follow."""
        if self._settings["channel"] != channel:
            self._settings["channel"] = channel
            self._changed()

    def _changed(self):
        settings = self._settings
        if self._is_active and settings["security"] != AUTH_OPEN and not 8 <= len(settings["key"]) < 64:
            raise OSError("Wifi Invalid Password")
        self._is_shown = self._is_shown or self._is_active
        if not self._is_shown:
            return
        shown = {name: settings[name] for name in ("ssid", "key", "channel", "hidden")}
        shown.update(active=self._is_active, authmode=settings["security"], address=self._ip[0])
        with open("ap.json.new", "w") as file:
            json.dump(shown, file)
        os.rename("ap.json.new", "ap.json")


class WLAN:
    """WLAN(interface) is always the same one of the two."""

    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __new__(cls, interface=STA_IF):
        return _interfaces[interface]


def _next(mac):
    """The access point's address is the one behind the station's."""
    return mac[:5] + bytes((mac[5] + 1 & 255,))


_interfaces = (_Station(machine.unique_id()), _AccessPoint(_next(machine.unique_id())))
