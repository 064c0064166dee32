"""Tier 3: what the page at home asks, on the real MicroPython: every answer, who may ask, and what it costs."""

import json
import re
import shutil
import time
from contextlib import closing
from datetime import datetime, timezone

import pytest

import conftest
import heapbench
import host
import schemas
from app import config
from bench import BUDGETS
from hanport import Reading, Receiver
from home_stage import HomeStage
from phone import basic

pytestmark = [pytest.mark.tier3, pytest.mark.long(2)]

_SECRETS = {"wifi.password": "wifi-secret", "mqtt.password": "mqtt-secret", "meter.key": "0f" * 16}
_JSON = ("reading", "power", "hours", "usage", "peaks", "diagnosis", "settings", "capture", "update")
# As fast, where hours matter. No faster: the page's deadlines are as much shorter, 750 ms, and this computer is not.
_TIMES = 20
_DOCUMENT = conftest.ROOT / "firmware" / "API.md"


@pytest.fixture(scope="module")
def shared(tmp_path_factory, compiled):
    """A dongle that nobody changes, with half a day behind it."""
    with closing(HomeStage(tmp_path_factory.mktemp("home"))) as stage:
        stage.broker.start()
        stage.remember(12)
        clock = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:59:00Z")  # a list 3 comes at once
        stage.start_meter("kamstrup", "--speed", str(_TIMES), "--clock", clock)
        stage.start(speed=_TIMES)
        stage.log_in()
        stage.wait(lambda: "energy_import_wh" in stage.get("reading").json["registers"], 30, "a list 3")
        yield stage


@pytest.fixture
def stage(tmp_path, compiled):
    with closing(HomeStage(tmp_path)) as stage:
        stage.start_meter("aidon")
        yield stage


@pytest.fixture
def sped(tmp_path, compiled):
    """sped(times, the meter's words, ...): a dongle at home, all of whose time goes so many times as fast."""
    with closing(HomeStage(tmp_path)) as stage:

        def start(times, *meter, **options):
            stage.broker.start()
            stage.start_meter(*meter, "--speed", str(times))
            stage.start(speed=times, **options)
            return stage

        yield start


# What it says


@pytest.mark.parametrize("name", _JSON)
def test_every_answer_is_as_its_schema_says(shared, name):
    answer = shared.get(name)
    assert answer.status == 200
    schemas.validate_answer(name, answer.body)


def test_the_documents_examples_are_as_the_schemas_say():
    examples = re.findall(r"```json (\w+)\n(.*?)```", _DOCUMENT.read_text(), re.S)
    assert {name for name, _ in examples} == {*_JSON, "error", "restarting"}
    for name, example in examples:
        schemas.validate_answer(name, example)


def test_hours_are_those_that_were_published(shared):
    hours = shared.get("hours?days=40").json["hours"]
    starts = [hour["start"] for hour in hours]
    assert starts == sorted(set(starts))
    few = shared.get("hours?days=1").json["hours"]
    assert few and few[-1] in shared.get("hours").json["hours"]
    for odd in ("0", "-1", "x", "", "41", "99999999999999999999"):
        assert shared.get("hours?days=" + odd).status == 200


def test_the_reading_is_what_the_meter_said(shared):
    reading = shared.get("reading").json
    truth = shared.truth()
    recent = {row["power_import_w"] for row in truth[-60:]}
    assert reading["known"] and reading["registers"]["power_import_w"] in recent
    assert "meter_id" not in reading["registers"]
    head, events = shared.events(4)
    assert "200" in head.split("\r\n")[0] and "text/event-stream" in head
    assert len(events) >= 2
    for event in events:
        schemas.validate_answer("reading", json.dumps(event))


def test_the_last_hour_is_in_the_plot(shared):
    power = shared.get("power").json
    truth = [row["power_import_w"] - row.get("power_export_w", 0) for row in shared.truth()]
    known = [watt for watt in power["watts"] if watt is not None]
    assert len(power["watts"]) * power["step_s"] == 3600 and known
    assert min(truth) <= min(known) and max(known) <= max(truth)


def test_prometheus_is_told_numbers(shared):
    answer = shared.patiently("/metrics", Authorization=basic(host.LABEL))
    assert answer.status == 200, shared.log[-8:]
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    values = dict(line.split(" ") for line in lines if not line.startswith("#"))
    kinds = dict(line.split(" ")[2:] for line in lines if line.startswith("#"))
    assert values.keys() == kinds.keys() and len(values) > 10
    assert all(re.fullmatch(r"han_[a-z0-9_]+", name) and float(value) >= 0 for name, value in values.items())
    assert kinds["han_energy_import_wh"] == "counter" and kinds["han_power_import_w"] == "gauge"
    assert float(values["han_frames_total"]) > 0 and values["han_mqtt_up"] == "1"


def test_the_log_has_whole_lines(shared):
    lines = shared.get("log").body.decode().splitlines()
    printed = list(shared.log)
    assert len(lines) >= 3 and all(line in printed for line in lines)


# Who may ask


def test_without_the_password_there_is_nothing_but_the_page(shared):
    built = (conftest.ROOT / "build" / "host" / "www" / "home.html.gz").read_bytes()
    page = shared.page.get("/")
    assert page.status == 200 and page.body == built and page.headers["content-encoding"] == "gzip"
    for path in (*_JSON, "events", "log", "capture/file", "nothing", ""):
        for cookie in (None, "han=", "han=0.00", "han=99999999999." + "0" * 64, "x=1"):
            answer = shared.page.get("/api/v1/" + path, Cookie=cookie)
            assert answer.status == 401 and answer.json["error"] == "login"
            assert "www-authenticate" not in answer.headers
    for method, path in (("PATCH", "settings"), ("POST", "restart"), ("POST", "setup"), ("PUT", "certificates/ca")):
        assert shared.page.post("/api/v1/" + path, {}, method=method).status == 401
    assert shared.page.get("/metrics").status == 401


def test_a_script_sends_the_password_with_each_request(stage):
    stage.start()
    for _ in range(3):
        assert stage.page.get("/api/v1/usage", Authorization=basic(host.LABEL)).status == 200
    time.sleep(1.1)
    wrong = stage.page.get("/api/v1/usage", Authorization=basic("feilfeil"))
    assert (wrong.status, wrong.json["error"]) == (401, "wrong_password")
    # The right one is known, and need not wait for the wrong one's sake.
    assert stage.page.get("/api/v1/usage", Authorization=basic(host.LABEL)).status == 200
    for odd in (
        "Basic",
        "Basic ",
        "Basic x",
        "Basic " + "A" * 900,
        "Bearer x",
        "basic " + basic(host.LABEL)[6:],
        "\xff",
    ):
        assert stage.page.get("/api/v1/usage", Authorization=odd).status == 401


def test_a_wrong_password_makes_its_sender_wait(stage):
    stage.start()
    waits = []
    for _ in range(3):
        answer = stage.log_in("feilfeil")
        assert (answer.status, answer.json["error"]) == (401, "wrong_password") and answer.json["text"]
        waits.append(int(answer.headers["retry-after"]))
        again = stage.log_in()
        assert (again.status, again.json["error"]) == (429, "too_many")
        time.sleep(waits[-1] + 1)
    assert waits == [1, 2, 4]
    assert stage.log_in().status == 204 and stage.get("usage").status == 200


def test_the_cookie_is_for_this_page_alone_and_survives_a_restart(tmp_path, compiled):
    with closing(HomeStage(tmp_path)) as stage:
        stage.start_meter("p1-se", "--speed", str(_TIMES))  # its lists have the time
        firmware = stage.start(speed=_TIMES)
        without_time = stage.log_in().headers["set-cookie"].split(";")[0]
        stage.wait(lambda: stage.get("diagnosis").json["dongle"]["now"], 20, "the time")
        assert stage.get("usage").status == 200
        time.sleep(1.1)
        cookie = stage.log_in().headers["set-cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        out = stage.change("POST", "logout", {})
        assert out.status == 204 and "Max-Age=0" in out.headers["set-cookie"]
        assert stage.change("POST", "restart", {}).json == {"restart_s": 2}
        assert firmware.wait(10) == 0
        stage.start_again(speed=_TIMES)
        stage.wait(lambda: stage.get("usage").status == 200, 20, "that it is good")
        if "=x" in without_time:  # it was for the time without a clock
            stage.cookie = without_time
            assert stage.get("usage").status == 401


def test_an_own_password_takes_the_place_of_the_labels(stage):
    stage.start()
    stage.log_in()
    before = stage.cookie
    for new, word in (("kort", "password_short"), ("x" * 65, "password_long"), (12345678, "nonsense")):
        time.sleep(1.1)
        answer = stage.change("POST", "password", {"old": host.LABEL, "new": new})
        assert (answer.status, answer.json["error"]) == (400, word)
    time.sleep(1.1)
    answer = stage.change("POST", "password", {"old": "feilfeil", "new": "påskehare 7"})
    assert (answer.status, answer.json["error"]) == (401, "wrong_password")
    time.sleep(2.1)
    answer = stage.change("POST", "password", {"old": host.LABEL, "new": "påskehare 7"})
    assert answer.status == 204
    assert stage.get("usage").status == 401  # with the old cookie
    stage.cookie = answer.headers["set-cookie"].split(";")[0]
    assert stage.cookie != before and stage.get("usage").status == 200
    time.sleep(1.1)
    assert stage.log_in().json["error"] == "wrong_password"
    time.sleep(2.1)
    assert stage.log_in("påskehare 7").status == 204
    kept = (stage.folder / "settings.json").read_text()
    assert "hare" not in kept and json.loads(kept)["owner"]["password"]
    assert stage.get("diagnosis").json["dongle"]["own_password"]
    # Nobody sets it without the old one.
    answer = stage.change("PATCH", "settings", {"owner.password": "x" * 32})
    assert (answer.status, answer.json["setting"]) == (400, "owner.password")


def test_who_was_led_here_by_another_name_gets_nothing(shared):
    for name in ("example.com", "127.0.0.1.example.com", "4.3.2.1", "", None, "localhost"):
        for path in ("/", "/api/v1/usage", "/metrics"):
            answer = shared.page.get(path, Host=name, Cookie=shared.cookie)
            assert answer.status == 403 and answer.json["error"] == "wrong_host"
    for name in (shared.page.host, "han-737431.local", "HAN-737431.local:80", "han-737431"):
        assert shared.page.get("/api/v1/usage", Host=name, Cookie=shared.cookie).status == 200


def test_no_other_page_changes_anything(shared):
    for method, path in (("PATCH", "settings"), ("POST", "restart"), ("POST", "login"), ("PUT", "certificates/ca")):
        for origin in ("http://example.com", "null", "https://" + shared.page.host, ""):
            answer = shared.change(method, path, {"password": host.LABEL}, Origin=origin)
            assert (answer.status, answer.json["error"]) == (403, "foreign")
        for kind in ("text/plain", "application/x-www-form-urlencoded", None):
            answer = shared.change(method, path, {}, Content_Type=kind)
            assert (answer.status, answer.json["error"]) == (400, "nonsense")


def test_every_answer_tells_the_browser_to_be_careful(shared):
    for answer in (shared.page.get("/"), shared.get("usage"), shared.get("nothing"), shared.page.get("/api/v1/x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY" and answer.headers["cache-control"] == "no-store"
        assert answer.octets.count(b"nosniff") == 1


def test_what_is_not_there_is_said_in_the_language_that_is_asked_for(shared):
    texts = {shared.get("nothing?lang=" + language).json["text"] for language in ("nb", "nn", "en", "xx")}
    assert len(texts) == 3
    for method, path in (("DELETE", "settings"), ("POST", "usage"), ("GET", "restart"), ("PUT", "../settings")):
        answer = shared.change(method, path, {})
        assert (answer.status, answer.json["error"]) == (404, "not_here")
    big = shared.change("PATCH", "settings", b"x" * 7000)
    assert (big.status, big.json["error"]) == (413, "too_large")


# What it changes


def test_settings_are_all_kept_or_none_and_the_dongle_restarts(stage):
    stage.start(meter={**stage._line(), "key": "0f" * 16})
    stage.log_in()
    told = stage.get("settings").json
    assert {*told["settings"], *told["secrets"]} == set(config.SCHEMA)
    assert told["secrets"]["meter.key"] and not told["secrets"]["owner.password"]
    before = (stage.folder / "settings.json").read_text()
    wrong = [
        ({"tariff.hours": 2, "mqtt.port": 0}, "mqtt.port"),
        ({"no.such": 1}, "no.such"),
        ({"nonsense": 1}, "nonsense"),
        ({"tariff.hours": "3"}, "tariff.hours"),
        ({"wifi.address": "192.168.1.20/24"}, "wifi.address"),  # without a gateway
        ({"meter.auth_key": "0f" * 16, "meter.key": ""}, "meter.auth_key"),
    ]
    for form, key in wrong:
        answer = stage.change("PATCH", "settings", form)
        schemas.validate_answer("error", answer.body)
        assert (answer.status, answer.json["error"], answer.json["setting"]) == (400, "wrong_value", key)
    assert (stage.folder / "settings.json").read_text() == before
    answer = stage.change("PATCH", "settings", {"tariff.steps_kw": [3, 6], "mqtt.password": "mqtt-secret"})
    schemas.validate_answer("restarting", answer.body)
    stage.wait_for_log("start: restart", 10)
    stage.start_again()
    stage.log_in()
    told = stage.get("settings").json
    assert told["settings"]["tariff.steps_kw"] == [3, 6] and told["secrets"]["mqtt.password"]
    assert stage.get("peaks").json["steps_wh"] == [3000, 6000]


def test_a_backup_is_taken_back(stage):
    stage.start(tariff={"limit_kw": 4.5}, owner={"language": "nn"})
    stage.log_in()
    backup = stage.get("settings").json["settings"]
    assert stage.change("PATCH", "settings", {**backup, "tariff.limit_kw": 7.5}).status == 200
    stage.wait_for_log("start: restart", 10)
    stage.start_again()
    stage.log_in()
    assert stage.get("settings").json["settings"] == {**backup, "tariff.limit_kw": 7.5}


def test_no_secret_is_ever_sent_back(stage):
    stage.start(mqtt={"host": "127.0.0.1", "port": 1, "user": "u", "password": _SECRETS["mqtt.password"]})
    stage.log_in()
    for path in (*_JSON, "log", "nothing"):
        stage.get(path)
    stage.change("PATCH", "settings", {"mqtt.password": "another-secret", "mqtt.port": 0})
    everything = b"".join(stage.page.heard) + "\n".join(stage.log).encode()
    for secret in (*_SECRETS.values(), host.LABEL, "another-secret"):
        assert secret.encode() not in everything


def test_a_certificate_is_kept_and_taken_away(stage):
    stage.start()
    stage.log_in()
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    for kind, text in (("ca", "nonsense"), ("key", pem), ("cert", "x" * 5000), ("ca", 5), ("ca", None)):
        answer = stage.change("PUT", "certificates/" + kind, {"pem": text})
        assert (answer.status, answer.json["setting"]) == (400, f"mqtt.{kind}_file")
    assert stage.change("PUT", "certificates/ca", {"pem": pem}).json == {"restart_s": 2}
    assert (stage.folder / "ca.pem").read_text() == pem
    assert json.loads((stage.folder / "settings.json").read_text())["mqtt"]["ca_file"] == "ca.pem"
    assert stage.change("PUT", "certificates/ca", {"pem": ""}).status == 200
    assert not (stage.folder / "ca.pem").exists()


def test_the_setup_network_comes_when_it_is_asked_for(stage):
    firmware = stage.start()
    stage.log_in()
    assert stage.change("POST", "setup", {}).json == {"restart_s": 2}
    assert firmware.wait(10) == 0
    assert (stage.folder / "setup").read_text() == "owner"


def test_a_capture_is_read_again_and_does_not_say_whose_meter_it_is(stage):
    stage.start(speed=5)
    stage.log_in()
    assert stage.get("capture").json["state"] == "none"
    assert stage.get("capture/file").status == 404
    assert stage.change("POST", "capture", {}).status == 202
    running = stage.get("capture")
    schemas.validate_answer("capture", running.body)
    assert running.json["state"] == "running" and 50 < running.json["left_s"] <= 60
    stage.wait(lambda: stage.get("capture").json["state"] == "ready", 30, "a capture")
    answer = stage.get("capture/file")
    assert answer.status == 200 and "attachment" in answer.headers["content-disposition"]
    receiver, reading, found = Receiver("line"), Reading(), []
    receiver.feed(answer.body, len(answer.body))
    while receiver.next(reading):
        found.append(reading.as_dict())
    meters = {row["meter_id"] for row in stage.truth() if "meter_id" in row}
    assert len(found) >= 4 and receiver.counters["frame_check"] == 0
    for meter_id in meters:
        assert str(meter_id).encode() not in answer.body
    powers = [row["power_import_w"] for row in stage.truth()]
    assert all(row["power_import_w"] in powers for row in found)


def test_a_capture_for_which_there_is_no_room_is_over(stage):
    host.install(stage.folder)
    shutil.rmtree(stage.folder / "a" / "lib" / "maskcapture")  # as where its import fails
    stage.start(speed=20)
    stage.log_in()
    assert stage.change("POST", "capture", {}).status == 202
    stage.wait_for_log("no room to take the meter's number out", 15)
    assert stage.get("capture").json["state"] == "none"


# What it costs


def test_two_clients_with_their_streams_leave_heap_and_hold_nobody_up(sped, say):
    """Where nobody is, what answers is not there, and has given back what it took."""
    stage = sped(_TIMES, "aidon", program=heapbench.PROBE)
    stage.log_in()
    # The names in what is loaded are MicroPython's for ever, from the first time on: some 2.4 KB.
    _with_two_clients(stage)
    alone = _alone(stage)
    free, largest = _with_two_clients(stage)
    again = _alone(stage)
    say(f"heap free when all have gone: {alone}, and once more: {again}")
    # Tasks that have ended, some hundred bytes each, may stay until the next ones come.
    assert alone - again < 1024
    delay_ms = max(look.delay_ms for look in stage.probes()[3:]) / _TIMES
    say(f"heap free: {alone}; two clients and streams {free}, in one piece {largest}; UART delay {delay_ms:.0f} ms")
    assert free > BUDGETS["two clients"]["free"] and largest > BUDGETS["two clients"]["piece"]
    assert delay_ms < 100


def test_the_page_goes_even_when_asyncio_keeps_the_tasks_that_served_it(sped):
    """MicroPython's queue of tasks clears no pointer to one that has left it (py/pairheap.c)."""
    stage = sped(_TIMES, "aidon", program=_KEEPING + heapbench.PROBE)
    assert stage.page.get("/").status == 200
    _alone(stage)


_KEEPING = """
import asyncio.core

kept = []
create = asyncio.core.create_task

def keep(task):
    kept.append(create(task))
    return kept[-1]

asyncio.core.create_task = keep
"""


def test_a_request_for_which_there_is_no_room_is_told_so(stage):
    stage.start(program=_FULL)
    answer = stage.page.get("/api/v1/reading")
    assert answer.status == 503 and answer.json["error"] == "busy"
    schemas.validate_answer("error", answer.body)
    stage.wait_for_log("web: no room for a request", 5)
    assert stage.page.get("/").status == 200


_FULL = """
import gc
gc.threshold(4096)
from app import dongle
from app.start import start

run = dongle.Dongle.run

class Full:
    @staticmethod
    def dumps(content):
        raise MemoryError

async def full(self):
    from app import webserver
    webserver.json = Full
    await run(self)

dongle.Dongle.run = full
start()
"""


def test_an_owner_of_a_dutch_meter_has_the_page_too_and_what_stands_behind_the_meter(sped):
    """Reading gas takes heap: once a minute, and not while two clients have it."""
    stage = sped(10, "p1-nl", "--type", "dsmr5")
    stage.log_in()
    stage.wait(lambda: "gas_m3" in stage.get("reading").json["registers"], 30, "the gas meter")
    streams = [_stream(stage) for _ in range(2)]
    for _ in range(3):
        for path in (*_JSON, "log"):
            assert stage.get(path).status == 200, path
    for stream in streams:
        assert stream.recv(65536).count(b"event: reading") >= 1
        stream.close()
    assert not [line for line in stage.log if "memory" in line]


def _alone(stage):
    """How much heap is free when the last visitor has been gone for five minutes."""
    time.sleep(300 / _TIMES)
    least = BUDGETS["nobody"]["free"]  # with the page there it is less
    stage.wait(lambda: min(look.free for look in stage.probes()[-10:]) > least, 60, "the page to be gone")
    return max(look.free for look in stage.probes()[-20:])


def _with_two_clients(stage):
    """(free heap, its largest piece) in bytes meanwhile, as heapbench.least()."""
    streams = [_stream(stage) for _ in range(2)]
    third = stage.get("events")
    assert (third.status, third.json["error"]) == (503, "busy")
    began = len(stage.probes())
    for _ in range(4):
        for path in (*_JSON, "log"):
            assert stage.get(path).status == 200
        assert stage.page.get("/").status == 200
    stage.wait(lambda: len(stage.probes()) > began + 40, 30, "probes")
    busy = stage.probes()[began:]
    for stream in streams:
        assert stream.recv(65536).count(b"event: reading") >= 1
        stream.close()
    return heapbench.least(busy)


def _stream(stage):
    connection = stage.page.events(20, Cookie=stage.cookie)
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    return connection


def test_who_reads_nothing_is_cut_off_and_others_are_served(stage):
    stage.start(speed=20)
    stage.log_in()
    slow = [stage.page.connect(timeout=20) for _ in range(4)]
    for connection in slow[:2]:
        connection.sendall(b"GET / HTTP/1.1\r\n")
    for _ in range(3):
        assert stage.get("usage").status == 200
    for connection in slow:
        try:
            assert connection.recv(4096) == b""
        except ConnectionResetError:
            pass
        connection.close()


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(shared, octets):
    answer = shared.page.send(octets)
    assert answer.status == 400
    schemas.validate_answer("error", answer.body)
