"""`make logs`, `make repl` and `make upload` as a person has them: in a terminal, with a bar, until a key."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

import build
import flashimage
from rv32_dongle import BLOCK, BLOCKS, Rv32Dongle

pytestmark = pytest.mark.riscv
TALKS = b"import time\nwhile True:\n    print('[     1] meter: listening')\n    time.sleep_ms(100)\n"


@pytest.fixture
def device(tmp_path):
    device = Rv32Dongle(tmp_path, flashimage.file_system({"main.py": TALKS}, BLOCK * BLOCKS))
    yield device
    device.close()


class Terminal:
    """deploy.py in a terminal."""

    def __init__(self, *words):
        self._master, slave = pty.openpty()
        command = [sys.executable, str(build.ROOT / "tools" / "deploy.py"), *words]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        os.set_blocking(self._master, False)
        self.said = ""

    def read_until(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text not in self.said and time.monotonic() < end:
            try:
                self.said += os.read(self._master, 4096).decode("utf-8", "replace")
            except (BlockingIOError, OSError):
                time.sleep(0.05)
        assert text in self.said, self.said

    def write(self, octets):
        os.write(self._master, octets)


def test_logs_show_what_the_dongle_says_without_disturbing_it_until_ctrl_c(device):
    terminal = Terminal("logs", "--port", device.port)
    terminal.read_until("meter: listening\r\n[     1] meter: listening")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(10) == 0
    assert "Traceback" not in terminal.said
    assert device.sent == 0


def test_repl_is_micropythons_prompt(device):
    terminal = Terminal("repl", "--port", device.port)
    terminal.read_until("meter: listening")
    terminal.write(b"\x03")
    terminal.read_until(">>> ")
    terminal.write(b"print(6 * 7)\r")
    terminal.read_until("42")
    terminal.write(b"\x1d")
    assert terminal.process.wait(10) == 0


def test_an_upload_shows_a_bar_and_ctrl_c_leaves_what_was_there(device):
    terminal = Terminal("upload", "--board", "esp32c3", "--port", device.port)
    terminal.read_until("copying [", 100)
    terminal.read_until(" 3 %")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until("interrupted; the dongle still has the firmware it had: run it again")
    assert terminal.process.wait(10) == 1
    assert "Traceback" not in terminal.said
    files = device.files()
    assert files["main.py"] == TALKS and "slot" not in files
