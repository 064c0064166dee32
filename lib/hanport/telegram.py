"""From a P1 or H1 telegram to the filled Reading (EFS v2.0, DSMR 5.0.2), with what makers do differently.

Lines come in any order, units in any case and with or without "k", reactive ones with or without "h".
"""

from array import array

from .codes import MALFORMED
from .const import const
from .fields import BAD, END, HIGH, ITEM, KIND, LOW, NUMBER, POS, REGISTER, SCALER, SIZE, START, UNIT, WIDTH
from .loops import lines, text
from .p1 import CRC_OF_SLASH, check_of
from .registers import DECIMALS, INDEX, TEXT, TIMESTAMP, UNITS

_P1_IDENT = INDEX["p1_ident"]
_EXCLAMATION = const(33)
_BILLION = const(1000000000)
_CR = const(13)
_LF = const(10)


class TelegramReader:
    """Reads telegrams."""

    def __init__(self):
        self.state = array("i", [0] * SIZE)
        self._sum = array("i", (0, 0))

    def read_sealed(self, receiver, start, stop, is_verified, reading):
        """As read(), of a telegram out of an envelope. Its own check is not needed under a verified tag."""
        buffer = receiver.buffer
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
        """Read buffer[start:stop], from "/" to before "!". READING, or a reason."""
        buffer = receiver.buffer
        state = self.state
        pos = start + 1
        while pos < stop and buffer[pos] != _CR and buffer[pos] != _LF:
            pos += 1
        reading.put_text(_P1_IDENT, buffer, start + 1, pos - start - 1)
        state[POS] = pos
        state[END] = stop
        while True:
            status = lines(self, receiver, reading)
            if status != BAD and status != ITEM:
                return status
            if status == BAD:
                reading.refuse()
            else:
                self._store(buffer, state[REGISTER], reading)

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
