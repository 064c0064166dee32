"""Gives short names to what is a module's own, since MicroPython keeps every name on the heap for ever, once.

Names that begin with `_`, and those of parameters that nobody uses as a keyword, become `_a`, `_b`, …: the same few
in every module. A name costs the dongle its letters and some ten bytes more, and the firmware has a thousand of them.
"""

import ast
import itertools
from functools import cache
from string import ascii_lowercase

from fold import FOLDERS, ROOT

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MOST_PARAMETERS = 20  # of a function and those around it


def shortened(source):
    """The text of a module with short names for what is its own. Lines and comments are not kept."""
    tree = ast.parse(source)
    return ast.unparse(_Shortener(tree).visit(tree))


def _short_names():
    """_a, _b, … _z, _aa, _ab, …"""
    for size in itertools.count(1):
        for letters in itertools.product(ascii_lowercase, repeat=size):
            yield "_" + "".join(letters)


def _is_private(name):
    return name[0] == "_" and name[:2] != "__" and name != "_"


def _names(tree):
    """All names in a module but those of imports and keywords."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names


def _imported(tree):
    """What imports bind, and what they take from others."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield from (alias.name, alias.asname or "")


@cache
def _taken():
    """Private names that are not a module's own: those of others' libraries, whose classes ours may inherit from."""
    import toolchain

    tree = ast.parse((toolchain.umqtt() / "umqtt" / "simple.py").read_text())
    return {"", *filter(_is_private, _names(tree))}


@cache
def _keywords():
    """Every name that any module of ours uses as a keyword."""
    folders = (*FOLDERS, ROOT / "boards")
    trees = (ast.parse(path.read_text()) for folder in folders for path in folder.rglob("*.py"))
    return {node.arg for tree in trees for node in ast.walk(tree) if isinstance(node, ast.keyword)}


def _marked(tree):
    """Names of constants that the compiler forgets."""
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "const"
        ):
            yield node.targets[0].id


class _Shortener(ast.NodeTransformer):
    """Renames in one module. The row of short names begins with those for parameters."""

    def __init__(self, tree):
        kept = {*_taken(), *_imported(tree), *_marked(tree)}
        used = {*kept, *_names(tree)}
        free = (name for name in _short_names() if name not in used)
        self._parameters = list(itertools.islice(free, _MOST_PARAMETERS))
        private = dict.fromkeys(name for name in _names(tree) if _is_private(name) and name not in kept)
        self._own = dict(zip(private, free))
        self._scopes = [{}]  # {parameter: its new name}, of a function and those around it, the innermost last

    def _short(self, name):
        return self._own.get(name, name)

    def visit_Name(self, node):
        node.id = self._scopes[-1].get(node.id) or self._short(node.id)
        return node

    def visit_Attribute(self, node):
        node.attr = self._short(node.attr)
        return self.generic_visit(node)

    def visit_Global(self, node):
        node.names = [self._short(name) for name in node.names]
        return node

    def visit_ClassDef(self, node):
        node.name = self._short(node.name)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node):
        node.name = self._short(node.name)
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        return self._inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        return self._inside(node)

    def _inside(self, node):
        given = node.args
        given.defaults = [self.visit(one) for one in given.defaults]
        self._scopes.append(self._scope(node))
        for one in (*given.args, *given.kwonlyargs):
            one.arg = self._scopes[-1][one.arg]
        node.body = self.visit(node.body) if isinstance(node, ast.Lambda) else [self.visit(one) for one in node.body]
        self._scopes.pop()
        return node

    def _scope(self, node):
        """{parameter: its new name} of a function and those around it. One with a default is there to be named."""
        given = node.args
        scope = dict(self._scopes[-1])
        free = (name for name in self._parameters if name not in scope.values())
        fixed = {"self", *_keywords(), *_rebound(node)}
        required = given.args[: len(given.args) - len(given.defaults)]
        for one in filter(None, (*given.args, *given.kwonlyargs, given.vararg, given.kwarg)):
            scope[one.arg] = next(free) if one in required and one.arg not in fixed else one.arg
        return scope


def _rebound(node):
    """What the functions inside of a function bind: there the name may be another thing."""
    inner = (one for one in ast.walk(node) if isinstance(one, _FUNCTIONS) and one is not node)
    return {
        name.id
        for function in inner
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
