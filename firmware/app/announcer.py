"""What homeassistant.py needs while it announces: the messages, and the file that says what was announced."""

import os

from app import storage
from app.homeassistant import SEEN
from hanport.registers import COUNT, INDEX

# For each register whether it was seen, and Home Assistant's prefix: after a restart everything is announced at once,
# and what was announced can be taken back.
_FILE = "discovery"
_LARGEST_FILE = 256


def load(discovery):
    """Take up what was announced before the restart."""
    content = storage.read_file(_FILE, _LARGEST_FILE)
    if not content or b"\n" not in content:
        return
    seen, prefix = content.split(b"\n", 1)
    # Another firmware's table of registers may have been another.
    if len(seen) == COUNT:
        discovery.seen[:] = seen
    if discovery.settings["homeassistant.discovery"] and prefix == _prefix(discovery):
        discovery.is_saved = True
    else:
        discovery.old_prefix = prefix


def next_message(discovery):
    """(topic, payload) of the next message that has something in it; None behind the last one."""
    import hadiscovery

    while discovery.number < hadiscovery.count:
        message = _message(hadiscovery, discovery)
        discovery.number += 1
        if message:
            return message
    return None


def done(discovery):
    """All messages are with the broker. True when what was taken back is to be announced under another prefix."""
    was_taken_back = discovery.old_prefix is not None
    discovery.old_prefix = None
    if was_taken_back and not discovery.settings["homeassistant.discovery"]:
        try:
            os.remove(_FILE)
        except OSError:
            pass  # it will be taken back once more
        return False
    return was_taken_back


def _message(hadiscovery, discovery):
    settings = discovery.settings
    device, base, version, board = discovery.about
    if discovery.old_prefix is not None:
        return hadiscovery.removal(discovery.number, device, discovery.old_prefix.decode())
    if not discovery.is_saved:
        _save(discovery)
    names = hadiscovery.names(settings["owner.language"])
    prefix = settings["homeassistant.prefix"]
    announcement = hadiscovery.Announcement(device, base.decode(), prefix, version, board, names)
    return announcement.message(discovery.number, lambda what: _has(discovery, what))


def _has(discovery, what):
    """As hadiscovery asks."""
    if what in ("import", "export"):
        return _has(discovery, f"energy_{what}_wh") or _has(discovery, f"energy_{what}_t1_wh")
    if what.startswith("peak_"):
        return int(what[5:]) <= discovery.settings["tariff.hours"] and _has(discovery, "import")
    return what in INDEX and discovery.seen[INDEX[what]] == SEEN


def _prefix(discovery):
    return discovery.settings["homeassistant.prefix"].encode()


def _save(discovery):
    """Before anything is announced, since it is to be taken back some day."""
    try:
        storage.write_file(_FILE, bytes(discovery.seen) + b"\n" + _prefix(discovery))
    except OSError:
        pass  # the flash refuses; that is said where the hours are kept
    discovery.is_saved = True
