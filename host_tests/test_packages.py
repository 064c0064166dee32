"""hanport as others get it: by pip on a PC; by mpremote mip, or frozen, on a board."""

import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace

import pytest
from mpremote.mip import do_mip

import toolchain
from conftest import ROOT
from simulated import pushes, wire
from simulator.ciphering import derived_key
from simulator.makers import KAMSTRUP_DK

LIBRARY = ROOT / "lib" / "hanport"
FILES = {path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.py")}
PACKAGE = json.loads((LIBRARY / "package.json").read_text())
KEY = derived_key(1, "key").hex()

# Decodes on MicroPython what its first argument names.
DECODE = """
import sys
from hanport import Reading, Receiver
receiver = Receiver(key=bytes.fromhex(sys.argv[2]))
reading = Reading()
with open(sys.argv[1], "rb") as file:
    receiver.feed(file.read())
while receiver.next(reading):
    print(reading.get("power_import_w"))
"""


class Board:
    """What mip asks of a board, with a folder for its files."""

    def __init__(self, root):
        self._root = root
        self.transport = self

    def did_action(self):
        pass

    def ensure_raw_repl(self):
        pass

    def fs_exists(self, path):
        return (self._root / path).exists()

    def fs_mkdir(self, path):
        (self._root / path).mkdir()

    def fs_writefile(self, path, data, progress_callback):
        (self._root / path).write_bytes(data)


@pytest.fixture
def capture(tmp_path):
    """A file with an encrypted meter's bytes, and what must be read of them."""
    sent = pushes(KAMSTRUP_DK, "3-phase", "2026-01-15T12:00:00", 30, security_control=0x30)
    (tmp_path / "capture").write_bytes(wire(sent))
    return tmp_path / "capture", [push.expected for push in sent]


def _install(root, monkeypatch, package):
    monkeypatch.chdir(root)
    do_mip(Board(root), Namespace(command=["install"], packages=[package], target="lib", index=None, mpy=None))


def test_mip_installs_every_file_that_there_is_and_no_other():
    assert {url for _target, url in PACKAGE["urls"]} == FILES
    assert all(target == "hanport/" + url for target, url in PACKAGE["urls"])


def test_a_version_is_the_same_wherever_it_is_told():
    versions = [
        re.search(r'^\s*version ?= ?"(.*?)"', (ROOT / name).read_text(), re.M)[1]
        for name in ("pyproject.toml", "lib/manifest.py")
    ]
    assert versions == [PACKAGE["version"]] * 2


@pytest.mark.tier2
def test_what_mip_installs_decodes_on_micropython(tmp_path, monkeypatch, capture):
    name, readings = capture
    _install(tmp_path, monkeypatch, os.path.relpath(LIBRARY / "package.json", tmp_path))
    (tmp_path / "decode.py").write_text(DECODE)
    environment = {**os.environ, "MICROPYPATH": f".frozen:{tmp_path / 'lib'}"}
    command = [*toolchain.micropython(), str(tmp_path / "decode.py"), str(name), KEY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == [str(reading["power_import_w"]) for reading in readings], done.stderr


def test_what_pip_installs_is_whole_and_its_command_decodes(tmp_path, capture):
    # From a copy: setuptools builds beside the sources.
    for name in ("lib", "tools"):
        shutil.copytree(ROOT / name, tmp_path / "sources" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "sources")
    site = tmp_path / "site"
    words = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    install = [sys.executable, "-m", "pip", "install", *words, "--target", str(site), str(tmp_path / "sources")]
    subprocess.run(install, check=True, timeout=60)
    assert {path.relative_to(site / "hanport").as_posix() for path in (site / "hanport").rglob("*.py")} == FILES
    name, readings = capture
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, str(site / "bin" / "hanport-decode"), "--key", KEY, str(name)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=30, cwd=tmp_path)
    assert [json.loads(line) for line in done.stdout.splitlines()] == readings, done.stderr
