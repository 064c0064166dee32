"""The viper twins of the loops over bytes agree with the plain ones on random input. Only MicroPython has both."""

from array import array

from hanport import Reading, _native, _plain, loops, registers
from hanport.fields import (
    BEHIND,
    COUNT,
    COUNTS,
    END,
    FED,
    FRONT,
    GIVEN,
    HEAD,
    ITEM,
    KIND,
    LEFT,
    LENT,
    PLACES,
    POS,
    ROOM,
    TAIL,
    UNOPENED,
    VALUES,
)
from vectors import Numbers, golden

# Bytes that mean something in an A-XDR list, and in a line of a P1 telegram.
_AXDR = bytes((0, 1, 2, 2, 3, 3, 5, 6, 9, 9, 6, 6, 10, 12, 15, 15, 16, 17, 18, 20, 21, 22, 23, 25, 4, 8, 1, 255, 255))
_AXDR += bytes((127, 128, 129, 130, 132, 133, 0x30, 0x3F, 0x40))
_P1 = b"0123456789.*:-()(kWhvarA \r\n1-0:1.8.0(2*kWh)\r\n"


def _names(module):
    return sorted(name for name in dir(module) if not name.startswith("_") and callable(getattr(module, name)))


def _random(numbers, n, alphabet):
    """n bytes, three in four of which mean something."""
    return bytes(
        numbers.below(256) if numbers.below(4) == 0 else alphabet[numbers.below(len(alphabet))] for _ in range(n)
    )


def test_the_loops_in_use_are_the_native_ones():
    assert loops.x25 is _native.x25
    wanted = _names(loops)
    for module in (_native, _plain):
        names = _names(module)
        for name in wanted:
            assert name in names, (module, name)


def test_checksums_agree():
    numbers = Numbers(11)
    for _ in range(200):
        data = bytes(numbers.below(256) for _ in range(numbers.below(80)))
        start = numbers.below(len(data) + 1)
        crc = numbers.below(65536)
        assert _native.x25(data, start, len(data), crc) == _plain.x25(data, start, len(data), crc)
        assert _native.total(data, start, len(data)) == _plain.total(data, start, len(data))


def test_telegrams_text_agrees():
    numbers = Numbers(12)
    stops = set()
    for _ in range(400):
        data = _random(numbers, 60, b"0123456789abcdefgh().*-: \r\n" * 3 + b"!/\x00")
        ours = array("i", (0, numbers.below(65536)))
        theirs = array("i", ours)
        tail = numbers.below(61)
        stopped = _native.text(data, tail, ours)
        assert stopped == _plain.text(data, tail, theirs)
        assert ours == theirs
        stops.add(stopped)
    assert {0, 1, 33, 47} <= stops


def test_headers_agree():
    numbers = Numbers(13)
    sound = 0
    frames = [frame for _name, frame, _expected in golden()]
    for _ in range(2000):
        frame = bytearray(frames[numbers.below(len(frames))])
        if numbers.below(2):
            frame[numbers.below(12)] ^= 1 << numbers.below(8)
        tail = numbers.below(20)
        size = _native.header(frame, 0, tail)
        assert size == _plain.header(frame, 0, tail)
        sound += size > 0
    assert sound > 100


def test_copies_and_comparisons_agree():
    numbers = Numbers(14)
    for _ in range(200):
        data = bytes(numbers.below(256) for _ in range(40))
        ours = bytearray(data)
        theirs = bytearray(data)
        source = numbers.below(20)
        target = numbers.below(source + 1)
        n = numbers.below(20)
        _native.copy(ours, source, ours, target, n)
        _plain.copy(theirs, source, theirs, target, n)
        assert ours == theirs
        assert _native.differ(data, source, ours, target, n) == _plain.differ(data, source, ours, target, n)
        _native.xor(ours, target, data, n)
        _plain.xor(theirs, target, data, n)
        assert ours == theirs


def test_skipping_agrees():
    numbers = Numbers(15)
    results = set()
    for _ in range(5000):
        data = _random(numbers, 40, _AXDR)
        end = numbers.below(41)
        stop = _native.skip(data, 0, end)
        assert stop == _plain.skip(data, 0, end), data
        results.add(min(stop, 0))
    assert results == {0, -18, -100}


class _Reader:
    """What walk() and lines() need of their caller."""

    def __init__(self, data, end, left, shifts=None, places=b""):
        self.buffer = data
        self.state = array("i", [0] * 64)  # theirs, and the stream's
        self.state[END] = end
        self.state[COUNT] = self.state[LEFT] = left
        self.shifts = shifts
        self.places = places
        self.state[PLACES] = len(places)


def _all_items(loop, data, shifts=None, places=b""):
    """What is left behind, and the status, after each item that comes back."""
    reader = _Reader(data, len(data), 30, shifts, places)
    state = reader.state
    reading = Reading()
    found = []
    for _ in data:
        status = loop(reader, reader, reading)
        after = tuple(state) if status == ITEM else state[POS]
        found.append((status, after, bytes(reading.texts), tuple(reading.store)))
        if status != ITEM:
            return found
    return found


def test_items_agree_on_lists_whole_and_damaged():
    numbers = Numbers(16)
    kinds = set()
    stored = 0
    shifts = array("b", [n % 5 - 1 for n in range(registers.COUNT)])
    for _name, frame, _expected in golden():
        body = frame[frame.find(b"\x0f") :]
        for _ in range(20):
            damaged = bytearray(body)
            damaged[numbers.below(len(body))] = _AXDR[numbers.below(len(_AXDR))]
            piece = bytes(damaged[numbers.below(len(body)) :])
            places = bytes(range(numbers.below(20)))
            ours = _all_items(_native.walk, piece, shifts, places)
            assert ours == _all_items(_plain.walk, piece, shifts, places), piece
            kinds |= {item[1][KIND] for item in ours if item[0] == ITEM}
            stored += sum(ours[-1][3][VALUES + 2 + 3 * register] for register in range(registers.COUNT))
    assert {1, 2} <= kinds, kinds
    assert stored > 300, stored


def test_items_agree_on_random_bytes():
    numbers = Numbers(17)
    results = set()
    shifts = array("b", [0] * registers.COUNT)
    for _ in range(8000):
        data = _random(numbers, 40, _AXDR)
        ours = _all_items(_native.walk, data, shifts, b"")
        assert ours == _all_items(_plain.walk, data, shifts, b""), data
        results.add(ours[-1][0])
    assert {2, 0} <= results


def test_lines_agree():
    numbers = Numbers(18)
    results = set()
    stored = 0
    line = b"1-0:1.8.0(00012345.678*kWh)\r\n0-1:24.2.1(240715120000S)(00123.456*m3)\r\n"
    line += b"1-0:3.7.0(-99999999999.9*kvarh)\n"
    for i in range(8000):
        if i & 1:
            data = bytearray(line)
            for _ in range(numbers.below(5)):
                data[numbers.below(len(data))] = _P1[numbers.below(len(_P1))]
            data = bytes(data)
        else:
            data = _random(numbers, 60, _P1)
        ours = _all_items(_native.lines, data)
        assert ours == _all_items(_plain.lines, data), data
        results |= {item[0] for item in ours}
        stored += sum(ours[-1][3][VALUES + 2 + 3 * register] for register in range(registers.COUNT))
    assert results == {1, 0, -3, 19}, results
    assert stored > 1000


class _Receiver:
    """What fetch(), lend() and frame() need of theirs."""

    def __init__(self, lent, size):
        self.lent = lent
        self.buffer = bytearray(range(size))
        self.state = array("i", [0] * (COUNTS + 20))
        self.state[ROOM] = size
        self.state[LENT] = 6


def test_frames_agree():
    numbers = Numbers(20)
    results = set()
    frames = [frame for _name, frame, _expected in golden()]
    for _ in range(2000):
        data = bytearray(frames[numbers.below(len(frames))] + b"\x7e")
        if numbers.below(2):
            data[numbers.below(len(data))] ^= 1 << numbers.below(8)
            data[12 + numbers.below(len(data) - 12)] = 0x7E
        ours = _Receiver(data, 256)
        theirs = _Receiver(data, 256)
        for _ in range(12):
            if ours.state[FED] == ours.state[GIVEN]:
                n = min(len(data), ours.state[FED] + 1 + numbers.below(150))
                ours.state[GIVEN] = theirs.state[GIVEN] = n
            found = _native.frame(ours)
            assert found == _plain.frame(theirs)
            assert ours.state == theirs.state and ours.buffer == theirs.buffer, data
            results.add(found)
    assert {0, -1, -5, -6, -7, 5, 6, 7, 9} <= results, results


def test_fetching_and_lending_agree():
    numbers = Numbers(22)
    moved = 0
    for _ in range(1000):
        ours = _Receiver(bytes(numbers.below(256) for _ in range(30)), 40)
        theirs = _Receiver(ours.lent, 40)
        state = ours.state
        state[FRONT] = numbers.below(10)
        state[HEAD] = state[FRONT] + numbers.below(20)
        state[TAIL] = state[HEAD] + numbers.below(41 - state[HEAD])
        state[GIVEN] = numbers.below(31)
        state[FED] = numbers.below(state[GIVEN] + 1)
        state[COUNTS] = 0x3FFFFFFE
        theirs.state = array("i", state)
        head = state[HEAD]
        _native.fetch(ours)
        _plain.fetch(theirs)
        assert ours.state == theirs.state and ours.buffer == theirs.buffer
        assert bool(_native.lend(ours, 7)) == _plain.lend(theirs, 7)
        assert bool(_native.lend(ours, 6)) == _plain.lend(theirs, 6)
        assert ours.state == theirs.state
        moved += state[HEAD] != head
    assert 100 < moved < 900


def _read(loop, data, end):
    """What a whole Data-Notification leaves behind."""
    reading = Reading()
    reader = _Reader(data, 0, UNOPENED, array("b", [0] * registers.COUNT))
    receiver = _Receiver(b"", 0)
    receiver.buffer = data
    receiver.state[BEHIND] = end
    status = loop(reader, receiver, reading)
    return status, reading.store, bytes(reading.texts)


def test_lists_heads_and_dates_agree():
    numbers = Numbers(23)
    results = set()
    unreadable = set()
    head = bytes.fromhex("0F4000000 0090C07E8021DFF0A1E3BFFFFC40002820001 06000004D2".replace(" ", ""))
    for _ in range(8000):
        data = bytearray(head)
        if numbers.below(4) == 0:
            data = data[:5] + b"\x00\x01\x01" + data[-5:]
        for _ in range(numbers.below(3)):
            data[5 + numbers.below(len(data) - 5)] = (0, 1, 2, 9, 12, 13, 24, 29, 30, 60, 127, 128, 0x81, 0xFD, 0xFF)[
                numbers.below(15)
            ]
        end = len(data) - (numbers.below(20) if numbers.below(3) == 0 else 0)
        ours = _read(_native.walk, data, end)
        assert ours == _read(_plain.walk, data, end), (data, end)
        results.add(ours[0])
        unreadable.add(ours[1][2])
        assert _native.length(data, 6, end) == _plain.length(data, 6, end)
        assert _native.notification(data, 0, end) == _plain.notification(data, 0, end)
    assert {0, 1, -3, 18, 19} <= results, results
    assert unreadable == {0, 1}


def test_counters_agree():
    for first in (1, 2, 250, 0xFFF0):
        ours = bytearray(64)
        theirs = bytearray(64)
        _native.counters(ours, b"KAME\x00\x01\x02\x03\xff\xfe\xfd\xfc", first, 4)
        _plain.counters(theirs, b"KAME\x00\x01\x02\x03\xff\xfe\xfd\xfc", first, 4)
        assert ours == theirs


def test_hashes_agree():
    numbers = Numbers(19)
    for _ in range(60):
        multiples = [0]
        for _ in range(15):
            multiples.append(numbers.below(1 << 30) << 98 ^ numbers.below(1 << 30) << 50 ^ numbers.below(1 << 30))
        data = bytes(numbers.below(256) for _ in range(70))
        start = numbers.below(30)
        stop = start + numbers.below(41)
        ours = bytearray(range(16))
        theirs = bytearray(range(16))
        _native.ghash(_native.ghash_table(multiples), ours, data, start, stop)
        _plain.ghash(_plain.ghash_table(multiples), theirs, data, start, stop)
        assert ours == theirs
