"""What waits to be published: the newest message of each topic, in a fixed place.

The reader posts and never waits; the MQTT thread takes. With the broker away a newer message replaces the one
before it and is counted, so that what is sent in the end is what is true now.
"""

import _thread

from app.jsontext import JsonText

# Topic, most bytes of payload, retained by the broker; in the order in which they are sent.
TOPICS = (
    ("power", 544, False),
    ("state", 1088, False),
    ("energy", 544, True),
    ("total", 128, True),
    ("diagnosis", 1152, False),
    ("config", 256, True),
)


class _Slot:
    def __init__(self, name, topic, size, retain):
        self.name = name
        self.topic = topic
        self.retain = retain
        self.text = JsonText(size)
        self.waiting = False
        self.version = 0


class Outbox:
    """One slot a topic, shared by the reader and the MQTT thread under a lock."""

    def __init__(self, base):
        """`base` is what topics begin with, as bytes: b"han/han-a1b2c3"."""
        self._lock = _thread.allocate_lock()
        self._slots = [_Slot(name, base + b"/" + name.encode(), size, retain) for name, size, retain in TOPICS]
        self.replaced = 0  # messages that a newer one overtook
        self.too_long = 0  # messages that did not fit their slot
        self.published = 0

    def post(self, name, write, *about):
        """Put a message into its topic's slot: write(text, *about) writes it into a JsonText."""
        slot = self._slot(name)
        with self._lock:
            if slot.waiting:
                self.replaced += 1
            slot.waiting = False  # whatever write() stumbles on, half a message is not sent
            write(slot.text, *about)
            slot.waiting = slot.text.fits
            slot.version += 1
            if not slot.waiting:
                self.too_long += 1

    def _slot(self, name):
        for slot in self._slots:
            if slot.name == name:
                return slot
        raise KeyError(name)

    def take(self):
        """A waiting message as (slot, payload, version), or None. It waits on until sent() is told of it."""
        with self._lock:
            for slot in self._slots:
                if slot.waiting:
                    return slot, slot.text.payload(), slot.version
        return None

    def sent(self, slot, version):
        """This message of take() is with the broker."""
        with self._lock:
            self.published += 1
            if slot.version == version:
                slot.waiting = False

    def repeat_retained(self):
        """Send the retained messages once more: a broker that was restarted may have forgotten them."""
        with self._lock:
            for slot in self._slots:
                if slot.retain and slot.version and slot.text.fits:
                    slot.waiting = True
