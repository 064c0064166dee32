"""Which serial setting the meter speaks: every meter is found in the first lap, and what works is not forgotten."""

from linesearch import COLUMNS, LINES, LineSearch, baudrate_of

STEP_MS = 25  # how often the UART is asked
MOST = 0x3FFFFFFF
FLAGGED = bytearray(b"\x7e\xa0\x00\x00")
OTHER = bytearray(b"\x00\x80\x00\x00")


class Meter:
    """Sends a list of `length_ms` every `interval_ms`, first at `phase_ms`; is read right at one setting, whole."""

    def __init__(self, line, interval_ms, length_ms, phase_ms=0, wrong=OTHER):
        self.line = line
        self.interval_ms = interval_ms
        self.length_ms = length_ms
        self.now_ms = -phase_ms
        self.wrong = wrong
        self.is_silent = False
        self.is_damaged = False
        self.headers = self.frames = 0
        self._heard_ms = 0

    def live(self, search, ms):
        """Time passes; the settings that were changed to, with the milliseconds at which it was."""
        changes = []
        for _ in range(ms // STEP_MS):
            self.now_ms += STEP_MS
            self._send(search)
            if search.time_passed(STEP_MS, self.headers, self.frames):
                changes.append((self.now_ms, search.line))
                self._heard_ms = 0
        return changes

    def _send(self, search):
        into_ms = self.now_ms % self.interval_ms
        if self.is_silent or self.now_ms < 0 or into_ms >= self.length_ms:
            return
        is_right = search.line == self.line
        search.bytes_came(FLAGGED if is_right and into_ms < STEP_MS else self.wrong, 4)
        self._heard_ms = 0 if into_ms < STEP_MS else self._heard_ms
        self._heard_ms += STEP_MS
        if is_right and self._heard_ms >= self.length_ms:
            self.headers = self.headers + 1 & MOST
            self.frames = self.frames + (not self.is_damaged) & MOST


def _seconds_until_found(meter, search, most_s=600):
    for second in range(most_s):
        if search.found:
            return second
        meter.live(search, 1000)
    return most_s


def _silent(search, ms):
    """Nothing comes; the settings in their order."""
    meter = Meter("", 1000, 1000)
    meter.is_silent = True
    return [search.line] + [line for _ms, line in meter.live(search, ms)]


def _row(search, line):
    for row in search.scoreboard():
        if row[0] == line:
            return dict(zip(COLUMNS, row[1:]))
    return None


def test_the_usual_settings_come_first_and_in_their_order():
    assert LINES[:4] == ("2400 8E1", "2400 8N1", "115200 8N1 inverted", "115200 8N1")
    assert len(set(LINES)) == len(LINES)
    # NES in Denmark, DSMR 2.2 and 3, Iskra.
    assert {"115200 8E1 inverted", "9600 7E1 inverted", "115200 7E1 inverted"} < set(LINES)


def test_on_a_dead_line_each_setting_has_12_s_and_then_all_begins_anew():
    search = LineSearch()
    assert _silent(search, 12000 * len(LINES)) == list(LINES) + [LINES[0]]
    assert search.laps == 1 and not search.found
    assert [row[:3] for row in search.scoreboard()] == [(line, 12000, 0) for line in LINES]


def test_a_kamstrup_is_found_in_the_first_lap_whatever_its_phase():
    # A list every 10 s; the longest, Denmark's, takes 2.455 s with idle bits.
    for phase_ms in range(0, 10000, 100):
        search = LineSearch()
        seconds = _seconds_until_found(Meter("2400 8N1", 10000, 2475, phase_ms), search)
        assert search.line == "2400 8N1" and search.laps == 0
        assert seconds <= 28, (phase_ms, seconds)


def test_a_kamstrup_whose_list_had_just_begun_is_found_with_the_next_one_even_at_the_first_setting():
    search = LineSearch("auto", 0, -1)
    meter = Meter("2400 8E1", 10000, 2475)
    meter.now_ms = 50
    assert _seconds_until_found(meter, search) <= 13
    assert search.line == "2400 8E1"


def test_a_meter_with_a_list_every_15_s_is_found_in_the_first_lap_where_its_bytes_were_heard_before():
    for phase_ms in range(0, 15000, 500):
        search = LineSearch()
        _seconds_until_found(Meter("115200 8N1 inverted", 15000, 75, phase_ms), search)
        assert search.line == "115200 8N1 inverted" and search.laps == 0


def test_an_aidon_is_found_with_its_first_whole_list():
    for phase_ms in range(0, 2500, 100):
        search = LineSearch()
        assert _seconds_until_found(Meter("2400 8E1", 2500, 200, phase_ms), search) <= 6
        assert search.line == "2400 8E1"


def test_a_p1_meter_of_every_second_is_found_when_its_turn_comes():
    search = LineSearch()
    assert _seconds_until_found(Meter("115200 8N1 inverted", 1000, 75), search) <= 28
    assert search.line == "115200 8N1 inverted"


def test_every_setting_is_found():
    for line in LINES:
        search = LineSearch()
        _seconds_until_found(Meter(line, 10000, 1500), search)
        assert search.line == line and search.laps == 0


def test_a_setting_is_left_in_a_silence_not_in_a_list():
    meter = Meter("none", 10000, 2000, 3000)
    for now_ms, _line in meter.live(LineSearch(), 120000):
        assert now_ms % 10000 >= 2000


def test_noise_without_an_end_is_left_after_25_s():
    meter = Meter("none", 1000, 1000)
    changes = meter.live(LineSearch(), 100000)
    assert changes == [(25000, LINES[1]), (50000, LINES[2]), (75000, LINES[3]), (100000, LINES[4])]


def test_noise_finds_nothing():
    search = LineSearch()
    Meter("none", 700, 300, wrong=bytearray(b"\x7e\x7e\x00\x00")).live(search, 600000)
    assert not search.found and search.laps >= 2
    assert search.best()[1 + COLUMNS.index("frames")] == 0


def _found_kamstrup():
    search = LineSearch()
    meter = Meter("2400 8N1", 10000, 1000)
    _seconds_until_found(meter, search)
    return search, meter


def test_a_bad_stretch_of_minutes_changes_nothing():
    search, meter = _found_kamstrup()
    meter.is_damaged = True
    assert meter.live(search, 280000) == []
    meter.is_damaged = False
    assert meter.live(search, 600000) == []
    assert search.found and search.line == "2400 8N1"


def test_after_minutes_of_silence_every_second_try_is_what_worked():
    search, meter = _found_kamstrup()
    used = _silent(search, 300000 + 12000 * 6)
    worked = "2400 8N1"
    assert used == [worked, "2400 8E1", worked, "115200 8N1 inverted", worked, "115200 8N1", worked, LINES[4]]
    assert search.found


def test_what_worked_is_found_again_after_a_day_of_silence():
    search, meter = _found_kamstrup()
    meter.is_silent = True
    for _ in range(24):
        meter.live(search, 150000)
    assert search.found and search.laps > 0
    meter.is_silent = False
    frames = meter.frames
    meter.live(search, 45000)
    assert meter.frames > frames and search.line == "2400 8N1" and search.laps == 0
    assert meter.live(search, 290000) == []


def test_another_meter_on_the_same_port_is_found():
    search, _meter = _found_kamstrup()
    meter = Meter("115200 8N1 inverted", 10000, 75)
    meter.live(search, 300000 + 120000)
    assert meter.frames > 0 and search.line == "115200 8N1 inverted"
    assert meter.live(search, 290000) == []


def test_all_settings_but_what_worked_have_their_turn_in_a_lap_wherever_that_one_stands():
    for worked in (LINES[0], LINES[5], LINES[-1]):
        search = LineSearch()
        _seconds_until_found(Meter(worked, 10000, 1000), search)
        used = _silent(search, 300000 + 12000 * 2 * (len(LINES) - 1))
        assert set(used) == set(LINES) and used.count(worked) == len(LINES)
        assert search.laps == 1


def test_the_owners_setting_is_the_only_one_used_and_the_scoreboard_says_that_it_is_wrong():
    search = LineSearch("115200 8N1", 417, 1)
    meter = Meter("2400 8E1", 2500, 200)
    assert meter.live(search, 600000) == []
    assert search.line == "115200 8N1" and search.laps == 0 and not search.found
    ((line, tried_ms, came, _flags, bursts, openings, headers, frames),) = search.scoreboard()
    assert (line, tried_ms, headers, frames) == ("115200 8N1", 600000, 0, 0)
    assert came > 0 and openings == 0 and 230 <= bursts <= 240


def test_the_scoreboard_counts_what_is_heard_at_each_setting():
    search = LineSearch()
    meter = Meter("2400 8N1", 10000, 1000, 500)
    meter.live(search, 64500)
    wrong, right = _row(search, "2400 8E1"), _row(search, "2400 8N1")
    assert wrong["bursts"] >= 1 and wrong["openings"] == wrong["flags"] == wrong["frames"] == 0
    # A list is 40 steps of 4 bytes.
    lists = right["frames"]
    assert lists >= 3 and right == {
        "tried_ms": 64500 - wrong["tried_ms"],
        "bytes": 160 * lists,
        "flags": lists,
        "bursts": lists,
        "openings": lists,
        "headers": lists,
        "frames": lists,
    }
    assert search.best()[0] == "2400 8N1"


def test_an_opening_is_what_a_frame_of_this_speed_begins_with():
    for line, openings in (("2400 8E1", b"\x7e\x68"), ("115200 8N1", b"\x7e/"), ("9600 7E1 inverted", b"\x7e/")):
        search = LineSearch(line)
        for octet in range(256):
            _silent(search, 300)
            search.bytes_came(bytearray([octet, 0x7E]), 2)
        row = _row(search, line)
        assert (row["bursts"], row["openings"]) == (256, len(openings)), line


def test_frames_with_good_headers_and_bad_checks_are_the_best_that_is_there():
    search = LineSearch()
    meter = Meter("2400 8N1", 10000, 1000)
    meter.is_damaged = True
    meter.live(search, 120000)
    assert not search.found and search.best()[0] == "2400 8N1"


def test_a_decoders_counts_may_wrap():
    search = LineSearch("2400 8E1")
    search.time_passed(25, MOST, MOST)
    search.time_passed(25, 1, 1)
    assert _row(search, "2400 8E1")["frames"] == MOST  # and there it stands
    search = LineSearch()
    search.time_passed(25, 5, 0)
    search.time_passed(25, 3, 0)
    assert _row(search, "2400 8E1")["headers"] == MOST


def test_a_pulse_of_one_bit_tells_the_speed():
    for pulse_us, baudrate in (
        (416, 2400),
        (418, 2400),
        (833, 2400),
        (104, 9600),
        (8, 115200),
        (9, 115200),
        (17, 115200),
    ):
        assert baudrate_of(pulse_us) == baudrate
    assert baudrate_of(0) == 0


def test_settings_of_the_speed_that_the_pulses_have_are_tried_first():
    assert LineSearch("auto", 416).line == "2400 8E1"
    assert _silent(LineSearch("auto", 9), 12000 * 5)[:2] == ["115200 8N1 inverted", "115200 8N1"]
    for pulse_us, baudrate in ((417, "2400"), (104, "9600"), (9, "115200")):
        first = _silent(LineSearch("auto", pulse_us), 12000 * len(LINES))[: len(LINES)]
        fitting = [line for line in LINES if line.split(" ")[0] == baudrate]
        assert first[: len(fitting)] == fitting and set(first) == set(LINES)


def test_on_a_line_that_idles_low_the_inverted_settings_are_tried_first():
    inverted = [line for line in LINES if line.endswith("inverted")]
    upright = [line for line in LINES if not line.endswith("inverted")]
    assert _silent(LineSearch("auto", 0, 0), 12000 * len(LINES))[:-1] == inverted + upright
    assert _silent(LineSearch("auto", 0, 1), 12000 * len(LINES))[:-1] == upright + inverted
    assert LineSearch("auto", 416, 0).line == "2400 8E1 inverted"


def test_what_worked_some_other_time_is_tried_before_all_that_is_seen():
    for worked in LINES:
        search = LineSearch("auto", 417, 1, worked)
        used = _silent(search, 12000 * len(LINES))
        assert used[0] == used[-1] == worked and sorted(used[:-1]) == sorted(LINES)
        assert search.laps == 1 and not search.found and search.worked == ""


def test_what_no_setting_is_called_has_never_worked():
    for worked in ("", "auto", "2400", "9600 8O1"):
        assert LineSearch("auto", 0, -1, worked).line == LINES[0]
    assert LineSearch("2400 8N1", 0, -1, "2400 8E1").line == "2400 8N1"
    assert LineSearch("2400 8N1", 0, -1, "2400 8N1").line == "2400 8N1"


def test_what_has_worked_last_is_told_also_while_others_are_tried():
    search, _meter = _found_kamstrup()
    assert search.worked == search.line == "2400 8N1"
    _silent(search, 306000)
    assert search.worked == "2400 8N1" != search.line
    Meter("115200 8N1 inverted", 10000, 75).live(search, 120000)
    assert search.worked == search.line == "115200 8N1 inverted"


def test_the_ranking_has_the_likeliest_setting_first():
    search = LineSearch()
    Meter("2400 8N1", 10000, 1000).live(search, 64500)
    ranking = search.ranking()
    assert sorted(ranking) == sorted(search.scoreboard()) and ranking[0] == search.best()


def test_a_reader_that_comes_late_knows_of_no_silence():
    search = LineSearch()
    for _ in range(4):
        assert not search.time_passed(5000, 0, 0)
    assert search.time_passed(5000, 0, 0)
