"""Tells Home Assistant what there is of this meter: at the start, when there is more, and when it asks.

What that takes (app/announcer.py, lib/hadiscovery) is imported for the time that it lasts, and forgotten again.
"""

import gc
import random

from app import lent
from hanport.registers import COUNT

SEEN = 0x31
# Later readings are looked through a few registers at a time: nearly always there is nothing new.
_A_FEW = 4
_FAILED_PAUSE_S = 60


class Discovery:
    """Announces this meter's entities, or takes back what was announced before the owner switched it off."""

    def __init__(self, settings, device, base, version, board, outbox, may_send):
        """`base` is what topics begin with, as bytes. may_send() is False while the broker is away, and while
        something more urgent waits."""
        self.settings = settings
        self.about = (device, base, version, board)
        self.seen = bytearray(b"0" * COUNT)  # SEEN for each register that the meter has sent
        self.extras = 0  # a bit for each register of hanport/extras.py that it has sent
        self.is_saved = False
        self.old_prefix = None  # under which to take back what was announced
        self.number = 0  # of the next message
        self.has_supply = False  # whether the board measures it
        self.pause_s = 0  # behind each message
        self._outbox = outbox
        self._may_send = may_send
        self._is_wanted = settings["homeassistant.discovery"]
        self._lists = 0  # those of which one was looked through, a bit each
        self._next = 0
        self._wait_s = None  # until the next message is due; None when nothing is to be said
        from app import announcer

        announcer.load(self)
        self._end(0 if self._is_wanted or self.old_prefix else None)

    def note(self, reading):
        """See which registers this meter has."""
        if not self._is_wanted:
            return
        first = self._next
        last = min(first + _A_FEW, COUNT)
        of_list = 1 << reading.list
        if self._lists & of_list:
            self._next = last % COUNT
        else:
            self._lists |= of_list
            first, last = 0, COUNT
        for index in range(first, last):
            if self.seen[index] != SEEN and reading.has(index):
                self.seen[index] = SEEN
                self.is_saved = False
                self._begin(0)

    def announce_again(self):
        """Home Assistant has started. All its devices answer to that: not at the same moment."""
        if self._is_wanted:
            self._begin(1 + random.getrandbits(3))

    def tick(self):
        """Once a second: look at one message, and send it when it holds something."""
        if self._wait_s:
            self._wait_s -= 1
        elif self._wait_s == 0:
            if self._outbox.parcel_free and self._may_send():
                try:
                    self._send()
                except (MemoryError, OSError):
                    self._wait_s = _FAILED_PAUSE_S
                    _forget()
            else:
                _forget()

    def _send(self):
        # The message is to find a heap in one piece.
        gc.collect()
        from app import announcer

        if announcer.is_over(self):
            self._end(0 if announcer.done(self) else None)
            return
        message = announcer.message(self)
        if message:
            self._outbox.send(message[0], message[1], True, 1)
            self._wait_s = self.pause_s
        self.number += 1

    def _begin(self, wait_s):
        self._wait_s = wait_s
        self.number = 0

    def _end(self, wait_s):
        self._begin(wait_s)
        _forget()


def _forget():
    """Give back the heap of what is not needed now."""
    lent.forget("app.announcer", "app", "announcer")
    lent.forget("hanport.extras", "hanport", "extras")
    lent.forget("hadiscovery")
