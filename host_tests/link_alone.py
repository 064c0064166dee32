"""Runs on MicroPython: reader, outbox and MQTT link without the rest of the firmware.

Told on stdin, in lines of JSON: ["post", topic, tree], ["send", topic, payload, retain, qos], ["hold", topic],
["release", topic], ["network", whether it is there]. Says on stdout, among the log's lines: {"took": [topic, payload,
retained]} for a message that came, {"ticket": n}, and a state like {"fault": "ok", ...} whenever it has changed.

Its arguments: the settings, as JSON of {"group.key": value}; the device's name; the packet id that connections begin
behind.
"""

import asyncio
import json
import select
import sys

from app import config, messages, mqtt
from app.board import Board
from app.mqttclient import Client
from app.outbox import Outbox
from app.reader import Reader

_TICK_MS = 25


class _LaterClient(Client):
    """A client that has sent a number of packets already."""

    def __init__(self, *about):
        super().__init__(*about)
        self.pid = int(sys.argv[3])


def _say(tree):
    # One write: the link's thread logs between two.
    sys.stdout.write(json.dumps(tree) + "\n")


class _Alone:
    def __init__(self, settings):
        base = b"han/" + sys.argv[2].encode()
        self._outbox = Outbox(base)
        self._link = mqtt.MqttLink(settings, base, self._outbox)
        self._reader = Reader(Board(), settings["meter.line"], config.decoder_options(settings), self._on_reading)
        self._said = None

    async def run(self):
        commands = select.poll()
        commands.register(sys.stdin, select.POLLIN)
        reading = asyncio.create_task(self._reader.run())
        while commands.poll(0):
            self._obey(json.loads(sys.stdin.readline()))  # what must be so before the link starts
        self._link.start()
        self._link.network_up = True
        while not reading.done():
            if commands.poll(0):
                self._obey(json.loads(sys.stdin.readline()))
            message = self._link.take()
            if message:
                topic, payload, retained = message
                _say({"took": [topic.decode(), payload.decode(), retained]})
            self._tell()
            await asyncio.sleep_ms(_TICK_MS)

    def _obey(self, command):
        word = command[0]
        if word == "post":
            self._outbox.post(command[1], messages.write_json, command[2])
        elif word == "send":
            _word, topic, payload, retain, qos = command
            _say({"ticket": self._outbox.send(topic.encode(), payload.encode(), retain, qos)})
        elif word == "hold":
            self._outbox.hold(command[1])
        elif word == "release":
            self._outbox.release(command[1])
        elif word == "network":
            self._link.network_up = command[1]

    def _on_reading(self, reading):
        self._outbox.post("power", messages.write_registers, reading, messages.POWER)

    def _tell(self):
        link = self._link
        said = {
            "fault": link.fault,
            "tls": link.tls,
            "connections": link.connections,
            "settled": link.settled,
            "dropped": link.dropped,
            "delivered": self._outbox.delivered,
            "parcel_free": self._outbox.parcel_free,
            "frames": self._reader.receiver.counters["frames"],
            "reader_delay_ms": self._reader.longest_delay_ms,
        }
        if said != self._said:
            _say(said)
            self._said = said


settings = config.defaults()
settings.update(json.loads(sys.argv[1]))
if len(sys.argv) > 3:
    mqtt.Client = _LaterClient
asyncio.run(_Alone(settings).run())
