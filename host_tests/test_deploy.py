"""tools/deploy.py: what it refuses, in one line, whichever command; test_upload.py has what it brings about."""

import errno
import json
import os
import pty
import subprocess
import sys

import pytest
import serial

import boardfile
import build
import deploy
import dongle
from deploying import target, upload
from dongle import DongleError

SECRET = "hemmelig-123"
KNOWN = "d32, esp32, esp32-mbus, esp32-p1, esp32c3, esp32s2, esp32s3, pow-k, pow-p1, pow-u, s2-mini"
MACHINE = "Generic ESP32 module with ESP32"


def _run(*words):
    """(exit status, what it printed) of the command."""
    return _of("upload", *words)


def _of(*words):
    command = [sys.executable, str(build.ROOT / "tools" / "deploy.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def _refusal(function, *words):
    with pytest.raises((DongleError, boardfile.BoardError)) as caught:
        function(*words)
    return str(caught.value)


def test_without_a_board_or_with_an_unknown_one_the_known_ones_are_named():
    assert _run() == (1, f"upload: which board? there are {KNOWN}\n")
    assert _run("--board", "pow-x") == (1, f"upload: no such board: pow-x; there are {KNOWN}\n")
    assert _refusal(boardfile.load, "schema") == f"no such board: schema; there are {KNOWN}"


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
    assert "nothing can be uploaded" in _refusal(upload.upload, host, "PORT", None)


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


def test_a_port_on_which_nothing_answers_is_one_line(monkeypatch, capfd):
    monkeypatch.setattr(dongle, "_ENTER_S", 0.2)
    monkeypatch.setattr(dongle, "_SILENCE_S", 0.2)
    master, slave = pty.openpty()
    port = os.ttyname(slave)
    said = _refusal(dongle.Link, port)
    os.close(master)
    os.close(slave)
    assert said == f"no MicroPython answers on {port}: make flash first, or press reset and run it again"
    assert capfd.readouterr().out == ""


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
def test_what_cannot_run_the_firmware_is_refused(about, said):
    assert said in _refusal(_examine, about)


def _examine(about):
    """What an upload asks of a dongle that says this of itself."""

    class Link:
        port = "PORT"

        def run(self, _program):
            return "about " + about + "\n"

    target.check_board(target.examine(Link()), boardfile.load("esp32")[1], "PORT")


# The others look at a file first.
@pytest.mark.parametrize("name", sorted({*deploy.COMMANDS} - {"flash", "provision"}))
def test_every_command_says_in_one_line_that_its_port_is_not_there(name):
    words = ["--board", "esp32"] if name == "upload" else ["--yes"] if name == "erase" else []
    status, said = _of(name, "--port", "/dev/ttyUSB77", *words)
    assert status == 1
    assert said.splitlines()[-1].startswith(f"{name}: there is no port /dev/ttyUSB77")
    assert "Traceback" not in said


def test_each_command_is_a_target_of_the_makefile_and_is_told_what_it_takes():
    makefile = (build.ROOT / "Makefile").read_text()
    for name in deploy.COMMANDS:
        assert f"\n{name}: $(READY) ## " in makefile
        status, said = _of(name, "--help")
        assert status == 0
        assert all(word in said for word, _options in deploy.COMMANDS[name][1])


def test_nothing_is_erased_unless_yes_is_written():
    status, said = _of("erase", "--port", "/dev/ttyUSB77")
    assert (status, said.splitlines()[-1].split("it: ")[-1]) == (1, "erase: nothing has been erased")
