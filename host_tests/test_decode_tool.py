"""tools/decode.py: a meter's bytes in, one JSON object a line out."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
import tty

import pytest
from conftest import ROOT
from vectors import golden

FRAMES = golden()
STREAM = b"".join(frame for _name, frame, _expected in FRAMES)
READINGS = [expected for _name, _frame, expected in FRAMES]


def _run(*words, data=b""):
    command = [sys.executable, str(ROOT / "tools" / "decode.py"), *map(str, words)]
    return subprocess.run(command, input=data, capture_output=True, timeout=30)


def _readings(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _llc(frame):
    return frame[frame.find(b"\xe6\xe7\x00") : -3]


@pytest.mark.parametrize("link", ["auto", "hdlc"])
def test_a_raw_file_gives_every_reading(tmp_path, link):
    (tmp_path / "capture").write_bytes(STREAM)
    assert _readings(_run("--link", link, tmp_path / "capture")) == READINGS


def test_hexadecimal_is_read_as_one_long_line_or_many_with_spaces_and_any_line_end():
    for text in (
        STREAM.hex(),
        STREAM.hex(" ").upper(),
        "\r\n".join(frame.hex() for _name, frame, _expected in FRAMES) + "\r\n",
        "\n".join(STREAM[at : at + 16].hex(" ") for at in range(0, len(STREAM), 16)),
    ):
        assert _readings(_run(data=text.encode())) == READINGS


def test_a_very_long_hexadecimal_line_is_read_whole():
    for separator in ("", " "):
        text = " ".join(f"{octet:02x}" for octet in STREAM * 30) if separator else (STREAM * 30).hex()
        assert _readings(_run(data=text.encode())) == READINGS * 30


def test_marks_before_hexadecimal_do_no_harm():
    for text in ("\ufeff" + STREAM.hex(), " ".join(f"0x{octet:02X}," for octet in STREAM)):
        assert _readings(_run(data=text.encode())) == READINGS


def test_a_pipe_that_begins_with_a_single_byte_is_read_raw():
    command = [sys.executable, str(ROOT / "tools" / "decode.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(b"\x09")
    process.stdin.flush()
    time.sleep(0.3)
    output, _errors = process.communicate(STREAM, timeout=30)
    assert [json.loads(line) for line in output.splitlines()] == READINGS


def test_a_short_input_is_told_at_its_end():
    frame = bytes.fromhex("7EA02A410883130413E6E7000F40000000000101020309060100010700FF060000073602020F00161B27357E")
    assert _readings(_run(data=frame)) == [{"power_import_w": 1846}]
    assert _readings(_run(data=frame.hex()[:88].encode())) == [{"power_import_w": 1846}]


def test_a_closed_standard_input_is_one_line():
    done = subprocess.run(f"{sys.executable} {ROOT}/tools/decode.py <&-", shell=True, capture_output=True, timeout=30)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


def test_dumps_without_link_are_read_line_by_line_and_as_a_stream():
    lines = "\n".join(_llc(frame).hex() for _name, frame, _expected in FRAMES).encode()
    assert _readings(_run(data=lines)) == READINGS
    raw = b"".join(_llc(frame) for _name, frame, _expected in FRAMES)
    assert _readings(_run("--link", "llc", data=raw)) == READINGS
    assert _readings(_run("--link", "apdu", data=_llc(FRAMES[0][1])[3:])) == READINGS[:1]


def test_garbage_is_counted_and_no_error():
    done = _run("--stats", data=b"\x7e\xa0\x2a" + bytes(range(256)) * 20)
    assert done.returncode == 0
    assert done.stdout == b""
    counters = dict(line.split(": ") for line in done.stderr.decode().splitlines())
    assert counters["bytes"] == str(3 + 256 * 20)
    assert counters["readings"] == "0" and int(counters["header_check"]) > 0
    assert _run(data=b"").returncode == 0


def test_counters_are_printed_only_when_asked_for():
    assert _run(data=STREAM).stderr == b""


def test_a_file_or_a_port_that_is_not_there_is_one_line(tmp_path):
    for words in ((tmp_path / "none",), ("--port", tmp_path / "none")):
        done = _run(*words)
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1 and b"none" in done.stderr


def test_a_wrong_word_is_explained():
    assert b"2400-8E1" in _run("--line", "fast").stderr
    assert b"apdu" in _run("--link", "usb").stderr


def test_a_reader_that_has_enough_ends_it_quietly():
    command = f"{sys.executable} {ROOT}/tools/decode.py | head -1"
    done = subprocess.run(command, shell=True, input=STREAM * 200, capture_output=True, timeout=30)
    assert json.loads(done.stdout) == READINGS[0]
    assert done.stderr == b""


def test_a_serial_port_is_read_while_it_talks():
    master, slave = pty.openpty()
    tty.setraw(slave)
    command = [sys.executable, str(ROOT / "tools" / "decode.py"), "--port", os.ttyname(slave)]
    # A pty refuses parity; a real port is opened with it.
    process = subprocess.Popen([*command, "--line", "2400-8N1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    threading.Timer(10, process.kill).start()
    # The port's own buffer is emptied when it is opened, and nothing tells when that was.
    threading.Thread(target=_repeat, args=(master, FRAMES[0][1], process), daemon=True).start()
    assert json.loads(process.stdout.readline()) == READINGS[0]
    process.kill()
    process.communicate()
    os.close(slave)


def _repeat(port, frame, process):
    while process.poll() is None:
        os.write(port, frame)
        time.sleep(0.3)


def test_it_is_installed_as_a_command(tmp_path):
    name = tmp_path / "capture"
    name.write_bytes(STREAM)
    command = [os.path.join(os.path.dirname(sys.executable), "hanport-decode"), str(name)]
    assert _readings(subprocess.run(command, capture_output=True, timeout=30, cwd=tmp_path)) == READINGS
