"""What Home Assistant's discovery takes of a dongle's heap: nothing for each reading, and nothing behind it."""

import gc
import sys

import micropython

from app import config
from app.homeassistant import Discovery
from hanport import Reading
from hanport.registers import COUNT, INDEX, KEYS, POWER_IMPORT

_KEPT = 512  # words that MicroPython keeps of what it has once imported


class _Outbox:
    parcel_free = True
    count = largest = 0

    def send(self, topic, payload, retain, qos):
        self.count += 1
        self.largest = max(self.largest, len(payload))


def _discovery(outbox):
    settings = config.defaults()
    return Discovery(settings, "han-a1b2c3", b"han/han-a1b2c3", "0.1.0", "generic ESP32", outbox, lambda: True)


def _reading():
    """All that a meter can have."""
    reading = Reading()
    for index in range(COUNT):
        if index >= POWER_IMPORT:
            reading.put(index, 1)
    return reading


def test_a_reading_with_nothing_new_takes_no_heap():
    discovery = _discovery(_Outbox())
    reading = _reading()
    discovery.note(reading)
    note = discovery.note
    gc.collect()
    micropython.heap_lock()
    try:
        for _ in range(2 * COUNT):
            note(reading)
    finally:
        micropython.heap_unlock()
    assert discovery.seen[INDEX["energy_import_wh"]] == 0x31 and len(KEYS) == COUNT


def test_what_is_not_announced_now_is_forgotten_where_the_heap_is_full():
    settings = config.defaults()
    discovery = Discovery(settings, "han-a1b2c3", b"han/x", "0.1.0", "a board", _Outbox(), lambda: False)
    discovery.note(_reading())
    from app import announcer  # noqa: F401, as a message that found no room leaves it

    tick = discovery.tick
    gc.collect()
    micropython.heap_lock()
    try:
        tick()
    finally:
        micropython.heap_unlock()
    assert "app.announcer" not in sys.modules
    assert not [name for name in sys.modules if name.startswith("hadiscovery")]


def test_announcing_gives_its_heap_back():
    outbox = _Outbox()
    discovery = _discovery(outbox)
    discovery.note(_reading())
    discovery.is_saved = True  # a test writes no file beside the project's
    _announce(discovery)  # the names of functions are kept for good
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(3):
        discovery.announce_again()
        _announce(discovery)
    gc.collect()
    assert gc.mem_alloc() - before <= _KEPT, gc.mem_alloc() - before
    assert outbox.count >= 4 * 15 and outbox.largest <= 2048
    assert not [name for name in sys.modules if "hadiscovery" in name or "announcer" in name]


def _announce(discovery):
    for _ in range(60):
        discovery.tick()
