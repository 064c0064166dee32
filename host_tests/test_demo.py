"""Tier 3: `make demo`, as someone who tries the project for the first time runs it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.tier3

_DEMO = [sys.executable, str(ROOT / "tools" / "demo.py")]


def _left_running(mark):
    """Command lines of processes that still run and name this demo's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(path.parent / "cwd")
        except OSError:
            continue
        if mark in words or mark in folder:
            found.append(words)
    return found


def test_the_demo_shows_readings_counts_them_and_ends(tmp_path):
    environment = dict(os.environ, TMPDIR=str(tmp_path))
    words = ["--meter", "kaifa", "--seconds", "8"]
    done = subprocess.run([*_DEMO, *words], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the dongle is online" in done.stdout
    shown = re.findall(r"using +\d\.\d{3} kW", done.stdout)
    readings, messages = map(int, re.search(r"broker: (\d+) readings, in (\d+) messages", done.stdout).groups())
    assert len(shown) == readings >= 2 and messages > readings
    assert "frames sent" in done.stdout
    assert _left_running(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running(tmp_path, number):
    environment = dict(os.environ, TMPDIR=str(tmp_path))
    demo = subprocess.Popen(_DEMO, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    patience = threading.Timer(60, demo.terminate)
    patience.start()
    try:
        for line in demo.stdout:
            if "using" in line:
                break
        assert len(_left_running(str(tmp_path))) >= 3
        demo.send_signal(number)
        output, errors = demo.communicate(timeout=20)
    finally:
        patience.cancel()
        demo.terminate()
    assert "broker: 1 readings" in output and errors == ""
    assert demo.returncode == 0
    time.sleep(0.2)
    assert _left_running(str(tmp_path)) == []


def test_a_demo_to_which_nothing_comes_fails():
    done = subprocess.run([*_DEMO, "--seconds", "0.3"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "no reading has arrived" in done.stderr
