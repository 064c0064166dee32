"""What comes from the meter, byte for byte, kept for a minute: for whoever is to find out what is wrong with it."""

import asyncio
import sys

from app import clock
from app.log import log

_LASTS_S = 60
_SIZE = 8192
_KEPT_S = 600  # for who has asked for it to take it; it is large


class Capture:
    """Listens beside the decoder from now on."""

    def __init__(self, reader):
        self._reader = reader
        self._buffer = bytearray(_SIZE)
        self._size = 0
        self._is_ready = self.is_over = False
        self._until_s = clock.uptime_s() + _LASTS_S
        reader.tap = self
        self._task = asyncio.create_task(self._run())

    def about(self):
        """How far it is."""
        if self._is_ready or self.is_over:
            return {"state": "ready" if self._is_ready else "none", "bytes": self._size}
        return {"state": "running", "left_s": max(self._until_s - clock.uptime_s(), 0), "bytes": self._size}

    def content(self):
        """The bytes, without the meter's number; None when there are none."""
        return bytes(memoryview(self._buffer)[: self._size]) if self._is_ready else None

    def take(self, buffer, n):
        """n bytes have come."""
        n = min(n, _SIZE - self._size)
        self._buffer[self._size : self._size + n] = memoryview(buffer)[:n]
        self._size += n

    async def _run(self):
        while clock.uptime_s() < self._until_s and self._size < _SIZE:
            await asyncio.sleep(1)
        self._reader.tap = None
        try:
            await self._mask()
            self._is_ready = True
            log("meter", f"{self._size} bytes captured")
            await asyncio.sleep(_KEPT_S)
        except (MemoryError, ImportError):
            log("meter", "no room to take the meter's number out of a capture")
        finally:
            self._is_ready, self.is_over = False, True
            self._buffer, self._size = None, 0

    async def _mask(self):
        from maskcapture import mask

        for name in [name for name in sys.modules if name.startswith("maskcapture")]:
            sys.modules.pop(name)
        for _ in mask(self._buffer, self._size):
            await asyncio.sleep(0)
