"""From a P1 or H1 telegram to the filled Reading (EFS v2.0, DSMR 5.0.2), with what makers do differently.

Lines come in any order, units in any case and with or without "k", reactive ones with or without "h".
"""

from array import array

from .codes import MALFORMED, NO_CHECK
from .const import const
from .fields import ALLOWED, BAD, END, HIGH, ITEM, KIND, LOW, NUMBER, POS, REGISTER, SCALER, SIZE, START, UNIT, WIDTH
from .link import NO_ROOM
from .loops import lines, text
from .p1 import CRC_OF_SLASH, check_of
from .registers import DECIMALS, INDEX, TEXT, TIMESTAMP, UNITS

_P1_IDENT = INDEX["p1_ident"]
_SLASH = const(47)
_EXCLAMATION = const(33)
_BILLION = const(1000000000)
_CR = const(13)
_LF = const(10)


class TelegramReader:
    """Reads telegrams."""

    def __init__(self):
        self.state = array("i", [0] * SIZE)
        self._sum = array("i", (0, 0))
        self._extra_lines = None

    def read_sealed(self, receiver, start, stop, is_verified, around, reading):
        """As read(), of a telegram out of an envelope. Its own check is not needed under a verified tag. Where the
        envelope stood in a telegram, its lines alone; `around` is the frame's LAST (fields.py)."""
        buffer = receiver.buffer
        if buffer[start] != _SLASH:
            if not is_verified and around != ALLOWED:
                return NO_CHECK
            return self._read_lines(receiver, start, stop, reading)
        state = self._sum
        state[0] = start + 1
        state[1] = CRC_OF_SLASH
        if text(buffer, stop, state) != _EXCLAMATION:
            return MALFORMED
        end = state[0]
        # Behind the check there may be nothing at all.
        if not is_verified and check_of(buffer, end, stop) != state[1]:
            return MALFORMED
        return self.read(receiver, start, end - 1, reading)

    def read(self, receiver, start, stop, reading):
        """Read buffer[start:stop], from "/" to before "!". READING, PART_READ or a reason."""
        buffer = receiver.buffer
        pos = start + 1
        while pos < stop and buffer[pos] != _CR and buffer[pos] != _LF:
            pos += 1
        reading.put_text(_P1_IDENT, buffer, start + 1, pos - start - 1)
        return self._read_lines(receiver, pos, stop, reading)

    def _read_lines(self, receiver, pos, stop, reading):
        buffer = receiver.buffer
        state = self.state
        if not receiver.reads_more:
            self._extra_lines = None
        elif self._extra_lines:
            self._extra_lines.begin()
        state[POS] = pos
        state[END] = stop
        while True:
            status = lines(self, receiver, reading)
            if status != BAD and status != ITEM:
                return status
            if status == ITEM and state[REGISTER] < 0:
                if receiver.reads_more:
                    status = self._take_extra(buffer, reading)
            elif status == ITEM:
                self._store(buffer, state[REGISTER], reading)
            if status == BAD:
                reading.refuse()

    def _take_extra(self, buffer, reading):
        """A line that not every country's meters have: BAD when it makes no sense."""
        try:
            if not self._extra_lines:
                from .dsmr import ExtraLines

                self._extra_lines = ExtraLines()
            return self._extra_lines.take(self.state, buffer, reading)
        except NO_ROOM:
            return ITEM  # perhaps there is room the next time

    def _store(self, buffer, register, reading):
        """Store what is no plain number of its register; what cannot be is counted."""
        state = self.state
        if register == TIMESTAMP:
            reading.put_clock_text(buffer, state[START], state[WIDTH])
        elif DECIMALS[register] == TEXT:
            reading.put_text(register, buffer, state[START], state[WIDTH])
        elif state[KIND] != NUMBER or state[UNIT] != UNITS[register]:
            reading.refuse()
        else:
            billions = state[HIGH] if state[HIGH] >= 0 else state[HIGH] + 1
            reading.put_number(register, state[LOW] + billions * _BILLION, state[SCALER])


def make(unchecked):
    """As link.make() has it."""
    return TelegramReader()
