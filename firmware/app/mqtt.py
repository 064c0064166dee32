"""The MQTT link: one thread around umqtt.simple, which blocks. The reader never waits for it.

Every wait here ends: the socket keeps a timeout whatever umqtt sets, and a broker that says nothing is left.
"""

import _thread
import random
import select
import time

from umqtt.simple import MQTTClient, MQTTException

from app.log import log

_ANSWER_S = 10  # how long a broker may take for one step
_KEEPALIVE_S = 60
_PING_MS = 20000
_PINGRESP = b"\xd0\x00"
_POLL_MS = 20
_FIRST_PAUSE_S = 1
_LONGEST_PAUSE_S = 60
_STABLE_MS = 60000  # a connection that has lasted so long is a good one
_STACK = 12 * 1024

# What a CONNACK refuses for (MQTT 3.1.1, table 3.1).
_REFUSALS = {
    1: "the broker speaks another version of MQTT",
    2: "the broker does not accept this device's name",
    3: "the broker is not available",
    4: "wrong user or password",
    5: "wrong user or password, or the broker does not let this user in",
}
# What an OSError says: on Linux, and on the ESP32 where lwIP has its own numbers for names.
_FAULTS = {
    -1: "the broker closed the connection",
    -2: "the broker's name is not known",
    -3: "the broker's name cannot be looked up now",
    -202: "the broker's name is not known",
    11: "the broker does not answer",
    32: "the broker closed the connection",
    101: "no way to the broker's network",
    104: "the broker closed the connection",
    110: "the broker does not answer",
    111: "nothing listens at the broker's address and port",
    113: "no way to the broker",
    115: "the broker does not answer",
    116: "the broker does not answer",
    118: "no way to the broker's network",
}


def fault_name(error):
    """An exception out of umqtt.simple, in words. It raises whatever its parsing stumbles on."""
    if isinstance(error, MQTTException):
        return _REFUSALS.get(error.args[0], "the broker refused")
    if isinstance(error, OSError):
        number = error.args[0] if error.args else None
        if isinstance(number, str):  # the unix port's getaddrinfo
            number = -2
        return _FAULTS.get(number, f"network error {number}")
    if isinstance(error, TypeError):  # read() gave None: the timeout
        return _FAULTS[11]
    if isinstance(error, IndexError):  # read() gave nothing: the end
        return _FAULTS[-1]
    return "the broker's answer makes no sense"


class _Socket:
    """A socket whose waits all end: umqtt's settings of its timeout are not passed on."""

    def __init__(self, sock):
        self._sock = sock
        sock.settimeout(_ANSWER_S)
        self.connect = sock.connect
        self.read = sock.read
        self.close = sock.close

    def write(self, data, size=None):
        size = len(data) if size is None else size
        # A part of a packet written would leave the rest of the stream without meaning.
        if self._sock.write(data, size) != size:
            raise OSError(110)
        return size

    def settimeout(self, _):
        pass

    def setblocking(self, _):
        pass

    def readable(self, poller, wait_ms):
        """Wait for something to read, or the other side's end."""
        poller.register(self._sock, select.POLLIN)
        found = poller.poll(wait_ms)
        poller.unregister(self._sock)
        return bool(found)


class _Client(MQTTClient):
    """umqtt's client on sockets of ours."""

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, sock):
        self._sock = None if sock is None else _Socket(sock)

    def wait_msg(self):
        """Read a PINGRESP. Nothing is subscribed to, so that a broker can have nothing else to say; umqtt's own would
        take in whatever it sends, for as long as it likes to."""
        packet = self.sock.read(len(_PINGRESP))
        if packet == b"":
            raise OSError(-1)
        if packet is None or len(packet) < len(_PINGRESP):
            raise OSError(110)
        if packet != _PINGRESP:
            raise ValueError


class MqttLink:
    """Keeps the dongle connected to its broker and publishes what the outbox holds."""

    def __init__(self, settings, base, outbox):
        """`base` is what topics begin with, as bytes; its last part is the device's name."""
        self._settings = settings
        self._device = base.split(b"/")[-1]
        self._outbox = outbox
        self._status = base + b"/status"
        self._poller = select.poll()
        self.network_up = False  # set by the WiFi task
        self.connections = 0
        self.fault = "not tried yet"
        self._said = ""
        self._pause_s = _FIRST_PAUSE_S

    def start(self):
        """Start the thread."""
        _thread.stack_size(_STACK)
        _thread.start_new_thread(self._run, ())

    def _run(self):
        while True:
            try:
                self._try_once()
            except Exception:
                # A full heap, or a fault of ours: whatever it is, it must not end the only thread that publishes.
                time.sleep(_FIRST_PAUSE_S)

    def _try_once(self):
        """One connection from its beginning to its end, and the pause behind it."""
        if not self.network_up:
            time.sleep_ms(200)
            return
        client = self._new_client()
        try:
            self._session(client)
        except Exception as error:
            self.fault = fault_name(error)
        _close(client)
        self._say(self.fault)
        # Jitter: after a power cut all dongles of a street come back at once.
        time.sleep_ms(self._pause_s * (750 + random.getrandbits(9)))
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)

    def _new_client(self):
        settings = self._settings
        client = _Client(
            self._device,
            settings["mqtt.host"],
            settings["mqtt.port"],
            settings["mqtt.user"].encode() or None,
            settings["mqtt.password"].encode(),
            _KEEPALIVE_S,
        )
        client.set_last_will(self._status, b"offline", True, 1)
        return client

    def _session(self, client):
        """One connection, until it breaks: then an exception."""
        client.connect()
        client.publish(self._status, b"online", True)
        self.connections += 1
        self.fault = ""
        self._say(f"connected to {client.server}:{client.port}")
        self._outbox.repeat_retained()
        pinged = False
        heard_ms = began_ms = time.ticks_ms()
        while self.network_up:
            self._publish_waiting(client)
            now_ms = time.ticks_ms()
            if client.sock.readable(self._poller, _POLL_MS):
                client.wait_msg()
                heard_ms = now_ms
                pinged = False
            silent_ms = time.ticks_diff(now_ms, heard_ms)
            if silent_ms > _PING_MS and not pinged:
                client.ping()
                pinged = True
            elif silent_ms > _PING_MS + _ANSWER_S * 1000:
                raise OSError(110)
            if time.ticks_diff(now_ms, began_ms) > _STABLE_MS:
                # Only now: a broker that takes us in and throws us out is not tried every second.
                self._pause_s = _FIRST_PAUSE_S
                began_ms = now_ms
        raise OSError(101)

    def _publish_waiting(self, client):
        message = self._outbox.take()
        while message:
            slot, payload, version = message
            client.publish(slot.topic, payload, slot.retain)
            self._outbox.sent(slot, version)
            message = self._outbox.take()

    def _say(self, text):
        """Log what has changed: a broker that is away for a week fills no log."""
        if text != self._said:
            log("mqtt", text)
        self._said = text


def _close(client):
    if client.sock:
        try:
            client.sock.close()
        except OSError:
            pass
