"""The setup network's name server: whatever a phone asks for is here (lib/captivedns)."""

import asyncio
import select
import socket

import captivedns

_LARGEST = 512  # RFC 1035, 4.2.1
_PAUSE_MS = 40
_IN_A_ROW = 8  # answers, before others have their turn


class NameServer:
    """Answers every name with one address, from start() on."""

    def __init__(self, address):
        self._address = bytes(int(part) for part in address.split("."))
        self._answer = bytearray(_LARGEST)
        self._socket = None

    def start(self, port):
        """Raises OSError when the port is taken."""
        self._socket = udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind(socket.getaddrinfo("0.0.0.0", port)[0][-1])
        udp.setblocking(False)
        asyncio.create_task(self._run())

    async def _run(self):
        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        while True:
            for _ in range(_IN_A_ROW):
                for _ in poller.ipoll(0):  # which takes no heap
                    self._answer_one()
            await asyncio.sleep_ms(_PAUSE_MS)

    def _answer_one(self):
        try:
            query, sender = self._socket.recvfrom(_LARGEST + 1)
            n = captivedns.answer(query, len(query), self._address, self._answer)
            if n:
                self._socket.sendto(memoryview(self._answer)[:n], sender)
        except (OSError, MemoryError):
            pass  # who asked has gone, or there is no room now: they ask again
