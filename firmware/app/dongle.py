"""The dongle as a whole: its parts, and the tasks that run for ever."""

import asyncio
import gc
import json
import sys
import time

import machine

from app import calculated, clock, messages
from app.board import Board
from app.capacity import Capacity
from app.diagnosis import Diagnosis
from app.homeassistant import Discovery
from app.ledger import Ledger
from app.log import log
from app.mqtt import MqttLink
from app.outbox import Outbox
from app.reader import Reader
from app.totals import Totals
from app.wifi import Wifi

VERSION = "0.1.0"

_TOTAL_S = 10
_MINUTE_S = 60
# Where every telegram carries the registers, `energy` is still published once a minute only.
_ENERGY_PAUSE_S = 59
_RESTART_TASK_S = 1


class Dongle:
    """Ties the reader, the totals, the outbox and the MQTT link together."""

    def __init__(self, board, settings, decoder):
        """`decoder` is what the settings say to the decoder (config.decoder_options)."""
        self._board = board
        self._settings = settings
        self._base = base = (settings["mqtt.topic"] + "/" + board.id).encode()
        self._outbox = Outbox(base)
        # What was published before a restart is with the broker; nothing lower may follow it.
        self._outbox.hold("total")
        self._reader = Reader(board, settings["meter.line"], decoder, self._on_reading)
        self._diagnosis = Diagnosis(self._reader)
        self._wifi = Wifi(settings, board.id)
        self._link = MqttLink(settings, base, self._outbox)
        self._state_registers = messages.state_registers(settings["mqtt.meter_id"])
        rule = settings["meter.clock"]
        self._totals = Totals(messages.zone_h(settings), None if rule == "auto" else rule)
        self._ledger = Ledger(settings, self._totals, self._outbox, base)
        self._capacity = Capacity(settings, self._totals, self._ledger)
        self._discovery = Discovery(settings, board.id, base, VERSION, board.name, self._outbox, self._may_announce)
        self._birth = settings["homeassistant.prefix"].encode() + b"/status"
        self._read_ms = clock.ticks_ms()
        self._energy_due_s = 0
        self._state = ""

    async def run(self):
        """Start everything; ends only when the dongle does."""
        self._link.start()
        self._outbox.post("config", messages.write_json, self._describe())
        tasks = [self._keep(self._reader.run), self._keep(self._watch), self._replay()]
        if self._settings["wifi.ssid"]:
            tasks.append(self._keep(self._wifi.run, self._link))
        await asyncio.gather(*tasks)

    async def _keep(self, run, *about):
        """Run a task for ever: what it stumbles on is logged, and it starts again."""
        while True:
            try:
                await run(*about)
            except Exception as error:
                log("fault", "a task has failed and starts again")
                sys.print_exception(error)
            await asyncio.sleep(_RESTART_TASK_S)

    async def _replay(self):
        """Read the journal, a few records at a time. Until that is done, no hour is counted."""
        while not self._ledger.is_ready:
            try:
                for _ in self._ledger.replay():
                    await asyncio.sleep(0)
            except Exception as error:
                # A flash that cannot be read now, a heap that is full now.
                log("journal", f"cannot be read, and is tried again: {error!r}")
                await asyncio.sleep(_MINUTE_S)

    def _on_reading(self, reading):
        outbox = self._outbox
        self._board.led(True)
        now_ms = clock.ticks_ms()
        elapsed_ms = time.ticks_diff(now_ms, self._read_ms)
        self._read_ms = now_ms
        added = calculated.fill_in(reading) if self._settings["meter.calculate_l2"] else ()
        if self._ledger.is_ready:
            self._count(reading, elapsed_ms)
        self._discovery.note(reading)
        outbox.post("power", messages.write_registers, reading, messages.POWER)
        if reading.list > 1:
            outbox.post("state", messages.write_state, reading, self._state_registers, added)
        if reading.list == 3 and self._may_publish_energy():
            outbox.post("energy", messages.write_registers, reading, messages.ENERGY)

    def _may_announce(self):
        """Hours go first; and while the broker is away, nothing is made that only waits."""
        return self._link.settled and self._link.fault == "ok" and not self._ledger.pending

    def _count(self, reading, elapsed_ms):
        totals = self._totals
        if totals.count(reading, elapsed_ms, clock.now_s(), clock.source == clock.NTP):
            log("meter", "another meter: its registers go on where the other's ended")
        if totals.at_s is not None:
            clock.set_by_meter(totals.at_s)
        self._capacity.note(reading, elapsed_ms)

    def _may_publish_energy(self):
        now_s = clock.uptime_s()
        if now_s < self._energy_due_s:
            return False
        self._energy_due_s = now_s + _ENERGY_PAUSE_S
        return True

    async def _watch(self):
        """Every second: watchdog, LED, the hours; and what is published by the clock."""
        watchdog = self._board.watchdog()
        ticks = 0
        while True:
            await asyncio.sleep(1)
            watchdog.feed()
            self._board.led(False)
            ticks = (ticks + 1) % _MINUTE_S
            self._take_messages()
            self._ledger.tick()
            self._discovery.tick()
            self._publish(ticks)
            self._report(ticks == 0)
            if ticks == 0:
                self._diagnosis.minute_passed()

    def _take_messages(self):
        """What the broker has for us. The total that it keeps of us is at hand when the link has settled."""
        message = self._link.take()
        while message:
            topic, payload, retained = message
            if topic == self._base + b"/total":
                self._ledger.raise_totals(_floors(payload))
            elif topic == self._birth and payload == b"online":
                self._discovery.announce_again()
            # A command that the broker keeps would come again after each restart.
            elif topic == self._base + b"/command" and payload == b"restart" and not retained:
                log("start", "restart, since the owner says so")
                machine.reset()
            message = self._link.take()
        if self._link.settled and self._ledger.is_ready:
            self._outbox.release("total")

    def _publish(self, ticks):
        outbox = self._outbox
        totals = self._totals
        has_changed = self._capacity.tick(self._reader.silent_ms)
        if has_changed:
            log("load", "signal: " + self._capacity.signal.reason)
        if has_changed or ticks == 0:
            outbox.post("load", messages.write_json, self._capacity.load_message())
        if ticks % _TOTAL_S == 0:
            import_wh, export_wh = totals.wh
            if import_wh is not None or export_wh is not None:
                outbox.post("total", messages.write_total, import_wh, export_wh)
            if clock.source:
                outbox.post("capacity", messages.write_json, self._capacity.message())
        if ticks == 0:
            now_s = clock.now_s()
            hour = -1 if now_s is None else now_s // 3600
            usage = self._ledger.usage
            so_far = (totals.so_far(hour, 0), totals.so_far(hour, 1))
            outbox.post("usage", messages.write_usage, so_far, usage.day(totals.wh), usage.month(totals.wh))

    def _report(self, due):
        """Publish the diagnosis when it is due, and as soon as the state is another."""
        state = self._diagnosis.state(clock.uptime_s())
        if state != self._state:
            log("meter", "state: " + state)
        elif not due:
            return
        self._state = state
        about = {
            "clock": clock.source or "none",
            "meter_clock": self._totals.clock.rule,
            "hours_pending": self._ledger.pending,
        }
        rssi_dbm = self._wifi.rssi_dbm()
        if rssi_dbm is not None:
            about["rssi_dbm"] = rssi_dbm
        gc.collect()
        report = self._diagnosis.report(state, self._link, self._outbox, clock.uptime_s(), gc.mem_free(), about)
        self._outbox.post("diagnosis", messages.write_json, report)

    def _describe(self):
        """The `config` message: what this dongle is, and nothing secret."""
        return {"device": self._board.id, "version": VERSION, "board": self._board.name}


def _floors(payload):
    """The totals of a `total` message: (import, export), None for what makes no sense."""
    try:
        content = json.loads(payload)
        floors = content.get("energy_import_wh"), content.get("energy_export_wh")
    except (ValueError, AttributeError):
        return None, None
    return tuple(floor if type(floor) is int else None for floor in floors)


def start():
    """Load board and settings, and run."""
    settings, decoder, faults = _load_settings()
    board = Board()
    log("start", f"firmware {VERSION} on {board.name}, device {board.id}")
    for fault in faults:
        log("settings", fault)
    if not settings["wifi.ssid"]:
        log("wifi", "no network is set (wifi.ssid)")
    if not settings["mqtt.host"]:
        log("mqtt", "no broker is set (mqtt.host)")
    dongle = Dongle(board, settings, decoder)
    gc.collect()
    asyncio.run(dongle.run())


def _load_settings():
    """(settings, what they say to the decoder, faults). What judges them is needed once, and then only takes heap."""
    from app import config

    settings, faults = config.load()
    decoder = config.decoder_options(settings)
    del sys.modules["app.config"]
    del sys.modules["app"].config
    return settings, decoder, faults
