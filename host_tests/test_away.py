"""Tier 3: the network at home is away for hours. The setup network is there meanwhile, no hour is lost, and all is as
before when it is back.
"""

import json
import time

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from newcomer import ADDRESS, WIFI, Newcomer

pytestmark = pytest.mark.tier3

SPEED = 360
CLOCK = "2026-01-15T10:40:00"
# The radio takes its real time, of which a try has little at this speed.
NEAR = {**WIFI, "delay_ms": 5}


class Ear:
    """Collects the `hour` messages of a broker."""

    def __init__(self, port):
        self.hours = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _client, _data, message: self.hours.append(json.loads(message.payload))
        self._client.connect(ADDRESS, port)
        self._client.subscribe("han/+/hour", 1)
        self._client.loop_start()

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


def wait(condition, seconds, what, log):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n" + "\n".join(log)
        time.sleep(0.1)


def test_a_router_that_is_away_for_hours_costs_no_hour(tmp_path, compiled):
    settings = {"wifi": {"ssid": WIFI["ssid"], "password": WIFI["password"]}, "meter": {"line": "2400 8N1"}}
    newcomer = Newcomer(tmp_path, "kamstrup", settings, {"HAN_SPEED": str(SPEED)})
    newcomer.broker.start()
    settings["mqtt"] = {"host": ADDRESS, "port": newcomer.broker.port}
    newcomer.tell(settings)
    newcomer.put_in_air(NEAR)
    ear = Ear(newcomer.broker.port)
    log = newcomer.log

    def said(text):
        return lambda: any(text in line for line in list(log))

    try:
        newcomer.start("--clock", CLOCK, "--speed", str(SPEED))
        wait(said("mqtt: connected"), 20, "the broker", log)
        wait(lambda: len(ear.hours) >= 1, 40, "an hour", log)
        newcomer.put_in_air()
        wait(said("setup: network HAN-737431 is up"), 40, "the setup network", log)
        assert json.loads((tmp_path / "ap.json").read_text())["authmode"] == 3
        seen = len(ear.hours)
        time.sleep(2.2 * 3600 / SPEED)
        assert len(ear.hours) == seen
        newcomer.put_in_air(NEAR)
        wait(lambda: newcomer.starts == 3, 60, "a start at home", log)
        wait(lambda: len(ear.hours) >= seen + 3, 40, "the hours of the outage", log)
    finally:
        newcomer.close()
        ear.close()
    starts = [hour["start"] for hour in ear.hours]
    distinct = list(dict.fromkeys(starts))
    assert distinct == [f"2026-01-15T{11 + n:02}:00:00+01:00" for n in range(len(distinct))]
    assert sum(hour["source"] == "meter" for hour in ear.hours) >= len(distinct) - 1
    assert not any("fault" in line or "Traceback" in line for line in log)
