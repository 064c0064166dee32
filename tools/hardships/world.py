"""A dongle with its meter, its broker with TLS, its radio, somebody at its page: real programs that live through a
plan. What goes wrong at different places goes wrong at the same time.
"""

import json
import os
import random
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import host
from broker import Broker
from identity import PEM, Identity
from soaking.listener import Listener
from soaking.network import DOWN, UP
from soaking.plan import HOUR_S
from soaking.world import BASE, World

from . import questions
from .board import HEAP, HOME, SETUP, Board
from .plan import (
    AWAY,
    AWAY_S,
    BROKER,
    BY_TIME_SERVER,
    CLOCK,
    DNS,
    MALFORMED,
    NTP_OFF_S,
    OF_THE_METER,
    OVERSIZED,
    POWER,
    SILENT,
    SLOW,
    WIFI,
    WISH,
)
from .visitor import OVERSIZED_KINDS, SLOW_KINDS, Visitor

_SSID, _PASSWORD = "this computer", "wifi-secret"
_HOST = "localhost"
_TLS = "dongle"  # the broker's listener
_AT_ONCE = 8  # clients of the page beside the one who looks at it
_START_S = 20  # in real seconds: how long a start may take
_END_S = 30  # and in the end, until all is well again
_BETWEEN_S = 0.03  # two malformed questions
# What the resolver does: gives up at once or after a while, with its own number or the ESP32's.
_RESOLVERS = ("0 -2", "0.5 -202", "2 -3")


class HardWorld(World):
    """As a World. In the end `done` counts what has really been done, `board`, `visitor` and `listener` have what
    came of it, and `faults` what it has found wrong itself."""

    after_s = 600

    def __init__(self, plan, folder, say=lambda line: None):
        ca = Identity("CA")
        super().__init__(plan, folder, say, Listener(BASE, {}), Broker(folder, tls={_TLS: _certified(ca, folder)}))
        self._door = self._broker.tls_ports[_TLS]
        (folder / "ca.pem").write_bytes(ca.pem())
        (folder / "label").write_text(host.LABEL)
        self.done = Counter()
        self.faults = []
        self.ports = host.free_ports()
        self.board = Board(folder, plan.speed, self._started)
        self.visitor = Visitor(self.ports[0], host.LABEL, self.board, self._is_reached)
        self._rng = random.Random(f"{plan.seed}/world")
        self._lock = threading.Lock()
        self._gone = 0  # how many want WiFi to be away
        self._joined = 0  # how often the dongle had found WiFi when it came back
        self._replace("air.json", self._air())

    # The firmware

    def settings(self):
        mqtt = {"host": _HOST, "port": self._network.port, "tls": True, "ca_file": "ca.pem"}
        return {**super().settings(), "wifi": {"ssid": _SSID, "password": _PASSWORD}, "mqtt": mqtt}

    def _start_firmware(self):
        (self.folder / "settings.json").write_text(json.dumps(self.settings()))
        self.board.switch_on()

    def _started(self, program):
        about = self.folder, self._pty, None, self.variables(), self.ports
        return host.start_firmware(*about, program=program, heap=HEAP)

    def _stop_firmware(self):
        self.board.close()

    # The day

    def _live(self):
        lanes = (self._at_network, self._at_starts, self._at_page, self._look_round, self._tell_hours)
        failed = []

        def follow(lane):
            try:
                lane()
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=follow, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        self._look_at_the_end()

    def _look_at_the_end(self):
        """Nothing goes wrong any more: the dongle must say so itself."""
        deadline = time.monotonic() + _END_S
        state = "no page"
        while state != "ok":
            if time.monotonic() > deadline:
                self.faults.append(f"in the end not all is well: {state}")
                return
            answer = self.visitor.get("/api/v1/diagnosis")
            if answer and answer.status == 200:
                state = answer.json["state"]
            time.sleep(0.2)

    def _begin(self, fault):
        self._wait_until(fault.at_s / self.plan.speed)

    def _last(self, household_s):
        """Wait for so many seconds of the household."""
        time.sleep(household_s / self.plan.speed)

    def _count(self, kind):
        with self._lock:
            self.done[kind] += 1

    def _at_network(self):
        makers = {BROKER: self._kill_broker, SILENT: self._silence, DNS: self._forget_names, WIFI: self._lose_wifi}
        for fault in self.plan.of(*makers):
            self._begin(fault)
            makers[fault.kind](fault)
            self._count(fault.kind)

    def _kill_broker(self, fault):
        self._stop_broker()
        self._last(fault.length_s)
        self._start_broker()

    def _silence(self, fault):
        self._network.swallow(*(way for way in (UP, DOWN) if way in fault.about.split(" and ")))
        self._last(fault.length_s)
        self._network.recover()

    def _forget_names(self, fault):
        """The router starts anew, say: connections end, and neither broker nor time server is found."""
        self._replace("dns-down", self._rng.choice(_RESOLVERS))
        self._replace("ntp-down", "")
        self._network.recover()
        self._last(fault.length_s)
        for name in ("dns-down", "ntp-down"):
            (self.folder / name).unlink()

    def _lose_wifi(self, fault):
        self._let_go(1)
        self._network.swallow(UP, DOWN)
        self._last(fault.length_s)
        self._network.recover()
        self._let_go(-1)

    def _let_go(self, more):
        """WiFi is away for one more, or one less."""
        with self._lock:
            self._gone += more
            self._joined = self.board.joined
            self._replace("air.json", self._air())

    def _air(self):
        return [] if self._gone else [{"ssid": _SSID, "password": _PASSWORD}]

    def _replace(self, name, content):
        new = self.folder / (name + ".new")
        new.write_text(content if isinstance(content, str) else json.dumps(content))
        os.rename(new, self.folder / name)

    def _at_starts(self):
        """Power cuts, and setup networks; before a cut the time server may go wrong."""
        wrong = [fault for fault in self.plan.of(CLOCK) if fault.about == BY_TIME_SERVER]
        for fault in self.plan.of(POWER, WISH, AWAY):
            jump = wrong.pop(0) if fault.kind == POWER and wrong else None
            self._begin(jump or fault)
            if jump:
                self._replace("ntp-off", str(self._rng.choice((-1, 1)) * self._rng.randrange(60, NTP_OFF_S)))
            if fault.kind == POWER:
                self._begin(fault)
                self._cut(fault)
            else:
                self._set_up(fault)
            if jump:
                self._last(jump.at_s + jump.length_s - fault.at_s - fault.length_s)
                (self.folder / "ntp-off").unlink()
                self._count(CLOCK)

    def _cut(self, fault):
        began_s = self.household_s()
        self.board.cut_power()
        self._last(fault.length_s)
        self.board.switch_on()
        self.downs.append((began_s, self.household_s()))
        self._count(POWER)

    def _set_up(self, fault):
        """Into the setup network and out of it; there, malformed questions go to its name server."""
        began_s = self.household_s()
        self._say(str(fault))
        if fault.kind == WISH:
            is_there = self._wish()
        else:
            self._let_go(1)
            is_there = self.board.wait_for(SETUP, AWAY_S / self.plan.speed + _START_S)
        if is_there:
            for question in self.plan.of(MALFORMED):
                if question.at_s == fault.at_s:
                    questions.ask(self.ports[1], questions.malformed(self._rng))
                    self._count(MALFORMED)
                    time.sleep(_BETWEEN_S)
            if not questions.is_answered(self.ports[1]) and self.board.mode == SETUP:
                self.faults.append("the setup network's name server answers no more")
        else:
            self.faults.append(f"there was no {fault.kind}")
        if fault.kind == AWAY:
            self._let_go(-1)
        elif is_there:
            self.visitor.post("/api/setup/done")
        if not self.board.wait_for(HOME, _START_S + AWAY_S / self.plan.speed):
            self.faults.append("the dongle does not come home from the setup network")
        if fault.kind == WISH:  # else hours are counted there, too
            self.downs.append((began_s, self.household_s()))

    def _wish(self):
        """Whether the setup network comes when the owner wishes for it."""
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            is_home = self.board.mode == HOME and self._is_reached()
            answer = self.visitor.post("/api/v1/setup") if is_home else None
            if answer and answer.status == 200:
                return self.board.wait_for(SETUP, _START_S)
            time.sleep(0.2)
        return False

    def _at_page(self):
        """Slow and large requests, several at once."""
        manners = {SLOW: (SLOW_KINDS, self.visitor.be_slow), OVERSIZED: (OVERSIZED_KINDS, self.visitor.be_large)}
        visits = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for fault in self.plan.of(SLOW, OVERSIZED):
                self._begin(fault)
                kinds, be = manners[fault.kind]
                visits.append(pool.submit(self._visit, fault.kind, be, self._rng.choice(kinds)))
        for visit in visits:
            visit.result()

    def _visit(self, kind, be, how):
        if be(how):
            self._count(kind)

    def _look_round(self):
        """Somebody is at the page, and goes, and comes again."""
        plan = self.plan
        end_s = plan.end_s - plan.start_s

        def is_visited():
            return plan.is_visited(self._age_s()) and self._age_s() < end_s

        while self._age_s() < end_s:
            if is_visited():
                self.visitor.look_round(lambda: not is_visited())
            time.sleep(0.05)

    def _is_reached(self):
        """Whether the dongle can be asked: by its own network, or in the WiFi that has come back."""
        return self.board.mode == SETUP or (not self._gone and self.board.joined > self._joined)

    def _age_s(self):
        return self.household_s() - self.plan.start_s

    def _tell_hours(self):
        for hour in range(1, self.plan.hours + 1):
            self._wait_until((self.plan.first_s - self.plan.start_s + hour * HOUR_S) / self.plan.speed)
            self._say(f"hour {hour}: {sum(self.done.values())} faults at the dongle so far")

    def count_the_meters(self, said):
        """The meter has told in the end what it has done itself."""
        for kind, name in OF_THE_METER.items():
            found = re.search(rf"; {name}: (\d+)", said)
            self.done[kind] += int(found[1]) if found else 0


def _certified(ca, folder):
    """What mosquitto is told of a listener with TLS."""
    identity = Identity(_HOST, ca, (_HOST, "127.0.0.1"))
    (folder / "broker.pem").write_bytes(identity.pem())
    (folder / "broker.key").write_bytes(identity.key_in(PEM))
    return {"certfile": folder / "broker.pem", "keyfile": folder / "broker.key"}
