"""Constants are folded across modules before they are compiled."""

import ast

import pytest

import fold
from conftest import ROOT

MODULES = sorted(path for folder in ("lib", "firmware") for path in (ROOT / folder).rglob("*.py"))


def test_names_become_numbers_and_lines_stay_where_they_are():
    source = """from .codes import (
    FULL,
    MORE,
)
from .const import const

x = [FULL, MORE] if FULL else "FULL æøå", FULL  # FULL
"""
    assert (
        fold.folded(source)
        == """



from .const import const

x = [(-4), (0)] if (-4) else "FULL æøå", (-4)  # FULL
"""
    )


def test_a_name_of_ones_own_is_left_alone():
    source = "from .other import FULL\nfrom codes import MORE\nprint(FULL, MORE)\n"
    assert fold.folded(source) == source


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_is_left_with_an_import_of_constants(path):
    source = path.read_text()
    text = fold.folded(source)
    assert text.count("\n") == source.count("\n")
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert not any(fold.is_of_constants(node) for node in imported)


def test_the_folded_constants_are_those_that_python_imports():
    for module in fold.CONSTANTS:
        names = vars(__import__("hanport." + module, fromlist=["x"]))
        numbers = {name: value for name, value in names.items() if name.isupper()}
        assert fold.constants(module) == numbers


def test_private_constants_are_marked_and_those_of_other_modules_written_out():
    source = """from energy import calendar
from hanport.registers import COUNT, INDEX

_HALF_S = calendar.HOUR_S // 2
_PAIR = (INDEX["meter_id"], "a")
OPEN = 2 * 3
_shut = 1
print(_HALF_S, COUNT, calendar.HOUR_S, INDEX["timestamp"])
"""
    assert (
        fold.folded(source, "app")
        == """
from hanport.registers import COUNT

_HALF_S = const(1800)
_PAIR = const((1, 'a'))
OPEN = 2 * 3
_shut = 1
print(_HALF_S, COUNT, (3600), (4))
"""
    )


def test_what_is_used_otherwise_is_still_imported():
    source = """from energy import calendar
from hanport.registers import INDEX

print(calendar.iso(calendar.DAY_S, 1), "timestamp" in INDEX)
"""
    assert fold.folded(source, "app") == source.replace("calendar.DAY_S", "(86400)")
