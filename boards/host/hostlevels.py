"""The levels on the line under the host's `machine`, rebuilt from bytes: what a UART with another setting hears of
them, and how long their pulses are.

A setting is (baudrate, bits, parity, inverted) with "N", "E" or "O" for the parity.
"""

_WAITING = -1  # for the edge of a start bit
_IDLE = 256  # behind the last byte


def setting(line):
    """The setting of an announced line (hostline.announced())."""
    return (line["baudrate"], line["bits"], line["parity"], line["invert"])


def _frame(byte, line):
    """(levels, how many) of a byte from its start bit to the idle time behind it; bit 0 is the first."""
    bits = line["bits"]
    byte &= (1 << bits) - 1
    levels = byte << 1
    count = 1 + bits
    if line["parity"] != "N":
        ones = sum([byte >> place & 1 for place in range(bits)])
        levels |= (ones & 1 ^ (line["parity"] == "O")) << count
        count += 1
    rest = line["stop"] + line.get("idle_bits", 0)
    return levels | ((1 << rest) - 1) << count, count + rest


def pulse_us(byte, line, level):
    """How long the first whole pulse of this level within a byte is, in microseconds; 0 when there is none."""
    levels, count = _frame(byte, line)
    wanted = level ^ line["invert"]
    length = 0
    for place in range(count):
        if levels >> place & 1 == wanted:
            length += 1
        elif length:
            return length * 1000000 // line["baudrate"]
    return 0


class Listener:
    """What a UART set to `own` hears on the announced line `sent`, byte for byte as it comes.

    As tools/simulator/uart.py, but in pieces: half a bit after a falling edge it looks whether that was a start bit,
    then takes each bit in its middle. As the ESP32's driver does, it delivers bytes with a wrong parity or stop bit
    too, and waits for a high level before it takes another start bit.
    """

    def __init__(self, sent, own):
        baudrate, self._bits, parity, is_inverted = own
        mask = 0x1FFF if bool(is_inverted) != bool(sent["invert"]) else 0
        self._frames = [_frame(byte, sent)[0] ^ mask for byte in range(256)] + [0xFFFF ^ mask]
        self._cells = _frame(0, sent)[1]
        # Time in units in which half of each side's bit time is a whole number.
        self._cell = 2 * baudrate
        self._half_bit = sent["baudrate"]
        self._samples = self._bits + (parity != "N") + 2
        self._before = 1 ^ mask & 1  # the level of the last cell
        self._taken = _WAITING  # samples of the byte that is being heard
        self._value = 0
        self._left = 0  # from the beginning of the next cell to the next sample
        self._heard = bytearray()

    def hear(self, data, n):
        """Hear n bytes of data."""
        for i in range(n):
            self._hear(self._frames[data[i]])

    def hear_silence(self):
        """Nothing comes for a while: what has begun ends with the idle line."""
        while self._taken != _WAITING:
            self._hear(self._frames[_IDLE])

    def take(self, buffer, size):
        """Move at most `size` of the heard bytes into the buffer; how many, None for none."""
        n = min(size, len(self._heard))
        if n:
            buffer[:n] = self._heard[:n]
            self._heard = self._heard[n:]
        return n or None

    def _hear(self, levels):
        """Hear one byte's cells, a cell for each bit that is sent."""
        cell = self._cell
        before, taken, left = self._before, self._taken, self._left
        for _ in range(self._cells):
            level = levels & 1
            levels >>= 1
            if taken == _WAITING and before and not level:
                taken = self._value = 0
                left = self._half_bit
            before = level
            if taken != _WAITING:
                while left < cell and taken != _WAITING:
                    taken = self._sample(taken, level)
                    left += 2 * self._half_bit
                left -= cell
        self._before, self._taken, self._left = before, taken, left

    def _sample(self, taken, level):
        """Take one sample; how many the byte has now, or _WAITING."""
        if taken == 0 and level:
            return _WAITING  # that was no start bit
        if 0 < taken <= self._bits:
            self._value |= level << taken - 1
        if taken + 1 < self._samples:
            return taken + 1
        self._heard.append(self._value)
        return _WAITING
