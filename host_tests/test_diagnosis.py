"""The first words on why there is no data: what the decoder has counted lately, in one word."""

import json

import pytest

from app import messages
from app.diagnosis import Diagnosis
from app.outbox import Outbox
from hanport import Receiver
from hanport.counts import NAMES
from hanport.fields import COUNTS


class _Reader:
    """A reader whose counters the tests set."""

    def __init__(self):
        self.receiver = Receiver("hdlc")
        self.silent_ms = 0
        self.line = "2400 8E1"
        self.longest_delay_ms = 0
        self.unknown_list = None

    def count(self, **counters):
        for name, n in counters.items():
            self.receiver.state[COUNTS + NAMES.index(name)] += n


class _Link:
    connections = 1
    fault = "certificate_wrong_name"
    tls = "unverified"


_ABOUT = {"clock": "meter", "meter_clock": "standard", "hours_pending": 960, "rssi_dbm": -100}


@pytest.fixture
def reader():
    return _Reader()


@pytest.fixture
def diagnosis(reader):
    return Diagnosis(reader)


def test_without_readings_the_state_tells_how_far_the_data_comes(reader, diagnosis):
    assert diagnosis.state(uptime_s=10) == "starting"
    assert diagnosis.state(uptime_s=100) == "no_bytes"
    reader.count(bytes=100)
    assert diagnosis.state(uptime_s=100) == "no_frames"
    reader.count(bytes=100, frames=1)
    assert diagnosis.state(uptime_s=100) == "no_lists"
    reader.count(readings=1)
    assert diagnosis.state(uptime_s=100) == "ok"


def test_lists_that_came_and_come_no_more_have_stopped(reader, diagnosis):
    reader.count(bytes=100, frames=3, readings=3)
    reader.silent_ms = 60000
    assert diagnosis.state(uptime_s=100) == "stopped"
    reader.count(bytes=100)
    assert diagnosis.state(uptime_s=100) == "stopped"


@pytest.mark.parametrize("reason", ["no_key", "wrong_key", "wrong_tag", "no_check"])
def test_what_a_setting_would_mend_is_named_at_once(reader, diagnosis, reason):
    reader.count(bytes=100, frames=1, **{reason: 1})
    assert diagnosis.state(uptime_s=5) == reason


def test_a_wrong_key_that_makes_a_plausible_text_by_chance_is_still_a_wrong_key(reader, diagnosis):
    reader.count(frames=400, wrong_key=399, wrong_tag=1)
    assert diagnosis.state(uptime_s=100) == "wrong_key"


def test_lists_that_are_read_are_ok_whatever_came_before(reader, diagnosis):
    reader.count(frames=2, no_key=1, readings=1)
    assert diagnosis.state(uptime_s=100) == "ok"


def test_a_meter_that_begins_to_encrypt_lacks_a_key(reader, diagnosis):
    reader.count(frames=1000, readings=1000)
    reader.silent_ms = 60000
    assert diagnosis.state(uptime_s=10000) == "stopped"
    reader.count(frames=3, no_key=3)
    assert diagnosis.state(uptime_s=10000) == "no_key"


def test_what_was_two_minutes_ago_counts_no_more(reader, diagnosis):
    reader.count(bytes=100, frames=1, no_key=1)
    diagnosis.minute_passed()
    assert diagnosis.state(uptime_s=100) == "no_key"
    diagnosis.minute_passed()
    assert diagnosis.state(uptime_s=160) == "no_bytes"
    reader.count(bytes=100)
    assert diagnosis.state(uptime_s=160) == "no_frames"


def _report(reader, diagnosis):
    outbox = Outbox(b"han/x")
    report = diagnosis.report("ok", _Link(), outbox, 0x3FFFFFFF, 100000, _ABOUT)
    outbox.post("diagnosis", messages.write_json, report)
    assert outbox.too_long == 0
    return json.loads(outbox.take()[1])


def test_a_report_names_the_list_that_nobody_knows(reader, diagnosis):
    assert "list_known" not in _report(reader, diagnosis)
    reader.unknown_list = b"NEW_V2\xff"
    report = _report(reader, diagnosis)
    assert report["list_known"] is False and report["list_version"] == "NEW_V2\xff"


def test_the_longest_report_fits_its_slot(reader, diagnosis):
    reader.count(**dict.fromkeys(NAMES, 0x3FFFFFFF))
    reader.unknown_list = b"\x01" * 32
    reader.line = "115200 8N1 inverted"
    reader.silent_ms = reader.longest_delay_ms = 0x3FFFFFFF
    assert len(_report(reader, diagnosis)["counters"]) == len(NAMES)
