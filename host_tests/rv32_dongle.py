"""A dongle without hardware: the 32-bit RISC-V of QEMU on a pty, with a littlefs that outlives resets and power cuts.

Its memory is a file of the host's; the flash is a part of that (tools/rv32/dongle). A reset ends QEMU, as does losing
power, and it is started anew on the same file.
"""

import contextlib
import os
import pty
import select
import subprocess
import threading
import tty
from pathlib import Path

import flashimage
import qemu

FAKES = Path(__file__).parent / "rv32_fakes"
MEMORY = 64 << 20
FLASH_AT, FAKES_AT = 16 << 20, 32 << 20
PROGRAM = 8 << 20
BLOCK, BLOCKS = 4096, 512
_WORDS = ["-bios", "none", "-nographic", "-monitor", "null", "-semihosting", "-serial", "stdio", "-m", "64M"]


class Rv32Dongle:
    """`port` is what a dongle's serial port is: to be opened, and there as long as the cable is plugged in."""

    def __init__(self, folder, flash=b"", fakes=FAKES):
        """`flash`: what it begins with; `fakes`: a folder with modules that a real dongle has built in."""
        self.memory = folder / "memory"
        with self.memory.open("wb") as file:
            file.truncate(MEMORY)
            file.seek(FLASH_AT)
            file.write(flash)
            rom = qemu.image(fakes)
            file.seek(FAKES_AT)
            file.write(len(rom).to_bytes(4, "little") + rom)
        self.starts = 0
        self.sent = 0  # bytes that came over the port
        self.cut_after = None  # bytes until the power goes
        self._kernel = qemu.firmware(qemu.DONGLE)
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        self._slave = slave  # held open: else the pty would end with whoever closes it first
        self._is_on = True
        self._process = self._start()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _start(self):
        self.starts += 1
        with self.memory.open("r+b") as file:
            file.write(bytes(PROGRAM))  # what a reset clears
        backend = f"memory-backend-file,id=ram,size=64M,mem-path={self.memory},share=on"
        words = ["-object", backend, "-machine", "virt,memory-backend=ram", *_WORDS, "-kernel", str(self._kernel)]
        return subprocess.Popen([qemu.QEMU, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def _carry(self):
        """Bytes both ways, until close(); starts the machine anew when it has reset itself."""
        while self._is_on:
            output = self._process.stdout
            ready, _, _ = select.select([self._master, output], [], [], 0.05)
            if self._master in ready:
                self._send(os.read(self._master, 4096))
            if output in ready and self._is_on:
                said = output.read(4096)
                if said:
                    os.write(self._master, said)
                elif self._is_on:
                    self._process.wait()
                    self._process = self._start()

    def _send(self, octets):
        self.sent += len(octets)
        if self.cut_after is not None and self.sent > self.cut_after:
            self._pull_cable()
            return
        with contextlib.suppress(OSError):
            self._process.stdin.write(octets)

    def _pull_cable(self):
        """Take away power and port, at once."""
        self._is_on = False
        self._process.kill()
        self._process.communicate()
        os.close(self._slave)
        os.close(self._master)

    def close(self):
        """The end; what was on the flash is gone."""
        was_on, self._is_on = self._is_on, False
        self._thread.join()
        if was_on:
            self._pull_cable()
        self.memory.unlink()

    def flash(self):
        """What the flash holds now, as bytes."""
        with self.memory.open("rb") as file:
            file.seek(FLASH_AT)
            return file.read(BLOCK * BLOCKS)

    def files(self):
        """{path: content} of the flash, mounted by littlefs itself."""
        return flashimage.files_of(self.flash(), BLOCK * BLOCKS)
