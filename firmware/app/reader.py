"""The UART task: bytes from the meter's port, at once, whatever else the dongle does."""

import asyncio
import time

from app import clock
from app.line import LineSearch
from app.log import log
from hanport import Reading, Receiver
from hanport.codes import FRAMES, NO_CHECK
from hanport.fields import COUNTS

# How often the UART is asked. Its buffer holds 4096 bytes, 17 s of a 2400 baud line.
_POLL_MS = 25
_CHUNK = 256


class Reader:
    """Reads the meter; calls on_reading(reading) for every list that was read."""

    def __init__(self, board, line, decoder, on_reading):
        """`line` is a setting of app.line or "auto", `decoder` has what the Receiver is to know."""
        self._board = board
        self._search = LineSearch(line)
        self._on_reading = on_reading
        self._buffer = bytearray(_CHUNK)
        self._reading = Reading()
        self.receiver = Receiver("line", **decoder)
        self.unknown_list = None  # the id of the last list, when nobody knows it
        self.silent_ms = 0  # since the last reading
        self.longest_delay_ms = 0  # that the task was kept from its UART

    @property
    def line(self):
        return self._search.line

    async def run(self):
        """Read for ever."""
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
            self._note_time(passed_ms, passed_ms - pause_ms)

    def _take(self, buffer, n):
        receiver = self.receiver
        reading = self._reading
        frames = self._frames()
        receiver.feed(buffer, n)
        while receiver.next(reading):
            self.silent_ms = 0
            self.unknown_list = None if reading.known else reading.get("list_version") or b""
            self._on_reading(reading)
        if self._frames() != frames:
            if not self._search.found:
                log("meter", f"frames at {self.line}")
            self._search.frame_came()

    def _frames(self):
        """How many frames say that the line's setting is right; telegrams without a CRC do, though none is read."""
        state = self.receiver.state
        return state[COUNTS + FRAMES] + state[COUNTS + NO_CHECK]

    def _note_time(self, passed_ms, delay_ms):
        if delay_ms > self.longest_delay_ms:
            self.longest_delay_ms = delay_ms
        # Held below what would need heap.
        self.silent_ms = min(self.silent_ms + passed_ms, 0x3FFFFFFF)
        if self._search.time_passed(passed_ms):
            self.receiver.reset()
            self._board.uart(self.line)
            log("meter", f"no frames; listening at {self.line}")
