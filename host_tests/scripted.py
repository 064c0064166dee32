"""Brokers that do what they are told to, right or wrong, on one connection after the other."""

import select
import socket
import struct
import threading

CONNACK = b"\x20\x02\x00\x00"
CONNECT, PUBLISH, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ = 0x10, 0x30, 0x40, 0x82, 0xA2, 0xC0


class Peer:
    """One connection of a dongle, as its broker sees it."""

    def __init__(self, connection):
        self.connection = connection
        self.packets = []  # (type, body) of all that came

    def send(self, data):
        self.connection.sendall(data)

    def packet(self):
        """The next packet, as (its first byte, its body)."""
        kind = self._read(1)[0]
        size = shift = 0
        while True:
            octet = self._read(1)[0]
            size |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                break
        body = self._read(size)
        self.packets.append((kind, body))
        return kind, body

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self.connection.recv(size - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data

    def serve(self, silent_to=(), granted=1, until=None):
        """Be a good broker until until() is true; silent to some kinds of packets; subscriptions are granted this."""
        while not (until and until()):
            if not self._has_more():
                continue
            kind, body = self.packet()
            if kind in silent_to or kind & 0xF0 in silent_to:
                continue
            if kind == CONNECT:
                self.send(CONNACK)
            elif kind & 0xF0 == PUBLISH and kind & 6:
                topic_size = struct.unpack(">H", body[:2])[0]
                self.send(b"\x40\x02" + body[2 + topic_size : 4 + topic_size])
            elif kind == SUBSCRIBE:
                self.send(b"\x90\x03" + body[:2] + bytes([granted]))
            elif kind == UNSUBSCRIBE:
                self.send(b"\xb0\x02" + body[:2])
            elif kind == PINGREQ:
                self.send(b"\xd0\x00")

    def _has_more(self):
        pending = getattr(self.connection, "pending", None)  # TLS may have read what select() then does not see
        return (pending and pending()) or select.select([self.connection], [], [], 0.02)[0]

    def came(self, kind):
        """The bodies of the packets of this kind, whatever their flags."""
        return [body for first, body in self.packets if first & 0xF0 == kind & 0xF0]

    def swallow(self):
        """Read on and say nothing, until the other side goes."""
        while self.connection.recv(1000):
            pass

    def reset(self):
        """End the connection as a machine that has forgotten it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def publish(topic, payload, qos=0, retained=False, pid=1):
    """A PUBLISH packet."""
    body = struct.pack(">H", len(topic)) + topic + (struct.pack(">H", pid) if qos else b"") + payload
    size = b""
    left = len(body)
    while True:
        left, octet = left >> 7, left & 0x7F
        size += bytes([octet | (0x80 if left else 0)])
        if not left:
            return bytes([PUBLISH | qos << 1 | retained]) + size + body


class ScriptedBroker:
    """Listens at a port and does with each connection what the next of its manners says; the last one stays."""

    def __init__(self, port, *manners):
        self.peers = []
        self._manners = list(manners)
        self._server = socket.create_server(("127.0.0.1", port))
        self.port = self._server.getsockname()[1]
        self._open = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _address = self._server.accept()
            except OSError:
                return  # stopped
            manner = self._manners.pop(0) if len(self._manners) > 1 else self._manners[0]
            self._open = connection
            peer = Peer(connection)
            self.peers.append(peer)
            with connection:
                connection.settimeout(120)
                try:
                    manner(peer)
                except OSError:
                    pass  # given up by the other side, or stopped

    def stop(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._open:
            try:
                self._open.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
