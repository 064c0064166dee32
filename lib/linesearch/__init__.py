"""linesearch: which serial setting the meter speaks, found by what is heard at each.

A UART that is set wrongly says nothing of it: the ESP32's driver in MicroPython reports no parity or framing errors.
What a setting is worth shows in the bytes: the first one after a silence, frames' headers, frames' checks. The first
right frame check decides. lib/README.md has the table of what each wrong setting hears, which was measured.
"""

from array import array

# Aidon, Embriq and Kaifa; Kamstrup; P1 and H1 ports, with and without an inverter in the cable.
_USUAL = ("2400 8E1", "2400 8N1", "115200 8N1 inverted", "115200 8N1")
# NES in Denmark; DSMR 2.2 and 3; Iskra in Slovenia; a level converter that inverts, as those with an optocoupler may;
# and 9600, the highest that the Norwegian standard allows.
_RARE = (
    "115200 8E1 inverted",
    "9600 7E1 inverted",
    "115200 7E1 inverted",
    "2400 8E1 inverted",
    "2400 8N1 inverted",
    "115200 8E1",
    "9600 7E1",
    "115200 7E1",
    "9600 8E1",
    "9600 8N1",
)
LINES = _USUAL + _RARE
# Columns of the scoreboard, behind the setting itself.
COLUMNS = ("tried_ms", "bytes", "flags", "bursts", "openings", "headers", "frames")

# Kamstrup begins a list every 10 s. A setting is left in a silence, so that the next one hears a list from its first
# byte on; and not while a list comes in, so that one that began after 10 s is heard to its end.
_SHORTEST_MS = 12000
# On a line that is never silent, or that was heard at another setting and is not at this one.
_LONGEST_MS = 25000
_SILENCE_MS = 250  # between lists; the shortest is 0.6 s on Norwegian meters, the longest within one is 5 ms
_KEEP_MS = 300000  # what once worked is kept through so much without a frame
_MOST = 0x3FFFFFFF  # what is counted stays a small integer, which takes no heap

_TRIED_MS, _BYTES, _FLAGS, _BURSTS, _OPENINGS, _HEADERS, _FRAMES = range(7)
_FLAG = b"\x7e"
# What a frame begins with, in HDLC, M-Bus and P1; M-Bus has 2400 baud, and a "/" of the wrong level reads as 68.
_SLOW_OPENINGS = b"\x7e\x68"
_FAST_OPENINGS = b"\x7e/"


class LineSearch:
    """Says which line setting to use now: the owner's, or all in turn, the likeliest first. Takes no heap.

    `found` is whether a right frame has ever come; `laps` how many times all settings have been tried since the
    last one. The owner's own setting is never changed, and has no laps.
    """

    def __init__(self, wanted="auto", pulse_us=0, idle_level=-1, worked=""):
        """`wanted` is one of LINES, or "auto". What was seen on the bare RX pin gives the order: `pulse_us`, the
        shortest pulse, 0 for none; `idle_level`, the level that it had longest, 0 or 1, -1 for unknown. Before them
        all comes the one that has `worked` some other time, "" for none."""
        self._lines = LINES if wanted == "auto" else (wanted,)
        self._order = _order(self._lines, pulse_us, idle_level, worked)
        self._place = 0  # in the order
        self._index = self._order[0]  # in the lines
        self._worked = -1
        self._is_searching = True
        self._is_heard = False  # here
        self._is_coming = False  # something, at any setting of this lap
        self._waited_ms = self._silent_ms = 0
        self._headers = self._frames = 0
        self._scores = array("i", [0] * (len(COLUMNS) * len(self._lines)))
        self.laps = 0

    @property
    def line(self):
        """The setting to use now."""
        return self._lines[self._index]

    @property
    def worked(self):
        """The setting at which a frame has come last; "" for none."""
        return self._lines[self._worked] if self.found else ""

    @property
    def found(self):
        """Whether a frame has ever come."""
        return self._worked >= 0

    def bytes_came(self, buffer, n):
        """buffer[:n] came from the UART, n > 0."""
        self._add(_BYTES, n)
        self._add(_FLAGS, buffer.count(_FLAG, 0, n))
        if self._silent_ms >= _SILENCE_MS:
            self._add(_BURSTS, 1)
            openings = _SLOW_OPENINGS if self.line.startswith("2400") else _FAST_OPENINGS
            self._add(_OPENINGS, buffer[0] in openings)
        self._silent_ms = 0
        self._is_heard = self._is_coming = True

    def time_passed(self, ms, headers, frames):
        """So long since the last call; True when `line` has changed, and UART and decoder must begin anew.

        `headers` and `frames` are the decoder's counts, wrapping at 2^30: of frames that had a right header check,
        and of those that had a right frame check as well.
        """
        came = frames - self._frames & _MOST
        self._add(_HEADERS, headers - self._headers & _MOST)
        self._add(_FRAMES, came)
        self._add(_TRIED_MS, ms)
        self._headers, self._frames = headers, frames
        # Who asks so late has not read what came meanwhile, and knows of no silence.
        self._silent_ms = min(self._silent_ms + ms, _MOST) if ms < _SILENCE_MS else 0
        if came:
            self._note_frame()
        self._waited_ms = min(self._waited_ms + ms, _MOST)
        if len(self._lines) == 1 or not self._is_over():
            return False
        self._go_on()
        return True

    def _note_frame(self):
        self._worked = self._index
        self._place = -1
        self._is_searching = self._is_coming = False
        self._waited_ms = self.laps = 0

    def _is_over(self):
        """Has this setting had its time?"""
        if not self._is_searching:
            return self._waited_ms >= _KEEP_MS
        if self._waited_ms < _SHORTEST_MS:
            return False
        if self._waited_ms >= _LONGEST_MS:
            return True
        return self._silent_ms >= _SILENCE_MS and self._is_heard == self._is_coming

    def _go_on(self):
        """To the next setting; every second time to the one that once worked."""
        self._is_searching = True
        self._is_heard = False
        self._waited_ms = self._silent_ms = 0
        if self.found and self._index != self._worked:
            self._index = self._worked
            return
        self._place += 1
        if self._place < len(self._order) and self._order[self._place] == self._worked:
            self._place += 1
        if self._place >= len(self._order):
            self._place = 1 if self._order[0] == self._worked else 0
            self.laps += 1
            self._is_coming = False
        self._index = self._order[self._place]

    def _add(self, column, n):
        place = self._index * len(COLUMNS) + column
        self._scores[place] = min(self._scores[place] + n, _MOST)

    def scoreboard(self):
        """[(setting, tried_ms, bytes, ...), ...]: what has been heard at each setting that was tried; see COLUMNS.

        `flags` are bytes 7E; `bursts` began after a silence, and `openings` are those that began as a frame does,
        which a wrong parity does not hide. The counts stand still at 2^30. For pages: it takes heap.
        """
        return [self._row(number) for number in self._order if self._scores[number * len(COLUMNS)]]

    def ranking(self):
        """As scoreboard(), the likeliest to be the meter's first."""
        return sorted(self.scoreboard(), key=_worth, reverse=True)

    def best(self):
        """The row of the setting that is likeliest the meter's: by frames, then headers, openings, bytes."""
        rows = self.scoreboard() or [self._row(self._index)]
        return max(rows, key=_worth)

    def _row(self, number):
        place = number * len(COLUMNS)
        return (self._lines[number],) + tuple(self._scores[place : place + len(COLUMNS)])


def _worth(row):
    return row[1 + _FRAMES], row[1 + _HEADERS], row[1 + _OPENINGS], row[1 + _BYTES]


def baudrate_of(pulse_us):
    """The speed of a line whose shortest pulse takes so many microseconds; 0 when it is not known."""
    # Between the three speeds' bits of 8.7, 104 and 417 us, in the ratio's middle.
    if pulse_us <= 0:
        return 0
    return 115200 if pulse_us < 30 else 9600 if pulse_us < 208 else 2400


def _order(lines, pulse_us, idle_level, worked):
    """Numbers of the lines, the one that worked first, then those that agree with what was seen: in speed, then in
    level; else as they are."""
    baudrate = baudrate_of(pulse_us)
    order = bytearray()
    if worked in lines:
        order.append(lines.index(worked))
    for agreement in (3, 2, 1, 0):
        for number, line in enumerate(lines):
            has_speed = int(line.split(" ")[0]) == baudrate
            has_level = idle_level >= 0 and line.endswith("inverted") == (idle_level == 0)
            if line != worked and 2 * has_speed + has_level == agreement:
                order.append(number)
    return order
