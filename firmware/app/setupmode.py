"""The dongle while it is set up: the meter is read and shown, and the setup network has its page.

Where the network at home is away, hours are counted and kept as ever. When the owner is through, or the network is
back, the dongle starts anew as what it is at home. In safe mode it does so after a while, and until then nothing of
that is done here which may have crashed there.
"""

import asyncio

from app.diagnosis import Diagnosis
from app.log import log
from app.panel import Panel
from app.reader import Reader
from app.recent import Recent
from app.setup import Setup
from app.start import AWAY, restart
from app.tasks import keep
from app.wifi import Wifi


class _NoLink:
    """The MQTT link before there is one."""

    network_up = False
    fault = "connecting"


class _NothingToSend:
    """The outbox of link and ledger: what is tried is the connection, and hours wait."""

    parcel_free = False

    def holds(self, name):
        return False

    def take(self):
        return None

    def repeat_retained(self):
        pass


class SetupMode:
    """As app.dongle's Dongle, with the setup network and without all that is published."""

    def __init__(self, board, settings, decoder, health, wish):
        """`wish` is one of app.start's; None when there is no network yet."""
        self.board = board
        self.health = health
        self.settings = settings
        self.recent = Recent(0)
        self.reader = Reader(board, settings["meter.line"], decoder, self._on_reading)
        self.wifi = Wifi(settings, board.id, health)
        self.link = _NoLink()
        self.diagnosis = Diagnosis(health, settings, self.reader, self.wifi, self)
        self._setup = Setup(board, settings, self.wifi, self, bool(wish) and wish != AWAY)
        self._panel = Panel(board, settings, self.wifi, self._setup.prolong)
        if health.is_safe:
            self._panel.led.show("firmware")
        self._cause = ""
        self._counting = None
        if wish == AWAY:
            from app.counting import Counting

            self._counting = Counting(settings, _NothingToSend(), b"")

    async def run(self):
        """Start everything; ends when the setup does, by a restart."""
        runs = [self.reader.run, self._setup.run, self._watch] + self._panel.runs
        if self._counting:
            runs.append(self._counting.replay)
        await asyncio.gather(keep(self.wifi.run, self), *[keep(run) for run in runs])

    @property
    def network_up(self):
        """What the WiFi task tells the link; it is made when there is a network and a broker to try."""
        return self.link.network_up

    @network_up.setter
    def network_up(self, is_up):
        self.link.network_up = is_up
        # Where hours are counted it has no room beside them; and soon the dongle is at home again.
        if is_up and isinstance(self.link, _NoLink) and not self._counting and not self.health.is_safe:
            self.try_broker()

    @property
    def fault(self):
        return self.link.fault

    def try_broker(self):
        """The settings may name another broker than before. What tries it takes heap, and is only made for one."""
        if not isinstance(self.link, _NoLink):
            self.link.change()
        elif self.link.network_up and self.settings["mqtt.host"]:
            from app.mqtt import MqttLink

            base = (self.settings["mqtt.topic"] + "/" + self.board.id).encode()
            link = MqttLink(self.settings, base, _NothingToSend())
            link.network_up = True
            link.change()
            link.start()
            self.link = link

    def _on_reading(self, reading):
        self._panel.led.flash()
        self.recent.note(reading)
        if self._counting:
            self._counting.count(reading)

    async def _watch(self):
        """Every second: watchdog, LED; and the end."""
        watchdog = self.board.watchdog()
        seconds = 0
        while True:
            await asyncio.sleep(1)
            watchdog.feed()
            if self.health.tick() and self._counting:
                self._counting.pause()
            seconds = (seconds + 1) % 60
            if seconds == 0:
                self.diagnosis.minute_passed()
            self._panel.led.setup_is_open = self._setup.is_open and not self.health.is_safe
            cause = self.diagnosis.of_meter()
            if cause != self._cause:
                log("diagnosis", cause)
                self._cause = cause
            if self._counting:
                self._counting.ledger.tick()
            if self._setup.is_over and self._may_restart():
                log("setup", "is over; the dongle starts anew")
                restart()

    def _may_restart(self):
        if not self._counting:
            return True
        if not self._counting.may_pause():
            return False
        self._counting.pause()
        return True
