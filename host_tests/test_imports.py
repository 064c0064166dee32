"""Imports run one way: tools and host_tests → firmware → lib; and lib touches no hardware, no network, no loop."""

import ast

import pytest

from conftest import ROOT

FOLDERS = ("lib", "firmware", "tools", "host_tests")
# What each may import of ours.
MAY = {
    "lib": {"lib"},
    "firmware": {"firmware", "lib"},
    "tools": {"tools", "firmware", "lib"},
    "host_tests": {*FOLDERS},
}
_OUTSIDE = {"machine", "network", "socket", "asyncio", "umqtt", "esp32", "_thread", "select", "ssl", "tls", "ntptime"}
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def _owners():
    """{name that can be imported: the folder that it is of}."""
    owners = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).iterdir():
            if path.suffix == ".py" or list(path.glob("*.py")):
                owners.setdefault(path.stem, set()).add(folder)
    return owners


def _imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_run_one_way(folder):
    owners = _owners()
    seen = set()
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == folder:
            for name in _imported(path):
                if name in owners:
                    seen.add(name)
                    assert owners[name] & MAY[folder], f"{path.relative_to(ROOT)} imports {name}"
    assert seen


def test_the_library_touches_nothing_outside():
    files = [path for path in FILES if path.relative_to(ROOT).parts[0] == "lib"]
    assert len(files) > 40
    for path in files:
        assert not _OUTSIDE & set(_imported(path)), path.relative_to(ROOT)
