"""A new version that comes by the page: kept whole, checked whole, and only then unpacked beside the one that runs.

It is a tar (POSIX 1003.1, ustar) whose first file is its MANIFEST: the lines of slots.about(), then one for each
other file, in the order in which they follow: SHA-256 in hexadecimal, size, path. tools/release.py makes it.
"""

import asyncio
import binascii
import hashlib
import os

from app import lent, storage
from app.log import log

_FILE = "update.tar"
_BLOCK = 512
_FOLDERS = ("app/", "lib/", "www/")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"
_RESTART_S = 3
_IS_FOLDER = 0x4000

slots = lent.module("slots")
trial = lent.module("trial")


class Wrong(Exception):
    """A word of formfaults.txt."""


class Update:
    """Takes the archive in pieces by write(), and from close() on does the rest by itself."""

    def __init__(self, dongle, length):
        """Raises OSError when the flash refuses."""
        self._dongle = dongle
        self._left = self._length = length
        self._file = open(_FILE, "wb")  # noqa: SIM115, closed by close()
        self._task = None
        self._is_refused = False  # by the flash
        self.state = "receiving"
        self.version = ""
        self.error = ""
        self._done = 0

    @property
    def is_over(self):
        return self.state == "failed"

    @property
    def percent(self):
        """Of what the state names."""
        return self._done * 100 // self._length

    def write(self, piece):
        """The next bytes. Raises OSError when the flash refuses."""
        try:
            self._file.write(piece)
        except OSError:
            self._is_refused = True
            raise
        self._left -= len(piece)
        self._done += len(piece)

    def close(self):
        """All has come, or the connection is broken."""
        try:
            self._file.close()
        except OSError:
            self._is_refused = True
        if self._is_refused:
            self._fail("not_kept")
        elif self._left:
            self._fail("damaged")
        else:
            self._task = asyncio.create_task(self._run())

    def _fail(self, word):
        log("update", "refused: " + word)
        self.state, self.error = "failed", word
        storage.remove_file(_FILE)

    async def _run(self):
        try:
            running = slots.words()[0]
            await self._pass("checking", None)
            spare = slots.spare(running)
            await self._pass("unpacking", spare)
            needs = trial.reached(self._dongle)
            slots.choose([spare, running, "0"] + needs)
        except Wrong as error:
            return self._fail(error.args[0])
        except ValueError as error:
            log("update", f"not understood: {error!r}")
            return self._fail("damaged")
        except (OSError, MemoryError) as error:
            log("update", f"the flash or the heap refuses: {error!r}")
            return self._fail("not_kept")
        storage.remove_file(_FILE)
        self.state = "restarting"
        log("update", f"{self.version} is in place, and is tried with the next start")
        self._dongle.restart_in(_RESTART_S)

    async def _pass(self, state, folder):
        """Go through the whole archive; with a folder, unpack it there."""
        self.state, self._done = state, 0
        archive = Archive(_FILE)
        try:
            self._compare(archive.about)
            if folder:
                await _remove_all(folder)
                os.mkdir(folder)
            while archive.next():
                if folder:
                    with _created(folder + "/" + archive.path) as file:
                        await self._copy(archive, file)
                else:
                    await self._copy(archive, None)
            if folder:
                archive.open_manifest()
                with _created(folder + "/MANIFEST") as file:
                    await self._copy(archive, file)
        finally:
            archive.close()

    def _compare(self, about):
        """Raises Wrong when it is not for this dongle."""
        mine = slots.about()
        if (about["arch"], about["mpy"]) != (mine["arch"], mine["mpy"]):
            raise Wrong("other_arch")
        self.version = about["version"]

    async def _copy(self, archive, file):
        digest = hashlib.sha256()
        piece = archive.read()
        while piece:
            digest.update(piece)
            if file:
                file.write(piece)
            self._done += len(piece)
            await asyncio.sleep_ms(0)
            piece = archive.read()
        if archive.digest and binascii.hexlify(digest.digest()).decode() != archive.digest:
            raise Wrong("damaged")


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


def _created(path):
    """A new file, and the folders above it."""
    at = path.find("/")
    while at >= 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass  # it is there
        at = path.find("/", at + 1)
    return open(path, "wb")


async def _remove_all(path):
    """A file, or a folder with all in it; nothing when it is not there."""
    try:
        is_folder = os.stat(path)[0] & _IS_FOLDER
    except OSError:
        return
    if is_folder:
        for name in os.listdir(path):
            await _remove_all(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)
    await asyncio.sleep_ms(0)


def room():
    """Bytes that are free on the flash, once what an update has left there that was broken off is gone."""
    storage.remove_file(_FILE)
    about = os.statvfs("/")
    return about[0] * about[3]
