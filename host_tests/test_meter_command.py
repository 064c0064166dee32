"""The command meter.py: what it writes where, its options, its complaints."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from simulated import pushes, wire
from simulator.faults import faults_named
from simulator.makers import AIDON


def command(*options):
    return [sys.executable, str(ROOT / "tools/meter.py"), *map(str, options)]


def run(*options):
    return subprocess.run(command(*options), capture_output=True, timeout=20)


AN_HOUR_TURNS = ("--meter", "aidon", "--type", "6534", "--clock", "2026-01-15T11:59:50.100", "--seconds", 30)


def test_a_file_holds_every_frame_and_the_truth_of_each(tmp_path):
    done = run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin", "--truth", tmp_path / "truth.json")
    assert done.returncode == 0
    assert done.stderr.decode() == "frames sent: 9 of list 1, 2 of list 2, 1 of list 3\n"
    truth = [json.loads(line) for line in (tmp_path / "truth.json").read_text().splitlines()]
    sent = pushes(AIDON, "6534", "2026-01-15T11:59:50.100", 30)
    assert truth == [{"list": push.list_number, "due_ms": push.due_ms, **push.expected} for push in sent]
    assert (tmp_path / "han.bin").read_bytes() == b"".join(push.frame for push in sent)


def test_standard_output_takes_the_same_bytes_as_a_file(tmp_path):
    run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin")
    assert run(*AN_HOUR_TURNS, "--file", "-").stdout == (tmp_path / "han.bin").read_bytes()


@pytest.mark.timed
def test_a_paced_file_grows_at_the_speed_of_the_line(tmp_path):
    began = time.monotonic()
    run(*AN_HOUR_TURNS, "--file", tmp_path / "han.bin", "--pace", "--speed", 30)
    assert 1 <= time.monotonic() - began < 4
    assert (tmp_path / "han.bin").read_bytes() == run(*AN_HOUR_TURNS, "--file", "-").stdout


def test_a_pty_reader_gets_the_bytes_of_the_file_and_finds_the_setting_of_the_line(tmp_path):
    link = tmp_path / "han"
    options = (*AN_HOUR_TURNS, "--pty", "--link", link, "--speed", 20)
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        address = meter.stdout.readline().decode().strip()
        assert os.path.realpath(link) == address
        setting = json.loads((tmp_path / "han.line").read_text())
        received = read_to_end(os.open(link, os.O_RDONLY | os.O_NOCTTY))
        assert meter.wait(5) == 0
    assert setting == {"baudrate": 2400, "bits": 8, "parity": "E", "stop": 1, "invert": False, "idle_bits": 0}
    whole = run(*AN_HOUR_TURNS, "--file", "-").stdout
    assert whole.endswith(received) and len(received) > len(whole) / 2
    assert not os.listdir(tmp_path)


def read_to_end(reader):
    received = b""
    try:
        while True:
            data = os.read(reader, 4096)
            if not data:
                return received
            received += data
    except OSError:  # EIO: the meter has gone
        return received
    finally:
        os.close(reader)


def test_a_tcp_client_gets_the_bytes_of_the_file():
    options = (*AN_HOUR_TURNS, "--tcp", 0, "--speed", 20)
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        host, port = meter.stdout.readline().decode().split(":")
        with socket.create_connection((host, int(port))) as client:
            received = b"".join(iter(lambda: client.recv(4096), b""))
    whole = run(*AN_HOUR_TURNS, "--file", "-").stdout
    assert whole.endswith(received) and len(received) > len(whole) / 2


SECONDS_10 = ("--clock", "2026-01-15T12:00:00", "--seconds", 10, "--file", "-")


def sent_bytes(*options):
    return run(*options, *SECONDS_10).stdout


def test_the_keys_that_nobody_gave_are_told_and_given_ones_are_not():
    encrypted = ("--meter", "kamstrup-dk", "--security", "30")
    done = run(*encrypted, *SECONDS_10)
    *told, _ = done.stderr.decode().splitlines()
    assert [line.split(": ")[0] for line in told] == ["key", "authentication key"]
    key, authentication_key = (line.split(": ")[1] for line in told)
    given = run(*encrypted, "--key", key, "--auth-key", authentication_key, *SECONDS_10)
    assert given.stdout == done.stdout and key not in given.stderr.decode()
    assert run("--meter", "mbus-at", *SECONDS_10).stderr.decode().startswith("key: ")


def test_the_pieces_of_a_message_are_chosen_by_options():
    whole = sent_bytes("--meter", "kamstrup-dk")
    assert len(whole) == 461 and sent_bytes("--meter", "kamstrup-dk", "--segment", 120).count(b"\x7e\x7e") == 3
    assert sent_bytes("--meter", "kamstrup-dk", "--blocks", 100).count(b"\xe0\x40\x00") == 4
    shared = sent_bytes("--meter", "kamstrup-dk", "--segment", 120, "--shared-flags")
    assert len(shared) == len(sent_bytes("--meter", "kamstrup-dk", "--segment", 120)) - 3


def test_the_ends_of_a_telegram_are_chosen_by_options():
    def end(*options):
        return sent_bytes("--meter", "p1-se", "--seed", 31, *options).rpartition(b"!")[2]

    right, short = end(), end("--crc", "unpadded")
    assert right == b"0" + short and len(right) == 6
    assert end("--crc", "lower") == right.lower() != right
    assert end("--crc", "none") == b"\r\n"
    assert end("--line-end", "lf")[-3:-1] != right[-3:-1] and b"\r" not in end("--line-end", "lf")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_meter_at_once_and_removes_the_link(number, tmp_path):
    options = ("--meter", "kamstrup", "--pty", "--link", tmp_path / "han")
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as meter:
        meter.stdout.readline()
        assert sorted(os.listdir(tmp_path)) == ["han", "han.line"]
        meter.send_signal(number)
        assert meter.wait(5) == 0
        assert meter.stderr.read().decode().startswith("frames sent: ")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--meter aidon --type 6599 --tcp 0", "has no type 6599, but 6525 (three-wire), 6515 (1-phase)"),
        ("--meter embriq --type ZCF1 --tcp 0", "has no type ZCF1, but ZMF1 (four-wire), ZFF1 (three-wire)"),
        ("--meter aidon --file -", "--file needs --seconds"),
        ("--meter aidon --tcp 0 --hourly-second 25", "--hourly-second is for Kamstrup"),
        ("--meter kaifa --tcp 0 --old", "--old is for Kamstrup"),
        ("--meter kaifa --tcp 0 --clock noon", "noon is no time like"),
        ("--meter kaifa --tcp 0 --meter-id 123", "has 16 ASCII characters"),
        ("--meter kaifa --tcp 70000", "invalid port value"),
        ("--meter p1-se --tcp 0 --meter-id 123", "P1 (SE) sends no meter id"),
        ("--meter kamstrup-dk --tcp 0 --hourly-second 25", "--hourly-second is for Kamstrup in Norway and Sweden"),
        ("--meter kamstrup-dk --tcp 0 --meter-id 1234567X", "--meter-id of Kamstrup (DK) is a number"),
        ("--meter mbus-at --tcp 0 --segment 100", "Netz NOe has no HDLC"),
        ("--meter aidon --tcp 0 --segment 100 --blocks 100", "not allowed with argument --segment"),
        ("--meter aidon --tcp 0 --segment 1", "invalid part_size value"),
        ("--meter aidon --tcp 0 --crc none", "Aidon sends no P1 telegram"),
        ("--meter aidon --tcp 0 --security 30", "Aidon does not encrypt"),
        ("--meter kamstrup-dk --tcp 0 --security 31", "invalid security value"),
        ("--meter kamstrup-dk --tcp 0 --key 00112233445566778899aabbccddeeff", "a key needs --security"),
        ("--meter kamstrup-dk --tcp 0 --security 30 --key 0011", "invalid key value"),
        ("--meter kamstrup-dk --tcp 0 --fault replay=0.1", "for encrypted frames"),
        ("--meter aidon --tcp 0 --fault lost=2", "lost=2 is no fault like lost=0.01"),
        ("--meter kaifa --serial /dev/null --speed 2", "leave out --speed"),
        ("--meter kaifa --pty --truth /nowhere/truth", "No such file or directory"),
        ("--meter kaifa --serial /nowhere/tty", "could not open port /nowhere/tty"),
    ],
)
def test_a_mistake_is_told_in_one_line(options, complaint):
    done = run(*options.split())
    lines = done.stderr.decode().splitlines()
    assert done.returncode in (1, 2)
    assert len(lines) == 1 and complaint in lines[0]


def test_a_closed_pipe_ends_the_meter_in_one_line():
    reader, writer = os.pipe()
    os.close(reader)
    to_pipe = command(*AN_HOUR_TURNS, "--file", "-")
    done = subprocess.run(to_pipe, stdout=writer, stderr=subprocess.PIPE, timeout=20)
    os.close(writer)
    assert done.stderr.decode() == "meter.py: [Errno 32] Broken pipe\n"


def test_the_command_lists_as_truth_what_arrives_whole(tmp_path):
    words = "--meter aidon --type 6534 --seconds 300 --seed 4 --clock 2026-01-15T11:59:58 --fault lost=0.001"
    words += f" --fault noise=0.1 --fault stuck@250 --file {tmp_path}/bytes --truth {tmp_path}/truth"
    done = run(*words.split())
    truth = [json.loads(line) for line in (tmp_path / "truth").read_text().splitlines()]
    faults = faults_named(["lost=0.001", "noise=0.1", "stuck@250"])
    sent = pushes(AIDON, "6534", "2026-01-15T11:59:58", 300, seed=4, faults=faults)
    assert truth == [
        {"list": push.list_number, "due_ms": push.due_ms, **push.expected} for push in sent if push.expected
    ]
    assert (tmp_path / "bytes").read_bytes() == wire(sent)
    assert f"; {len(sent) - len(truth)} of them cannot be read" in done.stderr.decode()
