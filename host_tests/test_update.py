"""Tier 3: a new version by the page, on the real MicroPython: checked whole, tried, kept or given up."""

import io
import json
import tarfile
import time
from contextlib import closing
from functools import partial

import pytest

import alone
import build
import host
import schemas
from home_stage import HomeStage, another_version
from stage import WIFI

pytestmark = pytest.mark.tier3

_TYPE = "application/x-tar"
_BROKEN = b"raise RuntimeError('this version is broken')\n"
_NO_BROKER = b"""
class MQTTException(Exception):
    pass
class MQTTClient:
    def __init__(self, *about, **more):
        raise OSError(5)
"""


@pytest.fixture
def stage(tmp_path, compiled):
    """A dongle with the version in slot a, and a broker."""
    with closing(HomeStage(tmp_path)) as stage:
        host.install(tmp_path)
        stage.broker.start()
        stage.start_meter("aidon", "--speed", "20")
        yield stage


def _send(stage, tar, content_type=_TYPE, **headers):
    headers = {"Content_Type": content_type, "Cookie": stage.cookie, **headers}
    return stage.page.post("/api/v1/update", tar, method="PUT", **headers)


def _is_taken(stage, tar):
    """False when the heap has no room at this moment: then it is sent again."""
    status = _send(stage, tar).status
    assert status in (202, 400, 503)
    return status != 503


def _state(stage):
    answer = stage.get("update")
    schemas.validate_answer("update", answer.body)
    return answer.json


def _updated(stage, tar, firmware):
    """Send it, and wait for the restart."""
    assert _send(stage, tar).status == 202
    assert firmware.wait(60) == 0
    assert "".join(stage.log).count("is in place") == 1


def _logged(stage, text, seconds=60):
    return stage.wait_for_log(text, seconds)


def test_a_new_version_is_tried_and_kept_and_all_else_stays(stage, tmp_path):
    stage.remember(5)
    firmware = stage.start(speed=20)
    _logged(stage, "page is at")
    stage.log_in()
    assert _state(stage) == {
        "version": host_version(),
        "arch": "host",
        "possible": True,
        "trial": False,
        "went_back": False,
        "state": "none",
        "percent": 0,
        "new": "",
    }
    stage.wait(lambda: stage.get("diagnosis").json["mqtt"]["state"] == "ok", 30, "the broker")
    stage.wait(lambda: stage.get("diagnosis").json["state"] == "ok", 30, "readings")
    hours = stage.get("hours?days=2").json["hours"]
    _updated(stage, another_version(tmp_path), firmware)
    assert (tmp_path / "slot").read_text() == "b a 0 wifi page meter broker"
    assert not (tmp_path / "update.tar").exists()
    stage.start_again(speed=20)
    _logged(stage, "firmware 9.9.9 on")
    assert (tmp_path / "slot").read_text() == "b a 1 wifi page meter broker"
    stage.log_in()
    state = _state(stage)
    assert (state["version"], state["trial"]) == ("9.9.9", True)
    assert _send(stage, b"x" * 7000).json["error"] == "on_trial"
    _logged(stage, "this version is kept")
    assert (tmp_path / "slot").read_text() == "b"
    assert (tmp_path / "label").read_text() == host.LABEL
    assert json.loads((tmp_path / "settings.json").read_text())["wifi"] == WIFI
    assert len(hours) == 5 and stage.get("hours?days=2").json["hours"][:5] == hours


def host_version():
    return (host.COMPILED / build.MANIFEST).read_text().split()[1]


def test_one_that_does_not_start_is_given_up_after_three_starts(stage, tmp_path):
    firmware = stage.start(speed=20)
    stage.log_in()
    _updated(stage, another_version(tmp_path, files={"app/start.py": _BROKEN}), firmware)
    for start in (1, 2, 3):
        stage.log.clear()
        firmware = stage.start_firmware_with(None, ports=stage.ports)
        assert firmware.wait(30) == 0
        _logged(stage, "this version is broken", 5)
        assert (tmp_path / "slot").read_text().startswith(f"b a {start}")
    stage.start_again(speed=20)
    _logged(stage, "the new version did not do as well")
    assert (tmp_path / "slot").read_text() == "a back"
    stage.log_in()
    state = _state(stage)
    assert state["went_back"] and state["version"] == host_version()


def test_one_that_does_not_reach_what_the_one_before_had_is_given_up(stage, tmp_path):
    firmware = stage.start(speed=20)
    stage.log_in()
    stage.wait(lambda: stage.get("diagnosis").json["mqtt"]["state"] == "ok", 30, "the broker")
    _updated(stage, another_version(tmp_path, files={"lib/umqtt/simple.py": _NO_BROKER}), firmware)
    assert "broker" in (tmp_path / "slot").read_text()
    firmware = stage.start_again(speed=20)
    _logged(stage, "back to the version before")
    assert firmware.wait(10) == 0
    assert any("without broker" in line or "without meter broker" in line for line in stage.log)
    stage.start_again(speed=20)
    assert (tmp_path / "slot").read_text() == "a back"
    assert _logged(stage, "firmware " + host_version())


def test_what_is_not_a_whole_release_for_this_dongle_changes_nothing(stage, tmp_path):
    host.install(tmp_path, "b")
    (tmp_path / "slot").write_text("a")
    before = _spare(tmp_path)
    stage.start(speed=5)
    stage.log_in()
    good = another_version(tmp_path)
    flipped = bytearray(good)
    flipped[-20000] ^= 1
    wrong = {
        "damaged": [
            bytes(flipped),
            good[: len(good) // 2],
            good[:512] + good[512:].replace(b"app/", b"../.", 1),
            _swapped(good),
            _renamed(good, "app/button.mpy", "app/../../main.py"),
            _renamed(good, "app/button.mpy", "main.py"),
            _renamed(good, "app/button.mpy", "/main.py"),
        ],
        "other_arch": [
            another_version(tmp_path, "9.9.6", arch="rv32imc"),
            another_version(tmp_path, "9.9.5", **{"mpy 6": "mpy 7"}),
        ],
        "not_a_release": [b"x" * 9000, _tar_of("readme.txt", 9000), b"\0" * 10240],
    }
    for word, files in wrong.items():
        for number, content in enumerate(files):
            stage.wait(partial(_is_taken, stage, content), 10, f"that {word} {number} is taken")
            stage.wait(lambda: _state(stage)["state"] == "failed", 30, f"{word} {number}")
            assert _state(stage)["error"] == word, number
    assert _spare(tmp_path) == before
    assert (tmp_path / "slot").read_text() == "a"
    assert not (tmp_path / "update.tar").exists()
    assert not any("fault" in line for line in stage.log)


def _spare(folder):
    return {str(path): path.read_bytes() for path in (folder / "b").rglob("*") if path.is_file()}


def _swapped(tar):
    """The same with two files in another order than the manifest's."""
    members = _members(tar)
    members[2], members[3] = members[3], members[2]
    return _tar(members)


def _renamed(tar, old, new):
    """The same with another path of a file, in the manifest too."""
    members = _members(tar)
    for member, _content in members:
        member.name = new if member.name == old else member.name
    manifest = members[0][1].replace(f" {old}\n".encode(), f" {new}\n".encode())
    members[0][0].size = len(manifest)
    return _tar([(members[0][0], manifest), *members[1:]])


def _members(tar):
    with tarfile.open(fileobj=io.BytesIO(tar)) as old:
        return [(member, old.extractfile(member).read()) for member in old.getmembers()]


def _tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as new:
        for member, content in members:
            new.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _tar_of(name, size):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo(name)
        info.size = size
        tar.addfile(info, io.BytesIO(b"x" * size))
    return out.getvalue()


def test_who_may_not_and_what_is_too_large_is_refused_before_it_is_stored(stage, tmp_path):
    stage.start(speed=20)
    body = b"x" * 20000
    assert stage.page.post("/api/v1/update", body, method="PUT", Content_Type=_TYPE).status == 401
    stage.log_in()
    assert _send(stage, body, Origin="http://evil.example").status == 403
    assert _send(stage, body, Host="evil.example").status == 403
    assert _send(stage, body, content_type="text/plain").json["error"] == "not_a_release"
    assert _send(stage, b"{}").status == 400
    assert _send(stage, body, Content_Length=2000000).status in (0, 400)
    assert stage.get("update").json["state"] == "none"
    assert not (tmp_path / "update.tar").exists()


def _head(stage, length, content_type=_TYPE):
    lines = ["PUT /api/v1/update HTTP/1.1", "Host: " + stage.page.host, "Cookie: " + stage.cookie]
    return "\r\n".join([*lines, "Content-Type: " + content_type, f"Content-Length: {length}", "", ""]).encode()


def test_a_refusal_reaches_who_is_still_sending(stage):
    stage.start(speed=20)
    stage.log_in()
    body = b"x" * 400000
    with stage.page.connect() as connection:
        connection.sendall(_head(stage, len(body), "text/plain") + body[:200000])
        for at in range(200000, len(body), 50000):
            time.sleep(0.1)
            connection.sendall(body[at : at + 50000])
        assert stage.page.read(connection).json["error"] == "not_a_release"


def test_a_connection_that_breaks_leaves_the_dongle_ready_for_the_next(stage, tmp_path):
    firmware = stage.start(speed=20)
    stage.log_in()
    tar = another_version(tmp_path)
    with stage.page.connect() as connection:
        connection.sendall(_head(stage, len(tar)) + tar[:100000])
        stage.wait(lambda: _state(stage)["percent"] > 20, 10, "a part of it")
        assert _send(stage, tar[:20000]).json["error"] == "updating"
    stage.wait(lambda: _state(stage)["state"] == "failed", 30, "the end")
    assert _state(stage)["error"] == "damaged"
    _updated(stage, tar, firmware)


@pytest.mark.parametrize("refuses", ["write", "close"])
def test_a_flash_that_takes_no_more_is_said(compiled, tmp_path, refuses):
    program = f"""
import machine
from app import update

class Full:
    def write(self, piece):
        pass

    def close(self):
        pass

def refuse(*about):
    raise OSError(28)

Full.{refuses} = refuse
update.open = lambda *about: Full()
found = update.Update(None, 2)
try:
    found.write(b"x")
    found.write(b"x")
except OSError:
    pass
found.close()
print(found.state, found.error, found.is_over)
"""
    assert alone.run(program, tmp_path).splitlines()[-1] == "failed not_kept True"


def test_a_damaged_slot_file_keeps_nobody_from_starting(stage, tmp_path):
    (tmp_path / "slot").write_text("a b -")
    stage.start()


def test_a_dongle_with_one_version_says_that_it_takes_a_cable(tmp_path, compiled):
    with closing(HomeStage(tmp_path)) as stage:
        stage.start_meter("aidon")
        stage.start()
        stage.log_in()
        assert _state(stage)["possible"] is False
        assert _send(stage, b"x" * 20000).json["error"] == "one_slot"


def test_the_reader_goes_on_while_a_version_is_unpacked(stage, tmp_path):
    firmware = stage.start()
    stage.log_in()
    assert _send(stage, another_version(tmp_path)).status == 202
    states, delays = set(), []
    state = _state(stage)["state"]
    while state != "restarting":
        states.add(state)
        delays.append(stage.get("diagnosis").json["dongle"]["reader_delay_ms"])
        state = _state(stage)["state"]
    assert {"checking", "unpacking"} >= states and states
    assert max(delays) < 100
    assert firmware.wait(10) == 0
