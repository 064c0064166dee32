"""A flash in memory, as littlefs has it below itself on a dongle: counts its erases, and loses its power at will."""

import vfs

BLOCK_SIZE = 4096
# What littlefs asks of a block device (MicroPython's vfs.AbstractBlockDev).
_BLOCK_COUNT = 4
_BLOCK_SIZE = 5
_ERASE = 6
_ERASED = b"\xff"
_EIO = 5


class RamFlash:
    """NOR flash: erasing sets all bits of a block, programming only clears bits.

    The power goes with operation number `cut`, a program or an erase, of whose bytes the first `halves` halves are
    still done; that one and all others fail while `is_off`, which littlefs tells as OSError.
    """

    def __init__(self, blocks, memory=None, cut=None, halves=1):
        self.memory = memory or bytearray(_ERASED * (blocks * BLOCK_SIZE))
        self.erases = [0] * blocks
        self.is_off = False
        self._operations = 0
        self._cut = cut
        self._halves = halves

    def readblocks(self, block, buffer, offset=0):
        if not self.is_off:
            start = block * BLOCK_SIZE + offset
            buffer[:] = memoryview(self.memory)[start : start + len(buffer)]
        return self._result()

    def writeblocks(self, block, buffer, offset=0):
        size = self._begin(len(buffer))
        start = block * BLOCK_SIZE + offset
        end = start + size
        if self.memory[start:end] == _ERASED * size:
            self.memory[start:end] = memoryview(buffer)[:size]
        else:
            for at in range(size):
                self.memory[start + at] &= buffer[at]
        return self._result()

    def ioctl(self, operation, argument):
        if operation == _BLOCK_COUNT:
            return len(self.erases)
        if operation == _BLOCK_SIZE:
            return BLOCK_SIZE
        if operation != _ERASE:
            return None
        size = self._begin(BLOCK_SIZE)
        self.erases[argument] += size > 0
        start = argument * BLOCK_SIZE
        self.memory[start : start + size] = _ERASED * size
        return self._result()

    def _begin(self, size):
        """How many of the bytes of an operation are done."""
        if self.is_off:
            return 0
        if self._operations == self._cut:
            self.is_off = True
            size = size * self._halves // 2
        self._operations += 1
        return size

    def _result(self):
        # An exception would leave open files behind, for the garbage collector to close.
        return -_EIO if self.is_off else 0


def formatted(blocks):
    """A RamFlash with an empty littlefs of the sizes that the ESP32's has."""
    flash = RamFlash(blocks)
    vfs.VfsLfs2.mkfs(flash)
    return flash


class Mounted:
    """The file system on a flash, at /flash for as long as the block lasts."""

    def __init__(self, flash):
        self._flash = flash

    def __enter__(self):
        vfs.mount(vfs.VfsLfs2(self._flash), "/flash")

    def __exit__(self, *error):
        vfs.umount("/flash")
