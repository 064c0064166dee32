"""The network between the dongle and its broker: a TCP proxy that can be cut, or swallow what goes through it."""

import socket
import threading

HOST = "127.0.0.1"
PIECE = 65536
UP, DOWN = "up", "down"  # to the broker, and from it


class Network:
    """Cut until open() says where the broker is. The dongle finds it at `port`."""

    def __init__(self):
        self._server = socket.create_server((HOST, 0))
        self.port = self._server.getsockname()[1]
        self._broker_port = None
        self._swallows = ()
        self._passes = threading.Event()  # nothing is swallowed
        self._passes.set()
        self._lock = threading.Lock()
        self._open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def open(self, broker_port):
        """Let the dongle through to the broker."""
        self._broker_port = broker_port

    def cut(self):
        """End every connection; new ones are refused until open()."""
        self._broker_port = None
        self._end_all()

    def swallow(self, *ways):
        """Nothing of what goes these ways arrives, and no end of a connection does."""
        self._passes.clear()
        self._swallows = ways

    def recover(self):
        """After swallow(): a connection that has lost bytes is of no use any more, and ends."""
        self._swallows = ()
        self._end_all()
        self._passes.set()

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)  # who waits in accept() would not see it closed
        self._server.close()
        self.recover()

    def _accept(self):
        while True:
            try:
                dongle, _ = self._server.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection((HOST, self._broker_port), 5)
            except (OSError, TypeError):  # no port: cut
                dongle.close()
                continue
            self._connect(dongle, broker)

    def _connect(self, dongle, broker):
        for end in (dongle, broker):
            end.settimeout(None)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.update((dongle, broker))
        for source, sink, way in ((dongle, broker, UP), (broker, dongle, DOWN)):
            threading.Thread(target=self._pump, args=(source, sink, way), daemon=True).start()

    def _pump(self, source, sink, way):
        try:
            while True:
                data = source.recv(PIECE)
                if not data:
                    break
                if way not in self._swallows:
                    sink.sendall(data)
        except OSError:
            pass
        self._passes.wait()
        self._end(source, sink)

    def _end_all(self):
        with self._lock:
            ends = list(self._open)
        self._end(*ends)

    def _end(self, *ends):
        """Wakes those who wait for it, too."""
        for end in ends:
            with self._lock:
                if end not in self._open:
                    continue
                self._open.remove(end)
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
