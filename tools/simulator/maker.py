"""What a maker's table (makers/) consists of, beside the clock (clock.py) and the lists (lists.py, telegrams.py)."""

from typing import NamedTuple, Optional, Union

from simulator.line import Line
from simulator.links import Bare, Hdlc, MBus
from simulator.lists import Notification
from simulator.telegrams import Telegram

ONE_PHASE, THREE_WIRE, FOUR_WIRE = "1-phase", "three-wire", "four-wire"  # the last two: IT 230 V, TN 400 V
HOUR_S = 3600
LIST_2_EVERY_MS = 10_000


class MeterType(NamedTuple):
    """One type of a maker. Three tuples hold keys of the reading."""

    name: str
    text: str  # what the lists say
    network: str
    absent: tuple = ()  # left out of its lists
    null: tuple = ()  # sent as two null-data
    zero: tuple = ()  # not measured, sent as 0
    changes: dict = {}  # fields of Maker that are otherwise for this type


class Hourly(NamedTuple):
    """Norway: registers once an hour, list 2 at every full 10 s (letter of NVE, 2016-06-27)."""

    step_ms: int
    has_list_1: bool  # at every step that has no other list
    hourly_s: int  # when list 3 goes, in seconds past the hour
    hourly_replaces_list_2: bool
    start_ms: int = 0  # from the stamp to the first byte
    clock_lag_s: int = 0  # how far the clock in list 3 is behind the sending

    register_step_s = HOUR_S  # list 3 carries the registers of the last full hour

    def due_lists(self, tick_ms):
        """The numbers of the lists that belong to a tick of the meter's clock (Unix time in ms)."""
        is_hourly = tick_ms % (HOUR_S * 1000) == self.hourly_s * 1000
        if tick_ms % LIST_2_EVERY_MS == 0:
            if not is_hourly:
                return (2,)
            return (3,) if self.hourly_replaces_list_2 else (2, 3)
        if is_hourly:
            return (3,)
        return (1,) if self.has_list_1 else ()


class Every(NamedTuple):
    """One list with everything, at every step."""

    step_ms: int
    start_ms: int = 0
    register_step_s: int = 1  # how often the registers in it move on

    clock_lag_s = 0

    def due_lists(self, tick_ms):
        return (3,)


class Encryption(NamedTuple):
    """How a maker encrypts."""

    system_title: bytes
    length_size: int = 0  # as encoding.length has it
    security_control: Optional[int] = None  # what it does unless told otherwise; None: sends in clear
    link_changes: dict = {}  # fields of Hdlc that are otherwise than for clear messages
    authentication_key: Optional[bytes] = None  # where it is the same for all meters, and known to all


class Maker(NamedTuple):
    name: str
    meter_id: str  # invented; "" where no list carries one
    line: Line
    link: Union[Hdlc, MBus, Bare]
    message: Union[Notification, Telegram]
    schedule: Union[Hourly, Every]
    types: tuple
    encryption: Optional[Encryption] = None

    def type_named(self, name):
        """The MeterType of that name. Raises ValueError, which names the choices."""
        for meter_type in self.types:
            if meter_type.name == name:
                return meter_type
        choices = ", ".join(f"{known.name} ({known.network})" for known in self.types)
        raise ValueError(f"{self.name} has no type {name}, but {choices}")

    def of_type(self, meter_type):
        """The maker as it is for this type, which the two below want."""
        return self._replace(**meter_type.changes)

    def encode(self, meter_type, number, readings, sequence=0, cipher=None):
        """The bytes on the wire of list 1, 2 or 3 with these readings, the `sequence`-th that the meter sends."""
        message = self.message.encode(meter_type, number, readings, sequence)
        return self.link.wrap(cipher.encrypt(message, sequence) if cipher else message)

    def expected_reading(self, meter_type, number, readings):
        """What a decoder must read of it."""
        return self.message.expected_reading(meter_type, number, readings)
