"""From a Data-Notification to the filled Reading, whichever maker's list is in it.

A list is an array or a structure of items: values with OBIS code, scaler and unit (Aidon, Embriq), with an OBIS code
alone (Kamstrup), or alone, in an order that is their meaning (Kaifa). What a list leaves out, its maker's module says
(meters/). A list that nobody knows is read as far as it describes itself.
"""

from array import array

from .codes import MALFORMED
from .const import const
from .fields import (
    BAD,
    CODE,
    COUNT,
    END,
    HIGH,
    ITEM,
    KIND,
    LEFT,
    LOW,
    NESTED,
    NO_CODE,
    NO_UNIT,
    NULL,
    NUMBER,
    PLACES,
    POS,
    REGISTER,
    SCALER,
    SIZE,
    START,
    TEXT,
    UNIT,
    UNKNOWN_SHIFT,
    UNOPENED,
    VALUES,
    WIDTH,
)
from .link import load
from .loops import skip, walk
from .meters import Makers
from .registers import COUNT as REGISTERS
from .registers import DECIMALS, INDEX, TIMESTAMP, UNITS, VAR, V, W
from .registers import TEXT as IS_TEXT

_OCTET_STRING = const(9)
_OBIS_SIZE = const(6)
_LIST_VERSION = INDEX["list_version"]
_VOLTAGES = bytes((INDEX["l1_voltage_v"], INDEX["l2_voltage_v"], INDEX["l3_voltage_v"]))
# No low-voltage net has so many: a meter that says so counts in 0.01 V where its maker's table has whole volts, as
# Kamstrup's in Denmark and Sweden are sometimes set up to.
_TOO_MANY_MV = const(1000000)


class ListReader:
    """Reads lists; keeps what it needs for that between calls, but nothing that a list said."""

    def __init__(self, scalers):
        """`scalers` is the owner's {DLMS unit: power of ten}, for what a list does not scale itself."""
        self.scalers = scalers
        self.state = array("i", [0] * SIZE)
        self._makers = Makers()
        # From the raw number to the register's: for lists of unknown makers, and of the maker that was seen last.
        self._general_shifts = array("b", [0] * REGISTERS)
        self._maker_shifts = array("b", [0] * REGISTERS)
        self._fill(self._general_shifts, None)
        self._maker_scalers = None
        self.shifts = self._general_shifts
        self.places = b""
        self._shapes = None
        self._counts_volts = False
        self.state[LEFT] = UNOPENED

    def read(self, receiver, reading):
        """Read the Data-Notification in buffer[FIRST:BEHIND] (fields.py); READING, PART_READ or a reason."""
        return self.go_on(walk(self, receiver, reading), receiver, reading)

    def go_on(self, status, receiver, reading):
        """What walk() has returned: store the items that it leaves to us, and walk on."""
        self._counts_volts = False
        while status == ITEM or status == NESTED:
            if status == ITEM:
                self._take(receiver, reading)
            elif not self._skip(receiver):
                status = BAD
                break
            status = walk(self, receiver, reading)
        self.state[LEFT] = UNOPENED
        self.shifts = self._general_shifts
        self.state[PLACES] = 0
        if self._counts_volts:
            _divide_centivolts(reading)
        if self._shapes:
            status = self._shapes.end(status, receiver, reading)
        return MALFORMED if status == BAD else status

    def _skip(self, receiver):
        """Pass over a value that has elements of its own; False when it is not whole."""
        state = self.state
        if state[LEFT] == state[COUNT] - 1 and self._has_shapes():
            self._shapes.describe(self, receiver)
        pos = skip(receiver.buffer, state[POS], state[END])
        if pos >= 0:
            state[POS] = pos
        return pos >= 0

    def _take(self, receiver, reading):
        """An item that is no plain number of a register."""
        state = self.state
        if state[REGISTER] == _LIST_VERSION:
            self._begin_list(receiver, reading)
        elif state[REGISTER] >= 0:
            self._store(state[REGISTER], reading)
        elif state[CODE] == NO_CODE:
            # A value without OBIS code that the list begins with is its id.
            if state[LEFT] == state[COUNT] - 1 and state[KIND] == TEXT:
                self._begin_list(receiver, reading)
            elif self._has_shapes():
                self._shapes.take(self, receiver, reading)

    def _has_shapes(self):
        if not self._shapes:
            self._shapes = load("shapes")
        return self._shapes

    def follow(self, places, count, scalers):
        """From here on `places` tell the registers of `count` elements, and these scalers how they are scaled."""
        self.places = places
        self.state[PLACES] = count
        if scalers is not self._maker_scalers:
            self._maker_scalers = scalers
            self._fill(self._maker_shifts, scalers)
        self.shifts = self._maker_shifts

    def _begin_list(self, receiver, reading):
        """The list has said its id: from here on its maker's module counts."""
        state = self.state
        buffer = receiver.buffer
        if state[KIND] != TEXT:
            return
        maker = self._makers.find(buffer, state[START], state[WIDTH])
        if maker is not None:
            reading.put_text(_LIST_VERSION, buffer, state[START], state[WIDTH])
            self._follow(maker, buffer)
        elif state[CODE] == NO_CODE and self._has_shapes():
            self._shapes.take(self, receiver, reading)
        else:
            reading.put_text(_LIST_VERSION, buffer, state[START], state[WIDTH])
            reading.mark_unknown()

    def _follow(self, maker, buffer):
        """What the list leaves out is as the maker's module says."""
        scalers = maker.SCALERS
        if maker.SCALERS_BY_FIRST:
            scalers = maker.SCALERS_BY_FIRST.get(self._next_code(buffer), scalers)
        places = maker.POSITIONS.get(self.state[COUNT], b"")
        self.follow(places, len(places), scalers)
        if scalers and not maker.POSITIONS:
            self._counts_volts = scalers.get(V) == 0 and V not in self.scalers

    def _next_code(self, buffer):
        """The OBIS code of the item that comes next, 0 when it has none."""
        pos = self.state[POS]
        if self.state[END] - pos < 2 + _OBIS_SIZE or buffer[pos] != _OCTET_STRING or buffer[pos + 2] > 0x3F:
            return 0
        return buffer[pos + 2] << 24 | buffer[pos + 4] << 16 | buffer[pos + 5] << 8 | buffer[pos + 6]

    def _fill(self, shifts, scalers):
        """The powers of ten that a list leaves out: the owner's, the maker's; every maker sends W and var."""
        for register in range(REGISTERS):
            unit = UNITS[register]
            if unit in self.scalers:
                shifts[register] = self.scalers[unit] + DECIMALS[register]
            elif scalers is not None:
                shifts[register] = scalers.get(unit, 0) + DECIMALS[register]
            else:
                shifts[register] = DECIMALS[register] if unit == W or unit == VAR else UNKNOWN_SHIFT

    def _store(self, register, reading):
        """Put a number into the reading that the loop could not; what cannot be is counted."""
        state = self.state
        kind = state[KIND]
        if kind == NUMBER and register != TIMESTAMP:
            self._store_number(register, reading)
        elif kind != NULL:
            reading.refuse()

    def _store_number(self, register, reading):
        state = self.state
        number = state[LOW]
        if state[HIGH] != (0 if number >= 0 else -1):
            number = (state[HIGH] << 32) + (number & 0xFFFFFFFF)
        if DECIMALS[register] == IS_TEXT:
            reading.put_decimal(register, number)
        elif state[UNIT] != NO_UNIT:
            if state[UNIT] == UNITS[register]:
                reading.put_number(register, number, state[SCALER])
            else:
                reading.refuse()
        elif self.shifts[register] == UNKNOWN_SHIFT:
            reading.mark_unknown()
            reading.refuse()
        else:
            reading.put_number(register, number, self.shifts[register] - DECIMALS[register])


def _divide_centivolts(reading):
    """Take what cannot be volts for the hundredths that they are."""
    store = reading.store
    highest = 0
    for register in _VOLTAGES:
        value = store[VALUES + 3 * register]
        if reading.has(register) and value > highest:
            highest = value
    if highest > _TOO_MANY_MV:
        for register in _VOLTAGES:
            store[VALUES + 3 * register] //= 100
