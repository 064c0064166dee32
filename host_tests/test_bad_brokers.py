"""Tier 3: brokers that break the rules. Each is given up with its reason in words, and none holds up the reader.

All of them at the same time, a dongle and a meter each: what they have in common is that they take long.
"""

import time

import pytest

from alone import Alone
from scripted import CONNACK, PINGREQ, PUBLISH, SUBSCRIBE, ScriptedBroker, publish
from simulator.makers import MAKERS
from soaking.verdict import LONGEST_DELAY_MS
from stage import Stage

pytestmark = [pytest.mark.tier3, pytest.mark.long(2)]

_SPEED = 4
_BAD_S = 34  # how long each is what it is: a ping that is not answered is missed after 30 s
_WELL = "is well"
_BEFORE_THE_HOUR = "2026-01-15T17:59:41"


def _closes(_peer):
    """Closes at once."""


def _resets(peer):
    peer.packet()
    peer.reset()


def _is_no_broker(peer):
    peer.packet()
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.swallow()


def _is_silent(peer):
    peer.swallow()


def _says_half(peer):
    peer.packet()
    peer.send(CONNACK[:2])
    peer.swallow()


def _drips(peer):
    """Its answer comes, a byte every four seconds."""
    peer.packet()
    for octet in CONNACK:
        peer.send(bytes([octet]))
        time.sleep(4)
    peer.serve()


def _begin_well(peer):
    peer.serve(until=lambda: len(peer.came(SUBSCRIBE)) == 2)


def _accepts_and_says_half(peer):
    """A packet's first byte, and then nothing for ever."""
    _begin_well(peer)
    peer.send(publish(b"a/b", b"")[:1])
    peer.swallow()


def _talks_without_end(peer):
    """A message as large as one can be, a byte at a time."""
    _begin_well(peer)
    peer.send(b"\x30\xff\xff\xff\x7f\x00\x03a/b")
    while True:
        peer.send(b"x")
        time.sleep(0.5)


def _floods(peer):
    """Hundreds of messages a second that nobody has subscribed to; a good broker otherwise."""
    _begin_well(peer)
    batch = publish(b"a/b", b"x" * 50) * 6
    peer.serve(until=lambda: peer.send(batch))


def _hears_no_ping(peer):
    peer.serve(silent_to=(PINGREQ,))


def _confirms_no_subscription(peer):
    peer.serve(silent_to=(SUBSCRIBE,))


def _is_well(peer):
    peer.serve()


_CLOSED = "the broker closed the connection"
_NONSENSE = "the broker's answer makes no sense"
_NO_ANSWER = "the broker does not answer"
_REFUSED = "nothing listens at the broker's address and port"
# What each does, None for one that is not there; what must be said of it, None where nothing is wrong with it.
_BROKERS = {
    "is away": (None, _REFUSED),
    "closes": (_closes, _CLOSED),
    "resets": (_resets, _CLOSED),
    "is no broker": (_is_no_broker, _NONSENSE),
    "is silent": (_is_silent, _NO_ANSWER),
    "says half of its answer": (_says_half, _NO_ANSWER),
    "drips": (_drips, _NO_ANSWER),
    "says half of a packet": (_accepts_and_says_half, _NO_ANSWER),
    "talks without end": (_talks_without_end, _NO_ANSWER),
    "hears no ping": (_hears_no_ping, _NO_ANSWER),
    "confirms no subscription": (_confirms_no_subscription, _NO_ANSWER),
    "floods": (_floods, None),
    _WELL: (_is_well, None),
}


def _acknowledges_nothing(peer):
    peer.serve(silent_to=(PUBLISH,))


def _acknowledges_nothing_and_talks(peer):
    _begin_well(peer)
    message = publish(b"a/b", b"x")
    peer.serve(silent_to=(PUBLISH,), until=lambda: peer.send(message))


# The same, of what only a link without the rest of the firmware can be made to do at will.
_UNACKNOWLEDGED = {"acknowledges nothing": _acknowledges_nothing, "only talks": _acknowledges_nothing_and_talks}
# A label of 64 letters is in no name system, so that nobody is asked for it.
_NO_NAME = "x" * 64 + ".invalid"


# The meter's; no firmware is to search for it while it waits for the others.
_LINE = MAKERS["aidon"].line.name


def _start_meter(stage):
    words = ("--clock", _BEFORE_THE_HOUR, "--speed", str(_SPEED), "--seconds", str(_BAD_S * _SPEED))
    stage.meter = stage.start_meter("aidon", *words)


@pytest.fixture(scope="module")
def ordeal(tmp_path_factory, compiled):
    """Dongles that have been through it, and that a good broker is there for now; and the bad ones.

    {name: stage}, {name: link alone}, {name: scripted broker}.
    """
    stages = {name: Stage(tmp_path_factory.mktemp("stage")) for name in (*_BROKERS, *_UNACKNOWLEDGED, _NO_NAME)}
    brokers = {}
    links = {}
    for name, stage in stages.items():
        manner = _BROKERS.get(name, (_UNACKNOWLEDGED.get(name), None))[0]
        if manner:
            brokers[name] = ScriptedBroker(stage.broker.port, manner)
        # First the firmware, so that the line is open when the meter's first byte comes.
        stage.pty = stage.folder / "meter"
        if name in _BROKERS:
            stage.start_firmware({"line": _LINE})
            stage.wait_for_log("meter: listening", 20)
        else:
            settings = {"port": stage.broker.port, "host": _NO_NAME if name == _NO_NAME else "127.0.0.1"}
            settings["meter.line"] = _LINE
            parcel = ("send", "han/x/hour", "{}", False, 1)
            links[name] = Alone(stage.folder, settings, parcel, pty=stage.pty)
            links[name].wait(20, frames=0)
    for stage in stages.values():
        _start_meter(stage)
    for stage in stages.values():
        stage.meter.wait(_BAD_S + 30)
    for broker in brokers.values():
        broker.stop()
    time.sleep(0.2)
    for name in _BROKERS:
        stages[name].broker.start()
        stages[name].listen()
    yield stages, links, brokers
    for link in links.values():
        link.close()
    for stage in stages.values():
        stage.close()


def _last_report(stage):
    """The meter has ended; 25 s later that is a new state, which is reported with the counters."""
    return stage.wait(lambda: [r for r in stage.named("diagnosis") if r["state"] == "stopped"], 75, "stopped")[-1]


@pytest.mark.parametrize("name", _BROKERS)
def test_a_broker_is_left_with_its_reason_and_no_frame_is_lost(ordeal, name):
    stages, _links, _brokers = ordeal
    stage = stages[name]
    _manner, reason = _BROKERS[name]
    faults = [line.split("mqtt: ")[1] for line in stage.log if "] mqtt: " in line and "connected to" not in line]
    if reason:
        assert reason in faults
    report = _last_report(stage)
    assert report["counters"]["readings"] == report["counters"]["frames"] == len(stage.truth()) > 0
    assert report["reader_delay_ms"] < LONGEST_DELAY_MS
    assert not any("fault" in line or "Traceback" in line for line in stage.log)


def test_a_flood_that_nobody_asked_for_stops_no_message(ordeal):
    _stages, _links, brokers = ordeal
    (peer,) = brokers["floods"].peers
    powers = [body for body in peer.came(PUBLISH) if b"/power{" in body]
    truth = ordeal[0]["floods"].truth()
    assert len(powers) >= len(truth) - 1 > 10
    assert _last_report(ordeal[0]["floods"])["dropped"] > _last_report(ordeal[0][_WELL])["dropped"] == 0


@pytest.mark.parametrize("name", _UNACKNOWLEDGED)
def test_a_broker_that_acknowledges_nothing_is_left_whatever_it_says_meanwhile(ordeal, name):
    stages, links, _brokers = ordeal
    link = links[name]
    assert any(_NO_ANSWER in line for line in link.log)
    assert link.state["delivered"] == 0 and not link.state["parcel_free"]
    assert link.state["frames"] == len(stages[name].truth()) > 0
    assert link.state["reader_delay_ms"] < LONGEST_DELAY_MS


def test_a_broker_whose_name_is_not_known_is_said_so_and_costs_no_frame(ordeal):
    stages, links, _brokers = ordeal
    link = links[_NO_NAME]
    assert link.state["fault"] == "name_unknown" and any(
        "the broker's name is not known" in line for line in link.log
    )
    assert link.state["frames"] == len(stages[_NO_NAME].truth()) > 0
    assert link.state["reader_delay_ms"] < LONGEST_DELAY_MS


_AWAY_SPEED = 20
_AWAY_S = 600


def test_a_broker_that_is_away_for_ten_minutes_costs_no_frame_and_gets_the_newest_values(stage, monkeypatch):
    monkeypatch.setenv("HAN_SPEED", str(_AWAY_SPEED))
    stage.pty = stage.folder / "meter"
    stage.start_firmware({"line": _LINE})
    stage.wait_for_log("mqtt: " + _REFUSED, 10)
    words = ("--clock", _BEFORE_THE_HOUR, "--speed", str(_AWAY_SPEED), "--seconds", str(_AWAY_S))
    meter = stage.start_meter("aidon", *words)
    meter.wait(_AWAY_S // _AWAY_SPEED + 20)
    stage.broker.start()
    stage.listen()
    reports = stage.wait(
        lambda: [r for r in stage.named("diagnosis") if r["state"] == "stopped" and r["mqtt"] == "ok"], 20, "a report"
    )
    report = reports[-1]
    truth = stage.truth()
    assert report["uptime_s"] > _AWAY_S
    assert report["counters"]["readings"] == report["counters"]["frames"] == len(truth) > _AWAY_S // 3
    assert report["reader_delay_ms"] / _AWAY_SPEED < LONGEST_DELAY_MS
    assert report["mqtt_connections"] == 1
    assert report["replaced"] > 0
    assert stage.named("power")[0]["power_import_w"] == truth[-1]["power_import_w"]
    hourly = [reading["energy_import_wh"] for reading in truth if reading["list"] == 3]
    assert [energy["energy_import_wh"] for energy in stage.named("energy")] == hourly[-1:]
    assert stage.wait(lambda: stage.named("total"), 10, "a total")[-1]["energy_import_wh"] >= hourly[-1]
    # Pauses of up to a minute, and a line for what has changed alone.
    assert sum(_REFUSED in line for line in stage.log) == 1
