"""The topic `other`: what only some meters send, from their telegrams to the message."""

import json

import pytest

import schemas
from app import other
from app.outbox import TOPICS, Outbox
from hanport import Reading, Receiver
from simulated import pushes
from simulator.makers import P1_BE, P1_NL, P1_SE

NAMES = [name for name, _size, _retain in TOPICS]


class _Discovery:
    """Stands in for app.homeassistant's."""

    is_saved = True
    extras = 0
    times = 0

    def announce_again(self):
        self.times += 1


class _Dongle:
    def __init__(self, with_meter_id=False):
        self.base = b"han/han-a1b2c3"
        self.outbox = Outbox(self.base)
        self.discovery = _Discovery()
        self.settings = {"mqtt.meter_id": with_meter_id}

    def read(self, maker, type_name):
        """Post what a telegram of this meter has; returns what the meter meant."""
        (push,) = pushes(maker, type_name, "2026-06-15T12:00:00", 1)
        receiver, reading = Receiver("p1"), Reading()
        receiver.feed(push.frame)
        assert receiver.next(reading)
        if reading.more:
            settings = self.settings["mqtt.meter_id"]
            other.post(self.outbox, self.base, self.discovery, reading.more, settings)
        return push.expected

    def said(self):
        payload = self.outbox.newest("other")
        schemas.validate("other", payload)
        return json.loads(payload)


@pytest.mark.parametrize(("maker", "type_name"), [(P1_NL, "dsmr5-longest"), (P1_BE, "fluvius")])
@pytest.mark.parametrize("with_meter_id", [False, True])
def test_what_the_meter_meant_is_published_and_numbers_only_when_wanted(maker, type_name, with_meter_id):
    dongle = _Dongle(with_meter_id)
    meant = dongle.read(maker, type_name)
    said = dongle.said()
    assert said == {key: meant[key] for key in said}
    numbers = {"gas_meter_id", "water_meter_id"} | ({"heat_meter_id"} if "heat_gj" in meant else set())
    left_out = set() if with_meter_id else numbers
    beside = {key for key in meant if key.startswith(("gas_", "water_", "heat_", "month_", "quarter_", "tariff"))}
    assert set(said) == beside - left_out


def test_a_meter_that_has_nothing_beside_electricity_gets_no_topic():
    dongle = _Dongle()
    dongle.read(P1_SE, "lgf5")
    assert [slot.name for slot in dongle.outbox.slots] == NAMES
    assert dongle.discovery.times == 0


def test_home_assistant_is_told_once():
    dongle = _Dongle()
    for _ in range(3):
        dongle.read(P1_NL, "dsmr5")
    assert [slot.name for slot in dongle.outbox.slots] == [*NAMES, "other"]
    assert dongle.discovery.times == 1 and not dongle.discovery.is_saved
    dongle.read(P1_BE, "fluvius")
    assert dongle.discovery.times == 2


def test_the_message_is_retained_and_on_its_own_topic():
    dongle = _Dongle()
    dongle.read(P1_NL, "dsmr5")
    slot = dongle.outbox.slots[-1]
    assert slot.topic == b"han/han-a1b2c3/other" and slot.retain
