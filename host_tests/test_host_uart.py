"""The host's UART and its RX pin: what a real one would hear and show of a line with this or another setting."""

import json
import shutil
import threading
import time

import pytest

import alone
from conftest import ROOT
from simulated import pushes
from simulator.line import line_named
from simulator.makers.norway import AIDON, KAIFA, KAMSTRUP
from simulator.makers.sweden import P1_SE
from simulator.outputs import PtyOutput
from simulator.uart import heard

pytestmark = pytest.mark.tier3

_LONG_IDLE = 1000  # bit times before and after a frame, more than any byte of a slower UART takes
_PARITY = {"N": None, "E": 0, "O": 1}
# Listens as the firmware does until nothing has come for a second; begin() and listen() are what the tests call.
_BEGIN = """
import json, machine, time
buffer = bytearray(256)

def begin(setting):
    setting["invert"] = machine.UART.INV_RX if setting["invert"] else 0
    uart.init(**setting)

def listen():
    told, silent_ms = b"", 0
    while silent_ms < (1000 if told else 5000):
        n = uart.readinto(buffer)
        silent_ms = 0 if n else silent_ms + 5
        told += buffer[: n or 0]
        time.sleep_ms(5)
    return told.hex()

uart = machine.UART(1)
"""


def _setting(line):
    """A Line as machine.UART's arguments."""
    setting = {"baudrate": line.baudrate, "bits": line.bits, "parity": _PARITY[line.parity], "stop": line.stop}
    return {**setting, "invert": line.is_inverted}


class _Meter:
    """A line that a test sends frames on, when somebody has opened it."""

    def __init__(self, folder):
        self.link = str(folder / "meter")
        self._output = self._sender = None

    def start(self, line, *frames):
        """Send the frames on a new line, with a silence behind each."""
        self.stop()
        self._output = PtyOutput(line, self.link)
        self._stopped = threading.Event()
        self._sender = threading.Thread(target=self._send, args=frames)
        self._sender.start()

    def _send(self, *frames):
        while not self._output._has_reader() and not self._stopped.wait(0.01):
            pass
        for frame in frames:
            if not self._stopped.is_set():
                self._output.write(frame)
                self._stopped.wait(0.2)

    def stop(self):
        if self._output:
            self._stopped.set()
            self._sender.join()
            self._output.close()
            self._output = None


@pytest.fixture
def meter(tmp_path):
    meter = _Meter(tmp_path)
    yield meter
    meter.stop()


@pytest.fixture
def said(tmp_path, meter, compiled):
    """said(program): what it says, line by line."""
    shutil.copy(ROOT / "boards" / "host" / "board.json", tmp_path)
    return lambda program: [
        json.loads(line) for line in alone.run(_BEGIN + program, tmp_path, meter.link).splitlines()
    ]


def _frames(maker, seconds=12):
    return [push.frame for push in pushes(maker, maker.types[0].name, "2026-01-15T17:59:55", seconds)]


_AIDON, _KAIFA, _KAMSTRUP, _P1 = (maker.line for maker in (AIDON, KAIFA, KAMSTRUP, P1_SE))


@pytest.mark.timed  # a meter held up within a frame would leave the line idle there
@pytest.mark.parametrize(
    "sent, read, is_understood",
    [
        # A parity bit that is taken for a stop bit, or for the other parity, damages nothing: the byte is delivered.
        (AIDON, "2400 8N1", True),
        (AIDON, "2400 8O1", True),
        (KAIFA, "2400 8N1", True),
        # One that is awaited and not sent does, where the next byte follows at once.
        (KAMSTRUP, "2400 8E1", False),
        (AIDON, "115200 8N1", False),
        (AIDON, "115200 8N1 inverted", False),
        (AIDON, "2400 8E1 inverted", False),
        (P1_SE, "2400 8E1", False),
        (P1_SE, "115200 8N1", False),
        # The eighth bit of text is 0, and may be taken for anything.
        (P1_SE, "115200 7E1 inverted", True),
    ],
)
def test_a_uart_with_another_setting_hears_what_a_real_one_would(said, meter, sent, read, is_understood):
    frames = _frames(sent)
    own = line_named(read)
    expected = b"".join(heard(frame, sent.line, own, _LONG_IDLE) for frame in frames)
    meter.start(sent.line, *frames)
    ((told,),) = said(f"begin({_setting(own)})\nprint(json.dumps([listen()]))")
    assert bytes.fromhex(told) == expected
    assert (expected == b"".join(frames)) == is_understood


@pytest.mark.parametrize("maker", [AIDON, KAIFA, KAMSTRUP, P1_SE])
def test_a_uart_with_the_meters_setting_hears_every_byte_and_takes_no_heap(said, meter, maker):
    frames = _frames(maker)
    meter.start(maker.line, *frames)
    ((told,),) = said(f"""
import micropython
begin({_setting(maker.line)})
while not (n := uart.readinto(buffer)):
    time.sleep_ms(5)
first = bytes(buffer[:n])
readinto = uart.readinto
came = 0
micropython.heap_lock()
while not came:
    n = readinto(buffer)
    came = n or 0
micropython.heap_unlock()
print(json.dumps([(first + buffer[:came]).hex() + listen()]))
""")
    assert bytes.fromhex(told) == b"".join(frames)


def test_nothing_is_known_of_a_line_that_nobody_announces(said, meter, tmp_path):
    frames = _frames(AIDON)
    meter.start(_AIDON, *frames)
    (tmp_path / "meter.line").unlink()
    ((told,),) = said(f"begin({_setting(_P1)})\nprint(json.dumps([listen()]))")
    (tmp_path / "meter.line").touch()  # which the line takes away when it closes
    assert bytes.fromhex(told) == b"".join(frames)


def test_a_uart_is_set_anew_and_then_hears_rightly(said, meter):
    frames = _frames(KAMSTRUP, 40)
    meter.start(_KAMSTRUP, *frames)
    wrong, right = said(f"""
begin({_setting(_AIDON)})
while not uart.readinto(buffer):
    time.sleep_ms(5)
print(json.dumps([buffer[:8].hex()]))
begin({_setting(_KAMSTRUP)})
print(json.dumps([listen()]))
""")
    assert heard(frames[0], _KAMSTRUP, _AIDON, _LONG_IDLE).hex().startswith(wrong[0])
    assert frames[0].hex()[:16] != wrong[0]
    assert b"".join(frames).hex().endswith(right[0]) and len(right[0]) > len(frames[-1])


def test_a_meter_that_comes_back_with_another_line_is_heard_by_that(said, meter):
    first, second = _frames(AIDON, 5), _frames(KAMSTRUP)
    meter.start(_AIDON, *first)

    def exchange():
        time.sleep(2)
        meter.start(_KAMSTRUP, *second)

    thread = threading.Thread(target=exchange)
    thread.start()
    before, after = said(f"""
begin({_setting(_AIDON)})
print(json.dumps([listen()]))
print(json.dumps([listen()]))
""")
    thread.join()
    assert bytes.fromhex(before[0]) == b"".join(first)
    assert bytes.fromhex(after[0]) == b"".join(heard(frame, _KAMSTRUP, _AIDON, _LONG_IDLE) for frame in second)


# The RX pin, before the UART is opened


@pytest.mark.parametrize("line, idle", [(_AIDON, 1), (_P1, 0), (_P1._replace(is_inverted=False), 1)])
def test_the_rx_pin_has_the_lines_idle_level_and_other_pins_have_not(said, meter, line, idle):
    meter.start(line)
    assert said("print(json.dumps([machine.Pin(0).value(), machine.Pin(5).value()]))") == [[idle, 1]]


# 1 / 2400 s is 416.7 us, 1 / 115200 s is 8.7.
@pytest.mark.parametrize("maker, shortest_us", [(AIDON, 416), (KAMSTRUP, 416), (P1_SE, 8)])
def test_the_shortest_of_many_pulses_is_a_bit(said, meter, maker, shortest_us):
    meter.start(maker.line, *_frames(maker))
    ((found, timeouts),) = said("""
pin = machine.Pin(0)
found = [machine.time_pulse_us(pin, 1 - pin.value(), 5000000) for _ in range(100)]
print(json.dumps([min(found), sum([us < 0 for us in found])]))
""")
    assert (found, timeouts) == (shortest_us, 0)


@pytest.mark.parametrize("line, idle", [(_AIDON, 1), (_P1, 0)])
def test_without_an_edge_the_level_does_not_come_or_does_not_end(said, meter, line, idle):
    meter.start(line)
    ((low, high, other, ms),) = said("""
began = time.ticks_ms()
found = [machine.time_pulse_us(machine.Pin(0), level, 100000) for level in (0, 1)]
found.append(machine.time_pulse_us(machine.Pin(5), 0, 100000))
print(json.dumps(found + [time.ticks_diff(time.ticks_ms(), began)]))
""")
    # MicroPython's documentation of time_pulse_us: -2 while it waits for the level, -1 while it measures.
    assert (low, high) == ((-2, -1) if idle else (-1, -2))
    assert other == -2
    assert 300 <= ms < 800
