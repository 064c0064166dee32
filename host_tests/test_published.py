"""Tier 3: all that the firmware publishes in two hours keeps to its schema, and Home Assistant finds its entities."""

import json
from contextlib import closing

import pytest

from schemas import validate
from stage import BASE, Stage

pytestmark = pytest.mark.tier3

_SPEED = 120
_TOPICS = {"status", "power", "state", "energy", "total", "hour", "usage", "capacity", "load", "diagnosis", "config"}


@pytest.fixture(scope="module")
def hours(tmp_path_factory, compiled):
    """Two hours of a meter with solar cells on a three-wire net, at speed."""
    with closing(Stage(tmp_path_factory.mktemp("published"))) as stage:
        stage.broker.start()
        stage.listen()
        stage.publish("command", "restart", retain=True)
        clock = ("--clock", "2026-06-15T10:58:00", "--speed", str(_SPEED))
        stage.start_meter("kaifa", "--type", "MA304H3E", "--sun", *clock)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HAN_SPEED", str(_SPEED))
            stage.start_firmware()
        stage.wait(lambda: stage.named("hour"), 70, "an hour")
        stage.wait(lambda: any("/total/config" in m.topic for m in stage.messages), 20, "the totals' entities")
        yield stage


def test_every_message_keeps_to_its_schema(hours):
    seen = set()
    for message in list(hours.messages):
        if message.topic.startswith(BASE):
            validate(message.name, message.content)
            seen.add(message.name)
    assert seen == _TOPICS | {"command"}


def test_what_a_three_wire_meter_does_not_measure_is_marked(hours):
    state = hours.named("state")[0]
    assert state["calculated"] == ["l2_voltage_v"]
    assert 225 < state["l2_voltage_v"] < 245


def test_home_assistant_is_told_of_what_this_meter_has(hours):
    found = {}
    for message in list(hours.messages):
        if message.topic.startswith("homeassistant/device/"):
            assert len(json.dumps(message.content, separators=(",", ":"))) <= 2048
            found.update(message.content["cmps"])
    assert {"power_import_w", "l1_current_a", "total_import", "total_export", "restart"} <= set(found)
    assert not [key for key in found if "power_factor" in key or key.startswith("energy_import_t")]


def test_the_dongle_restarts_when_asked_and_not_by_what_a_broker_keeps(hours):
    assert not any("restart, since" in line for line in hours.log)
    hours.publish("command", "restart")
    hours.wait_for_log("restart, since the owner says so", 10)
