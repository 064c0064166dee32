"""From what decoder, search and links have to say to the evidence, the cause and the `diagnosis` message."""

import json

import pytest

import schemas
import whynodata
from app import messages
from app.outbox import Outbox
from diagnosed import ABOUT, MOST, Dongle, clock, wifi
from frames import hdlc
from hanport import Reading, Receiver
from hanport.counts import NAMES
from linesearch import LINES
from simulated import pushes
from simulator.makers import LANDIS_GYR_AT

LANGUAGES = ("nb", "nn", "en")
DAMAGE = ("header_check", "frame_check", "end_flag", "truncated", "not_text", "incomplete")
UNREAD = ("no_key", "wrong_key", "wrong_tag")
UNKNOWN = ("unknown_list", "unknown_apdu", "malformed")


@pytest.fixture
def dongle():
    return Dongle()


def _evidence(dongle):
    return dongle.diagnosis._evidence(whynodata.Evidence())


def _search(dongle, seconds, heard=b""):
    """The search goes on for so long, and hears this once a second, if anything."""
    for _ in range(seconds):
        for _ in range(40):
            dongle.reader.search.time_passed(25, 0, 0)
        if heard:
            dongle.reader.search.bytes_came(bytearray(heard), len(heard))
    dongle.live(seconds)


# The evidence


def test_every_field_of_the_evidence_has_its_source(dongle):
    first = vars(whynodata.Evidence())
    dongle = Dongle(line="115200 8N1 inverted", power="bus")
    dongle.read(**dict.fromkeys(NAMES, 1))
    dongle.live(59)
    dongle.reader.has_worked = True
    dongle.reader.pulses, dongle.reader.pulse_us, dongle.reader.idle_level = 40, 9, 0
    dongle.reader.search.laps = 1
    dongle.reader.receiver.doubtful = "voltage"
    dongle.reader.search.time_passed(249, 0, 0)
    dongle.reader.search.time_passed(1, 0, 0)
    dongle.reader.search.bytes_came(bytearray(b"/"), 1)
    dongle.reader.search.time_passed(25, 1, 0)
    dongle.wifi.state, dongle.link.fault, clock.source = wifi.NOT_FOUND, "refused", None
    dongle.health.is_low = True
    filled = vars(_evidence(dongle))
    assert not {field for field in first if filled[field] == first[field]}
    assert set(filled) == set(first)


@pytest.mark.parametrize("how", ["is_low", "is_starved"])
def test_a_weak_supply_is_said_although_all_is_read_and_sent(dongle, how):
    dongle.read()
    assert dongle.cause == "ok"
    setattr(dongle.health, how, True)
    assert dongle.cause == "weak_supply"
    dongle.link.fault = "wrong_login"
    assert dongle.cause == "broker_login"


def test_lately_is_this_minute_and_the_one_before(dongle):
    dongle.reader.count(bytes=100, frames=3, no_key=3)
    for came_ago_s in (0, 59, 119):
        dongle.live(came_ago_s - clock.seconds)
        evidence = _evidence(dongle)
        assert (evidence.late_bytes, evidence.late_frames, evidence.no_key) == (100, 3, 3)
    dongle.live(1)
    evidence = _evidence(dongle)
    assert (evidence.late_bytes, evidence.late_frames, evidence.no_key) == (0, 0, 0)
    assert (evidence.bytes, evidence.frames) == (100, 3)


def test_counters_that_wrap_are_counted_on(dongle):
    dongle.reader.count(**dict.fromkeys(NAMES, MOST - 1))
    dongle.live(120)
    dongle.reader.count(**dict.fromkeys(NAMES, 5))
    evidence = _evidence(dongle)
    assert (evidence.late_bytes, evidence.late_frames) == (5, 10)
    assert evidence.damaged == 5 * len(DAMAGE) and evidence.unknown_list == 5 * len(UNKNOWN)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_every_reason_that_a_bad_line_has(dongle, name):
    dongle.reader.count(**{name: 7})
    assert _evidence(dongle).damaged == 7


@pytest.mark.parametrize("name", UNREAD)
def test_what_a_setting_would_mend_is_counted_by_itself(dongle, name):
    dongle.reader.count(**{name: 7})
    evidence = _evidence(dongle)
    assert {field: getattr(evidence, field) for field in UNREAD if getattr(evidence, field)} == {name: 7}
    assert evidence.damaged == evidence.unknown_list == 0


def test_telegrams_without_a_check_are_frames(dongle):
    dongle.reader.count(no_check=4, frames=1)
    evidence = _evidence(dongle)
    assert (evidence.frames, evidence.late_frames, evidence.no_check) == (5, 5, 4)


def test_silence_counts_from_the_last_reading_and_before_the_first_there_is_none(dongle):
    dongle.live(100)
    assert _evidence(dongle).silent_s == -1
    dongle.read()
    dongle.live(31)
    assert _evidence(dongle).silent_s == 31


def test_the_line_is_the_one_that_was_heard_best(dongle):
    _search(dongle, 12)  # nothing at 2400 8E1
    _search(dongle, 12, b"\x7e\xa0")
    _search(dongle, 12, b"\x00\x80")
    evidence = _evidence(dongle)
    assert (evidence.baudrate, evidence.is_inverted, evidence.is_fixed) == (2400, False, False)
    assert evidence.bursts >= 11 and evidence.openings >= 11


def test_a_broker_that_nobody_has_named_is_not_set():
    dongle = Dongle(mqtt__host="")
    dongle.link.fault = "no_network"
    dongle.read()
    assert dongle.cause == "broker_not_set"


@pytest.mark.parametrize(
    "state, word",
    [
        (wifi.OFF, "wifi_not_set"),
        (wifi.CONNECTING, "starting"),
        (wifi.WRONG_PASSWORD, "wifi_password"),
        (wifi.NOT_FOUND, "wifi_not_found"),
        (wifi.WEAK, "wifi_weak"),
        (wifi.NO_ADDRESS, "wifi_no_address"),
        (wifi.REFUSED, "wifi_failed"),
        (wifi.CONNECTED, "ok"),
    ],
)
def test_each_word_of_the_station_has_its_cause(dongle, state, word):
    dongle.wifi.state = state
    dongle.link.fault = "ok" if state == wifi.CONNECTED else "no_network"
    dongle.read()
    assert dongle.cause == word


# The cause


def test_a_meter_that_is_read_over_links_that_stand_is_well(dongle):
    assert dongle.cause == "starting"
    dongle.read()
    assert dongle.cause == "ok"
    dongle.live(24)
    assert dongle.cause == "ok"
    # Frames stopped although more has come than ever before.
    dongle.live(60)
    assert dongle.cause == "stopped"


def test_an_open_port_at_another_setting_is_searched_for_and_a_shut_one_named_after_a_lap(dongle):
    dongle.reader.pulses = 0
    _search(dongle, 12 * len(LINES) - 1)
    assert dongle.cause == "starting"
    _search(dongle, 1)
    assert dongle.cause == "port_shut"
    dongle.reader.has_worked = True
    assert dongle.cause == "stopped"
    dongle = Dongle(power="bus")
    _search(dongle, 12 * len(LINES))
    assert dongle.cause == "bus_silent"
    dongle = Dongle()
    dongle.reader.pulses = 1
    _search(dongle, 12 * len(LINES))
    assert dongle.cause == "no_signal"


def test_bytes_that_are_no_frames_yet_are_searched_through(dongle):
    dongle.reader.count(bytes=10)
    assert dongle.cause == "searching"
    dongle.reader.search.laps = 1
    assert dongle.cause == "noise"


@pytest.mark.parametrize("reason", UNREAD)
def test_what_a_setting_would_mend_is_named_at_once(dongle, reason):
    dongle.reader.count(bytes=100, frames=1, **{reason: 1})
    assert dongle.cause == reason


def test_a_meter_that_begins_to_encrypt_lacks_a_key(dongle):
    dongle.read(readings=1000, frames=1000)
    dongle.live(60)
    assert dongle.cause == "stopped"
    dongle.reader.count(bytes=900, frames=3, no_key=3)
    assert dongle.cause == "no_key"


def test_lists_that_are_read_are_ok_whatever_came_before(dongle):
    dongle.reader.count(bytes=300, frames=2, no_key=1)
    assert dongle.cause == "no_key"
    dongle.read()
    assert dongle.cause == "ok"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_nobody_knows_is_told_as_long_as_it_comes(dongle, name):
    dongle.read(**{name: 1})
    assert dongle.cause == "unknown_list"
    for _ in range(12):
        dongle.read()
        dongle.live(10)
    assert dongle.cause == "ok"


def test_damage_is_told_when_it_is_the_rule(dongle):
    dongle.read(frames=10, frame_check=10)
    assert dongle.cause == "ok"
    dongle.reader.count(header_check=1)
    assert dongle.cause == "noise"


def test_the_meter_comes_before_the_broker_and_the_broker_before_the_clock(dongle):
    dongle.link.fault, clock.source = "refused", None
    dongle.live(3701)
    dongle.reader.count(bytes=100, frames=1, no_key=1)
    assert dongle.cause == "no_key"
    dongle.read()
    assert dongle.cause == "broker_refused"
    dongle.link.fault = "ok"
    assert dongle.cause == "clock"
    clock.source = "meter"
    assert dongle.cause == "ok"


def test_for_the_setup_the_meter_and_the_broker_are_told_apart(dongle):
    dongle.link.fault, dongle.wifi.state, clock.source = "wrong_login", wifi.WRONG_PASSWORD, None
    dongle.live(4000)
    dongle.read()
    assert dongle.diagnosis.of_meter() == "ok"
    assert dongle.diagnosis.of_broker() == "broker_login"
    dongle.reader.count(no_key=1, frames=1)
    dongle.live(30)
    assert dongle.diagnosis.of_meter() == "no_key"


# The message


def _published(dongle, cause):
    outbox = Outbox(b"han/x")
    report = dongle.diagnosis.report(cause, outbox, 100000, ABOUT)
    outbox.post("diagnosis", messages.write_json, report)
    assert outbox.too_long == 0
    return schemas.validate("diagnosis", outbox.take()[1])


def _causes():
    with open(whynodata.__file__.rsplit("/", 1)[0] + "/en.txt", encoding="utf-8") as file:
        return [line.split(" ")[0] for line in file if " | " in line]


def test_the_states_of_the_schema_are_the_causes_that_there_are():
    assert schemas.schema("diagnosis")["properties"]["state"]["enum"] == _causes()


def test_a_report_says_what_to_do_in_the_owners_language():
    for language in LANGUAGES:
        dongle = Dongle(owner__language=language)
        report = _published(dongle, "port_shut")
        assert (report["title"], report["next"]) == whynodata.text("port_shut", language)
    assert "title" not in _published(dongle, "ok")


def test_the_scoreboard_has_the_likeliest_settings_until_a_frame_has_come(dongle):
    assert _published(dongle, "starting")["scoreboard"] == []
    for _ in range(25 * len(LINES)):
        _search(dongle, 1, b"\x7e" if dongle.reader.line == LINES[7] else b"\x00\x00")
    board = _published(dongle, "noise")["scoreboard"]
    # An opening is worth more than any number of bytes.
    assert len(board) == 4 and board[0]["line"] == LINES[7] and board[0]["flags"] > 10
    assert len(dongle.diagnosis.scoreboard()) == len(LINES)
    # At once, also before the search has been told of it.
    dongle.reader.count(frames=1)
    assert "scoreboard" not in _published(dongle, "noise")


def test_settings_at_which_nothing_came_are_left_out(dongle):
    _search(dongle, 40)
    _search(dongle, 1, b"\x00")
    (row,) = _published(dongle, "searching")["scoreboard"]
    assert row == {"line": LINES[3], "seconds": 5, "bytes": 1, "flags": 0, "headers": 0, "frames": 0}


def test_a_report_names_the_list_that_nobody_knows(dongle):
    assert "list_known" not in _published(dongle, "ok")
    dongle.reader.unknown_list = b"NEW_V2\xff"
    report = _published(dongle, "unknown_list")
    assert report["list_known"] is False and report["list_version"] == "NEW_V2\xff"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_found", [False, True])
def test_the_longest_report_fits_its_slot(language, is_found, monkeypatch):
    dongle = Dongle(owner__language=language)
    reader, search = dongle.reader, dongle.reader.search
    # Every line with the largest numbers that it can show; the longest names are inverted.
    monkeypatch.setattr(search, "_scores", [MOST] * len(search._scores))
    counted = [name for name in NAMES if is_found or name not in ("frames", "no_check")]
    reader.count(**dict.fromkeys(counted, MOST))
    if is_found:
        reader.unknown_list = b"\x01" * 32
    reader.silent_ms = reader.longest_delay_ms = clock.seconds = MOST
    dongle.link.fault, dongle.link.tls = "client_cert_unusable", "unverified"
    dongle.link.connections = dongle.link.dropped = MOST
    for cause in _causes():
        outbox = Outbox(b"han/x")
        outbox.published = outbox.replaced = MOST
        report = dongle.diagnosis.report(cause, outbox, 200000, ABOUT)
        for row in report.get("scoreboard", ()):
            row.update(line="115200 8N1 inverted", frames=MOST)
        # As MicroPython writes it: UTF-8, not escapes.
        text = json.dumps(report, ensure_ascii=False).encode()
        outbox.post("diagnosis", lambda slot, text=text: slot.raw(text))
        assert outbox.too_long == 0, (cause, len(text))
        assert len(report["counters"]) == len(counted)
        assert len(report.get("scoreboard", ())) == (0 if is_found else 4)


def test_voltages_that_no_net_has_are_reported_with_their_setting_until_it_is_set():
    """The list of an Austrian meter that counts in tenths where its maker's table has whole volts."""
    dongle = Dongle(owner__language="en")
    (push,) = pushes(LANDIS_GYR_AT, "E450-11", "2026-01-15T12:00:00", 5, security_control=0)
    apdu = push.frame[12:-3]
    volts = apdu.index(b"\x02\x0b\x12") + 3
    tenths = apdu[:volts] + (2310).to_bytes(2, "big") + b"\x12" + (2310).to_bytes(2, "big") + b"\x12"
    tenths += (2310).to_bytes(2, "big") + apdu[volts + 8 :]
    for scalers, cause in (({}, "scale_voltage"), ({"voltage": -1}, "ok")):
        dongle.reader.receiver = Receiver("line", scalers=scalers)
        reading = Reading()
        dongle.reader.receiver.feed(3 * hdlc(tenths))  # one may be an odd list
        for _ in range(3):
            assert dongle.reader.receiver.next(reading)
            assert reading.get("l1_voltage_v") == (None if cause != "ok" else 231000)
        dongle.read()
        assert dongle.cause == cause
    dongle.reader.receiver = Receiver("line")
    dongle.reader.receiver.feed(hdlc(tenths))
    assert dongle.reader.receiver.next(Reading())
    assert "meter.voltage_multiplier" in _published(dongle, "scale_voltage")["next"]
