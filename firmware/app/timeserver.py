"""When the time server is asked, and asked again: it sets the dongle's clock."""

from app import clock, ntp
from app.log import log

_EVERY_S = 6 * 3600
# A try blocks for some seconds: without the internet it is made ever more seldom.
_FIRST_PAUSE_S = 60
_LONGEST_PAUSE_S = 1920


class TimeServer:
    """Asks NTP when it is time to. It blocks, and so belongs in the network's thread."""

    def __init__(self, server):
        self._server = server
        self._due_s = 0
        self._pause_s = _FIRST_PAUSE_S

    def ask_when_due(self):
        if not self._server or clock.uptime_s() < self._due_s:
            return
        wait_s = self._pause_s
        try:
            clock.set_by_ntp(ntp.ask(self._server))
            log("time", f"set by {self._server}")
            wait_s = _EVERY_S
            self._pause_s = _FIRST_PAUSE_S
        except Exception as error:
            # Whatever it is: a clock that is not set is no reason to stop publishing.
            log("time", f"not from {self._server}: {error!r}")
            self._pause_s = min(2 * wait_s, _LONGEST_PAUSE_S)
        self._due_s = clock.uptime_s() + wait_s
