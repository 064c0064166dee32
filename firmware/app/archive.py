"""The archive of a release: a tar (POSIX 1003.1, ustar) whose first file is its MANIFEST: the lines of slots.about(),
then one for each other file, in the order in which they follow: SHA-256 in hexadecimal, size, path. tools/release.py
makes it. Loaded for an update only.
"""

from app import lent

_BLOCK = 512
_FOLDERS = ("app/", "lib/", "www/")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"

slots = lent.module("slots")


class Wrong(Exception):
    """A word of formfaults.txt."""


class Archive:
    """The files of a release, one after the other. Raises ValueError and Wrong for what is none."""

    def __init__(self, path):
        self._tar = open(path, "rb")  # noqa: SIM115, closed by close()
        self._list = open(path, "rb")  # noqa: SIM115
        self.open_manifest()
        self._lines_left = self._left
        self._list.seek(_BLOCK)
        try:
            self.about = slots.head(self._list)
        except ValueError:
            raise Wrong("not_a_release") from None
        self._lines_end = _BLOCK + self._lines_left
        while self.read():
            pass

    def close(self):
        self._tar.close()
        self._list.close()

    def open_manifest(self):
        """Go to the beginning."""
        self._tar.seek(0)
        self.path, self.digest = "MANIFEST", ""
        self._left = _size(self._tar.read(_BLOCK), "MANIFEST")
        self._padding = -self._left % _BLOCK

    def next(self):
        """Go to the next file: `path`, `digest`. False after the last one."""
        if self._list.tell() >= self._lines_end:
            return False
        self.digest, size, self.path = self._list.readline().decode().split()
        if not _is_ours(self.path) or len(self.digest) != 64:
            raise ValueError(self.path)
        self._left = _size(self._tar.read(_BLOCK), self.path)
        if self._left != int(size):
            raise ValueError(size)
        self._padding = -self._left % _BLOCK
        return True

    def read(self):
        """The next bytes of this file; none at its end."""
        if not self._left:
            self._tar.seek(self._padding, 1)
            self._padding = 0
            return b""
        piece = self._tar.read(min(self._left, _BLOCK))
        if not piece:
            raise ValueError("end")
        self._left -= len(piece)
        return piece


def _size(header, path):
    """Of the file that this header of a tar is before. Raises ValueError when it is of another one, or damaged."""
    name = header[:100].decode().rstrip("\0")
    if len(header) < _BLOCK or name != path or header[156:157] not in b"0\0":
        if path == "MANIFEST":
            raise Wrong("not_a_release")
        raise ValueError(name)
    checksum = sum(header) - sum(header[148:156]) + 8 * 32
    if int(header[148:156].decode().strip(" \0"), 8) != checksum:
        raise ValueError("checksum")
    return int(header[124:136].decode().strip(" \0"), 8)


def _is_ours(path):
    """Whether it lies in one of our folders, wherever who made it would like it."""
    plain = all(letter in _LETTERS for letter in path)
    return plain and ".." not in path and len(path) < 64 and any(path.startswith(folder) for folder in _FOLDERS)
