"""The host's radio: what a WiFi state machine meets on an ESP32, from files that a test writes."""

import json

import pytest

import alone

pytestmark = pytest.mark.tier3

# What each program begins with. air() replaces what is in the air, until() gives how long something took to be so.
_BEGIN = """
import json, network, os, time

def air(*networks):
    with open("air.new", "w") as file:
        json.dump(networks, file)
    os.rename("air.new", "air.json")

def until(condition, ms):
    began = time.ticks_ms()
    while not condition():
        assert time.ticks_diff(time.ticks_ms(), began) < ms, "not within %d ms" % ms
        time.sleep_ms(5)
    return time.ticks_diff(time.ticks_ms(), began)

def say(*what):
    print(json.dumps(what))

def refused(call, *about, **named):
    try:
        call(*about, **named)
    except (OSError, ValueError, TypeError) as error:
        return str(error)

stua = {"ssid": "Stua", "password": "hemmelig1", "rssi": -61, "channel": 6, "delay_ms": 300}
station, point = network.WLAN(network.STA_IF), network.WLAN(network.WLAN.IF_AP)
"""
IDLE, CONNECTING, GOT_IP = 1000, 1001, 1010
BEACON_TIMEOUT, NO_AP_FOUND, WRONG_PASSWORD, ASSOC_FAIL, HANDSHAKE_TIMEOUT = range(200, 205)


@pytest.fixture
def said(tmp_path, compiled):
    """said(program): what it says, line by line."""
    return lambda program: [json.loads(line) for line in alone.run(_BEGIN + program, tmp_path).splitlines()]


def test_without_a_file_any_network_is_there_at_once(said, tmp_path):
    (line,) = said("""
station.active(True)
station.connect("any", "password")
say(station.isconnected(), station.status(), station.ifconfig(), refused(station.status, "rssi"))
""")
    assert line == [True, GOT_IP, ["127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1"], "Wifi Not Connected"]
    assert not (tmp_path / "ap.json").exists()


def test_a_station_gets_its_address_after_a_while_and_the_strength_of_its_network(said):
    before, took, after = said("""
air(stua, dict(stua, rssi=-80, channel=11))
say(station.status(), refused(station.connect, "Stua", "hemmelig1"))
station.active(True)
station.connect("Stua", "hemmelig1")
assert station.status() == network.STAT_CONNECTING and station.ifconfig()[0] == "0.0.0.0"
say(until(station.isconnected, 1000))
say(station.status(), station.status("rssi"), station.config("channel"), station.config("ssid"))
""")
    assert before == [IDLE, "Wifi Not Started"]
    assert 300 <= took[0] < 600
    assert after == [GOT_IP, -61, 6, "Stua"]


def test_an_error_stays_until_there_is_an_address(said):
    assert said("""
air(stua)
station.active(True)
station.config(reconnects=0)
station.connect("Stua", "wrong-one")
until(lambda: station.status() == network.STAT_WRONG_PASSWORD, 1000)
station.disconnect()
say(station.status())
station.connect("Stua", "hemmelig1")
say(station.status())
until(station.isconnected, 1000)
station.disconnect()
say(station.status(), station.isconnected())
""") == [[WRONG_PASSWORD], [WRONG_PASSWORD], [IDLE, False]]


def test_a_network_that_is_not_there_is_found_when_it_comes(said):
    gone, refusal, found = said("""
air(dict(stua, ssid="Another"))
station.active(True)
station.connect("Stua", "hemmelig1")
say(until(lambda: station.status() == network.STAT_NO_AP_FOUND, 5000))
say(refused(station.connect, "Stua", "hemmelig1"), station.scan())
air(stua)
say(until(station.isconnected, 5000))
""")
    assert gone[0] >= 1500
    # It goes on by itself, and meanwhile neither takes another setting nor scans.
    assert refusal == ["Wifi Internal State Error", []]
    assert found


def test_a_link_that_is_lost_is_told_and_made_again(said):
    assert said("""
air(stua)
station.active(True)
station.connect("Stua", "hemmelig1")
until(station.isconnected, 1000)
air()
say(station.isconnected(), station.status())
until(lambda: station.status() == network.STAT_NO_AP_FOUND, 5000)
air(dict(stua, password="another-one"))
until(lambda: station.status() == network.STAT_WRONG_PASSWORD, 5000)
air(stua)
until(station.isconnected, 5000)
say(station.status())
""") == [[False, CONNECTING], [GOT_IP]]


def test_without_reconnects_a_lost_link_stays_lost_with_its_reason(said):
    assert said("""
air(stua)
station.active(True)
station.config(reconnects=0)
station.connect("Stua", "hemmelig1")
until(station.isconnected, 1000)
air()
say(station.isconnected(), station.status())
""") == [[False, BEACON_TIMEOUT]]


def test_a_router_may_refuse_or_give_no_address(said):
    assert said("""
station.active(True)
station.config(reconnects=0)
for reason in (network.STAT_ASSOC_FAIL, network.STAT_HANDSHAKE_TIMEOUT):
    air(dict(stua, refuses=reason))
    station.connect("Stua", "hemmelig1")
    until(lambda: station.status() != network.STAT_CONNECTING, 1000)
    say(station.status())
air(dict(stua, address=False))
station.connect("Stua", "hemmelig1")
time.sleep_ms(500)
say(station.status(), station.isconnected(), station.ifconfig()[0])
air(stua)
until(station.isconnected, 1000)
""") == [[ASSOC_FAIL], [HANDSHAKE_TIMEOUT], [CONNECTING, False, "0.0.0.0"]]


def test_an_open_network_is_none_for_a_station_with_a_key(said):
    assert said("""
air({"ssid": "Gjest", "delay_ms": 0})
station.active(True)
station.config(reconnects=0)
station.connect("Gjest", "a-password")
say(station.isconnected(), station.status() == network.STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD)
station.connect("Gjest")
say(station.isconnected())
""") == [[False, True], [True]]


def test_a_scan_takes_its_time_and_shows_the_strongest_first(said):
    closed, took, found = said("""
air(dict(stua, rssi=-80), {"ssid": "Gjest", "rssi": -40}, dict(stua, ssid="Secret", hidden=True))
say(refused(station.scan))
station.active(True)
began = time.ticks_ms()
found = station.scan()
say(time.ticks_diff(time.ticks_ms(), began))
say([(seen[0].decode(), len(seen[1])) + seen[2:] for seen in found], len({seen[1] for seen in found}))
""")
    assert closed == ["STA must be active"]
    assert 1500 <= took[0] < 4000
    # The name, the length of its BSSID, channel, RSSI, security, hidden.
    assert found == [[["Gjest", 6, 1, -40, 0, False], ["", 6, 6, -61, 3, False], ["Stua", 6, 6, -80, 3, False]], 3]


def test_a_station_takes_the_one_network_it_was_told(said):
    assert said("""
air(stua, dict(stua, rssi=-80, channel=11))
station.active(True)
far = station.scan()[1][1]
station.connect("Stua", "hemmelig1", bssid=far)
until(station.isconnected, 1000)
say(station.status("rssi"), station.config("channel"))
""") == [[-80, 11]]


def test_an_access_point_is_seen_and_goes_to_the_stations_channel(said, tmp_path):
    seen = {"ssid": "HAN-7431", "key": "secret-on-label", "authmode": 3, "hidden": False, "address": "4.3.2.1"}
    first, short, moved, last = said("""
def shown():
    with open("ap.json") as file:
        return json.load(file)

point.config(essid="HAN-7431", password="secret-on-label", authmode=network.AUTH_WPA2_PSK, channel=11)
point.ifconfig(("4.3.2.1", "255.255.255.0", "4.3.2.1", "4.3.2.1"))
point.active(True)
say(shown())
say(refused(point.config, key="short"), refused(point.config, "key"), refused(point.config, colour=1))
point.config(key="secret-on-label")
air(stua)
station.active(True)
station.connect("Stua", "hemmelig1")
until(station.isconnected, 1000)
say(shown(), point.config("channel"))
point.active(False)
say(shown()["active"])
""")
    assert first == [dict(seen, channel=11, active=True)]
    assert short == ["Wifi Invalid Password", "unknown config param", "unknown config param"]
    assert moved == [dict(seen, channel=6, active=True), 6]
    assert last == [False]


def test_the_stations_of_an_access_point_are_those_that_a_test_names(said, tmp_path):
    (tmp_path / "stations.json").write_text('["02a1b2c3d4e5"]')
    assert said("""
say(point.isconnected(), len(point.status("stations")))
point.active(True)
say(point.isconnected(), [mac.hex() for (mac,) in point.status("stations")])
""") == [[False, 0], [True, ["02a1b2c3d4e5"]]]


def test_addresses_are_set_and_asked_in_both_ways(said):
    assert said("""
point.ipconfig(addr4="192.168.5.1/20", gw4="192.168.5.2")
say(point.ifconfig(), point.ipconfig("addr4"), point.ipconfig("gw4"), point.ipconfig("dhcp4"))
station.active(True)
station.connect("any")
say(station.ipconfig("addr4"), station.ipconfig("dhcp4"), station.ipconfig("has_dhcp4"))
station.ifconfig(("10.0.0.2", "255.0.0.0", "10.0.0.1", "10.0.0.1"))
say(station.ifconfig(), station.ipconfig("dhcp4"))
station.ipconfig(dhcp4=True)
say(station.ifconfig()[0], refused(station.ipconfig, "addr5"))
""") == [
        [
            ["192.168.5.1", "255.255.240.0", "192.168.5.2", "0.0.0.0"],
            ["192.168.5.1", "255.255.240.0"],
            "192.168.5.2",
            False,
        ],
        [["127.0.0.1", "255.0.0.0"], True, True],
        [["10.0.0.2", "255.0.0.0", "10.0.0.1", "10.0.0.1"], False],
        ["127.0.0.1", "unexpected key"],
    ]


def test_each_interface_is_one_with_an_address_of_its_own_and_what_a_board_may_set(said):
    same, names = said("""
import machine
say(network.WLAN() is station, network.WLAN(1) is point, station.config("mac") == machine.unique_id(),
    station.config("mac") != point.config("mac"))
network.hostname("han-737431")
network.country("NO")
station.config(pm=network.WLAN.PM_NONE, txpower=8.5)
say(network.hostname(), network.country(), station.config("pm"), station.config("txpower"),
    refused(network.country, "NOR"), refused(network.hostname, "x" * 33), refused(station.config))
""")
    assert same == [True] * 4
    assert names == ["han-737431", "NO", 0, 8.5, "country", "hostname", "either pos or kw args are allowed"]
