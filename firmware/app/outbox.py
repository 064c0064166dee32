"""What waits to be published: the newest message of each topic, in a fixed place, and one parcel.

The reader posts and never waits; the MQTT thread takes. With the broker away a newer message replaces the one
before it and is counted, so that what is sent in the end is what is true now. A parcel (a completed hour, an entity's
description) is replaced by nothing: it waits until it is delivered.
"""

import _thread

from app import messages
from app.jsontext import JsonText

# Topic, most bytes of payload, retained by the broker; in the order in which they are sent.
TOPICS = (
    ("power", 544, False),
    ("state", 1216, False),
    ("energy", 544, True),
    ("total", 128, True),
    ("load", 64, True),
    ("usage", messages.LONGEST_USAGE, False),
    ("capacity", 512, False),
    ("diagnosis", 1792, False),
    ("config", 256, True),
)
_LARGEST_TICKET = 0x3FFFFFFF


class Slot:
    """One topic's newest message."""

    qos = 0

    def __init__(self, base, name, size, retain):
        self._base = base
        self.name = name
        self.retain = retain
        self.text = JsonText(size)
        self.waiting = False
        self.held = False
        self.version = 0

    @property
    def topic(self):
        return self._base + b"/" + self.name.encode()


class _Parcel:
    """Whatever send() was given last."""

    topic = payload = None
    retain = False
    qos = 0
    version = 0  # its ticket


class Outbox:
    """One slot a topic and the parcel, shared by reader and MQTT thread under a lock. app/other.py adds one."""

    def __init__(self, base):
        """`base` is what topics begin with, as bytes: b"han/han-a1b2c3"."""
        self._lock = _thread.allocate_lock()
        self.slots = [Slot(base, *row) for row in TOPICS]
        self._parcel = _Parcel()
        self.replaced = 0  # messages that a newer one overtook
        self.too_long = 0  # messages that did not fit their slot
        self.published = 0
        self.delivered = 0  # the last parcel's ticket that is with the broker

    def post(self, name, write, *about):
        """Put a message into its topic's slot: write(text, *about) writes it into a JsonText."""
        slot = self._slot(name)
        with self._lock:
            if slot.waiting:
                self.replaced += 1
            slot.waiting = False
            try:
                write(slot.text, *about)
            except Exception:
                slot.text.fits = False  # whatever it stumbles on, half a message is not sent
                raise
            slot.waiting = slot.text.fits
            slot.version += 1
            if not slot.waiting:
                self.too_long += 1

    def hold(self, name):
        """Keep this topic's messages here until release()."""
        self._slot(name).held = True

    def release(self, name):
        self._slot(name).held = False

    def holds(self, name):
        return self._slot(name).held

    def newest(self, name):
        """The newest message of a topic, sent or not, as bytes; None when there has been none that fits."""
        slot = self._slot(name)
        return slot.text.payload() if slot.version and slot.text.fits else None

    @property
    def parcel_free(self):
        """True when send() may be called."""
        return self._parcel.payload is None

    def send(self, topic, payload, retain, qos):
        """Send this, as bytes, once: at QoS 1 until it is acknowledged. Returns its ticket; only when parcel_free."""
        with self._lock:
            parcel = self._parcel
            parcel.version = parcel.version % _LARGEST_TICKET + 1
            parcel.topic = topic
            parcel.retain = retain
            parcel.qos = qos
            parcel.payload = payload
            return parcel.version

    def _slot(self, name):
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)

    def take(self):
        """A waiting message as (slot or parcel, payload, version), or None. It waits until sent() is told of it."""
        with self._lock:
            for slot in self.slots:
                if slot.waiting and not slot.held:
                    return slot, slot.text.payload(), slot.version
            parcel = self._parcel
            if parcel.payload is not None:
                return parcel, parcel.payload, parcel.version
        return None

    def sent(self, slot, version):
        """This message of take() is with the broker."""
        with self._lock:
            self.published += 1
            if slot is self._parcel:
                slot.payload = None
                self.delivered = version
            elif slot.version == version:
                slot.waiting = False

    def repeat_retained(self):
        """Send the retained messages once more: a broker that was restarted may have forgotten them."""
        with self._lock:
            for slot in self.slots:
                if slot.retain and slot.version and slot.text.fits:
                    slot.waiting = True
