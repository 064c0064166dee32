"""Folds constants across modules, since MicroPython's compiler folds only a module's own, where they are marked.

Every `from .fields import HEAD`, `calendar.HOUR_S` and `INDEX["l1_current_a"]` would otherwise cost the dongle a
name, or a text, in each module, and a look-up at each use. Private constants are marked for the compiler, which then
keeps no name of them. Modules that hold nothing but names for whole numbers are folded away.
"""

import ast
import operator
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "lib", ROOT / "firmware")
CONSTANTS = ("codes", "fields")  # of hanport; nothing else is in them
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.USub: operator.neg,
}
sys.path.insert(0, str(ROOT / "lib"))


def folded(source, package="hanport"):
    """The text of a module of this package with constants written as what they are; lines stay where they are."""
    return _Module(source, package).folded()


def constants(module):
    """{name: value} of a module's public constants, whole numbers and texts; of hanport "codes" will do."""
    name = module if "." in module else "hanport." + module
    return dict(_public(name))


@cache
def _public(name):
    path = _path(name)
    if path is None:
        return {}
    module = _Module(path.read_text(), name.rpartition(".")[0])
    return {key: value for key, value in module.own.items() if key[0] != "_" and isinstance(value, (int, str))}


def _path(name):
    """The file of one of our modules, None of a package and of others'."""
    paths = (folder / (name.replace(".", "/") + ".py") for folder in FOLDERS)
    return next((path for path in paths if path.exists()), None)


def is_of_constants(node):
    """True for `from .codes import ...` within hanport, and `from hanport.codes import ...` elsewhere."""
    *package, name = (node.module or "").split(".")
    return name in CONSTANTS and (bool(node.level) or package == ["hanport"])


class _Module:
    """One module; `own` has its constants, by name."""

    def __init__(self, source, package):
        self._source = source
        self._package = package
        self._tree = ast.parse(source)
        self._modules = {}  # names for modules of ours
        self._imported = {}  # constants of other modules, by their name here
        self._index_name = None  # what the registers' numbers are called here
        self._imports = [node for node in self._tree.body if isinstance(node, ast.ImportFrom)]
        for node in self._imports:
            self._note_import(node)
        self.own = {}
        self._marked = []  # the assignments of own constants
        for node in self._tree.body:
            self._note_assignment(node)

    def _note_import(self, node):
        origin = self._origin(node)
        known = _public(origin)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name in known:
                self._imported[name] = known[alias.name]
            elif (origin, alias.name) == ("hanport.registers", "INDEX"):
                self._index_name = name
            elif _path(f"{origin}.{alias.name}"):
                self._modules[name] = f"{origin}.{alias.name}"

    def _origin(self, node):
        """The full name of what is imported from."""
        if not node.level:
            return node.module
        parts = self._package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        return ".".join(parts + ([node.module] if node.module else []))

    def _note_assignment(self, node):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and name not in self.own:
                try:
                    self.own[name] = self._value(node.value)
                except LookupError:
                    return
                self._marked.append(node)

    def _value(self, node):
        """What an expression of constants is; LookupError where it is anything else."""
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, str, bytes)):
            return node.value
        if isinstance(node, ast.Name):
            return self.own[node.id] if node.id in self.own else self._imported[node.id]
        if isinstance(node, ast.Tuple):
            return tuple(self._value(one) for one in node.elts)
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](self._value(node.left), self._value(node.right))
        if isinstance(node, ast.UnaryOp):
            return _OPERATORS[type(node.op)](self._value(node.operand))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("const", "bytes") and len(node.args) == 1:
            value = self._value(node.args[0])
            return value if node.func.id == "const" else bytes(value)
        return self._foreign(node)

    def _foreign(self, node):
        """What `calendar.HOUR_S` and `INDEX["l1_current_a"]` are; LookupError of anything else."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return _public(self._modules[node.value.id])[node.attr]
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == self._index_name:
            from hanport.registers import INDEX

            return INDEX[self._value(node.slice)]
        raise LookupError

    def folded(self):
        edits = []
        marked = {id(node.value) for node in self._marked if node.targets[0].id[0] == "_"}
        used = set()
        self._fold(self._tree, marked, edits, used)
        for node in self._imports:
            self._fold_import(node, used, edits)
        lines = [line.encode() for line in self._source.split("\n")]
        for node, text in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
            replace(lines, node, text)
        return b"\n".join(lines).decode()

    def _fold(self, node, marked, edits, used):
        """Collect (node, its new text), and the names that are still used."""
        for child in ast.iter_child_nodes(node):
            if id(child) in marked:
                edits.append((child, f"const({self._value(child)!r})"))
                continue
            if isinstance(child, ast.Name) and child.id in self._imported:
                edits.append((child, f"({self._imported[child.id]!r})"))
                continue
            try:
                edits.append((child, f"({self._foreign(child)!r})"))
            except LookupError:
                if isinstance(child, ast.Name):
                    used.add(child.id)
                self._fold(child, marked, edits, used)

    def _fold_import(self, node, used, edits):
        """Import no constants, nor what only they were taken from."""
        gone = {*self._imported, *self._modules, self._index_name} - used
        left = [alias for alias in node.names if (alias.asname or alias.name) not in gone]
        if is_of_constants(node):
            left = []
        if len(left) < len(node.names):
            names = ", ".join(ast.unparse(alias) for alias in left)
            edits.append((node, f"from {'.' * node.level}{node.module or ''} import {names}" if left else ""))


def replace(lines, node, text):
    """Put text where the node stands, and keep the number of lines."""
    first, last = node.lineno - 1, node.end_lineno - 1
    rest = lines[last][node.end_col_offset :]
    lines[first] = lines[first][: node.col_offset] + text.encode() + (rest if first == last else b"")
    for i in range(first + 1, last + 1):
        lines[i] = rest if i == last else b""
