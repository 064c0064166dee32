"""A stage for tier 3: a real broker, the simulated meter on a pty, the firmware on MicroPython, and a listener."""

import json
import threading
import time
from pathlib import Path

from paho.mqtt.client import CallbackAPIVersion, Client

import host
from broker import Broker
from simulator.line import line_announced

# Topics whose messages are plain text; all others are JSON.
_PLAIN = ("status", "command")
BASE = "han/han-737431/"  # what the topics of the host as a board begin with
WIFI = {"ssid": "this computer", "password": "wifi-secret"}


class Message:
    """One message as the broker delivered it: the last part of its topic, the payload, whether it was retained."""

    def __init__(self, message):
        self.topic = message.topic
        self.name = message.topic.rsplit("/", 1)[-1]
        self.retained = message.retain
        text = message.payload.decode()
        self.content = text if self.name in _PLAIN or not text else json.loads(text)


class Stage:
    """Everything that a test starts; close() ends what still runs."""

    def __init__(self, folder):
        self.folder = folder
        self.broker = Broker(folder)
        self.messages = []
        self.log = []
        self._processes = []
        self._listeners = []

    def start_meter(self, maker, *words):
        """Start the simulated meter; returns its process."""
        meter, self.pty = host.start_meter(
            self.folder, "--meter", maker, "--truth", str(self.folder / "truth"), *words
        )
        self._processes.append(meter)
        return meter

    def truth(self):
        """What each frame that the meter has sent must be read as, with its list's number under "list"."""
        return [json.loads(line) for line in (self.folder / "truth").read_text().splitlines()]

    def start_firmware(self, meter=None, **mqtt):
        """Start the firmware with the broker, these settings of the meter and of MQTT; its log is collected.

        Unless they say otherwise, the line's setting is that of the meter that is there: it is not searched for.
        """
        mqtt = {"host": "127.0.0.1", "port": self.broker.port, **mqtt}
        # Without a time server: the meter's clock, which may show any day, is the only one there is.
        meter = {**self._line(), **(meter or {})}
        settings = {"wifi": WIFI, "mqtt": mqtt, "meter": meter, "time": {"server": ""}}
        return self.start_firmware_with(json.dumps(settings))

    def _line(self):
        try:
            announced = json.loads(Path(f"{self.pty}.line").read_text())
        except FileNotFoundError:
            return {}
        return {"line": line_announced(announced).name}

    def start_firmware_with(self, settings, **options):
        """Start it with this text as its settings.json; options are those of tools/host.py."""
        firmware = host.start_firmware(self.folder, self.pty, settings, **options)
        self._processes.append(firmware)
        threading.Thread(target=self._collect_log, args=(firmware,), daemon=True).start()
        return firmware

    def _collect_log(self, process):
        for line in process.stdout:
            self.log.append(line.rstrip())

    def listen(self, user=None, password=None):
        """Collect everything that the broker delivers from now on."""
        client = Client(CallbackAPIVersion.VERSION2)
        if user:
            client.username_pw_set(user, password)
        client.reconnect_delay_set(1, 1)
        subscribed = threading.Event()
        client.on_connect = lambda *_: client.subscribe("#", qos=1)
        client.on_disconnect = lambda *_: subscribed.clear()
        client.on_subscribe = lambda *_: subscribed.set()
        self.is_listening = subscribed.is_set
        client.on_message = lambda _client, _data, message: self.messages.append(Message(message))
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        self._listeners.append(client)
        assert subscribed.wait(10)

    def publish(self, name, payload, retain=False):
        """Publish under one of the dongle's topics, by the listener."""
        self._listeners[0].publish(BASE + name, payload, 1, retain).wait_for_publish(10)

    def named(self, name):
        """The contents of the messages of one topic, in their order."""
        return [message.content for message in list(self.messages) if message.name == name]

    def wait(self, condition, seconds, what):
        """Wait until condition() is true; the test fails with the log when it does not become so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}\n" + "\n".join(self.log))

    def wait_for_log(self, text, seconds):
        return self.wait(lambda: any(text in line for line in list(self.log)), seconds, f"'{text}' in the log")

    def close(self):
        for process in self._processes:
            if process.poll() is None:
                host.stop(process)
        for listener in self._listeners:
            listener.disconnect()
            listener.loop_stop()
        self.broker.stop()
