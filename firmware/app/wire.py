"""A TCP connection, with TLS on it where wanted, on which every wait ends: reads and writes have until a deadline.

It stands in for the socket that umqtt.simple makes. A timeout of the socket's own would not do: it begins anew with
each byte, umqtt takes it away, and TLS has none.
"""

import select
import time

STEP_S = 10  # how long the other side may take for one step
CLOSED = 104
TIMED_OUT = 110

# How far a connection has come; what an error means depends on it.
NAME, CONNECT, HANDSHAKE, OPEN = range(4)


class Wire:
    """One connection. What goes wrong is an OSError; in the handshake also a ValueError, about the certificate."""

    def __init__(self, sock, tls, name):
        """`sock` is a new socket; `tls` an SSLContext or None; `name` the host's, which its certificate must have."""
        self._sock = self._stream = sock
        self._tls = tls
        self._name = name
        self._poller = select.poll()
        self._deadline_ms = 0
        self.stage = NAME

    def connect(self, address):
        self.stage = CONNECT
        sock = self._sock
        sock.settimeout(STEP_S)
        sock.connect(address)
        sock.setblocking(False)
        self.stage = OPEN
        if self._tls:
            # The first write makes the handshake: it comes back whenever it would wait, and so can be left. Made by
            # wrap_socket() itself, it would wait for a silent server for ever.
            self._stream = self._tls.wrap_socket(sock, server_hostname=self._name, do_handshake_on_connect=False)
            self.stage = HANDSHAKE
        self._poller.register(self._stream, select.POLLIN)
        self.begin()

    def begin(self):
        """A step begins: all that is read and written from now on, in STEP_S."""
        self._deadline_ms = time.ticks_add(time.ticks_ms(), STEP_S * 1000)

    def read(self, size):
        """Exactly so many bytes."""
        data = b""
        while len(data) < size:
            left_ms = self._left_ms()
            part = self._stream.read(size - len(data))
            if part is None:
                self._wait(select.POLLIN, left_ms)
            elif part:
                data += part
            else:
                raise OSError(CLOSED)
        return data

    def write(self, data, size=None):
        """All of it, or its first `size` bytes."""
        view = memoryview(data)[:size]
        while view:
            left_ms = self._left_ms()
            written = self._stream.write(view)
            if written is None:
                self._wait(select.POLLOUT, left_ms)
            else:
                view = view[written:]
                if self.stage == HANDSHAKE:
                    self.stage = OPEN
                    self.begin()

    def readable(self, wait_ms):
        """Wait for something to read, or the other side's end."""
        return self._wait(select.POLLIN, wait_ms)

    def _wait(self, event, wait_ms):
        self._poller.modify(self._stream, event)
        for _ in self._poller.ipoll(wait_ms):  # which takes no heap
            return True
        return False

    def _left_ms(self):
        left_ms = time.ticks_diff(self._deadline_ms, time.ticks_ms())
        if left_ms <= 0:
            raise OSError(TIMED_OUT)
        return left_ms

    def settimeout(self, _):
        """Not passed on, nor is setblocking(): umqtt's settings would take the deadlines away."""

    setblocking = settimeout

    def close(self):
        # The one that TLS lies on too: after a failed handshake TLS no longer knows it.
        for stream in (self._stream, self._sock):
            try:
                stream.close()
            except OSError:
                pass
