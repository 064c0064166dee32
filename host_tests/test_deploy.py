"""`make upload`: what it refuses, in one line; and what it leaves on the dongle, whatever is broken off."""

import errno
import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import serial

import boardfile
import build
import deploy
import dongle
import toolchain
from dongle import DongleError

SECRET = "hemmelig-123"
MACHINE = "Generic ESP32 module with ESP32"


def _run(*words):
    """(exit status, what it printed) of the command."""
    command = [sys.executable, str(build.ROOT / "tools" / "deploy.py"), "upload", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def _refusal(function, *words):
    with pytest.raises((DongleError, boardfile.BoardError)) as caught:
        function(*words)
    return str(caught.value)


def test_without_a_board_or_with_an_unknown_one_the_known_ones_are_named():
    assert _run() == (1, "upload: which board? there are esp32, pow-u\n")
    assert _run("--board", "pow-x") == (1, "upload: no such board: pow-x; there are esp32, pow-u\n")
    assert _refusal(boardfile.load, "schema") == "no such board: schema; there are esp32, pow-u"


def test_a_board_file_of_ones_own_is_checked(tmp_path):
    path = tmp_path / "mine.json"
    assert "No such file" in _refusal(boardfile.load, str(path))
    path.write_text("{")
    assert "mine.json is not JSON" in _refusal(boardfile.load, str(path))
    path.write_text("[]")
    assert _refusal(boardfile.load, str(path)).endswith("mine.json: board: [] is not of type 'object'")
    path.write_text((boardfile.BOARDS / "esp32.json").read_text())
    assert boardfile.load(str(path))[1]["chip"] == "esp32"


def test_nothing_is_uploaded_to_the_host_board():
    host = str(boardfile.BOARDS / "host" / "board.json")
    assert "nothing can be uploaded" in _refusal(deploy.upload, host, "PORT", None)


def test_a_port_that_is_not_there_or_is_none_is_one_line(tmp_path):
    status, said = _run("--board", "esp32", "--port", "/dev/ttyUSB77")
    assert status == 1
    assert said.splitlines()[-1].startswith("upload: there is no port /dev/ttyUSB77; there are ")
    assert "Traceback" not in said
    file = tmp_path / "port"
    file.touch()
    assert dongle.why_closed(str(file)) == f"{file} is not a serial port"


def test_a_port_that_is_in_use_is_one_line():
    master, slave = pty.openpty()
    port = os.ttyname(slave)
    with serial.Serial(port, exclusive=True):
        status, said = _run("--board", "esp32", "--port", port)
    os.close(master)
    os.close(slave)
    assert (status, said.splitlines()[-1]) == (
        1,
        "upload: " + f"{port} is in use: close the terminal or program that has it open",
    )


def test_a_port_that_is_not_open_to_the_user_names_the_group(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(dongle.os, "open", refuse)
    monkeypatch.setattr(dongle, "group_of", lambda _port: "dialout")
    assert "usermod -aG dialout" in dongle.why_closed("/dev/ttyUSB0")


def test_a_port_on_which_nothing_answers_is_one_line():
    master, slave = pty.openpty()
    said = _refusal(lambda: dongle.mpremote(os.ttyname(slave), "exec", "", timeout_s=2))
    os.close(master)
    os.close(slave)
    assert said.endswith("for 2 s")


@pytest.mark.parametrize("ports, said", [((), "no USB serial port"), (("b", "a"), "which port? there are a, b")])
def test_without_a_port_the_only_one_is_taken(monkeypatch, ports, said):
    def found(names):
        return lambda: [type("Port", (), {"device": name, "vid": 0x10C4}) for name in names]

    monkeypatch.setattr(dongle.list_ports, "comports", found(ports))
    assert said in _refusal(dongle.find_port)
    monkeypatch.setattr(dongle.list_ports, "comports", found(("only",)))
    assert dongle.find_port() == "only"


def test_faulty_settings_are_refused_by_key_and_no_secret_is_shown(tmp_path):
    path = tmp_path / "settings.json"
    tree = {"wifi": {"ssid": 5, "password": [SECRET]}, "mqtt": {"passord": SECRET, "password": {"a": SECRET}}}
    path.write_text(json.dumps(tree))
    status, said = _run("--board", "esp32", "--settings", str(path))
    assert status == 1
    keys = ("wifi.ssid", "wifi.password", "mqtt.passord", "mqtt.password")
    assert [line.split(": ")[2] for line in said.splitlines()] == list(keys)
    path.write_text('{"wifi": {"password": "' + SECRET)
    status, not_json = _run("--board", "esp32", "--settings", str(path))
    assert status == 1
    assert "is not JSON" in not_json
    assert SECRET not in said + not_json


@pytest.mark.parametrize(
    "about, said",
    [
        ("circuitpython 9.0 10 x", "circuitpython runs on PORT is not MicroPython"),
        ("micropython 1.22 10 " + MACHINE, "MicroPython 1.22 is too old: flash 1.25 or later"),
        ("micropython 1.25 11 Generic C3 module with ESP32C3", "is a Generic C3 module with ESP32C3: wrong board"),
        ("micropython 1.25 10 Generic ESP32S2 module with ESP32S2", "has an esp32, but on PORT is a Generic ESP32S2"),
        ("micropython 1.25 0 " + MACHINE, "wrong board or port"),
    ],
)
def test_what_cannot_run_the_firmware_is_refused(monkeypatch, about, said):
    monkeypatch.setattr(dongle, "mpremote", lambda *_words, **_: "about " + about + "\n")
    assert said in _refusal(deploy.examine, "PORT", boardfile.load("esp32")[1])


class Flash:
    """A folder as the dongle's flash. The programs that the upload sends run in it, on the host's MicroPython."""

    def __init__(self, flash, monkeypatch):
        self.flash = flash
        self.copied = []
        self.break_off_after = None
        flash.mkdir()
        arch = self.execute("import sys; print(sys.implementation._mpy >> 10 & 15)")
        monkeypatch.setattr(build, "INSTRUCTION_SETS", ("",) * int(arch) + ("xtensawin",))
        monkeypatch.setattr(dongle, "mpremote", self.mpremote)
        monkeypatch.setattr(deploy, "start", lambda port: None)

    def execute(self, program):
        command = [*toolchain.micropython(), "-c", program]
        return subprocess.run(command, cwd=self.flash, capture_output=True, text=True, check=True, timeout=60).stdout

    def mpremote(self, _port, *words, timeout_s=0):
        if "cp" in words:
            self.copy(words[3])
        return self.execute(words[-1])

    def copy(self, folder):
        """As `cp -r`: in the names' order; a broken-off copy leaves half a file."""
        target = self.flash / deploy.STAGE
        self.copied = []
        for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            new = target / path.relative_to(folder)
            new.parent.mkdir(parents=True, exist_ok=True)
            if len(self.copied) == self.break_off_after:
                new.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
                raise DongleError("the cable is out")
            shutil.copy(path, new)
            self.copied.append(path.relative_to(folder).as_posix())

    def files(self):
        return {path.relative_to(self.flash).as_posix(): path.read_bytes() for path in self.flash.rglob("*.*")}


@pytest.fixture
def flashed(tmp_path, monkeypatch):
    built = tmp_path / "built"
    monkeypatch.setattr(deploy, "SETTINGS", tmp_path / "settings.json")
    monkeypatch.setattr(deploy.build, "build", lambda arch: built)
    for path in ("app/board.mpy", "lib/hanport/meters/kaifa.mpy", "lib/energy/total.mpy", "main.py"):
        (built / path).parent.mkdir(parents=True, exist_ok=True)
        (built / path).write_text("new " + path)
    return Flash(tmp_path / "flash", monkeypatch)


@pytest.mark.tier2
def test_everything_arrives_and_what_is_equal_is_not_copied_again(flashed, capsys):
    deploy.upload("esp32", "PORT", None)
    files = flashed.files()
    assert sorted(files) == [
        "app/board.mpy",
        "board.json",
        "lib/energy/total.mpy",
        "lib/hanport/meters/kaifa.mpy",
        "main.py",
    ]
    assert files["board.json"] == (boardfile.BOARDS / "esp32.json").read_bytes()
    assert not (flashed.flash / deploy.STAGE).exists()
    assert "the settings are missing on the dongle too" in capsys.readouterr().out
    (flashed.flash / "app" / "board.mpy").write_text("another")
    deploy.upload("esp32", "PORT", None)
    assert flashed.copied == ["app/board.mpy"]
    assert flashed.files() == files
    flashed.copied = []
    deploy.upload("esp32", "PORT", None)
    assert flashed.copied == []
    assert "0 of 5 files to copy, 0 to remove" in capsys.readouterr().out


@pytest.mark.tier2
def test_settings_and_the_owners_files_stay_and_old_modules_go(flashed, capsys):
    kept = {"settings.json": "{}", "app/notes.txt": "mine", "lib/other.py": "mine", "hours.bin": "journal"}
    gone = ("app/board.py", "app/old.mpy", "lib/hanport/meters/old.py")
    for path, text in {**kept, **dict.fromkeys(gone, "old")}.items():
        (flashed.flash / path).parent.mkdir(parents=True, exist_ok=True)
        (flashed.flash / path).write_text(text)
    deploy.upload("esp32", "PORT", None)
    assert "the settings stay as they are" in capsys.readouterr().out
    for path, text in kept.items():
        assert (flashed.flash / path).read_text() == text
    for path in gone:
        assert not (flashed.flash / path).exists()


@pytest.mark.tier2
def test_settings_that_are_here_are_put_on_the_dongle(flashed, capsys):
    text = json.dumps({"wifi": {"ssid": "huset", "password": SECRET}})
    deploy.SETTINGS.write_text(text)
    deploy.upload("esp32", "PORT", None)
    assert (flashed.flash / "settings.json").read_text() == text
    assert SECRET not in capsys.readouterr().out


def test_a_certificate_that_the_settings_name_goes_along_and_a_missing_one_is_said(flashed):
    deploy.SETTINGS.write_text(json.dumps({"mqtt": {"tls": True, "ca_file": "ca.pem"}}))
    with pytest.raises(deploy.SettingsError, match="mqtt.ca_file: there is no such file"):
        deploy.upload("esp32", "PORT", None)
    (deploy.SETTINGS.parent / "ca.pem").write_text("certificate")
    deploy.upload("esp32", "PORT", None)
    assert (flashed.flash / "ca.pem").read_text() == "certificate"


@pytest.mark.tier2
@pytest.mark.parametrize("whole_files", range(5))
def test_a_broken_off_copy_leaves_the_firmware_that_was_there(flashed, whole_files):
    old = {"main.py": b"old", "app/board.mpy": b"old", "settings.json": b"{}"}
    for path, content in old.items():
        (flashed.flash / path).parent.mkdir(exist_ok=True)
        (flashed.flash / path).write_bytes(content)
    flashed.break_off_after = whole_files
    said = _refusal(deploy.upload, "esp32", "PORT", None)
    assert said == "the cable is out; the dongle still has the firmware it had: run it again"
    staged = deploy.STAGE + "/"
    assert {path: text for path, text in flashed.files().items() if not path.startswith(staged)} == old
    flashed.break_off_after = None
    deploy.upload("esp32", "PORT", None)
    assert flashed.files()["main.py"] == b"new main.py"
    assert not (flashed.flash / deploy.STAGE).exists()


@pytest.mark.tier2
def test_what_arrives_damaged_is_not_put_in_place(flashed, monkeypatch):
    copy = flashed.copy

    def damage(folder):
        copy(folder)
        (flashed.flash / deploy.STAGE / "main.py").write_text("new main.pz")

    monkeypatch.setattr(flashed, "copy", damage)
    assert "main.py has arrived damaged" in _refusal(deploy.upload, "esp32", "PORT", None)
    assert not (flashed.flash / "main.py").exists()


@pytest.mark.parametrize(
    "log, said",
    [
        (["ets Jun  8 2016", "[     0] start: firmware 0.1.0 on x, device han-1", "[     0] meter: listening"], None),
        (["Traceback:", "ImportError: no module named 'app'"], "the firmware has not started"),
    ],
)
def test_the_log_is_shown_from_the_start_line_on(monkeypatch, capsys, log, said):
    monkeypatch.setattr(dongle, "mpremote", lambda *_: "")
    monkeypatch.setattr(dongle, "follow", lambda _port, _seconds: iter(log))
    if said:
        assert said in _refusal(deploy.start, "PORT")
        assert capsys.readouterr().out.splitlines() == log
    else:
        deploy.start("PORT")
        assert capsys.readouterr().out.splitlines() == log[1:]
