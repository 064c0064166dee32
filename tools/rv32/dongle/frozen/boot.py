"""Frozen into the machine as a dongle: its flash is a part of its memory, which the host keeps in a file."""

import sys

import uctypes
import vfs

_AT, _BLOCKS, _BLOCK = 0x81000000, 512, 4096
_FAKES = 0x82000000  # as a ROMFS image


class Flash:
    def readblocks(self, block, into, offset=0):
        at = block * _BLOCK + offset
        into[:] = _memory[at : at + len(into)]

    def writeblocks(self, block, data, offset=0):
        at = block * _BLOCK + offset
        _memory[at : at + len(data)] = data

    def ioctl(self, what, _argument):
        return _BLOCKS if what == 4 else _BLOCK if what == 5 else 0


_memory = uctypes.bytearray_at(_AT, _BLOCKS * _BLOCK)
try:
    vfs.mount(vfs.VfsLfs2(Flash()), "/")
except OSError:
    vfs.VfsLfs2.mkfs(Flash())
    vfs.mount(vfs.VfsLfs2(Flash()), "/")
_size = int.from_bytes(uctypes.bytearray_at(_FAKES, 4), "little")
if _size:
    vfs.mount(vfs.VfsRom(uctypes.bytearray_at(_FAKES + 4, _size)), "/rom")
    sys.path.append("/rom")
