"""The dongle's station in the host's air: what fails is told apart, and what comes back is found again."""

import json
import textwrap

import pytest

import alone

pytestmark = pytest.mark.tier3

# The loop's seconds are 20 times as short; the radio's own times are real, and cut down to fit.
_SPEED = 20
_BEGIN = """
import asyncio, json, os, time
import hostair, machine, network
from app import clock, config, wifi

hostair.SCAN_MS = 60
settings = config.defaults()
stua = {"ssid": "Stua", "password": "hemmelig1", "channel": 6, "rssi": -61, "delay_ms": 40}

class health:
    "A supply that is always enough."
    is_bus_powered = False

    async def charged():
        pass

station = wifi.Wifi(settings, "han-737431", health)
radio = network.WLAN(network.WLAN.IF_STA)

class link:
    network_up = False

def air(*networks):
    with open("air.new", "w") as file:
        json.dump(networks, file)
    os.rename("air.new", "air.json")

def home(ssid="Stua", password="hemmelig1"):
    settings["wifi.ssid"], settings["wifi.password"] = ssid, password

def say(*what):
    print(json.dumps(what))

async def until(condition, seconds):
    "How long it took, in the loop's seconds."
    began_ms = clock.ticks_ms()
    while not condition():
        passed_ms = time.ticks_diff(clock.ticks_ms(), began_ms)
        assert passed_ms < seconds * 1000, "not within %d s: %s" % (seconds, station.state)
        await asyncio.sleep_ms(100)
    return time.ticks_diff(clock.ticks_ms(), began_ms) / 1000

def state(*words):
    return lambda: station.state in words

async def connected(seconds=40):
    return await until(lambda: station.state == "connected" and link.network_up, seconds)

"""
_END = """
async def main():
    task = asyncio.create_task(station.run(link))
    await test()
    task.cancel()
    await until(lambda: not station.is_scanning, 40)

asyncio.run(main())
time.sleep_ms(50)  # MicroPython does not end well while a thread runs
"""


@pytest.fixture
def dongle(tmp_path, compiled):
    """dongle(body of the test): what it says as JSON, and its log. The station runs beside it."""

    def run(body, before="home()", speed=_SPEED):
        program = f"{_BEGIN}\n{before}\nasync def test():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n{_END}"
        lines = alone.run(program, tmp_path, variables={"HAN_SPEED": str(speed)}).splitlines()
        said = [json.loads(line) for line in lines if not line.startswith("[ ")]
        return said, [line.split("] ", 1)[1] for line in lines if line.startswith("[ ")]

    return run


# What is in the air, and the word for it.
_TROUBLES = [
    ("dict(stua, password='another-one')", "wrong_password"),
    ("dict(stua, refuses=15)", "wrong_password"),
    ("dict(stua, refuses=204)", "wrong_password"),
    ("dict(stua, ssid='Nabo')", "not_found"),
    ("dict(stua, password='')", "not_found"),
    ("dict(stua, address=False)", "no_address"),
    ("dict(stua, refuses=203)", "refused"),
    # An error stays in the status, also when it is no longer true.
    ("dict(stua, ssid='Nabo')", "not_found"),
    ("dict(stua, address=False)", "no_address"),
    ("dict(stua, refuses=5)", "refused"),
]


def test_each_trouble_has_its_word_within_the_deadline(dongle):
    body = f"""
for network_there in ({", ".join(there for there, _word in _TROUBLES)}):
    air(network_there)
    station.change()
    took_s = await until(lambda: station.state != "connecting", 25)
    say(station.state, 19 < took_s, link.network_up, station.address, station.rssi_dbm())
"""
    said, log = dongle(body, before="home(); air()", speed=2 * _SPEED)
    assert said == [[word, True, False, "", None] for _there, word in _TROUBLES]
    assert log == [f"wifi: no connection to Stua: {word}; it is tried again" for _there, word in _TROUBLES]


def test_below_80_dbm_a_wrong_password_cannot_be_told_from_a_weak_signal(dongle):
    said, _log = dongle("""
for strength in (-81, -80):
    air(dict(stua, rssi=strength, password="another-one"), dict(stua, ssid="Nabo", rssi=-40))
    station.scan()
    await until(lambda: not station.is_scanning, 40)
    station.change()
    await until(lambda: station.state != "connecting", 25)
    say(station.state)
""")
    assert said == [["weak"], ["wrong_password"]]


def test_a_trouble_is_logged_once_and_tried_for_ever(dongle):
    said, log = dongle("""
air(dict(stua, password="another-one"))
await until(state("wrong_password"), 25)
tries = []
real = radio.connect
def connect(*about):
    tries.append(about)
    real(*about)
radio.connect = connect
await until(lambda: len(tries) > 2, 120)
say(station.state, station.failing_s > 60)
air(stua)
say(await connected(40) < 40)
say(station.state, station.address, station.failing_s)
""")
    assert said == [["wrong_password", True], [True], ["connected", "127.0.0.1", 0]]
    assert len(log) == 2 and log[1] == "wifi: connected to Stua, address 127.0.0.1"


def test_a_router_that_was_away_is_found_without_a_hand(dongle):
    said, log = dongle(
        """
await connected(60)
for away_s in (5, 1200):
    air(dict(stua, ssid="Nabo"))
    await until(lambda: not link.network_up, 60)
    say(station.state, station.address)
    await asyncio.sleep(away_s)
    say(link.network_up, station.failing_s >= away_s)
    air(stua)
    say(await connected(120) < 120)
""",
        before="home(); air(stua)",
        speed=300,
    )
    assert said == [["connecting", ""], [False, True], [True]] * 2
    assert not any("refuses" in line for line in log)


def test_another_network_is_tried_at_once_in_a_try_and_in_a_pause(dongle):
    said, _log = dongle(
        """
await asyncio.sleep(5)
home("Gjest", "")
station.change()
say(station.state, await connected(6) < 6)
home("Stua", "wrong-one")
station.change()
await until(state("wrong_password"), 25)
home("Gjest", "")
station.change()
say(station.state, await connected(8) < 8)
home("", "")
station.change()
say(station.state)
await until(lambda: not link.network_up, 30)
say(station.state, station.address)
home()
station.change()
say(await connected(8) < 8)
""",
        before="home('Borte'); air(stua, {'ssid': 'Gjest', 'delay_ms': 40})",
        speed=_SPEED // 2,
    )
    assert said == [["connecting", True], ["connecting", True], ["off"], ["off", ""], [True]]


def test_a_router_whose_password_is_changed_and_changed_back(dongle):
    said, log = dongle(
        """
await connected()
air(dict(stua, password="another-one"))
await until(state("wrong_password"), 60)
air(stua)
say(await connected(40) < 40)
""",
        before="home(); air(stua)",
    )
    assert said == [[True]]
    assert [line.split(" ")[1] for line in log] == ["connected", "no", "connected"]


def test_a_hidden_network_and_the_longest_names_in_utf_8(dongle):
    said, _log = dongle("""
names = (("Skjult", "hemmelig1"), ("æøå" * 5 + "Å", "ø" * 31 + "x"), ("x" * 32, "p" * 63), ('<b>"\\\\', "12345678"))
for ssid, password in names:
    air({"ssid": ssid, "password": password, "hidden": ssid == "Skjult", "delay_ms": 40})
    home(ssid, password)
    station.change()
    await until(lambda: not link.network_up, 30)
    await connected()
    say(radio.config("ssid") == ssid)
""")
    assert said == [[True]] * 4


def test_an_address_of_ones_own_and_back_to_the_routers(dongle):
    said, _log = dongle(
        """
settings["wifi.address"], settings["wifi.gateway"] = "192.168.1.20/24", "192.168.1.1"
await connected()
say(station.address, radio.ifconfig()[:3], network.ipconfig("dns"))
settings["wifi.dns"] = "9.9.9.9"
station.change()
await until(lambda: not link.network_up, 30)
await connected()
say(station.address, network.ipconfig("dns"), network.hostname(), station.hostname)
settings["wifi.address"] = ""
station.change()
await until(lambda: not link.network_up, 30)
await connected()
say(station.address)
""",
        before="home(); settings['wifi.hostname'] = 'maalar'; air(stua)",
    )
    assert said == [
        ["192.168.1.20", ["192.168.1.20", "255.255.255.0", "192.168.1.1"], "192.168.1.1"],
        ["192.168.1.20", "9.9.9.9", "maalar", "maalar"],
        ["127.0.0.1"],
    ]


def test_without_a_name_of_its_own_the_router_is_told_the_device(dongle):
    said, _log = dongle("await connected()\nsay(network.hostname())", before="home(); air(stua)")
    assert said == [["han-737431"]]


def test_an_error_of_the_radio_is_said_and_tried_again(dongle):
    said, log = dongle(
        """
radio = network.WLAN(network.STA_IF)
real = radio.connect
def refuse(*about):
    radio.connect = real
    raise OSError("Wifi Internal Error")
radio.connect = refuse
await until(state("refused"), 30)
say(await connected(30) < 30)
""",
        before="home(); air(stua)",
    )
    assert said == [[True]]
    assert log[0] == "wifi: the radio refuses: Wifi Internal Error"


def test_held_a_failed_network_is_left_alone_and_a_new_one_is_tried(dongle):
    said, _log = dongle(
        """
await until(state("not_found"), 30)
station.is_held = True
air(stua)
await asyncio.sleep(35)
say(station.state)
station.change()
await connected()
station.is_held = False
air()
await until(state("not_found"), 60)
air(stua)
say(await connected(40) < 40)
""",
        before="home(); air()",
    )
    assert said == [["not_found"], [True]]


def test_a_scan_is_owed_from_the_moment_it_is_asked_for_and_shows_each_name_once(dongle):
    said, _log = dongle(
        """
await asyncio.sleep(1)
say(station.networks, station.is_scanning)
station.scan()
say(station.is_scanning)
await until(lambda: not station.is_scanning, 20)
say([(row[0].decode(),) + row[1:] for row in station.networks])
""",
        before="air(stua, dict(stua, rssi=-40, channel=11), dict(stua, hidden=True), {'ssid': 'Gjest', 'rssi': -50})",
    )
    assert said == [[None, False], [True], [[["Stua", 11, -40, True], ["Gjest", 1, -50, False]]]]


def test_where_there_is_no_room_for_the_scans_thread_all_else_goes_on(dongle):
    said, _log = dongle(
        """
def full(*about):
    raise OSError("can't create thread")
real = wifi._thread.start_new_thread
wifi._thread = type("threads", (), {"start_new_thread": full})
station.scan()
await until(lambda: not station.is_scanning, 30)
home()
station.change()
say(await connected() < 40)
""",
        before="air(stua)",
    )
    assert said == [[True]]
