"""umqtt.simple without its traps: every wait of it ends, packet ids wrap, and what it is sent takes little heap.

Works with umqtt.simple from 1.3.4 on. MQTT 3.1.1; the sections below are its.
"""

import struct
import time

from umqtt.simple import MQTTClient

from app.wire import STEP_S, TIMED_OUT, Wire

_KEEPALIVE_S = 60
_PING_MS = 20000
# Topic and payload together; larger messages are none that we wait for.
_LARGEST = 384
_PIECE = 64
_PUBLISH = 0x30
_PUBACK = 0x40
_SUBACK = 0x90
_UNSUBACK = 0xB0
_PINGRESP = 0xD0
_QOS = 6
_QOS_1 = 2
_LAST_PID = 0xFFFF


class Client(MQTTClient):
    """One connection to a broker; each of its methods is a step, and over within app.wire.STEP_S."""

    def __init__(self, settings, device, tls, take):
        """`device` is the client's name, `tls` an SSLContext or None. take(topic, payload, retained) gets what comes;
        of a message that is too large, None, None, False."""
        super().__init__(
            device,
            settings["mqtt.host"],
            settings["mqtt.port"],
            # As bytes: umqtt takes the length of a text for that of its UTF-8.
            settings["mqtt.user"].encode() or None,
            settings["mqtt.password"].encode(),
            _KEEPALIVE_S,
        )
        self.set_callback(take)
        self._tls = tls
        self._pinged_ms = time.ticks_ms()
        self._is_pinged = False

    @property
    def sock(self):
        return self._sock

    @sock.setter
    def sock(self, sock):
        self._sock = None if sock is None else Wire(sock, self._tls, self.server)

    @property
    def pid(self):
        return self._pid

    @pid.setter
    def pid(self, pid):
        # Of two bytes, and never 0 (2.3.1); umqtt counts on.
        self._pid = 1 if pid > _LAST_PID else pid

    def publish(self, topic, msg, retain=False, qos=0):
        self.sock.begin()
        super().publish(topic, msg, retain, qos)

    def subscribe(self, topic, qos=0):
        """Raises MQTTException when the broker refuses it; the connection is none the worse."""
        self.sock.begin()
        super().subscribe(topic, qos)

    def unsubscribe(self, topic):
        """Not all umqtts have it. Its acknowledgement is read when it comes."""
        self.sock.begin()
        self.pid += 1
        self.sock.write(struct.pack("!BBHH", 0xA2, 4 + len(topic), self.pid, len(topic)) + topic)

    def receive(self):
        """Read the packet that has begun to come."""
        self.sock.begin()
        self.wait_msg()

    def check_alive(self):
        """Ping every 20 s; OSError when the answer does not come. To be called when nothing has come."""
        now_ms = time.ticks_ms()
        silent_ms = time.ticks_diff(now_ms, self._pinged_ms)
        if self._is_pinged:
            if silent_ms > STEP_S * 1000:
                raise OSError(TIMED_OUT)
        elif silent_ms > _PING_MS:
            self.sock.begin()
            self.ping()
            self._pinged_ms = now_ms
            self._is_pinged = True

    def close(self):
        if self.sock:
            self.sock.close()

    def wait_msg(self):
        """Read one packet; umqtt calls it too, until the acknowledgement comes, whose type is returned.

        Raises ValueError for what no broker may say here."""
        kind = self.sock.read(1)[0]
        if kind & 0xF0 == _PUBLISH:
            self._take_message(kind)
        elif kind == _PINGRESP:
            if self._size():
                raise ValueError
            self._is_pinged = False
        elif kind == _UNSUBACK:
            if self._size() != 2:
                raise ValueError
            self.sock.read(2)
        elif kind in (_PUBACK, _SUBACK):
            return kind  # the rest of it is umqtt's to read; where it waits for none, that is nonsense
        else:
            raise ValueError

    def _take_message(self, kind):
        qos = kind & _QOS
        if qos > _QOS_1:
            raise ValueError  # nothing is subscribed to at QoS 2
        left = self._size() - 2
        if left >= 0:
            topic_size = self._two()
            left -= topic_size + qos  # a packet id has as many bytes as the bits of QoS 1 have value
        if left < 0:
            raise ValueError
        fits = topic_size + left <= _LARGEST
        topic = self._take(topic_size, fits)
        pid = self.sock.read(qos)
        payload = self._take(left, fits)
        if qos:
            self.sock.write(b"\x40\x02" + pid)
        self.cb(topic, payload, fits and bool(kind & 1))
        # A broker that does nothing but talk must not take the processor from the reader.
        time.sleep_ms(1)

    def _take(self, size, fits):
        if fits:
            return self.sock.read(size)
        while size > 0:
            self.sock.read(min(size, _PIECE))
            size -= _PIECE

    def _size(self):
        """A packet's remaining length (2.2.3): at most four bytes, which umqtt does not care about."""
        size = 0
        for shift in range(0, 28, 7):
            octet = self.sock.read(1)[0]
            size |= (octet & 0x7F) << shift
            if octet < 0x80:
                return size
        raise ValueError

    def _two(self):
        high, low = self.sock.read(2)
        return high << 8 | low
