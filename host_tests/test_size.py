"""The firmware compiles for every instruction set that a dongle has, and keeps within its budget of flash."""

import pytest

import build
import size


@pytest.mark.parametrize("arch", size.DONGLES)
def test_every_module_compiles_for_the_dongles_instruction_set(dongle_builds, arch):
    folder = dongle_builds[arch]
    for source, target in build.folders(arch):
        for path in source.rglob("*.py"):
            compiled = (folder / target / path.relative_to(source)).with_suffix(".mpy")
            assert compiled.exists() or path.name == "_plain.py", path
    # The format's head (py/persistentcode.c): "M", its version, and the instruction set where there is machine code.
    native = (folder / "lib" / "hanport" / "_native.mpy").read_bytes()
    assert (native[0], native[1], native[2] >> 2 & 15) == (ord("M"), build.MPY, build.INSTRUCTION_SETS.index(arch))


@pytest.mark.parametrize("arch", size.DONGLES)
def test_modules_and_pages_are_within_the_budget_of_flash(dongle_builds, arch):
    mpy, pages, _everything = size.on_flash(dongle_builds[arch])
    assert mpy > 0 and pages > 0
    assert mpy + pages <= size.BUDGET, size.verdict(arch, dongle_builds[arch])


def test_a_passed_budget_is_said_and_by_how_much(tmp_path, monkeypatch):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "x.mpy").write_bytes(b"M" * 70)
    (tmp_path / "app" / "x.txt").write_bytes(b"t" * 1000)
    (tmp_path / "page.html.gz").write_bytes(b"p" * 31)
    monkeypatch.setattr(size, "BUDGET", 100)
    assert (
        size.verdict("any", tmp_path)
        == "any: 70 bytes of .mpy and 31 of pages, 1 PAST the budget of 100; 1,101 with texts"
    )
    monkeypatch.setattr(size, "BUDGET", 101)
    assert "0 left of 101" in size.verdict("any", tmp_path)
