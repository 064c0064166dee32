"""Random faults between meter and dongle, from the bits on the wire to the word for the owner.

What is wrong is drawn first, and says which word is right. Then a simulated meter sends, a UART of the search's
setting hears, the decoder counts, and the evidence is filled as the firmware would.
"""

import random
from functools import cache
from typing import NamedTuple

from hanport import Reading, Receiver
from hanport.counts import NAMES
from linesearch import COLUMNS, LINES, LineSearch
from simulated import pushes
from simulator import makers
from simulator.checks import x25
from simulator.clock import unix_ms
from simulator.line import line_named
from simulator.links import FLAG
from simulator.uart import heard
from whynodata import Evidence, cause

DRAWN = 500
RIGHT_PERCENT = 95
START = "2026-01-15T12:10:00"
STEP_MS = 100
MINUTE_MS = 60000
LONGEST_S = 480  # of a search that hears something at every setting, a lap and a minute
METERS = ("aidon", "kaifa", "kamstrup", "p1-se")
DAMAGE = ("header_check", "frame_check", "end_flag", "truncated", "not_text", "incomplete")
UNREAD = ("no_key", "wrong_key", "wrong_tag", "no_check")
heard_at = cache(heard)


class Fault(NamedTuple):
    """What is wrong, and the word that is right for it."""

    word: str
    meter: str = "aidon"
    line: str = "auto"
    seconds: int = 240
    until_s: int = LONGEST_S  # when the meter falls silent
    flip: float = 0  # share of the bits
    key: bytes = None
    is_looked_at: bool = False  # the bare pin, before the UART is opened
    is_strange: bool = False  # the meter's APDUs are of a kind that nobody knows
    had_readings: bool = False


def _setting(meter):
    """The name that the meter's line has among LINES."""
    line = _meter(meter).line
    return next(name for name in LINES if line_named(name) == line._replace(idle_bits=0))


def _meter(name):
    return makers.MAKERS[name]


def _others(line, speed=None, parity=None, level=None):
    """Settings that differ from the line's in these, True, and in nothing else that is False."""

    def fits(other):
        theirs = line_named(other)
        differs = (
            theirs.baudrate != mine.baudrate,
            (theirs.bits, theirs.parity) != (mine.bits, mine.parity),
            theirs.is_inverted != mine.is_inverted,
        )
        return all(want is None or want == found for want, found in zip((speed, parity, level), differs))

    mine = line_named(line)
    return [other for other in LINES if fits(other)]


def _shut(rng):
    line = rng.choice(("auto", *LINES))
    return Fault("port_shut", line=line, until_s=0, is_looked_at=rng.random() < 0.5)


def _wrong_speed(rng):
    meter = rng.choice(METERS)
    line = rng.choice(_others(_setting(meter), speed=True, level=False))
    return Fault("wrong_speed", meter, line, is_looked_at=rng.random() < 0.5)


def _wrong_parity(rng):
    """Those that are read all the same are no fault: 8N1 at a meter of 8E1, 7E1 at text of 8N1."""
    meter = rng.choice(("kamstrup", "p1-se"))
    line = _setting(meter).replace("8N1", "8E1")
    return Fault("wrong_parity", meter, line, is_looked_at=rng.random() < 0.5)


def _inverted(rng):
    meter = rng.choice(METERS)
    return Fault("inverted", meter, rng.choice(_others(_setting(meter), False, False, True)), is_looked_at=True)


def _noise(rng):
    meter = rng.choice(METERS)
    line = rng.choice(("auto", _setting(meter)))
    seconds = LONGEST_S if line == "auto" else 240
    # From half of the shortest lists to nearly all headers.
    return Fault("noise", meter, line, seconds, flip=rng.uniform(0.002, 0.03), is_looked_at=rng.random() < 0.5)


def _without_key(rng):
    return Fault("no_key", "kamstrup-dk", rng.choice(("auto", "2400 8N1")))


def _with_wrong_key(rng):
    return Fault("wrong_key", "kamstrup-dk", rng.choice(("auto", "2400 8N1")), key=rng.randbytes(16))


def _unknown(rng):
    meter = rng.choice(("aidon", "kaifa", "kamstrup"))
    return Fault("unknown_list", meter, rng.choice(("auto", _setting(meter))), is_strange=True)


def _stopped(rng):
    meter = rng.choice(METERS)
    line = rng.choice(("auto", _setting(meter)))
    restarted = rng.random() < 0.3
    until_s = 0 if restarted else rng.randrange(60, 150)
    return Fault("stopped", meter, line, rng.randrange(200, LONGEST_S), until_s, had_readings=restarted)


FAULTS = (
    *(_shut, _wrong_speed, _wrong_parity, _inverted, _noise),
    *(_without_key, _with_wrong_key, _unknown, _stopped),
)


@cache
def _sent(meter, is_strange):
    """[(milliseconds after the start, frame), ...]"""
    maker = _meter(meter)
    sent = pushes(maker, maker.types[0].name, START, LONGEST_S, security_control=0x30 if maker.encryption else None)
    return [(push.due_ms - unix_ms(START), _strange(push.frame) if is_strange else push.frame) for push in sent]


def _strange(frame):
    """The frame with another APDU than a Data-Notification, and the right check."""
    body = frame[1:-3].replace(b"\xe6\xe7\x00\x0f", b"\xe6\xe7\x00\x0e", 1)
    return FLAG + body + x25(body).to_bytes(2, "little") + FLAG


class Dongle:
    """The UART, the decoder, the search, and the evidence that they leave."""

    def __init__(self, fault, rng):
        self._fault = fault
        self._rng = rng
        self._wire = _meter(fault.meter).line
        self._receiver = Receiver("line", key=fault.key)
        self._reading = Reading()
        self.evidence = Evidence()
        self.evidence.had_readings = fault.had_readings
        if fault.is_looked_at:
            self._look()
        self._search = LineSearch(fault.line, self.evidence.pulse_us, self.evidence.idle_level)
        self._minute = self._before = self._counts()

    def _look(self):
        """What the bare pin shows of a line that is in use, or not."""
        evidence = self.evidence
        evidence.edges = 2 if self._fault.until_s else 0
        if self._fault.until_s:
            evidence.pulse_us = round(1000000 / self._wire.baudrate)
            evidence.idle_level = int(not self._wire.is_inverted)

    def _counts(self):
        return dict(zip(NAMES, self._receiver.counters.values()))

    def live(self):
        """Until the fault's last second, which is when the owner looks."""
        frames = iter(_sent(self._fault.meter, self._fault.is_strange))
        due_ms, frame = next(frames)
        silent_ms = None
        for now_ms in range(0, 1000 * self._fault.seconds, STEP_MS):
            passed_ms = now_ms - due_ms
            if passed_ms >= 0 and now_ms < 1000 * self._fault.until_s:
                piece = self._piece(frame, passed_ms)
                if piece and self._take(bytearray(piece)):
                    silent_ms = 0
                if passed_ms + STEP_MS >= 1000 * len(frame) * self._wire.byte_s:
                    due_ms, frame = next(frames, (1 << 30, b""))
            silent_ms = None if silent_ms is None else silent_ms + STEP_MS
            if self._time_passed():
                self._receiver.reset()
            if now_ms % MINUTE_MS == 0:
                self._before, self._minute = self._minute, self._counts()
        self._note(self._fault.seconds, silent_ms)

    def _piece(self, frame, passed_ms):
        """What the UART gets in this step of a frame that began so long ago."""
        got = heard_at(frame, self._wire, line_named(self._search.line))
        length_ms = 1000 * len(frame) * self._wire.byte_s
        first, last = (int(len(got) * min(ms / length_ms, 1)) for ms in (passed_ms, passed_ms + STEP_MS))
        return bytes(byte ^ self._flips() for byte in got[first:last]) if self._fault.flip else got[first:last]

    def _flips(self):
        return sum(1 << bit for bit in range(8) if self._rng.random() < self._fault.flip)

    def _take(self, piece):
        """Whether a reading came."""
        self._search.bytes_came(piece, len(piece))
        self._receiver.feed(piece)
        came = False
        while self._receiver.next(self._reading):
            came = True
        return came

    def _time_passed(self):
        counters = self._receiver.counters
        frames = counters["frames"] + counters["no_check"]
        headers = frames + counters["frame_check"] + counters["end_flag"] + counters["truncated"]
        return self._search.time_passed(STEP_MS, headers, frames)

    def _note(self, uptime_s, silent_ms):
        evidence = self.evidence
        search = self._search
        evidence.uptime_s = uptime_s
        evidence.silent_s = -1 if silent_ms is None else silent_ms // 1000
        evidence.is_fixed = self._fault.line != "auto"
        evidence.laps = search.laps
        best = search.best()
        setting = line_named(best[0])
        evidence.baudrate, evidence.is_inverted = setting.baudrate, setting.is_inverted
        row = dict(zip(COLUMNS, best[1:]))
        evidence.bursts, evidence.openings, evidence.headers = row["bursts"], row["openings"], row["headers"]
        counts = self._counts()
        late = {name: counts[name] - self._before[name] for name in NAMES}
        evidence.bytes, evidence.frames = counts["bytes"], counts["frames"] + counts["no_check"]
        evidence.bad_headers = counts["header_check"] + counts["not_text"]
        evidence.late_bytes, evidence.late_frames = late["bytes"], late["frames"] + late["no_check"]
        evidence.damaged = sum(late[name] for name in DAMAGE)
        for name in UNREAD:
            setattr(evidence, name, late[name])
        evidence.unknown_list = late["unknown_list"] + late["unknown_apdu"] + late["malformed"]


def test_random_faults_get_the_right_word_and_no_living_port_is_called_shut(say):
    rng = random.Random(20260115)
    wrong = []
    for number in range(DRAWN):
        fault = FAULTS[number % len(FAULTS)](rng)
        dongle = Dongle(fault, rng)
        dongle.live()
        word = cause(dongle.evidence)
        assert word != "port_shut" or fault.word == "port_shut", (fault, vars(dongle.evidence))
        if word != fault.word:
            wrong.append((word, fault, vars(dongle.evidence)))
    assert 100 * len(wrong) <= DRAWN * (100 - RIGHT_PERCENT), "\n".join(map(str, wrong))
    say(f"random faults of a meter's line: {DRAWN - len(wrong)} of {DRAWN} got the right word")
