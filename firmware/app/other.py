"""The topic `other`: what only some meters send (hanport/extras.py). There only while it is published."""

from app.outbox import Slot
from hanport.extras import DECIMALS, KEYS, TEXT

_NAME = "other"
_SIZE = 768


def post(outbox, base, discovery, extras, with_meter_ids):
    """Publish what the last reading has; meters' numbers only for an owner who wants them published."""
    if not extras.present:
        return
    if outbox.slots[-1].name != _NAME:
        outbox.slots.append(Slot(base, _NAME, _SIZE, True))
    outbox.post(_NAME, _write, extras, with_meter_ids)
    _tell(discovery, extras)


def _tell(discovery, extras):
    """Home Assistant is told when there is more of them."""
    if extras.present & ~discovery.extras:
        discovery.extras |= extras.present
        discovery.is_saved = False
        discovery.announce_again()


def _write(text, extras, with_meter_ids):
    text.begin()
    for index, key in enumerate(KEYS):
        if extras.has(index) and (with_meter_ids or not key.endswith("_meter_id")):
            if DECIMALS[index] == TEXT:
                text.text(key, extras.value(index))
            else:
                text.number(key, extras.value(index), DECIMALS[index])
    text.end()
