"""P1 and H1 telegrams: text after IEC 62056-21 mode D, as DSMR and the Swedish recommendation (EFS) have it."""

from typing import Callable, NamedTuple

from simulator.checks import arc
from simulator.clock import Clock
from simulator.registers import REGISTERS, count, in_si, unit

CHECKS = {"right": "{:04X}", "unpadded": "{:X}", "lower": "{:04x}", "none": ""}
LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
OBIS = {"timestamp": "0-0:1.0.0"}
OBIS_MEDIUM = "1-0:"


class Number(NamedTuple):
    """How numbers of one unit are printed: with so many digits before and after the point, in that unit."""

    digits: int
    decimals: int
    unit: str

    @property
    def exponent(self):
        """One count is 10**exponent W, var, A, V, Wh or varh."""
        return (3 if self.unit.startswith("k") else 0) - self.decimals

    def text(self, number):
        whole, rest = divmod(number, 10**self.decimals)
        point = f".{rest:0{self.decimals}}" if self.decimals else ""
        unit = f"*{self.unit}" if self.unit else ""
        return f"{whole:0{self.digits}}{point}{unit}"


def dsmr_time(readings):
    """YYMMDDhhmmssX, where X tells summer time (DSMR 5.0.2 P1, 6.4)."""
    return f"{readings['timestamp']:%y%m%d%H%M%S}" + ("S" if readings["is_summer_time"] else "W")


def nes_time(readings):
    """NES's own, which tells no summer time."""
    return f"{readings['timestamp']:%Y%m%d %H:%M:%S}"


class Extra(NamedTuple):
    """A line that is more than one number of the meter's own."""

    text: Callable  # of the readings: the line, or several with CR LF between
    expected: Callable  # of the readings: what a decoder must read from it, as in Telegram.expected_reading


class Telegram(NamedTuple):
    """How a maker writes its telegram.

    `lines` are keys of registers, whole lines of text, or Extra.
    """

    ident: str  # what stands after the "/"
    lines: tuple
    numbers: dict  # unit of the key: Number
    clock: Clock
    time: Callable = dsmr_time
    begin: str = ""  # before the "/"
    line_end: str = LINE_ENDS["crlf"]
    check: str = CHECKS["right"]
    ends_in_last_line: bool = False  # the "!" has no line of its own

    list_version = ""  # it has none

    def encode(self, meter_type, number, readings, sequence=0):
        """The telegram with these readings; it has one list, with the same lines every time."""
        lines = [self._line(line, readings) for line in self._lines(meter_type)]
        last_end = "" if self.ends_in_last_line else self.line_end
        body = self.line_end.join((f"/{self.ident}", "", *lines)) + last_end + "!"
        check = self.check.format(arc(body.encode("ascii")))
        return f"{self.begin}{body}{check}{self.line_end}".encode("ascii")

    def expected_reading(self, meter_type, number, readings):
        """What a decoder must read from it; as Notification.expected_reading, and `p1_ident`, `timestamp_dst`."""
        expected = {"p1_ident": self.ident}
        for key in self._lines(meter_type):
            if isinstance(key, Extra):
                expected.update(key.expected(readings))
            elif key == "timestamp":
                expected[key] = readings[key].isoformat()
                if self.time is dsmr_time:
                    expected["timestamp_dst"] = int(readings["is_summer_time"])
            elif key in REGISTERS:
                exponent = self.numbers[unit(key)].exponent
                expected[key] = in_si(key, count(key, exponent, readings), exponent)
        return expected

    def _lines(self, meter_type):
        return [line for line in self.lines if line not in meter_type.absent]

    def _line(self, line, readings):
        if isinstance(line, Extra):
            return line.text(readings)
        if line not in REGISTERS:
            return line
        code = OBIS.get(line) or OBIS_MEDIUM + REGISTERS[line].code
        if line == "timestamp":
            return f"{code}({self.time(readings)})"
        number = self.numbers[unit(line)]
        return f"{code}({number.text(count(line, number.exponent, readings))})"
