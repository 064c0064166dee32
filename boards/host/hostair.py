"""The networks in the air around the host as a board, as a test writes them to `air.json` in the working folder.

[{"ssid": "Stua", "password": "hemmelig1", "rssi": -61, "channel": 6, "hidden": false, "address": true,
  "delay_ms": 300, "refuses": 0}]

All but `ssid` may be left out: a network without `password` is open, with `address` false it takes a station in and
gives it no address; `delay_ms` is how long a station needs; `refuses` is a reason of wifi_err_reason_t (ESP-IDF) for
which it takes nobody in: 203, 204, … The file is read again at every question: replace it whole, by a rename.
"""

import hashlib
import json

# wifi_err_reason_t of the ESP-IDF.
BEACON_TIMEOUT = 200
NO_AP_FOUND = 201
AUTH_FAIL = 202
ASSOC_FAIL = 203
HANDSHAKE_TIMEOUT = 204
NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 211
# All channels, as long as an ESP32 takes for them.
SCAN_MS = 2000
_OPEN = 0
_WPA2 = 3


def networks():
    """The networks; None without a file, which is an air where any network is there for whoever asks."""
    try:
        with open("air.json", "r") as file:
            return json.load(file)
    except OSError:
        return None


def strongest(ssid, bssid):
    """The network that a station of this name hears best, None when it hears none; `bssid` may be None."""
    there = networks()
    if there is None:
        return {"delay_ms": 0, "any_key": True}
    found = [network for network in there if network["ssid"] == ssid and bssid in (None, address(network))]
    return max(found, key=strength) if found else None


def refusal(network, key):
    """The reason for which a station with this key is not taken in; 0 when it is."""
    if network is None:
        return NO_AP_FOUND
    if network.get("any_key"):
        return 0
    password = network.get("password", "")
    if key and not password:
        # The ESP-IDF does not take an open network for one that has a key.
        return NO_AP_FOUND_IN_AUTHMODE_THRESHOLD
    return network.get("refuses", 0) if key == password else AUTH_FAIL


def address(network):
    """The BSSID: one of its own for each name and channel."""
    about = f"{network['ssid']} {channel(network)}"
    return b"\x02" + hashlib.sha256(about.encode()).digest()[:5]


def strength(network):
    """RSSI in dBm."""
    return network.get("rssi", -60)


def channel(network):
    return network.get("channel", 1)


def seen(network):
    """As WLAN.scan() shows it; the ESP32's port calls none hidden, and a hidden one has no name."""
    name = b"" if network.get("hidden") else network["ssid"].encode()
    security = _WPA2 if network.get("password") else _OPEN
    return (name, address(network), channel(network), strength(network), security, False)
