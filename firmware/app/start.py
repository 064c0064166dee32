"""The dongle's start and restart: what becomes of it is app.choice's, for as long as that takes."""

import asyncio

import machine

from app import lent, storage
from app.log import log

# There when the setup network is to be there with the next start; who wants it.
WISH_FILE = "setup"
OWNER, AWAY = b"owner", b"away"  # by the button; the network at home is away
SAFE = b"safe"  # nobody: what crashes at home is left alone for a while
# There when the next start is one that somebody wants.
ASKED_FILE = "asked"


def wish_for_setup(wish=OWNER):
    """Start anew, with the setup network."""
    try:
        storage.write_file(WISH_FILE, wish)
    except OSError as error:
        log("setup", f"the flash refuses: {error}")
        return
    restart()


def restart():
    """Start anew because somebody wants it, which is no crash."""
    _note_asked()
    machine.reset()


def version():
    """Of this firmware."""
    return lent.module("slots").about()["version"]


def _note_asked():
    try:
        storage.write_file(ASKED_FILE, b"")
    except OSError:
        pass  # then it is counted as a crash


def about(board, health):
    """The `config` message: what this dongle is, how it has started, and nothing secret."""
    about = {"device": board.id, "version": version(), "board": board.name}
    about.update(health.life)
    return about


def start():
    """Run. What ends that but the console is a crash, and main.py starts it anew."""
    try:
        asyncio.run(_run(lent.module("choice").dongle()))
    except KeyboardInterrupt:
        _note_asked()  # somebody is at the console
        raise


async def _run(dongle):
    words = lent.module("slots").words()
    if len(words) > 1:
        asyncio.create_task(lent.module("trial").watch(dongle, words))
    await dongle.run()
