"""`make test` runs every test once, what failed once more, and ends well only when all is."""

import subprocess
import sys

import pytest

from conftest import ROOT

_MARKERS = ("tier2", "tier3", "browser", "riscv", "timed")
_SETTINGS = "[pytest]\nmarkers =\n" + "".join(f"    {name}\n" for name in _MARKERS)
# Each writes a line when it runs.
_TESTS = """
import pytest

def ran(name):
    with open("ran", "a") as file:
        file.write(name + "\\n")
    with open("ran") as file:
        return file.read().splitlines().count(name)

def test_reckons():
    ran("reckons")

@pytest.mark.tier3
def test_waits():
    ran("waits")

@pytest.mark.riscv
@pytest.mark.timed
def test_measures():
    ran("measures")
"""
_ONCE = ["measures", "reckons", "waits"]
_AGAIN = "WHAT FAILED ABOVE, ONCE MORE AND ALONE"


def _run(folder, more=""):
    """(how it ends, the tests that ran, what was said) with these tests too."""
    (folder / "pytest.ini").write_text(_SETTINGS)
    (folder / "test_some.py").write_text(_TESTS + more)
    words = [sys.executable, str(ROOT / "host_tests" / "run_all.py")]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)
    return ended.returncode, sorted((folder / "ran").read_text().split()), ended.stdout


def test_each_test_runs_once_and_all_is_well(tmp_path):
    code, ran, said = _run(tmp_path)
    assert (code, ran) == (0, _ONCE), said
    assert _AGAIN not in said


@pytest.mark.parametrize("mark", ["tier2", "browser", "timed"], ids=["reckoning", "waiting", "measuring"])
def test_what_fails_once_is_tried_again_and_named(tmp_path, mark):
    code, ran, said = _run(tmp_path, f"@pytest.mark.{mark}\ndef test_falters():\n    assert ran('falters') == 2\n")
    assert (code, ran) == (0, sorted([*_ONCE, "falters", "falters"])), said
    assert "test_falters PASSED" in said.split(_AGAIN)[1]


def test_what_fails_twice_has_failed(tmp_path):
    code, ran, said = _run(tmp_path, "@pytest.mark.tier3\ndef test_fails():\n    assert not ran('fails')\n")
    assert (code, ran) == (1, sorted([*_ONCE, "fails", "fails"])), said


def test_a_run_that_breaks_off_is_not_tried_again(tmp_path):
    exits = "@pytest.mark.timed\ndef test_exits():\n    pytest.exit('as it should', 3)\n"
    code, _ran, said = _run(tmp_path, exits)
    assert code == 1 and _AGAIN not in said
