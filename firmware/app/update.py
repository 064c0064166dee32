"""A new version that comes by the page: kept whole, checked whole, then unpacked beside the one that runs."""

import asyncio
import binascii
import hashlib
import os

from app import lent, storage
from app.log import log

_FILE = "update.tar"
_RESTART_S = 3
_IS_FOLDER = 0x4000

archive = lent.module("archive")
slots = archive.slots  # one of it is enough
trial = lent.module("trial")


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
        except archive.Wrong as error:
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
        tar = archive.Archive(_FILE)
        try:
            self._compare(tar.about)
            if folder:
                await _remove_all(folder)
                os.mkdir(folder)
            while tar.next():
                if folder:
                    with _created(folder + "/" + tar.path) as file:
                        await self._copy(tar, file)
                else:
                    await self._copy(tar, None)
            if folder:
                tar.open_manifest()
                with _created(folder + "/MANIFEST") as file:
                    await self._copy(tar, file)
        finally:
            tar.close()

    def _compare(self, about):
        """Raises Wrong when it is not for this dongle."""
        mine = slots.about()
        if (about["arch"], about["mpy"]) != (mine["arch"], mine["mpy"]):
            raise archive.Wrong("other_arch")
        self.version = about["version"]

    async def _copy(self, tar, file):
        digest = hashlib.sha256()
        piece = tar.read()
        while piece:
            digest.update(piece)
            if file:
                file.write(piece)
            self._done += len(piece)
            await asyncio.sleep_ms(0)
            piece = tar.read()
        if tar.digest and binascii.hexlify(digest.digest()).decode() != tar.digest:
            raise archive.Wrong("damaged")


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
