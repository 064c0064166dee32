"""The dongle as a whole: its parts, and the tasks that run for ever."""

import asyncio
import gc
import json

from app import calculated, clock, lent, messages
from app.capacity import Capacity
from app.counting import Counting
from app.diagnosis import Diagnosis
from app.door import Door
from app.homeassistant import Discovery
from app.log import log
from app.mqtt import MqttLink
from app.outbox import Outbox
from app.panel import Panel
from app.reader import Reader
from app.recent import Recent
from app.start import AWAY, about, restart, version, wish_for_setup
from app.tasks import keep
from app.wifi import CONNECTED, Wifi

_TOTAL_S = 10
_REPORT_S = 5  # what is the cause takes some heap to find out
_MINUTE_S = 60
_AWAY_S = 600
# Where every telegram carries the registers, `energy` is still published once a minute only.
_ENERGY_PAUSE_S = 59
_ROOM_FOR_MORE = 16000  # bytes; it takes 9,000
_BUS_PAUSE_S = 5  # between Home Assistant's messages, where power is scarce


class Dongle:
    """Ties the reader, the totals, the outbox and the MQTT link together."""

    def __init__(self, board, settings, decoder, health):
        """`decoder` is what the settings say to the decoder (config.decoder_options)."""
        self.board = board
        self.health = health
        self.settings = settings
        self._base = base = (settings["mqtt.topic"] + "/" + board.id).encode()
        self.outbox = Outbox(base)
        # What was published before a restart is with the broker; nothing lower may follow it.
        self.outbox.hold("total")
        self.reader = Reader(board, settings["meter.line"], decoder, self._on_reading)
        self.reader.receiver.reads_more = False
        self.wifi = Wifi(settings, board.id, health)
        self.link = MqttLink(settings, base, self.outbox)
        self.diagnosis = Diagnosis(health, settings, self.reader, self.wifi, self.link)
        self._state_registers = messages.state_registers(settings["mqtt.meter_id"])
        self._counting = Counting(settings, self.outbox, base)
        self.totals, self.ledger = self._counting.totals, self._counting.ledger
        self.recent = Recent()
        self.capacity = Capacity(settings, self.totals, self.ledger)
        self._discovery = Discovery(settings, board.id, base, version(), board.name, self.outbox, self._may_announce)
        self._discovery.has_supply = health.supply_mv is not None
        if health.is_bus_powered:
            self._discovery.pause_s = _BUS_PAUSE_S
        self._birth = settings["homeassistant.prefix"].encode() + b"/status"
        self._door = Door(self)
        self._panel = Panel(board, settings, self.wifi, wish_for_setup)
        self._energy_due_s = 0
        self._cause = ""
        self._connections = 0
        self.page_is_open = False
        self._away_s = _AWAY_S

    async def run(self):
        """Start everything; ends only when the dongle does."""
        self.link.start()
        self.outbox.post("config", messages.write_json, about(self.board, self.health))
        tasks = [keep(self.reader.run), keep(self._watch), self._counting.replay(), self._open_door()]
        tasks.append(keep(self.wifi.run, self.link))
        tasks += [keep(run) for run in self._panel.runs]
        await asyncio.gather(*tasks)

    async def _open_door(self):
        """As soon as there is somebody to come."""
        while not (self.wifi.state == CONNECTED and self.ledger.is_ready):
            await asyncio.sleep(1)
        while True:
            try:
                await self._door.open()
                self.page_is_open = True
                return
            except (MemoryError, OSError) as error:
                log("web", f"the page is not there: {error!r}; it is tried again")
            await asyncio.sleep(_MINUTE_S)

    def restart_in(self, seconds, wish=None):
        """The owner says so. With a `wish` (app.start) it is the setup network that comes then."""
        self._restart = asyncio.create_task(self._restart_after(seconds, wish))

    async def _restart_after(self, seconds, wish):
        await asyncio.sleep(seconds)
        log("start", "restart, since the owner says so")
        self._counting.pause()
        if wish:
            wish_for_setup(wish)
        else:
            restart()

    def usage(self):
        """What messages.write_usage() takes."""
        totals = self.totals
        now_s = clock.now_s()
        hour = -1 if now_s is None else now_s // 3600
        usage = self.ledger.usage
        so_far = (totals.so_far(hour, 0), totals.so_far(hour, 1))
        return so_far, usage.day(totals.wh), usage.month(totals.wh)

    def _on_reading(self, reading):
        outbox = self.outbox
        self._panel.led.flash()
        self.recent.note(reading)
        added = calculated.fill_in(reading) if self.settings["meter.calculate_l2"] else ()
        elapsed_ms = self._counting.count(reading)
        if elapsed_ms is not None:
            self.capacity.note(reading, elapsed_ms)
        self._discovery.note(reading)
        outbox.post("power", messages.write_registers, reading, messages.POWER)
        if reading.list > 1:
            outbox.post("state", messages.write_state, reading, self._state_registers, added)
        if reading.list == 3 and self._may_publish_energy():
            outbox.post("energy", messages.write_registers, reading, messages.ENERGY)
            self.reader.receiver.reads_more = gc.mem_free() > _ROOM_FOR_MORE  # in the next telegram
        if reading.more:
            self._post_other(reading)

    def _post_other(self, reading):
        """What only some meters send is read once a minute; between, and while there is little, its heap is for
        others."""
        try:
            other = lent.module("other")
            other.post(self.outbox, self._base, self._discovery, reading.more, self.settings["mqtt.meter_id"])
        except (MemoryError, ImportError):
            pass  # perhaps there is room the next time
        self.reader.receiver.reads_more = False
        reading.more = None
        lent.forget("hanport.dsmr", "hanport", "dsmr")
        lent.forget("hanport.extras", "hanport", "extras")

    def _may_announce(self):
        """Hours go first; and while the broker is away, nothing is made that only waits."""
        is_there = self.link.settled and self.link.fault in ("ok", "no_commands")
        return is_there and not self.ledger.pending and not self.health.is_low

    def _may_publish_energy(self):
        now_s = clock.uptime_s()
        if now_s < self._energy_due_s:
            return False
        self._energy_due_s = now_s + _ENERGY_PAUSE_S
        return True

    async def _watch(self):
        """Every second: watchdog, supply, the hours; and what is published by the clock."""
        watchdog = self.board.watchdog()
        ticks = 0
        while True:
            await asyncio.sleep(1)
            watchdog.feed()
            if self.health.tick():
                self._counting.pause()  # it may be the last moment for that
            ticks = (ticks + 1) % _MINUTE_S
            self._take_messages()
            self.recent.tick(self.reader.silent_ms)
            self._door.tick()
            self.ledger.tick()
            self._discovery.tick()
            self._publish(ticks)
            if ticks % _REPORT_S == 0:
                self._report(ticks == 0)
            self._mind_the_owner()
            if ticks == 0:
                self.diagnosis.minute_passed()

    def _mind_the_owner(self):
        """Without a network for ten minutes, it may be another one now: the setup network must be there, and tries
        to come back into the old one go on beside it."""
        if self.wifi.failing_s < self._away_s:
            return
        if self._counting.may_pause():
            self._away_s += _AWAY_S  # should the flash refuse the wish
            log("wifi", "no connection for ten minutes: setup network")
            self._counting.pause()
            wish_for_setup(AWAY)

    def _take_messages(self):
        """What the broker has for us. The total that it keeps of us is at hand when the link has settled."""
        is_settled = self.link.settled  # what comes now may be the total itself
        message = self.link.take()
        while message:
            topic, payload, retained = message
            if topic == self._base + b"/total":
                self.ledger.raise_totals(_floors(payload))
            elif topic == self._birth and payload == b"online":
                self._discovery.announce_again()
            # A command that the broker keeps would come again after each restart.
            elif topic == self._base + b"/command" and payload == b"restart" and not retained:
                self.restart_in(0)
            message = self.link.take()
        if is_settled and self.ledger.is_ready:
            self.outbox.release("total")

    def _publish(self, ticks):
        outbox = self.outbox
        totals = self.totals
        has_changed = self.capacity.tick(self.reader.silent_ms)
        if has_changed:
            log("load", "signal: " + self.capacity.signal.reason)
        if has_changed or ticks == 0:
            outbox.post("load", messages.write_json, self.capacity.load_message())
        if ticks % _TOTAL_S == 0:
            import_wh, export_wh = totals.wh
            is_known = import_wh is not None or export_wh is not None
            # While it is held it could be one that the broker's own has not raised yet.
            if is_known and not outbox.holds("total"):
                outbox.post("total", messages.write_total, import_wh, export_wh)
            if clock.source:
                outbox.post("capacity", messages.write_json, self.capacity.message())
        if ticks == 0:
            outbox.post("usage", messages.write_usage, *self.usage())

    def _report(self, due):
        """Publish the diagnosis when it is due, as soon as the cause is another, and when the broker is there."""
        try:
            self._diagnose(due)
        except (MemoryError, OSError) as error:
            # What finds the words is read from the flash; a second later there may be heap for it.
            log("diagnosis", f"not now: {error!r}")

    def _diagnose(self, due):
        cause = self.diagnosis.cause()
        connections = self.link.connections
        if cause != self._cause:
            log("diagnosis", cause)
            self._panel.led.show(cause)
        elif not due and connections == self._connections:
            return
        self._cause = cause
        self._connections = connections
        about = {
            "clock": clock.source or "none",
            "meter_clock": self.totals.clock.rule,
            "hours_pending": self.ledger.pending,
        }
        rssi_dbm = self.wifi.rssi_dbm()
        if rssi_dbm is not None:
            about["rssi_dbm"] = rssi_dbm
        if self.health.supply_mv is not None:
            about["supply_mv"] = self.health.supply_mv
        gc.collect()
        report = self.diagnosis.report(cause, self.outbox, gc.mem_free(), about)
        self.outbox.post("diagnosis", messages.write_json, report)


def _floors(payload):
    """The totals of a `total` message: (import, export), None for what makes no sense."""
    try:
        content = json.loads(payload)
        floors = content.get("energy_import_wh"), content.get("energy_export_wh")
    except (ValueError, TypeError, AttributeError):  # also for {[]: 1}
        return None, None
    return tuple(floor if type(floor) is int else None for floor in floors)
