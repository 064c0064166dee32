"""Lists as Data-Notifications: their bytes, and the reading that they must give.

A list's number is by content: list 1 is the power, list 2 the values of the moment, list 3 has registers too. What
Kamstrup calls its list 1 is a list 2 here. How each value and the list around it is encoded is the maker's table
(makers/). Readings come in as registers.py has them, with the texts `list_version`, `meter_id` and `meter_type`, and
what Clock.readings() gives.
"""

from typing import Callable, NamedTuple, Optional

from simulator import encoding
from simulator.clock import Clock
from simulator.registers import QUADRANTS, REGISTERS, count, in_si, unit

UNITS = {"w": 27, "var": 29, "wh": 30, "varh": 32, "a": 33, "v": 35, "": 255}


class Value(NamedTuple):
    """How a maker sends a quantity: one count is 10**exponent W, var, A, V, Wh or varh."""

    encode: Callable
    exponent: int


class Item(NamedTuple):
    """One encoded element of a list, before its maker's shape is put around it."""

    obis: Optional[str]  # None: sent without
    value: Optional[bytes]  # None: sent as null-data
    scaler_unit: Optional[tuple] = None  # None: a text or a clock


def array_of_structures(items):
    """Aidon and Embriq: an array of {OBIS, value} or {OBIS, value, {scaler, unit}} (A11 3.3)."""
    return encoding.array([encoding.structure(_parts(item)) for item in items])


def flat(items):
    """Austria: a structure of OBIS, value, {scaler, unit} in turn; clock and meter id stand alone."""
    return encoding.structure([part for item in items for part in _parts(item)])


def _parts(item):
    parts = [encoding.obis(item.obis)] if item.obis else []
    return [*parts, item.value, *([encoding.scaler_unit(*item.scaler_unit)] if item.scaler_unit else [])]


def bare_values(items):
    """Kaifa: a structure where position is meaning (KFM)."""
    return encoding.structure([item.value for item in items])


def pairs(items):
    """Kamstrup: the list id, then OBIS and value in turn, or two null-data (KNVE)."""
    elements = []
    for item in items:
        if item.value is None:
            elements += [encoding.null(), encoding.null()]
        elif item.obis is None:
            elements.append(item.value)
        else:
            elements += [encoding.obis(item.obis), item.value]
    return encoding.structure(elements)


class Notification(NamedTuple):
    """How a maker writes its lists."""

    lists: dict  # number: the keys of its values, in their order; bytes are an element that nobody reads
    list_version: str
    stamp_tag: Optional[bytes]  # before the 12 bytes of the APDU's date-time; None: no date-time
    clock: Clock
    shape: Callable
    text: Callable
    values: dict  # quantity: Value
    obis_medium: str  # groups A-B of the measured values
    obis: dict  # of everything else, by key
    meter_id: Optional[Callable] = None  # how the meter id is written, if not as text
    invoke_id: int = 0
    counts_invocations: bool = False

    def encode(self, meter_type, number, readings, sequence=0):
        """The APDU of a list with these readings, the `sequence`-th that the meter sends."""
        items = [self._item(meter_type, key, readings) for key in self._keys(meter_type, number)]
        stamp = encoding.null() if self.stamp_tag is None else self.stamp_tag + self.clock.encode(readings)
        invoke_id = self.invoke_id + sequence if self.counts_invocations else self.invoke_id
        return encoding.data_notification(invoke_id, stamp, self.shape(items))

    def expected_reading(self, meter_type, number, readings):
        """What a decoder must read from that list, in the resolution and with the keys that it carries.

        In SI base units: W, var, Wh and varh are integers, A, V and power factors floats, `timestamp` is ISO 8601
        text; `utc_offset_min` is there where the clock carries a deviation.
        """
        expected = {}
        if self.stamp_tag is not None:
            expected["timestamp"] = readings["timestamp"].isoformat()
            if self.clock.utc_offset_min(readings) is not None:
                expected["utc_offset_min"] = self.clock.utc_offset_min(readings)
        for key in self._keys(meter_type, number):
            if isinstance(key, bytes) or key in meter_type.null or key in QUADRANTS:
                continue
            quantity = REGISTERS[key].quantity
            if quantity == "text":
                expected[key] = readings[key]
            elif quantity == "clock":
                expected["timestamp"] = readings["timestamp"].isoformat()
                if self.clock.utc_offset_min(readings) is not None:
                    expected["utc_offset_min"] = self.clock.utc_offset_min(readings)
            else:
                number_sent = self._number(meter_type, key, readings)
                expected[key] = in_si(key, number_sent, self.values[quantity].exponent)
        return expected

    def _keys(self, meter_type, number):
        return [key for key in self.lists[number] if key not in meter_type.absent]

    def _item(self, meter_type, key, readings):
        if isinstance(key, bytes):
            return Item(None, key)
        quantity, code = REGISTERS[key]
        code = self.obis.get(key, self.obis_medium + code)
        if key in meter_type.null:
            return Item(code, None)
        if quantity == "text":
            encode = self.meter_id if key == "meter_id" and self.meter_id else self.text
            return Item(code, encode(readings[key]))
        if quantity == "clock":
            return Item(code, encoding.octets(self.clock.encode(readings)))
        value = self.values[quantity]
        number = self._number(meter_type, key, readings)
        return Item(code, value.encode(number), (value.exponent, UNITS[unit(key)]))

    def _number(self, meter_type, key, readings):
        if key in meter_type.zero:
            return 0
        return count(key, self.values[REGISTERS[key].quantity].exponent, readings)
