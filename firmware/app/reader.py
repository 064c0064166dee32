"""The UART task: bytes from the meter's port, at once, whatever else the dongle does."""

import asyncio
import time

from app import bareline, clock, storage
from app.log import log
from hanport import Reading, Receiver
from hanport.codes import END_FLAG, FRAME_CHECK, FRAMES, NO_CHECK, NO_KEY, TRUNCATED, WRONG_KEY
from hanport.fields import COUNTS
from linesearch import LineSearch

# How often the UART is asked. Its buffer holds 4096 bytes, 17 s of a 2400 baud line.
_POLL_MS = 25
_CHUNK = 256
_LINE_FILE = "line"  # the setting at which frames have come
_LARGEST_LINE = 32
_MOST = 0x3FFFFFFF  # a small integer, which takes no heap


class Reader:
    """Reads the meter; calls on_reading(reading) for every list that was read."""

    def __init__(self, board, line, decoder, on_reading):
        """`line` is a setting of linesearch or "auto", `decoder` has what the Receiver is to know."""
        self._board = board
        self.is_given = line != "auto"
        self.search = LineSearch(line)
        self._has_looked = False
        self._worked = ""  # where frames have come last
        self.pulse_us = 0  # the shortest that was seen before the UART listened; 0 for none
        self.pulses = -1  # how many were seen then; -1 where nobody has looked
        self.has_worked = False  # frames have come, in this life or an earlier one
        self.idle_level = -1  # the level that the line rested at then; -1 where nobody has looked
        self._on_reading = on_reading
        self._buffer = bytearray(_CHUNK)
        self._reading = Reading()
        self.receiver = Receiver("line", **decoder)
        self.tap = None  # who else wants the bytes: take(buffer, n)
        self.unknown_list = None  # the id of the last list, when nobody knows it
        self.silent_ms = 0  # since the last reading
        self.longest_delay_ms = 0  # that the task was kept from its UART

    @property
    def line(self):
        return self.search.line

    async def run(self):
        """Read for ever."""
        if not self._has_looked:
            self._has_looked = True
            await self._look()
        uart = self._board.uart(self.line)
        log("meter", f"listening at {self.line}")
        buffer = self._buffer
        asked_ms = clock.ticks_ms()
        while True:
            n = uart.readinto(buffer)
            if n:
                self._take(buffer, n)
            # A full buffer has more behind it: only a turn for the other tasks in between.
            pause_ms = 0 if n == _CHUNK else _POLL_MS
            await asyncio.sleep_ms(pause_ms)
            now_ms = clock.ticks_ms()
            passed_ms = time.ticks_diff(now_ms, asked_ms)
            asked_ms = now_ms
            self.time_passed(passed_ms, passed_ms - pause_ms)

    async def _look(self):
        """Before the UART takes the pin: what can be seen there says with which setting to begin."""
        kept = storage.read_file(_LINE_FILE, _LARGEST_LINE) or b""
        self.has_worked = bool(kept)
        pin = self._board.rx_pin()
        resting = await bareline.rest(pin)
        if resting >= 0:
            self.idle_level = 1 - resting if self._board.is_inverting else resting
        if self.is_given:
            return  # and is heard at once
        self.pulses, self.pulse_us = await bareline.look(pin, max(resting, 0))
        log("meter", f"{self.pulses} pulses, the shortest of {self.pulse_us} us; at rest {self.idle_level}")
        worked = "".join(chr(octet) for octet in kept)
        self.search = LineSearch("auto", self.pulse_us, self.idle_level, worked)

    def _take(self, buffer, n):
        receiver = self.receiver
        reading = self._reading
        if self.tap:
            self.tap.take(buffer, n)
        self.search.bytes_came(buffer, n)
        receiver.feed(buffer, n)
        while receiver.next(reading):
            self.silent_ms = 0
            self.unknown_list = None if reading.known else reading.get("list_version") or b""
            self._on_reading(reading)

    def time_passed(self, passed_ms, delay_ms):
        """So long since the last time, of which so much the task was kept from its UART."""
        if delay_ms > self.longest_delay_ms:
            self.longest_delay_ms = delay_ms
        # Held below what would need heap.
        self.silent_ms = min(self.silent_ms + passed_ms, _MOST)
        state = self.receiver.state
        # Telegrams without a CRC say that the line's setting is right, though none is read; so do those in envelopes,
        # of which only some are in frames that are counted already.
        sealed = state[COUNTS + NO_KEY] + state[COUNTS + WRONG_KEY]
        frames = max(state[COUNTS + FRAMES] + state[COUNTS + NO_CHECK], sealed)
        headers = frames + state[COUNTS + FRAME_CHECK] + state[COUNTS + END_FLAG] + state[COUNTS + TRUNCATED]
        search = self.search
        if search.time_passed(passed_ms, headers & _MOST, frames & _MOST):
            self.receiver.reset()
            self._board.uart(self.line)
            log("meter", f"no frames; listening at {self.line}")
        elif search.worked != self._worked:
            self._worked = search.worked
            log("meter", f"frames at {self._worked}")
            self.has_worked = True
            self._keep_line()

    def _keep_line(self):
        """The next search begins with this setting."""
        line = self._worked.encode()
        if storage.read_file(_LINE_FILE, _LARGEST_LINE) != line:
            try:
                storage.write_file(_LINE_FILE, line)
            except OSError:
                pass  # then it is found again
