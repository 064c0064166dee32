"""The MQTT link: one thread around umqtt.simple, which blocks. The reader never waits for it."""

import _thread
import random
import time

from umqtt.simple import MQTTException

from app import clock, mqttfaults
from app.log import log
from app.mqttclient import Client
from app.mqttfaults import Fault
from app.timeserver import TimeServer
from app.wire import CONNECT

_POLL_MS = 20
_IDLE_MS = 200
_FIRST_PAUSE_S = 1
_LONGEST_PAUSE_S = 60
_STABLE_MS = 60000  # a connection that has lasted so long is a good one
_SETTLE_MS = 3000  # how long the broker may take for what it retains
_INBOX = 8
_STACK = 16 * 1024  # which TLS needs; it may be switched on later


class MqttLink:
    """Keeps the dongle connected to its broker, publishes what the outbox holds, and takes in what is subscribed to.

    `network_up` is set by the WiFi task. To be read by anybody: `connections`, how many there have been; `fault`,
    "ok" or a word of app.mqttfaults; `tls`, "off", "verified" or "unverified"; `dropped`, messages that were too
    large, too many or not asked for; `settled`: what the broker retains of `total` has come, or nothing does.
    """

    def __init__(self, settings, base, outbox):
        """`base` is what topics begin with, as bytes; its last part is the device's name."""
        self._settings = settings
        self._device = base.split(b"/")[-1]
        self._outbox = outbox
        self._status = base + b"/status"
        self._total = base + b"/total"
        self._topics = [base + b"/command"]
        if settings["homeassistant.discovery"]:
            self._topics.append(settings["homeassistant.prefix"].encode() + b"/status")
        self._time = TimeServer(settings["time.server"])
        self._lock = _thread.allocate_lock()
        self._inbox = []
        self.network_up = False
        self._has_changed = False
        self.connections = 0
        self.fault = "no_network"
        self.tls = _tls(settings)
        self.dropped = 0
        self.settled = False
        self._total_came = False
        self._said = ""
        self._pause_s = _FIRST_PAUSE_S

    def start(self):
        """Start the thread; without mqtt.host it only asks what time it is."""
        _thread.stack_size(_STACK)
        _thread.start_new_thread(self._run, ())

    def change(self):
        """The settings name another broker: leave the one there is, and begin anew at once."""
        self.fault = "connecting"
        self._has_changed = True

    def take(self):
        """The oldest message that has come, as (topic, payload, whether it was retained) with bytes; or None."""
        with self._lock:
            return self._inbox.pop(0) if self._inbox else None

    def _put(self, topic, payload, retained):
        """Take in what the client has received."""
        is_total = topic == self._total and not self.settled
        with self._lock:
            if (is_total or topic in self._topics) and len(self._inbox) < _INBOX:
                self._inbox.append((topic, payload, retained))
            else:
                self.dropped += 1
        if is_total and retained:
            self._total_came = True

    def _run(self):
        while True:
            try:
                self._try_once()
            except Exception as error:
                # A full heap, or a fault of ours: whatever it is, it must not end the only thread that publishes.
                self.fault = "internal"
                self._say_fault(error)
                time.sleep(_FIRST_PAUSE_S)

    def _try_once(self):
        """One connection from its beginning to its end, and the pause behind it."""
        if self._has_changed:
            self._has_changed = False
            self._pause_s = _FIRST_PAUSE_S
            self.tls = _tls(self._settings)
        if not self.network_up:
            self.fault = "no_network"
            time.sleep_ms(_IDLE_MS)
            return
        if not self._settings["mqtt.host"]:
            self.fault = "not_set"
            self._time.ask_when_due()
            time.sleep_ms(_IDLE_MS)
            return
        client = None
        try:
            client = self._new_client()
            self._session(client)
        except Exception as error:
            stage = client.sock.stage if client and client.sock else CONNECT
            if not self._has_changed:  # else it is no longer of interest how the one before failed
                self.fault = mqttfaults.word_for(error, stage)
                self._say(mqttfaults.sentence(self.fault, error))
        if client:
            client.close()
        if self.fault in ("no_network", "clock_not_set"):
            self._pause_s = _FIRST_PAUSE_S
        self._pause()
        self._time.ask_when_due()

    def _pause(self):
        """Longer from try to try; by the household's clock, which a simulation may run faster."""
        # Jitter: after a power cut all dongles of a street come back at once.
        pause_ms = self._pause_s * (750 + random.getrandbits(9))
        began_ms = clock.ticks_ms()
        while time.ticks_diff(clock.ticks_ms(), began_ms) < pause_ms and not self._has_changed:
            time.sleep_ms(_POLL_MS)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _new_client(self):
        context = None
        if self.tls != "off":
            from app import certificates

            context = certificates.context(self._settings)
        if self.tls == "verified" and clock.now_s() is None:
            self._time.ask_when_due()
            if clock.now_s() is None:
                raise Fault("clock_not_set")
        client = Client(self._settings, self._device, context, self._put)
        client.set_last_will(self._status, b"offline", True, 1)
        return client

    def _session(self, client):
        """One connection, until it breaks: then an exception."""
        client.connect()
        client.publish(self._status, b"online", True)
        self.connections += 1
        self._say(f"connected to {client.server}:{client.port}")
        self.fault = "ok"
        self._outbox.repeat_retained()
        for topic in self._topics:
            self._subscribe(client, topic)
        waits_for_total = not self.settled and self._outbox.holds("total")
        if waits_for_total:
            self._subscribe(client, self._total)
        else:
            self.settled = True
        subscribed_ms = time.ticks_ms()
        began_ms = clock.ticks_ms()
        while self.network_up and not self._has_changed:
            self._publish_waiting(client)
            if client.sock.readable(_POLL_MS):
                client.receive()
            else:
                client.check_alive()
            if waits_for_total and (self._total_came or time.ticks_diff(time.ticks_ms(), subscribed_ms) > _SETTLE_MS):
                client.unsubscribe(self._total)
                waits_for_total = False
                self.settled = True
            self._time.ask_when_due()
            if time.ticks_diff(clock.ticks_ms(), began_ms) > _STABLE_MS:
                # Only now: a broker that takes us in and throws us out is not tried every second.
                self._pause_s = _FIRST_PAUSE_S
                began_ms = clock.ticks_ms()
        if not self._has_changed:
            raise Fault("no_network")

    def _subscribe(self, client, topic):
        try:
            client.subscribe(topic, 1)
        except MQTTException:
            # What the meter says can be published all the same.
            self.fault = "no_commands"
            self._say(mqttfaults.sentence(self.fault))

    def _publish_waiting(self, client):
        message = self._outbox.take()
        while message:
            item, payload, version = message
            client.publish(item.topic, payload, item.retain, item.qos)
            self._outbox.sent(item, version)
            message = self._outbox.take()

    def _say_fault(self, error):
        try:
            self._say(mqttfaults.sentence(self.fault, error))
        except MemoryError:
            pass  # which it then is

    def _say(self, text):
        """Log what has changed: a broker that is away for a week fills no log."""
        if text != self._said:
            log("mqtt", text)
        self._said = text


def _tls(settings):
    if not settings["mqtt.tls"]:
        return "off"
    return "verified" if settings["mqtt.verify"] else "unverified"
