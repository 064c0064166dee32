"""Folds constants across modules, since MicroPython's compiler folds only a module's own.

Every `from .fields import HEAD` would otherwise cost the dongle a global and a name in each module, and a look-up at
each use. The modules that are folded away hold nothing but names for whole numbers.
"""

import ast
from pathlib import Path

CONSTANTS = ("codes", "fields")
HANPORT = Path(__file__).resolve().parent.parent / "lib" / "hanport"


def constants(module):
    """{name: number} of one of these modules: each `NAME = const(number)`."""
    tree = ast.parse((HANPORT / (module + ".py")).read_text())
    return {
        node.targets[0].id: ast.literal_eval(node.value.args[0])
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    }


def folded(source):
    """The text of a module with their names written as numbers; lines stay where they are."""
    tree = ast.parse(source)
    lines = [line.encode() for line in source.split("\n")]
    known = {}
    edits = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and is_of_constants(node):
            names = constants(node.module.split(".")[-1])
            known.update({alias.asname or alias.name: names[alias.name] for alias in node.names})
            edits.append((node, ""))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in known:
            edits.append((node, f"({known[node.id]})"))
    for node, text in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        replace(lines, node, text)
    return b"\n".join(lines).decode()


def is_of_constants(node):
    """True for `from .codes import ...` within hanport, and `from hanport.codes import ...` elsewhere."""
    *package, name = (node.module or "").split(".")
    return name in CONSTANTS and (bool(node.level) or package == ["hanport"])


def replace(lines, node, text):
    """Put text where the node stands, and keep the number of lines."""
    first, last = node.lineno - 1, node.end_lineno - 1
    rest = lines[last][node.end_col_offset :]
    lines[first] = lines[first][: node.col_offset] + text.encode() + (rest if first == last else b"")
    for i in range(first + 1, last + 1):
        lines[i] = rest if i == last else b""
