"""The house's hours: kept in the journal as soon as they are complete, and published until the broker has them."""

import json
import struct

from app import clock, messages, storage
from app.log import log
from energy.hour import MARK, SIZE, Hour
from energy.peaks import Peaks
from energy.usage import Usage
from journal import Journal

# No name of a module: on a dongle, what lies in the root is looked at first when one is imported.
_FOLDER = "hours"
# 40 days of hours, each with its acknowledgement: 1,920 records in segments of one 4,096-byte block of the flash.
_PER_SEGMENT = 73
_SEGMENTS = 28
# No hour, but the sequence number up to which the broker has acknowledged them.
_ACKNOWLEDGED = 4
_NUMBER = "<I"
_NUMBER_AT = 4
# After an outage not every hour is worth a write of its own; what is lost of this is only published again.
_ACKNOWLEDGE_EVERY = 24

_STATE_FILE = "state.json"
_LARGEST_STATE = 4096
_SAVE_S = 300
# More than a house uses between two times that the state is saved; what claims more is not believed.
_MOST_AHEAD_WH = 20000
_REPLAY_SLICE = 8


class Ledger:
    """Keeps the hours that `totals` completes; knows the month's peaks and what day and month have used."""

    def __init__(self, settings, totals, outbox, base):
        self._totals = totals
        self._outbox = outbox
        self._topic = base + b"/hour"
        self._zone_h = messages.zone_h(settings)
        self._journal = Journal(_FOLDER, SIZE, _PER_SEGMENT, _SEGMENTS)
        self._hour = Hour()
        self.peaks = Peaks(settings["tariff.hours"], self._zone_h)
        self.usage = Usage(self._zone_h)
        self.pending = 0  # hours that the broker has not acknowledged
        self._acknowledged = self._written = 0  # up to which sequence number; in the journal
        self._ticket = None
        self._sent = 0
        self._saved_s = 0
        self.is_ready = False
        self._says_failed = False
        self._floors = (None, None)

    def replay(self):
        """Find again what was kept; a generator, which lets others have their turn at each step."""
        hour = self._hour
        kept = None
        unacknowledged = []
        for count, (seq, payload) in enumerate(self._journal.replay()):
            if payload[0] == _ACKNOWLEDGED:
                self._acknowledged = struct.unpack_from(_NUMBER, payload, _NUMBER_AT)[0]
                unacknowledged = [number for number in unacknowledged if number > self._acknowledged]
            else:
                hour.unpack(payload)
                self._note(hour)
                kept = hour
                if hour.kind != MARK:
                    unacknowledged.append(seq)
            if count % _REPLAY_SLICE == 0:
                yield
        self.pending = len(unacknowledged)
        self._written = self._acknowledged
        if kept:
            self._totals.resume(kept)
            self._restore_state()
        if self._journal.damaged:
            log("journal", f"{self._journal.damaged} damaged records are left out")
        self.is_ready = True

    def kept(self, most):
        """Yields those of the last so many records that are no acknowledgements, for Hour.unpack(); they are lent."""
        for _seq, payload in self._journal.records(max(self._journal.last_seq - most, 0)):
            if payload[0] != _ACKNOWLEDGED:
                yield payload

    def tick(self):
        """Once a second: keep what is complete, publish what is not acknowledged, save the state when it is due."""
        if not self.is_ready:
            return
        self._floors = self._raise(self._floors)
        try:
            self._keep()
            self._acknowledge()
            if clock.uptime_s() - self._saved_s >= _SAVE_S:
                self._save_state()
            self._says_failed = False
        except OSError as error:
            # The hour stays complete, and is tried again.
            if not self._says_failed:
                log("journal", f"the flash refuses: {error}")
            self._says_failed = True
        self._publish()

    def raise_totals(self, floors):
        """The totals have been published as high as this already: pairs of Wh, None for what is not known. They are
        raised by the next tick() at which they are known."""
        self._floors = floors

    def _raise(self, floors):
        """Raise the totals that are known; returns the floors of those that are not."""
        left = []
        for total, floor in zip((self._totals.imported, self._totals.exported), floors):
            if total.wh is not None and floor is not None:
                if total.wh < floor <= total.wh + _MOST_AHEAD_WH:
                    total.raise_to(floor)
                floor = None
            left.append(floor)
        return left

    def _note(self, hour):
        self.usage.note(hour)
        self.peaks.note(hour)

    def _keep(self):
        hours = self._totals.hours
        while hours.next(self._hour):
            self._journal.append(self._hour.pack())
            hours.done()
            self._note(self._hour)
            if self._hour.kind != MARK:
                self.pending += 1

    def _publish(self):
        """Hand the oldest hour that is not acknowledged to the link; the next one when that is delivered."""
        if not self.pending or self._ticket is not None or not self._outbox.parcel_free:
            return
        for seq, payload in self._journal.records(self._acknowledged):
            if payload[0] != _ACKNOWLEDGED and payload[0] != MARK:
                self._hour.unpack(payload)
                content = json.dumps(messages.hour(self._hour, self._zone_h)).encode()
                self._ticket = self._outbox.send(self._topic, content, False, 1)
                self._sent = seq
                return
        self.pending = 0  # the ring has passed what a broker did not want for longer than it keeps

    def _acknowledge(self):
        if self._ticket is not None and self._outbox.delivered >= self._ticket:
            self._ticket = None
            self._acknowledged = self._sent
            self.pending -= 1
        if self._acknowledged > self._written and (
            not self.pending or self._acknowledged - self._written >= _ACKNOWLEDGE_EVERY
        ):
            record = bytearray(SIZE)
            record[0] = _ACKNOWLEDGED
            struct.pack_into(_NUMBER, record, _NUMBER_AT, self._acknowledged)
            self._journal.append(record)
            self._written = self._acknowledged

    def save(self):
        """Save the state now; a flash that refuses costs some minutes of an estimate."""
        try:
            self._save_state()
        except OSError:
            pass

    def _save_state(self):
        """The hour so far, which a restart would lose."""
        totals = self._totals
        if totals.hours.mark is not None:
            state = {
                "mark": totals.hours.mark,
                "pending": totals.hours.pending(),
                "totals": totals.wh,
                "clock": totals.clock.rule,
            }
            storage.write_file(_STATE_FILE, json.dumps(state).encode())
        self._saved_s = clock.uptime_s()

    def _restore_state(self):
        """Take up what was saved. Whatever the file holds, it is right or it is left."""
        content = storage.read_file(_STATE_FILE, _LARGEST_STATE)
        if content is None:
            return
        try:
            state = json.loads(content)
            self._totals.restore(state["mark"], state["pending"], state["clock"])
            self._raise(state["totals"])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
            log("state", f"{_STATE_FILE} makes no sense and is left")
