"""Tier 2: the library's tests again, on a real MicroPython; and what only MicroPython can tell."""

import importlib
import os
import re
import subprocess

import pytest

import toolchain
from conftest import ROOT, library_modules

pytestmark = pytest.mark.tier2

_TESTS = ROOT / "host_tests"


def _run(modules, *folders):
    """Run test modules on MicroPython; returns (exit code, the names that passed, all output)."""
    path = ":".join(str(folder) for folder in (".frozen", ROOT / "lib", ROOT / "firmware", _TESTS / "lib", *folders))
    result = subprocess.run(
        [*toolchain.micropython(), "-X", "heapsize=16m", str(_TESTS / "run_on_micropython.py"), *modules],
        env=dict(os.environ, MICROPYPATH=path),
        capture_output=True,
        text=True,
        timeout=600,
    )
    passed = re.findall(r"^passed (\S+)$", result.stdout, re.M)
    return result.returncode, passed, result.stdout + result.stderr


def _where():
    version, bits, origin = toolchain.describe()
    return f"MicroPython {'.'.join(map(str, version))}, {bits}-bit, from {origin}"


def test_the_librarys_tests_pass_on_micropython_every_one_of_them(say):
    modules = library_modules()
    expected = {
        f"{name}::{test}"
        for name in modules
        for test in vars(importlib.import_module(name))
        if test.startswith("test_")
    }
    code, passed, output = _run(modules)
    assert code == 0, output
    assert set(passed) == expected, output
    say(f"the library's {len(expected)} tests: {len(expected)} on CPython, {len(passed)} on {_where()}")


def test_decoding_takes_no_heap(say):
    modules = sorted(path.stem for path in (_TESTS / "on_micropython").glob("test_*.py"))
    code, passed, output = _run(modules, _TESTS / "on_micropython", ROOT / "boards" / "host", toolchain.umqtt())
    assert code == 0, output
    assert len(passed) == len(set(passed)) > 0, output
    say(f"tier 2: {len(passed)} more that need MicroPython itself (heap lock) passed there")
