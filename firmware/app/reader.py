"""The UART task: bytes from the meter's port, at once, whatever else the dongle does."""

import asyncio
import time

from app.line import LineSearch
from app.log import log
from hanport import Reading, Receiver

# How often the UART is asked. Its buffer holds 4096 bytes, 17 s of a 2400 baud line.
_POLL_MS = 25
_CHUNK = 256


class Reader:
    """Reads the meter; calls on_reading(reading) for every list that was read."""

    def __init__(self, board, line, on_reading):
        self._board = board
        self._search = LineSearch(line)
        self._on_reading = on_reading
        self.receiver = Receiver("hdlc")
        self.silent_ms = 0  # since the last reading
        self.longest_delay_ms = 0  # that the task was kept from its UART

    @property
    def line(self):
        return self._search.line

    async def run(self):
        """Read for ever."""
        uart = self._board.uart(self.line)
        log("meter", f"listening at {self.line}")
        buffer = bytearray(_CHUNK)
        reading = Reading()
        asked_ms = time.ticks_ms()
        while True:
            n = uart.readinto(buffer)
            if n:
                self._take(buffer, n, reading)
            # A full buffer has more behind it: only a turn for the other tasks in between.
            pause_ms = 0 if n == _CHUNK else _POLL_MS
            await asyncio.sleep_ms(pause_ms)
            now_ms = time.ticks_ms()
            passed_ms = time.ticks_diff(now_ms, asked_ms)
            asked_ms = now_ms
            self._note_time(passed_ms, passed_ms - pause_ms)

    def _take(self, buffer, n, reading):
        receiver = self.receiver
        frames = receiver.counters["frames"]
        receiver.feed(buffer, n)
        while receiver.next(reading):
            self.silent_ms = 0
            self._on_reading(reading)
        if receiver.counters["frames"] != frames:
            if not self._search.found:
                log("meter", f"frames at {self.line}")
            self._search.frame_came()

    def _note_time(self, passed_ms, delay_ms):
        if delay_ms > self.longest_delay_ms:
            self.longest_delay_ms = delay_ms
        # Held below what would need heap.
        self.silent_ms = min(self.silent_ms + passed_ms, 0x3FFFFFFF)
        if self._search.time_passed(passed_ms):
            self.receiver.reset()
            self._board.uart(self.line)
            log("meter", f"no frames; listening at {self.line}")
