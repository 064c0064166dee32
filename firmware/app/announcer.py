"""What homeassistant.py needs while it announces: the messages, and the file that says what was announced."""

from app import storage
from app.homeassistant import SEEN
from hanport.registers import COUNT, INDEX

# For each register whether it was seen, those of hanport/extras.py as a number, and Home Assistant's prefix: after a
# restart everything is announced at once, and what was announced can be taken back.
_FILE = "discovery"
_LARGEST_FILE = 256


def load(discovery):
    """Take up what was announced before the restart."""
    content = storage.read_file(_FILE, _LARGEST_FILE)
    if not content or b"\n" not in content:
        return
    seen, prefix = content.split(b"\n", 1)
    try:
        prefix = prefix.decode()
    except UnicodeError:
        return
    seen, _, extras = seen.partition(b" ")
    # Another firmware's table of registers may have been another.
    if len(seen) == COUNT:
        discovery.seen[:] = seen
        try:
            discovery.extras = int(extras, 16)
        except ValueError:
            pass  # an earlier firmware's file has none
    if discovery.settings["homeassistant.discovery"] and prefix == discovery.settings["homeassistant.prefix"]:
        discovery.is_saved = True
    else:
        discovery.old_prefix = prefix


def is_over(discovery):
    """Whether discovery.number is behind the last message."""
    import hadiscovery  # here, since load() at the start needs none of it

    return discovery.number == hadiscovery.count


def done(discovery):
    """All messages are with the broker. True when what was taken back is to be announced under another prefix."""
    was_taken_back = discovery.old_prefix is not None
    discovery.old_prefix = None
    if was_taken_back and not discovery.settings["homeassistant.discovery"]:
        storage.remove_file(_FILE)  # where the flash refuses, it will be taken back once more
        return False
    return was_taken_back


def message(discovery):
    """(topic, payload) of message discovery.number; None when it would hold nothing. To look for one that does would
    keep the reader from its UART for too long."""
    import hadiscovery

    settings = discovery.settings
    device, base, version, board = discovery.about
    if discovery.old_prefix is not None:
        return hadiscovery.removal(discovery.number, device, discovery.old_prefix)
    if not discovery.is_saved:
        _save(discovery)
    about = (settings["homeassistant.prefix"], version, board, settings["owner.language"])
    announcement = hadiscovery.Announcement(device, base.decode(), *about)
    return announcement.message(discovery.number, lambda what: _has(discovery, what))


def _has(discovery, what):
    """As hadiscovery asks."""
    if what in ("import", "export"):
        return _has(discovery, f"energy_{what}_wh") or _has(discovery, f"energy_{what}_t1_wh")
    if what == "supply":
        return discovery.has_supply
    if what.startswith("peak_"):
        return int(what[5:]) <= discovery.settings["tariff.hours"] and _has(discovery, "import")
    if what in INDEX:
        return discovery.seen[INDEX[what]] == SEEN
    if not discovery.extras:
        return False  # as most meters have none
    from hanport.extras import KEYS

    return what in KEYS and discovery.extras >> KEYS.index(what) & 1


def _save(discovery):
    """Before anything is announced, since it is to be taken back some day."""
    prefix = discovery.settings["homeassistant.prefix"].encode()
    try:
        storage.write_file(_FILE, bytes(discovery.seen) + b" %x\n" % discovery.extras + prefix)
    except OSError:
        pass  # the flash refuses; that is said where the hours are kept
    discovery.is_saved = True
