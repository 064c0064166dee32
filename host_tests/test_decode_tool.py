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
from simulated import pushes, wire
from simulator import makers
from simulator.ciphering import derived_key
from vectors import golden

FRAMES = golden()
STREAM = b"".join(frame for _name, frame, _expected in FRAMES)
READINGS = [expected for _name, _frame, expected in FRAMES]
# Of other countries, with other links, keys and scalers. E450's lists are not read yet.
NORDICS = {
    entry["name"]: entry
    for entry in json.loads((ROOT / "host_tests/golden/nordics.json").read_text())
    if entry["name"] != "E450"
}
# The keys of the simulated meters, unless told otherwise.
KEY = derived_key(1, "key").hex()
AUTH_KEY = derived_key(1, "authentication key").hex()


def _run(*words, data=b"", **environment):
    command = [sys.executable, str(ROOT / "tools" / "decode.py"), *map(str, words)]
    return subprocess.run(command, input=data, capture_output=True, timeout=30, env={**os.environ, **environment})


def _readings(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _complaint(done, code):
    """The one line on standard error of a run that printed nothing."""
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.count(b"\n") == 1
    return done.stderr.decode()


def _sent(maker, kind, **meter):
    """Bytes and readings of a quarter of a minute of a simulated meter."""
    sent = pushes(makers.MAKERS[maker], kind, "2026-01-15T12:00:00", 15, **meter)
    return wire(sent), [push.expected for push in sent]


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
    for words in ((tmp_path / "none",), ("--port", tmp_path / "none", "--line", "9600-7E1")):
        done = _run(*words)
        assert done.returncode == 2
        assert done.stderr.count(b"\n") == 1 and b"none" in done.stderr


def test_a_wrong_word_is_explained_in_one_line():
    for words, explanation in (
        (("--line", "fast"), "2400-8E1"),
        (("--line", "115200-8N1-inverted"), "a PC's serial port cannot invert"),
        (("--link", "usb"), "apdu"),
        (("--multiply", "energy=3"), "energy=3 is no multiplier like energy=10"),
        (("--multiply", "energy=1,time=10"), "time=10 is no multiplier"),
        (("--multiply", "voltage=0.00000000001"), "is no multiplier"),
    ):
        assert explanation in _complaint(_run(*words), 2)


# Meters of other countries


def _words_for(entry):
    words = ["--key", entry["key"]] if "key" in entry else []
    if "authentication_key" in entry:
        words += ["--auth-key", entry["authentication_key"]]
    for quantity, power in entry.get("scalers", {}).items():
        words += ["--multiply", f"{quantity}={10**power}"]
    return words


@pytest.mark.parametrize("name", NORDICS)
def test_every_link_is_read_by_its_name_and_found_without_one(name):
    entry = NORDICS[name]
    data = bytes.fromhex(entry["hex"])
    for words, form in (((), data), ((), data.hex().encode()), (("--link", entry["link"]), data)):
        assert _readings(_run(*words, *_words_for(entry), data=form)) == [entry["expected"]]


def test_an_m_bus_dump_of_whole_messages_needs_no_frames():
    entry = NORDICS["NETZ-NOE"]
    frames = bytes.fromhex(entry["hex"])
    first, second = frames[:256], frames[256:]
    message = first[9:-2] + second[9:-2]
    for link in ("apdu", "auto"):
        assert _readings(_run("--link", link, "--key", entry["key"], data=message)) == [entry["expected"]]


def test_what_a_swedish_kamstrup_counts_in_is_told_by_a_multiplier():
    data = bytes.fromhex(next(entry["hex"] for name, entry in NORDICS.items() if name.startswith("KAM-SE-L2")))
    (plain,), (told,) = _readings(_run(data=data)), _readings(_run("--multiply", "energy=1", data=data))
    assert plain["energy_import_wh"] == 10 * told["energy_import_wh"]
    (other,) = _readings(_run("--multiply", "energy=100,voltage=.1,current=0.001", data=data))
    assert other["energy_import_wh"] == 100 * told["energy_import_wh"]
    assert told["l1_voltage_v"] == pytest.approx(10 * other["l1_voltage_v"])
    assert told["l1_current_a"] == pytest.approx(10 * other["l1_current_a"])


# P1 telegrams


@pytest.mark.parametrize("kind", [kind.name for kind in makers.MAKERS["p1-se"].types])
def test_a_file_of_telegrams_is_text_and_no_hexadecimal(kind):
    data, readings = _sent("p1-se", kind)
    words = () if kind != "adn9" else ("--unchecked",)
    assert _readings(_run(*words, data=data)) == readings
    assert _readings(_run(*words, data=data.hex().encode())) == readings


def test_a_file_may_begin_within_a_telegram_and_end_right_behind_one():
    data, readings = _sent("p1-nl", "dsmr5")
    assert _readings(_run(data=data[30:].rstrip())) == readings[1:]


def test_a_file_may_end_with_a_check_of_any_length():
    (push,) = pushes(makers.MAKERS["p1-se"], "efs", "2026-01-15T12:00:00", 10, seed=31)
    telegram, _, check = push.frame.rstrip().rpartition(b"!")
    assert check[:1] == b"0"
    for ending in (check, check.lstrip(b"0"), check.lstrip(b"0").lower()):
        for link in ("auto", "p1"):
            assert _readings(_run("--link", link, data=telegram + b"!" + ending)) == [push.expected]


def test_a_telegram_without_check_is_taken_only_when_that_is_allowed():
    data, readings = _sent("p1-se", "adn9")
    assert "--unchecked" in _complaint(_run(data=data), 0)
    assert _readings(_run("--unchecked", data=data.rstrip())) == readings


# Encrypted meters

ENCRYPTED = [("kamstrup-dk", "3-phase", control) for control in (0x30, 0x20, 0x10)]
ENCRYPTED += [("mbus-at", "MA309M", None), ("mbus-at", "T210-D", None)]


@pytest.mark.parametrize(("maker", "kind", "control"), ENCRYPTED)
def test_an_encrypted_meter_is_read_with_its_keys(maker, kind, control):
    data, readings = _sent(maker, kind, security_control=control)
    assert _readings(_run("--key", KEY, "--auth-key", AUTH_KEY, data=data)) == readings
    assert _readings(_run("--key", KEY, data=data)) == readings


def test_a_key_may_be_written_in_groups_or_stand_in_a_file(tmp_path):
    data, readings = _sent("kamstrup-dk", "3-phase", security_control=0x30)
    pairs = [KEY[at : at + 2].upper() for at in range(0, 32, 2)]
    for separator in (" ", "-", ":"):
        assert _readings(_run("--key", separator.join(pairs), data=data)) == readings
    (tmp_path / "key").write_text("\ufeff" + KEY + "\r\n", encoding="utf-8")
    assert _readings(_run("--key", f"@{tmp_path}/key", data=data)) == readings


def test_a_key_that_is_missing_or_wrong_is_told_so():
    data, _ = _sent("kamstrup-dk", "3-phase", security_control=0x30)
    assert "give the key" in _complaint(_run(data=data), 0)
    assert "another key" in _complaint(_run("--key", AUTH_KEY, data=data), 0)
    assert "--auth-key right?" in _complaint(_run("--key", KEY, "--auth-key", KEY, data=data), 0)


@pytest.mark.parametrize("key", ["", "0011", KEY + "00", "x" + KEY[1:], KEY.replace("a", "ä")])
def test_what_is_no_key_is_one_line_that_does_not_show_it(key):
    told = _complaint(_run("--key", key), 2)
    assert "32 hexadecimal digits" in told
    assert not key or key not in told


def test_a_key_from_a_file_that_is_not_there_or_holds_none_is_one_line(tmp_path):
    assert "No such file" in _complaint(_run("--key", f"@{tmp_path}/none"), 2)
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert "32 hexadecimal digits" in _complaint(_run("--auth-key", f"@{tmp_path}/key"), 2)


def test_an_authentication_key_alone_is_of_no_use():
    assert "--auth-key goes with --key" in _complaint(_run("--auth-key", AUTH_KEY), 2)


def test_without_the_package_cryptography_it_says_what_to_install(tmp_path):
    (tmp_path / "cryptography.py").write_text("raise ImportError")
    done = _run("--key", KEY, PYTHONPATH=str(tmp_path))
    assert "pip install cryptography" in _complaint(done, 2)
    assert _readings(_run(data=STREAM, PYTHONPATH=str(tmp_path))) == READINGS


# Why nothing was read


def _with_a_wrong_check(frame):
    return frame[:-2] + bytes((frame[-2] ^ 1,)) + frame[-1:]


def test_the_likeliest_reason_for_nothing_is_told():
    kaifa = bytes.fromhex(NORDICS["KAIFA-SE-1P"]["hex"])
    segments = bytes.fromhex(NORDICS["KAM-DOC-1 in two segments"]["hex"])
    for words, data, reason in (
        ((), b"nobody knows what this is", "no frame in it"),
        ((), _with_a_wrong_check(kaifa), "all its frames are damaged"),
        ((), segments[: segments.find(b"\x7e\x7e") + 1] * 2, "always one missing"),
        (("--link", "llc"), _llc(kaifa).replace(b"KFM_001", b"XYZ_001"), "lists hold nothing that is known"),
        (("--link", "apdu"), b"\x0f" + bytes(range(40)) * 2, "is --link right?"),
        ((), b"/XXX5SYN\r\n\r\n1-0:1.7.0(00\x80\xff", "inverted line"),
    ):
        assert reason in _complaint(_run(*words, data=data), 0)


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
    telegram, readings = _sent("p1-fi", "efs")
    threading.Thread(target=_repeat, args=(master, FRAMES[0][1] + telegram, process), daemon=True).start()
    assert json.loads(process.stdout.readline()) == READINGS[0]
    assert json.loads(process.stdout.readline()) == readings[0]
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


def test_what_came_is_written_with_the_meters_number_masked(tmp_path):
    data, readings = _sent("aidon", "6534", meter_id="7358214696352471")
    assert _readings(_run("--mask", tmp_path / "masked", data=data)) == readings
    masked = (tmp_path / "masked").read_bytes()
    assert masked != data and len(masked) == len(data) and b"735821" not in masked
    again = _readings(_run(tmp_path / "masked"))
    for reading in readings:
        if "meter_id" in reading:
            reading["meter_id"] = "0" * 16
    assert again == readings


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path):
    done = _run("--mask", tmp_path / "no" / "folder", data=STREAM)
    assert (
        done.returncode == 2 and done.stderr == f"decode: No such file or directory: {tmp_path}/no/folder\n".encode()
    )
