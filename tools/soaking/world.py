"""Meter, firmware, broker, network and listener: real programs that live through a plan."""

import json
import time
from contextlib import ExitStack
from datetime import datetime, timezone

import host
from broker import Broker
from simulator.makers import MAKERS

from .listener import Listener
from .network import DOWN, UP, Network
from .plan import BROKER, CUT, HOUR_S, OUTAGE_S, POWER, POWER_AT_MARK, POWER_IN_OUTAGE, SILENT

BASE = "han/han-737431"  # the host as a board
ZONE = "CET"
TIME_SERVER = "time.example"  # the household's clock (boards/host/ntptime.py)
AFTER_S = 4 * HOUR_S  # the meter goes on: what it said last may have been the list 3 before once more
LAST_S = 20  # real seconds for the last hours to be delivered
QUIET_S = 1  # and for those that belong to the same stretch
HEADSTART_S = 1  # until the meter's clock begins to run: everything is up by then


class World:
    """run() lives through the plan. `downs` are then the spans (from, until) in Unix time of the household in which
    the firmware was not there; `folder` has what the meter says of itself (meter-hours, meter-truth), and the log."""

    after_s = AFTER_S

    def __init__(self, plan, folder, say=lambda line: None, listener=None, broker=None):
        self.plan = plan
        self.folder = folder
        self.downs = []
        self.listener = listener or Listener(BASE)
        self._say = say
        self._network = Network()
        self._broker = broker or Broker(folder)
        self._door = self._broker.port  # where the broker lets the dongle in
        self._firmware = None
        self._origin = 0

    def run(self, is_heard):
        """Ends when is_heard() says that all hours have come, or LAST_S after the meter's end. Returns what the meter
        says in the end: what it has sent, and how late it was if it was."""
        with ExitStack() as stack:
            stack.callback(self._network.close)
            stack.callback(self.listener.close)
            stack.callback(self._broker.stop)
            self._start_broker()
            self._origin = int(time.time()) + 1 + HEADSTART_S
            meter = self._start_meter()
            stack.callback(host.stop, meter)
            stack.callback(self._stop_firmware)
            self._start_firmware()
            self._live()
            self._wait_until((self.plan.end_s + self.after_s - self.plan.start_s) / self.plan.speed)
            deadline = time.monotonic() + LAST_S
            while not is_heard() and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(QUIET_S)
            return meter.communicate(timeout=20)[1].strip()

    def _wait_until(self, at_s):
        time.sleep(max(self._origin + at_s - time.time(), 0))

    def household_s(self, at_s=None):
        """Unix time there, now or at a Unix time here."""
        return self.plan.start_s + ((at_s or time.time()) - self._origin) * self.plan.speed

    def _live(self):
        """All that goes wrong."""
        for trouble in self.plan.troubles:
            self._wait_until(trouble.at_s)
            self._say(str(trouble))
            self._make(trouble)

    def _start_meter(self):
        plan = self.plan
        clock = datetime.fromtimestamp(plan.start_s, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = ["--meter", plan.meter, "--sun", "--seed", str(plan.seed), "--clock", clock]
        words += ["--origin", str(self._origin), "--speed", str(plan.speed)]
        words += ["--seconds", str(plan.end_s + self.after_s - plan.start_s)]
        words += ["--truth", str(self.folder / "meter-truth"), "--hours", str(self.folder / "meter-hours")]
        meter, self._pty = host.start_meter(self.folder, *words, *plan.meter_words())
        return meter

    def settings(self):
        """The dongle's."""
        return {
            "wifi": {"ssid": "this computer", "password": "wifi-secret"},
            "mqtt": {"host": "127.0.0.1", "port": self._network.port},
            "meter": {"line": MAKERS[self.plan.meter].line.name},
            "time": {"server": TIME_SERVER, "zone": ZONE},
        }

    def variables(self):
        """What the host as a board must know of the household's clock."""
        return {"HAN_SPEED": str(self.plan.speed), "HAN_CLOCK": f"{self.plan.start_s} {self._origin}"}

    def _start_firmware(self):
        about = self.folder, self._pty, json.dumps(self.settings()), self.variables()
        with open(self.folder / "log", "ab") as log:
            self._firmware = host.start_firmware(*about, stdout=log)

    def _stop_firmware(self):
        """As when its power fails."""
        if self._firmware:
            self._firmware.kill()
            self._firmware.wait()

    def _start_broker(self):
        self._broker.start()
        # What a broker hands out while nobody listens, nobody hears: the dongle is let through behind the listener.
        self.listener.connect(self._broker.port)
        self._network.open(self._door)

    def _stop_broker(self):
        self._broker.stop()
        self._network.cut()
        self.listener.hear_out()

    def _cut_power(self, length_s):
        began_s = self.household_s()
        self._stop_firmware()
        time.sleep(length_s)
        self._start_firmware()
        self.downs.append((began_s, self.household_s()))

    def _make(self, trouble):
        """One trouble from its beginning to its end."""
        kind = trouble.kind
        if kind in (POWER, POWER_AT_MARK):
            self._cut_power(trouble.length_s)
        elif kind == CUT:
            self._network.cut()
            time.sleep(trouble.length_s)
            self._network.open(self._door)
        elif kind == SILENT:
            self._network.swallow(*(way for way in (UP, DOWN) if way in trouble.way.split(" and ")))
            time.sleep(trouble.length_s)
            self._network.recover()
        elif kind in (BROKER, POWER_IN_OUTAGE):
            self._stop_broker()
            if kind == POWER_IN_OUTAGE:
                time.sleep(OUTAGE_S)
                self._cut_power(max(trouble.length_s - OUTAGE_S, 0))
            else:
                time.sleep(trouble.length_s)
            self._start_broker()
