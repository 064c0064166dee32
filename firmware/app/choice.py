"""What the dongle is from now on: at home, or being set up. The two do not fit into the heap together."""

import gc

from app import lent, storage
from app.board import Board
from app.health import Health
from app.log import log
from app.start import ASKED_FILE, OWNER, SAFE, WISH_FILE, version


def dongle():
    """Load board and settings; what is to be run."""
    is_asked = _take(ASKED_FILE) is not None
    life, is_beaten, is_starved = lent.module("starts").begin(is_asked)
    settings, decoder, faults = _load_settings()
    board = Board()
    reset = f"start {life['starts']} by {life['reset']}, crashes {life['crashes']}"
    log("start", f"firmware {version()} on {board.name}, device {board.id}; {reset}")
    for fault in faults:
        log("settings", fault)
    if not settings["wifi.ssid"]:
        log("wifi", "no network is set (wifi.ssid)")
    if not settings["mqtt.host"]:
        log("mqtt", "no broker is set (mqtt.host)")
    wish = _take(WISH_FILE)
    # Without a network there is only the setup in any case.
    is_safe = is_beaten and bool(settings["wifi.ssid"])
    if is_safe:
        log("start", "safe mode after crashes in a row: the meter is read, the setup network is there, and no more")
        wish = SAFE
    made = _make(board, settings, decoder, Health(board, life, is_safe, is_starved), wish)
    gc.collect()
    return made


def _make(board, settings, decoder, health, wish):
    if wish or not settings["wifi.ssid"]:
        from app.setupmode import SetupMode

        return SetupMode(board, settings, decoder, health, wish)
    from app.dongle import Dongle

    return Dongle(board, settings, decoder, health)


def _take(name):
    """What a file holds that the life before has left for this one."""
    content = storage.read_file(name, len(OWNER))
    storage.remove_file(name)
    return content


def _load_settings():
    """(settings, what they say to the decoder, faults). What judges them is needed once, and then only takes heap."""
    config = lent.module("config")
    settings, faults = config.load()
    return settings, config.decoder_options(settings), faults
