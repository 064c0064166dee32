"""The firmware's Diagnosis on CPython, and the parts of a dongle that it asks, as a test sets them."""

import sys
from types import ModuleType, SimpleNamespace
from unittest import mock

from app import config
from hanport import Receiver
from hanport.counts import NAMES
from hanport.fields import COUNTS
from linesearch import LineSearch

clock = ModuleType("app.clock")
clock.seconds = 0
clock.uptime_s = lambda: clock.seconds
clock.source = None

# What these two import is not on a PC: the event loop's core, the radio.
with mock.patch.dict(sys.modules, {"app.clock": clock, "network": ModuleType("network")}):
    from app import diagnosis, wifi  # noqa: F401
    from app.diagnosis import Diagnosis

ABOUT = {"clock": "meter", "meter_clock": "standard", "hours_pending": 960, "rssi_dbm": -100}
MOST = 0x3FFFFFFF


class Reader:
    """A reader of this line, whose counters a test sets."""

    def __init__(self, line="auto"):
        self.receiver = Receiver("line")
        self.is_given = line != "auto"
        self.search = LineSearch(line)
        self.silent_ms = 0
        self.longest_delay_ms = 0
        self.unknown_list = None
        self.has_worked = False
        self.pulses, self.pulse_us, self.idle_level = -1, 0, -1

    @property
    def line(self):
        return self.search.line

    def count(self, **counters):
        """So many more of each; they wrap as the decoder's."""
        state = self.receiver.state
        for name, n in counters.items():
            place = COUNTS + NAMES.index(name)
            state[place] = state[place] + n & MOST


class Dongle:
    """What a Diagnosis asks: all is well with it, but that no meter was heard yet. `changes` are of the settings."""

    def __init__(self, line="auto", power="usb", **changes):
        settings = {"mqtt.host": "broker", **{key.replace("__", "."): value for key, value in changes.items()}}
        self.reader = Reader(line)
        self.wifi = SimpleNamespace(state=wifi.CONNECTED)
        self.link = SimpleNamespace(fault="ok", tls="verified", connections=1, dropped=0)
        self.health = SimpleNamespace(is_bus_powered=power == "bus", is_low=False, is_starved=False)
        clock.seconds, clock.source = 0, "ntp"
        about = (dict(config.defaults(), **settings), self.reader, self.wifi, self.link)
        self.diagnosis = Diagnosis(self.health, *about)

    @property
    def cause(self):
        return self.diagnosis.cause()

    def read(self, **counters):
        """A list has been read just now."""
        self.reader.count(**{"bytes": 300, "frames": 1, "readings": 1, **counters})
        self.reader.silent_ms = 0

    def live(self, seconds):
        """Time passes, and nothing comes in it but what the test counts."""
        for _ in range(seconds):
            clock.seconds += 1
            self.reader.silent_ms += 1000
            if clock.seconds % 60 == 0:
                self.diagnosis.minute_passed()
