"""The firmware as on a board: whatever ends it, it starts anew, as long as there is power. Beside it a probe looks
every minute of the household how much heap is free, and how long the reader was kept from its UART.
"""

import threading
import time
from typing import NamedTuple

import host

# The host's fakes bring names that an ESP32 has in flash. With them MicroPython's table of names, which doubles, may
# be full at some time of the day, at 1,260 names, and wants 9 KB in one piece; an ESP32 has fewer.
# So it is made to grow at the start, and the heap is larger by what that takes: 9.4 KB.
HEAP = f"{int(host.HEAP[:-1]) + 9}k"
# As main.py, which it runs; but for that and two things more. The probe is started with the reader, which is there at
# home and in the setup network. And while there is a file `dns-down` in the working folder, no name is known: it has
# the seconds after which the resolver gives up, and the number of its error.
_PROGRAM = """
import asyncio
import gc
import time
import umqtt.simple as umqtt
from app import clock, reader

resolve = umqtt.socket
run = reader.Reader.run
watching = None

class Names:
    socket = resolve.socket

    def getaddrinfo(self, *about):
        try:
            with open("dns-down") as file:
                wait_s, number = file.read().split()
        except OSError:
            return resolve.getaddrinfo(*about)
        time.sleep(float(wait_s))
        raise OSError(int(number))

umqtt.socket = Names()

def fill_names():
    number = 0
    gc.collect()
    free = gc.mem_free()
    while free - gc.mem_free() < 8192:
        for number in range(number + 1, number + 9):
            getattr(run, "n%x" % number, None)
        gc.collect()

async def watch(self):
    fill_names()
    while True:
        self.longest_delay_ms = 0
        await asyncio.sleep(60)
        gc.collect()
        print("probe", clock.uptime_s(), gc.mem_free(), self.longest_delay_ms)

async def watched(self):
    global watching
    watching = watching or asyncio.create_task(watch(self))
    await run(self)

reader.Reader.run = watched
import main
"""
_NAME = "probe.py"
HOME, SETUP = "home", "setup"
_JOINED = "] wifi: connected to "
_SIGNS = ((HOME, "] web: the page is at "), (SETUP, "its password is on the label"))
# Lines of the log that are not the firmware's.
CUT, ENDED = "--- the power is cut", "--- ended with "
_BREATH_S = 0.05  # what cannot even start is not to take all the processor


class Probe(NamedTuple):
    """`at_s` Unix time here; the reader's longest delay in that minute, in real ms."""

    at_s: float
    free: int  # bytes
    delay_ms: float


class Board:
    """`mode` is HOME or SETUP as soon as the page or the portal is there, else None; `joined` counts how often it has
    found its WiFi; `log` has all lines, `probes` what the probe saw."""

    def __init__(self, folder, speed, start):
        """`start(program, stdout)` starts the firmware in the folder and returns its process."""
        (folder / _NAME).write_text(_PROGRAM)
        self.mode = None
        self.joined = 0
        self.log = []
        self.probes = []
        self._folder = folder
        self._speed = speed
        self._start_process = start
        self._process = None
        self._lock = threading.Lock()
        self._began_s = time.time()
        self._file = open(folder / "log", "w", encoding="utf-8")  # noqa: SIM115, closed by close()

    def switch_on(self):
        with self._lock:
            self._start()

    def cut_power(self):
        """At once; whatever the firmware was at."""
        with self._lock:
            process, self._process = self._process, None
            self.mode = None
            process.kill()
            process.wait()
            self._take(CUT)
            # What a board would find is that the power was away.
            (self._folder / "reset").unlink(missing_ok=True)

    def close(self):
        if self._process:
            self.cut_power()
        self._file.close()

    def wait_for(self, mode, seconds):
        """Whether it comes to this mode within so many real seconds."""
        deadline = time.monotonic() + seconds
        while self.mode != mode and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.mode == mode

    def said(self, text, since=0):
        """Whether a line from that number on has this text."""
        return any(text in line for line in self.log[since:])

    def _start(self):
        self.mode = None
        self._process = process = self._start_process(_NAME)
        threading.Thread(target=self._follow, args=(process,), daemon=True).start()

    def _follow(self, process):
        for line in process.stdout:
            self._take_line(process, line.rstrip())
        code = process.wait()
        time.sleep(_BREATH_S)
        with self._lock:
            if process is self._process:
                self._take(f"{ENDED}{code}")
                self._start()

    def _take_line(self, process, line):
        words = line.split()
        if words[:1] == ["probe"] and len(words) == 4:
            self.probes.append(Probe(time.time(), int(words[2]), int(words[3]) / self._speed))
            return
        for mode, sign in _SIGNS:
            if sign in line and process is self._process:
                self.mode = mode
        self.joined += _JOINED in line
        self._take(line)

    def _take(self, line):
        self.log.append(line)
        if not self._file.closed:
            print(f"{time.time() - self._began_s:7.2f} s  {line}", file=self._file, flush=True)
