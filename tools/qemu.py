"""A bare-metal 32-bit MicroPython in QEMU: the ESP32-C3's instruction set, and a count that never drifts.

It is MicroPython's own ports/qemu, built here from Debian's source package. QEMU executes one instruction a virtual
nanosecond (-icount), so that a script executes exactly as many of them in every run.
"""

import os
import re
import shutil
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

from mpremote.romfs import VfsRomWriter

import toolchain
from toolchain import ToolchainError

GCC, QEMU = "riscv64-unknown-elf-gcc", "qemu-system-riscv32"
# Of the source package; other ports are most of it.
SOURCES = ("py/", "extmod/", "lib/", "shared/", "tools/", "ports/qemu/")
# Without frozen modules, and with heap enough for what measures beside what is measured. GCC 11 and later take the
# instruction that reads a counter out of "rv32imac" unless they are told the older standard; Debian's libraries are
# not made for "rv32imac_zicsr".
RECIPE = (
    "BOARD=VIRT_RV32",
    "RV32_ARCH=rv32imac -misa-spec=2.2",
    "FROZEN_MANIFEST=",
    "MICROPY_HEAP_SIZE=262144",
    "CFLAGS_EXTRA=-Wno-error",
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


def firmware() -> Path:
    """MicroPython for the machine; built when it is not here, or was built by another recipe."""
    packages = missing()
    if packages:
        raise ToolchainError("the RISC-V machine is not installed: sudo apt install " + " ".join(packages))
    if not cached().exists():
        build(cached())
    return cached()


def cached() -> Path:
    """Where the firmware is kept, by its recipe."""
    return toolchain.CACHE / f"micropython-rv32-{zlib.crc32(repr((toolchain.SUITES[0], RECIPE)).encode()):08x}.elf"


def missing() -> list[str]:
    """Debian's names of the packages that are still needed."""
    packages = [] if shutil.which(QEMU) else ["qemu-system-misc"]
    if not cached().exists():
        packages += [] if shutil.which("make") else ["make"]
        packages += [] if shutil.which(GCC) else ["gcc-riscv64-unknown-elf"]
        packages += [] if has_picolibc() else ["picolibc-riscv64-unknown-elf"]
    return packages


def has_picolibc() -> bool:
    """True when the compiler finds its C library: it then says the whole path."""
    return bool(shutil.which(GCC)) and "/" in toolchain.run([GCC, "--print-file-name=picolibc.specs"], 20).stdout


def build(target: Path) -> None:
    """Fetches the sources, verified by apt, and puts the firmware that they give into the cache."""
    print("Building MicroPython for RISC-V from Debian's sources, half a minute", file=sys.stderr, flush=True)
    toolchain.CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=toolchain.CACHE, prefix="building-") as temporary:
        port = unpack(fetch(Path(temporary))) / "ports/qemu"
        make = ["make", "-s", f"-j{os.cpu_count()}", "-C", str(port), "BUILD=build", *RECIPE]
        toolchain.check(toolchain.run(make, 600))
        for old in toolchain.CACHE.glob("micropython-rv32-*.elf"):
            old.unlink()
        toolchain.put(port / "build" / "firmware.elf", target)


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
