"""The simulated meter's lines (pty, TCP, serial, file) and its command."""

import json
import os
import socket
import termios
import time

import pytest

from simulated import pushes
from simulator.line import PacedLine, line_announced, line_named
from simulator.makers import AIDON, KAIFA, KAMSTRUP, P1_SE
from simulator.outputs import FileOutput, PtyOutput, SerialOutput, TcpOutput


class Recorder:
    """An output that keeps what comes when."""

    def __init__(self):
        self.chunks = []

    def write(self, data):
        self.chunks.append((time.monotonic(), data))


@pytest.mark.timed
@pytest.mark.parametrize(("maker", "wire_s"), [(AIDON, 1.233), (KAIFA, 0.615), (KAMSTRUP, 0.950)])
def test_a_list_2_takes_its_time_on_the_line(maker, wire_s):
    frame = pushes(maker, maker.types[0].name, "2026-01-15T12:00:00", 2)[0].frame
    speed, recorder = 4, Recorder()
    began = time.monotonic()
    assert PacedLine(maker.line, recorder, 0, speed, lambda: False).send(frame, 400)
    assert b"".join(data for _, data in recorder.chunks) == frame
    assert len(recorder.chunks) > len(frame) / 10
    assert recorder.chunks[0][0] - began >= 0.4 / speed
    assert 0 <= recorder.chunks[-1][0] - began - (0.4 + wire_s) / speed < 0.1
    assert len(frame) * maker.line.byte_s == pytest.approx(wire_s, abs=0.0005)


def test_a_stopped_meter_falls_silent_in_the_middle_of_a_frame():
    recorder = Recorder()
    line = PacedLine(AIDON.line, recorder, 0, 1, lambda: len(recorder.chunks) > 3)
    assert not line.send(bytes(400), 0)
    assert sum(len(data) for _, data in recorder.chunks) < 400


@pytest.fixture
def pty():
    output = PtyOutput(AIDON.line)
    yield output
    output.close()


def open_reader(path):
    return os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)


def test_a_pty_passes_every_byte_unchanged(pty):
    reader = open_reader(pty.address)
    pty.write(bytes(range(256)))
    assert os.read(reader, 1000) == bytes(range(256))
    os.close(reader)


def test_a_pty_reader_may_go_and_come_back_and_hears_nothing_old(pty):
    pty.write(b"nobody listens")
    assert pty.dropped == 14
    reader = open_reader(pty.address)
    pty.write(b"hello")
    assert os.read(reader, 1000) == b"hello"
    pty.write(b"not read")
    os.close(reader)
    pty.write(b"nobody again")
    assert pty.dropped == 26
    reader = open_reader(pty.address)
    pty.write(b"back\x7e\x03\x04\r\n")
    assert os.read(reader, 1000) == b"back\x7e\x03\x04\r\n"
    os.close(reader)


def test_a_pty_reader_that_does_not_read_does_not_hold_up_the_meter(pty):
    reader = open_reader(pty.address)
    for _ in range(200):
        pty.write(bytes(400))
    assert pty.dropped > 40_000
    os.close(reader)


def test_a_pty_reader_that_writes_is_ignored(pty):
    reader = os.open(pty.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(reader, b"/?!\r\n")
    pty.write(b"data")
    assert os.read(reader, 1000) == b"data"
    os.close(reader)


def test_a_link_is_not_put_in_the_place_of_a_file(tmp_path):
    (tmp_path / "han").write_text("precious")
    with pytest.raises(OSError, match="no link of a meter"):
        PtyOutput(AIDON.line, str(tmp_path / "han"))
    assert (tmp_path / "han").read_text() == "precious"


def test_a_tcp_client_may_go_and_others_hear_on():
    output = TcpOutput(0)
    address = ("127.0.0.1", int(output.address.split(":")[1]))
    with socket.create_connection(address) as stays:
        with socket.create_connection(address) as goes:
            output.write(b"both")
            assert (stays.recv(100), goes.recv(100)) == (b"both", b"both")
        for _ in range(3):
            output.write(b"+")
            time.sleep(0.01)
        with socket.create_connection(address) as comes:
            output.write(b"new")
            assert comes.recv(100) == b"new"
        assert stays.recv(100) == b"+++new"
    output.close()


def test_a_tcp_client_that_does_not_read_does_not_hold_up_the_meter():
    output = TcpOutput(0)
    with socket.create_connection(("127.0.0.1", int(output.address.split(":")[1]))):
        for _ in range(400):
            output.write(bytes(65536))
        assert output.dropped > 0
    output.close()


@pytest.mark.parametrize(("maker", "parity"), [(AIDON, "E"), (KAIFA, "E"), (KAMSTRUP, "N")])
def test_a_serial_port_is_opened_at_the_meters_setting(maker, parity, monkeypatch):
    serial = pytest.importorskip("serial")
    opened = []

    class Port(serial.Serial):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            opened.append(self)

    monkeypatch.setattr(serial, "Serial", Port)
    master, slave = os.openpty()
    output = SerialOutput(maker.line, os.ttyname(slave))
    output.write(b"data")
    assert os.read(master, 100) == b"data"
    assert termios.tcgetattr(slave)[4] == termios.B2400
    assert (opened[0].bytesize, opened[0].parity, opened[0].stopbits) == (8, parity, 1)
    output.close()
    os.close(master)
    os.close(slave)


def test_an_inverted_line_is_announced_as_such(tmp_path):
    output = PtyOutput(P1_SE.line, str(tmp_path / "p1"))
    setting = json.loads((tmp_path / "p1.line").read_text())
    output.close()
    assert setting == {"baudrate": 115200, "bits": 8, "parity": "N", "stop": 1, "invert": True, "idle_bits": 0}


def test_an_announced_line_is_understood_and_named_as_the_settings_name_it():
    for text in ("2400 8E1", "2400 8N1", "115200 8N1 inverted", "9600 7E1"):
        line = line_named(text)._replace(idle_bits=1)
        assert line_announced(line.setting) == line and line.name == text


def test_the_link_of_a_later_meter_is_left_alone(tmp_path):
    link = str(tmp_path / "han")
    earlier, later = PtyOutput(AIDON.line, link), PtyOutput(KAMSTRUP.line, link)
    earlier.close()
    assert os.readlink(link) == later.address
    assert json.loads((tmp_path / "han.line").read_text())["parity"] == "N"
    later.close()
    assert not os.listdir(tmp_path)


def test_a_taken_tcp_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port}: "):
            TcpOutput(port)


def test_a_file_output_overwrites(tmp_path):
    (tmp_path / "han.bin").write_bytes(b"old and long")
    output = FileOutput(str(tmp_path / "han.bin"))
    output.write(b"new")
    output.close()
    assert (tmp_path / "han.bin").read_bytes() == b"new"
