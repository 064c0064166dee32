"""Short names: what is a module's own is renamed, and means the same; what others name is not."""

import ast
from pathlib import Path

import pytest

import shorten
from build import ROOT, SOURCES
from fold import folded
from shorten import shortened

_MODULES = sorted(
    path
    for folder in SOURCES
    for path in (ROOT / folder).rglob("*.py")
    if path.name not in ("_plain.py", "_native.py")
)

_SOURCE = """
from outside import _theirs
_COUNT = const(3)
_calls = []
def _helper(first, second, third=5, *, fourth=6):
    global _calls
    _calls.append(first)
    def inner(first):
        first += second
        return [first for first in (first, second)]
    return inner(first), (lambda value: value + second + third + fourth)(1), _COUNT
def _shadow(item, other):
    def inside():
        item = other
        return item
    return inside(), item
class _Box:
    _size = 2
    def __init__(self, content):
        self._content = content
        self.public = self._size
    def _get(self, content):
        return self._content, content, f"{self._content!r} {content}\\n"
answer = [_helper(1, 2), _helper(1, 2, third=7, fourth=8), _shadow(1, 2), _Box("x")._get("y"), _Box(1).public, _calls]
"""


def _run(source):
    space = {"const": lambda value: value}
    exec(source.replace("from outside import _theirs", "_theirs = 1"), space)
    return space


def test_it_means_the_same():
    assert _run(shortened(_SOURCE))["answer"] == _run(_SOURCE)["answer"]


def test_names_of_its_own_are_short_and_others_stay():
    names = {*shorten._names(ast.parse(shortened(_SOURCE)))}
    assert not names & {"_helper", "_calls", "_Box", "_content", "_get", "_size", "content"}
    assert {"answer", "public", "self", "third", "fourth", "_COUNT", "__init__"} <= names
    # A name that an inner function binds anew could be either: it stays.
    assert "item" in names and "other" not in names
    assert max(len(name) for name in names if shorten._is_private(name) and name != "_COUNT") <= 3


def test_what_a_library_calls_its_own_is_not_ours_to_name():
    source = "class Client(MQTTClient):\n    def go(self):\n        self._recv_len()\n        self._mine = 1\n"
    assert "_recv_len" in shortened(source)
    assert "_mine" not in shortened(source)


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_module_reaches_into_another_ones_own_names(path):
    """It would reach for the long name of what has a short one."""
    tree = ast.parse(folded(Path(path).read_text(), path.parent.name))
    bound = {*shorten._taken(), *shorten._imported(tree)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(getattr(node, "ctx", None), ast.Store):
            bound.add(getattr(node, "attr", None) or getattr(node, "id", None))
    used = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and shorten._is_private(node.attr)
    }
    assert used <= bound
    # Whose base class another module of ours has, could be given that one's names.
    own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    bases = {ast.unparse(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases}
    assert bases <= own | {"Exception", "MQTTClient"}
