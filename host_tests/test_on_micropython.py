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
_ONLY = _TESTS / "on_micropython"


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


@pytest.mark.parametrize("module", sorted(path.stem for path in _ONLY.glob("test_*.py")))
def test_what_only_micropython_can_tell(module, say):
    expected = re.findall(r"^def (test_\w+)", (_ONLY / f"{module}.py").read_text(), re.M)
    code, passed, output = _run([module], _ONLY, ROOT / "boards" / "host", toolchain.umqtt())
    assert code == 0, output
    assert sorted(passed) == sorted(f"{module}::{test}" for test in expected), output
    say(f"tier 2: {len(passed)} of {module} that need MicroPython itself passed there")
