"""One completed hour, as it is kept in the journal and published."""

import struct

# Kind, what is there, meter, hour, import and export in it; both registers and both totals at its end.
_FORMAT = "<BBHIIIqqqq"
SIZE = struct.calcsize(_FORMAT)
HOUR = 1  # of the meter's registers
ESTIMATE = 2  # a missed hour's share of what the registers say of several
MARK = 3  # no hour: behind it hours are counted


class Hour:
    """`hour` is its number since 2020-01-01 00:00 UTC; `wh` what went through in it; `registers` and `totals` are in
    Wh at its end. These are pairs of import and export, None for what the meter does not have. `meter` is a number
    that tells meters apart, 0 when unknown.
    """

    def __init__(self):
        self.kind = MARK
        self.meter = self.hour = 0
        self.wh = [None, None]
        self.registers = [None, None]
        self.totals = [None, None]

    def pack(self):
        """Its SIZE bytes."""
        there = 0
        numbers = []
        for pair in (self.wh, self.registers, self.totals):
            for number in pair:
                there = there << 1 | (number is not None)
                numbers.append(number or 0)
        return struct.pack(_FORMAT, self.kind, there, self.meter, self.hour, *numbers)

    def unpack(self, content):
        """Take what pack() made."""
        self.kind, there, self.meter, self.hour, *numbers = struct.unpack(_FORMAT, content)
        for at, pair in enumerate((self.wh, self.registers, self.totals)):
            for way in (0, 1):
                is_there = there >> (5 - 2 * at - way) & 1
                pair[way] = numbers[2 * at + way] if is_there else None
