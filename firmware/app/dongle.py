"""The dongle as a whole: its parts, and the tasks that run for ever."""

import asyncio
import gc
import sys
import time

from app import config, messages
from app.board import Board
from app.diagnosis import Diagnosis
from app.log import log, uptime_s
from app.mqtt import MqttLink
from app.outbox import Outbox
from app.reader import Reader
from app.totals import Totals
from app.wifi import Wifi

VERSION = "0.1.0"

_TOTAL_S = 10
_DIAGNOSIS_S = 60
# Where every telegram carries the registers, `energy` is still published once a minute only.
_ENERGY_PAUSE_S = 59
_RESTART_TASK_S = 1


class Dongle:
    """Ties the reader, the totals, the outbox and the MQTT link together."""

    def __init__(self, board, settings):
        self._board = board
        base = (settings["mqtt.topic"] + "/" + board.id).encode()
        self._outbox = Outbox(base)
        self._reader = Reader(board, settings["meter.line"], config.decoder_options(settings), self._on_reading)
        self._diagnosis = Diagnosis(self._reader)
        self._wifi = Wifi(settings, board.id)
        self._link = MqttLink(settings, base, self._outbox)
        self._settings = settings
        self._state_registers = messages.state_registers(settings["mqtt.meter_id"])
        self._totals = Totals()
        self._read_ms = time.ticks_ms()
        self._energy_due_s = 0
        self._state = ""

    async def run(self):
        """Start everything; ends only when the dongle does."""
        if self._settings["mqtt.host"]:
            self._link.start()
        self._outbox.post("config", messages.write_json, self._describe())
        tasks = [self._keep(self._reader.run), self._keep(self._watch)]
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

    def _on_reading(self, reading):
        outbox = self._outbox
        self._board.led(True)
        now_ms = time.ticks_ms()
        if self._totals.count(reading, time.ticks_diff(now_ms, self._read_ms)):
            log("meter", "another meter: its registers are counted anew")
        self._read_ms = now_ms
        outbox.post("power", messages.write_registers, reading, messages.POWER)
        if reading.list > 1:
            outbox.post("state", messages.write_registers, reading, self._state_registers)
        if reading.list == 3 and self._may_publish_energy():
            outbox.post("energy", messages.write_registers, reading, messages.ENERGY)

    def _may_publish_energy(self):
        now_s = uptime_s()
        if now_s < self._energy_due_s:
            return False
        self._energy_due_s = now_s + _ENERGY_PAUSE_S
        return True

    async def _watch(self):
        """Every second: watchdog, LED; and what is published by the clock."""
        watchdog = self._board.watchdog()
        totals = self._totals
        ticks = 0
        while True:
            await asyncio.sleep(1)
            watchdog.feed()
            self._board.led(False)
            ticks = (ticks + 1) % _DIAGNOSIS_S
            if ticks % _TOTAL_S == 0 and totals.imported.wh is not None:
                self._outbox.post("total", messages.write_total, totals.imported, totals.exported)
            self._report(ticks == 0)
            if ticks == 0:
                self._diagnosis.minute_passed()

    def _report(self, due):
        """Publish the diagnosis when it is due, and as soon as the state is another."""
        state = self._diagnosis.state(uptime_s())
        if state != self._state:
            log("meter", "state: " + state)
        elif not due:
            return
        self._state = state
        gc.collect()
        report = self._diagnosis.report(state, self._link, self._outbox, uptime_s(), gc.mem_free())
        self._outbox.post("diagnosis", messages.write_json, report)

    def _describe(self):
        """The `config` message: what this dongle is, and nothing secret."""
        return {"device": self._board.id, "version": VERSION, "board": self._board.name}


def start():
    """Load board and settings, and run."""
    settings, faults = config.load()
    board = Board()
    log("start", f"firmware {VERSION} on {board.name}, device {board.id}")
    for fault in faults:
        log("settings", fault)
    if not settings["wifi.ssid"]:
        log("wifi", "no network is set (wifi.ssid)")
    if not settings["mqtt.host"]:
        log("mqtt", "no broker is set (mqtt.host)")
    asyncio.run(Dongle(board, settings).run())
