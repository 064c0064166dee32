"""A subscriber that hears everything that a broker acknowledges, also of one that is killed the moment after.

It subscribes at QoS 0: mosquitto writes such a message to the subscriber's socket before it acknowledges it to who
published it, and what is in the socket outlives the broker. (At QoS 1 it would keep all but 20 until the subscriber
acknowledges; these would die with it.) Whoever starts a broker lets nobody publish before connect() has returned.
"""

import threading
import time
from typing import NamedTuple

from paho.mqtt.client import CallbackAPIVersion, Client

ANSWER_S = 10
# Of the topics that come with every list, one of so many messages is enough.
SAMPLED = {"power": 20, "state": 20}


class Message(NamedTuple):
    name: str  # the last part of its topic
    payload: bytes
    came_s: float  # Unix time


class Listener:
    """`messages` are those of one dongle, in the order in which they came, over all brokers."""

    def __init__(self, base, sampled=SAMPLED):
        """`base` is what the dongle's topics begin with, "han/han-a1b2c3"."""
        self.messages = []
        self._topics = base + "/+"
        self._sampled = sampled
        self._counts = dict.fromkeys(sampled, 0)
        self._client = None
        self._is_gone = threading.Event()

    def connect(self, port):
        """Subscribe at the broker of that port."""
        subscribed = threading.Event()
        self._is_gone.clear()
        self._client = client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.on_connect = lambda *_: client.subscribe(self._topics, 0)
        client.on_subscribe = lambda *_: subscribed.set()
        client.on_disconnect = lambda *_: self._is_gone.set()
        client.on_message = lambda _client, _data, message: self._take(message)
        client.connect("127.0.0.1", port)
        client.loop_start()
        if not subscribed.wait(ANSWER_S):
            raise OSError("the broker does not take the subscription")

    def hear_out(self):
        """Take in what a broker that has been killed has left."""
        self._is_gone.wait(ANSWER_S)
        self._client.loop_stop()

    def close(self):
        if self._client:
            self._client.disconnect()
            self._client.loop_stop()

    def named(self, name):
        """The payloads of one topic, in their order."""
        return [message.payload for message in list(self.messages) if message.name == name]

    def _take(self, message):
        name = message.topic.rsplit("/", 1)[1]
        if name in self._sampled:
            self._counts[name] += 1
            if self._counts[name] % self._sampled[name] != 1:
                return
        self.messages.append(Message(name, message.payload, time.time()))
