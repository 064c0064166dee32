#!/usr/bin/env python3
"""What the firmware weighs: bytes of .mpy in flash and of heap once imported, by module and in all.

The bytes in flash are those of a dongle's instruction sets, .mpy and pages against their budget (budgets.json).

Heap is measured on the real MicroPython, a 32-bit one where it can be had, as on a dongle that reads an encrypted
meter: what gc.mem_alloc() grows by while a module is imported, less what the modules that it imports take; and then
while the firmware makes its objects. (MicroPython's table of names grows in large steps; a step is counted where it
falls, so that only the sum is exact.)

What it cannot see: machine code, which lies outside the heap here as on an ESP32, where it takes about as much of the
chip's other memory as its .mpy has bytes (on this computer it is larger); what WiFi, asyncio's tasks and the MQTT
thread take while they run (`heap_free` in the diagnosis has that in it); and how large the largest free block is.
"""

import json
import os
import subprocess
import sys

import build
import toolchain

# Built into an ESP32's MicroPython, or the host's fakes of that.
_NOT_OURS = ("umqtt", "machine", "network")

# What is imported only when it is needed: for a key, for one maker's meter; and what other meters need.
_LATER = ("hanport.ciphering", "hanport.meters.kfm")
_OTHERS = ("hanport.meters.", "hanport.telegram", "hanport.p1", "hanport.mbus", "hanport.parts", "energy.threewire")
_OBJECTS = "its objects"
DONGLES = tuple(arch for arch in build.ARCHES if arch != "host")
BUDGET = json.loads((build.ROOT / "tools" / "budgets.json").read_text())["flash"]["bytes"]
_SETTINGS = {"meter": {"key": "00" * 16, "auth_key": "00" * 16}}

# Runs on MicroPython. Every import goes through _import, also those that another one makes. A hook is not told which
# module a relative import stands in, so that the module being imported is kept on a stack.
_MEASURE = """
import builtins, gc, json, sys
_real = builtins.__import__
_board, _settings, _later = sys.argv[1:4]
_packages = sys.argv[4:]
_names = []
_inner = [0]
_own = {}
def _full(name, level):
    if not level:
        return name
    parts = _names[-1].split(".")
    up = level - (_names[-1] in _packages)
    base = parts[:len(parts) - up]
    return ".".join(base + ([name] if name else []))
def _import(name, _globals=None, _locals=None, wanted=None, level=0):
    name = _full(name, level)
    gc.collect()
    before = gc.mem_alloc()
    _inner.append(0)
    _names.append(name)
    module = _real(name, None, None, wanted, 0)
    _names.pop()
    gc.collect()
    grown = gc.mem_alloc() - before
    own = grown - _inner.pop()
    _inner[-1] += grown
    _own[name] = _own.get(name, 0) + own
    return module
import asyncio, umqtt.simple, machine, network
builtins.__import__ = _import
import app.dongle, app.board, app.health
for name in _later.split():
    _import(name)
_import("app.config")
builtins.__import__ = _real
for name in _own:
    print(_own[name], name)
settings = app.config.check(json.loads(_settings))[0]
board = app.board.Board(_board)
decoder = app.config.decoder_options(settings)
del app.config, sys.modules["app.config"]
gc.collect()
before = gc.mem_alloc()
dongle = app.dongle.Dongle(board, settings, decoder, app.health.Health(board, {}, False, False))
gc.collect()
print(gc.mem_alloc() - before, "its objects")
"""


def flash_sizes(folder):
    """{module: bytes of its .mpy} of everything of ours that was compiled."""
    sizes = {}
    for root in (folder, folder / "lib"):
        for path in sorted(root.rglob("*.mpy")):
            parts = path.relative_to(root).with_suffix("").parts
            if parts[0] not in ("lib", *_NOT_OURS):
                sizes[".".join(parts).replace(".__init__", "")] = path.stat().st_size
    return sizes


def _packages(folder):
    """Names of the packages of ours."""
    found = (path.parent for root in (folder, folder / "lib") for path in root.rglob("__init__.mpy"))
    return [str(path.relative_to(folder)).replace("lib/", "", 1).replace("/", ".") for path in found]


def heap_sizes(folder):
    """{module: bytes of heap} of everything of ours that the firmware imports, and of its objects."""
    # Started above the folder: the names of the modules' files, which are on the heap, are as short as on a dongle.
    script = folder.parent / "measure.py"
    script.write_text(_MEASURE)
    board = build.ROOT / "boards" / "host" / "board.json"
    words = [str(script), str(board), json.dumps(_SETTINGS), " ".join(_LATER), *_packages(folder)]
    result = subprocess.run(
        [*toolchain.micropython(), "-X", "heapsize=1m", *words],
        cwd=folder.parent,
        env=dict(os.environ, MICROPYPATH=f".frozen:{folder.name}:{folder.name}/lib", HAN_PTY=""),
        capture_output=True,
        text=True,
        timeout=60,
    )
    if result.returncode:
        raise build.BuildError(f"the firmware does not import: {result.stdout}{result.stderr}")
    sizes = (line.split(" ", 1) for line in result.stdout.splitlines())
    return {name: int(size) for size, name in sizes}


def main():
    folders = {arch: build.build(arch) for arch in build.ARCHES}
    flash = {arch: flash_sizes(folder) for arch, folder in folders.items()}
    heap = heap_sizes(folders["host"])
    version, bits, _origin = toolchain.describe()
    columns = "".join(f" {arch:>9}" for arch in DONGLES)
    print(f"{'module':24}{columns} {'heap':>7}   (heap on a {bits}-bit MicroPython {version[0]}.{version[1]})")
    names = [*sorted({name for arch in DONGLES for name in flash[arch]}), _OBJECTS]
    for name in names:
        columns = "".join(f" {flash[arch].get(name, 0):9}" for arch in DONGLES)
        print(f"{name:24}{columns} {heap.get(name, 0):7}{note(name, heap)}")
    columns = "".join(f" {sum(flash[arch].values()):9}" for arch in DONGLES)
    print(f"{'in all':24}{columns} {sum(heap.get(name, 0) for name in names):7}")
    print("\n" + "\n".join(verdict(arch, folders[arch]) for arch in DONGLES))


def on_flash(folder):
    """(bytes of .mpy, bytes of the pages, bytes of all files) of a build."""
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    mpy = sum(size for path, size in sizes.items() if path.suffix == ".mpy")
    return mpy, sum(size for path, size in sizes.items() if path.suffix == ".gz"), sum(sizes.values())


def verdict(arch, folder):
    """A line that says how a build stands against its budget."""
    mpy, pages, everything = on_flash(folder)
    over = mpy + pages - BUDGET
    stands = f"{over:,} PAST the budget of {BUDGET:,}" if over > 0 else f"{-over:,} left of {BUDGET:,}"
    return f"{arch}: {mpy:,} bytes of .mpy and {pages:,} of pages, {stands}; {everything:,} with texts"


def note(name, heap):
    """What is to be said of a module besides its figures."""
    if name == "hanport._native":
        return "   and its machine code, outside the heap"
    if name in heap:
        return ""
    return "   another meter's" if name.startswith(_OTHERS) else "   in setup, on the page, or for a moment"


if __name__ == "__main__":
    try:
        main()
    except (toolchain.ToolchainError, build.BuildError) as error:
        sys.exit(f"size: {error}")
