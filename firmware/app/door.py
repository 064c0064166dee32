"""Where the page at home is asked for. What answers is loaded when somebody comes, and goes when nobody does."""

import asyncio
import binascii
import gc
import os

from app import clock, lent
from app.log import log

_LONELY_S = 300
_MOST_WAITING = 5
_MODULES = ("home", "login", "overview", "passwords", "pem", "label", "webparts", "formfaults", "webserver")


class Door:
    """Listens; `open()` it once, `tick()` it once a second."""

    def __init__(self, dongle):
        self._dongle = dongle
        self._home = None
        self._life = "x" + binascii.hexlify(os.urandom(8)).decode()
        self._came_s = 0

    async def open(self):
        """Raises OSError when the port is taken."""
        port = self._dongle.board.page_port
        await asyncio.start_server(self._serve, "0.0.0.0", port, _MOST_WAITING)
        log("web", "the page is at http://" + self._dongle.wifi.address + ("" if port == 80 else f":{port}"))

    def tick(self):
        """Keep the deadlines of those who are there, and forget what nobody needs."""
        if not self._home:
            return
        if self._home.web.sweep():
            self._came_s = clock.uptime_s()
        elif clock.uptime_s() - self._came_s > _LONELY_S and not self._home.is_wanted:
            self._home = None
            for name in _MODULES:
                lent.forget("app." + name, "app", name)

    async def _serve(self, stream, _stream):
        # asyncio's queue of tasks points to some that have ended, for as long as nobody comes; what they held in a
        # local name would stay. So there is none here.
        self._came_s = clock.uptime_s()
        try:
            self._load()
        except (MemoryError, OSError) as error:
            log("web", f"nobody can be let in now: {error!r}")
            stream.close()
            await stream.wait_closed()
            return
        await self._home.web.serve(stream)

    def _load(self):
        """Raises MemoryError where there is no room, OSError as Home."""
        if not self._home:
            gc.collect()
            from app.home import Home

            self._home = Home(self._dongle, self._life)
