"""What a UART hears that has another setting than the meter's line."""


def heard(data, sent, read, idle_bits=20):
    """The bytes that a reader set to the Line `read` gets of data sent back to back on the Line `sent`.

    The line's levels are sampled as a UART does it: at the falling edge it waits for the middle of the start bit,
    then takes each bit in its middle. As the ESP32's driver does, it delivers bytes with a wrong parity or stop bit
    too, and waits for the line to be idle before it takes another start bit. Left out are a real UART's majority of
    three samples, its clock's error, and the slopes of the line.
    """
    levels = _levels(data, sent, idle_bits)
    if sent.is_inverted != read.is_inverted:
        levels = [1 - level for level in levels]
    # Time in units in which both bit times are whole numbers.
    sent_bit, read_bit = read.baudrate, sent.baudrate
    bits = read.bits + (read.parity != "N")
    end = len(levels) * sent_bit
    found = bytearray()
    now = 0
    while True:
        start = _falling_edge(levels, now // sent_bit)
        if start is None:
            return bytes(found)
        start *= sent_bit
        samples = [start + read_bit * (2 * number + 1) // 2 for number in range(bits + 2)]
        if samples[-1] >= end:
            return bytes(found)
        first, *middle, stop = (levels[moment // sent_bit] for moment in samples)
        now = samples[0] if first else samples[-1]
        if not first:
            found.append(sum(bit << place for place, bit in enumerate(middle[: read.bits])))


def _levels(data, line, idle_bits):
    """The line's level in each of its bit times, with so many idle ones before and after."""
    idle = [1] * idle_bits
    levels = idle[:]
    after = [1] * (line.stop + line.idle_bits)
    for byte in data:
        bits = [byte >> place & 1 for place in range(line.bits)]
        parity = {"N": [], "E": [sum(bits) & 1], "O": [1 - (sum(bits) & 1)]}[line.parity]
        levels += [0, *bits, *parity, *after]
    return levels + idle


def _falling_edge(levels, position):
    """Where, from this bit time on, the line goes from idle to a start bit; None when it does not."""
    for number in range(position + 1, len(levels)):
        if levels[number - 1] and not levels[number]:
            return number
    return None
