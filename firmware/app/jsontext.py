"""JSON objects written into a fixed buffer: what the dongle says every few seconds takes no heap to say."""


class JsonText:
    """One flat JSON object at a time, of at most `size` bytes; `fits` is False when it was too long."""

    def __init__(self, size):
        self._buffer = bytearray(size)
        self._size = 0
        self.fits = False

    def begin(self):
        self._size = 0
        self.fits = True
        self._put(0x7B)

    def end(self):
        self._put(0x7D)

    def go_on(self):
        """After end(): take more members."""
        self._size -= 1

    def names(self, key, names):
        """Add a list of names, which need no escapes."""
        self._key(key)
        for before, name in zip("[" + "," * len(names), names):
            for octet in f'{before}"{name}"'.encode():
                self._put(octet)
        self._put(0x5D)

    def number(self, key, value, decimals=0):
        """Add an integer that has `decimals` decimals: 4600 with three is 4.6."""
        self._key(key)
        if value < 0:
            self._put(0x2D)
            value = -value
        while decimals and value % 10 == 0:
            value //= 10
            decimals -= 1
        digits = 1
        power = 10
        while power <= value or digits <= decimals:
            power *= 10
            digits += 1
        for place in range(digits - 1, -1, -1):
            power //= 10
            self._put(48 + value // power % 10)
            if place == decimals and decimals:
                self._put(0x2E)

    def text(self, key, octets):
        """Add a text given as bytes; what is not plain ASCII is escaped."""
        self._key(key)
        self._put(0x22)
        for octet in octets:
            if 0x20 <= octet < 0x7F and octet != 0x22 and octet != 0x5C:
                self._put(octet)
            else:
                for escape in b"\\u00%02x" % octet:
                    self._put(escape)
        self._put(0x22)

    def raw(self, octets):
        """Take ready JSON in place of begin(), members and end()."""
        self._size = 0
        self.fits = True
        for octet in octets:
            self._put(octet)

    def payload(self):
        """A copy of what was written."""
        return bytes(memoryview(self._buffer)[: self._size])

    def _key(self, key):
        if self._size > 1:
            self._put(0x2C)
        self._put(0x22)
        for octet in key.encode():
            self._put(octet)
        self._put(0x22)
        self._put(0x3A)

    def _put(self, octet):
        if self._size < len(self._buffer):
            self._buffer[self._size] = octet
            self._size += 1
        else:
            self.fits = False
