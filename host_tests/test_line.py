"""The search for the meter's line setting, and the UART that is set to it."""

import sys

import build
from app.line import LINES, LineSearch


def _lines(search, steps, ms=5000):
    """The settings that are used while time passes in `steps` steps."""
    used = [search.line]
    for _ in range(steps):
        if search.time_passed(ms):
            used.append(search.line)
    return used


def test_the_usual_settings_are_tried_in_turn_for_25_s_each():
    used = _lines(LineSearch(), 20)
    assert used == ["2400 8E1", "2400 8N1", "115200 8N1 inverted", "115200 8N1", "115200 8E1 inverted"]


def test_behind_the_usual_settings_the_rare_ones_are_tried_and_then_all_again():
    used = _lines(LineSearch(), 5 * len(LINES))
    assert used == [*LINES, LINES[0]]
    # NES in Denmark, DSMR 2.2 and 3, Iskra.
    assert {"115200 8E1 inverted", "9600 7E1 inverted", "115200 7E1 inverted"} < set(LINES)


def test_a_setting_that_works_is_kept_through_minutes_of_silence():
    search = LineSearch()
    assert _lines(search, 5) == ["2400 8E1", "2400 8N1"]
    search.frame_came()
    assert _lines(search, 59) == ["2400 8N1"]
    search.frame_came()
    assert _lines(search, 59) == ["2400 8N1"]
    assert search.time_passed(5000) and search.line == "115200 8N1 inverted"


def test_the_owners_setting_is_the_only_one_used():
    assert _lines(LineSearch("9600 8N1"), 100) == ["9600 8N1"]


class _Machine:
    """What app.board needs of `machine`; the UART remembers what it is set to."""

    class Pin:
        OUT = 1

        def __init__(self, *_):
            self.value = lambda _on: None

    class UART:
        INV_RX = 4

        def __init__(self, number, **settings):
            self.number, self.settings = number, settings

        def init(self, **settings):
            self.settings = settings

    @staticmethod
    def unique_id():
        return bytes(6)


def test_every_setting_is_the_uarts(monkeypatch):
    monkeypatch.setitem(sys.modules, "machine", _Machine)
    from app.board import Board

    del sys.modules["app.board"]  # which has taken this machine for its own
    board = Board(str(build.ROOT / "boards" / "esp32.json"))
    parity = {"N": None, "E": 0, "O": 1}
    for line in LINES:
        uart = board.uart(line)
        speed, format, *inverted = line.split()
        assert uart.settings["baudrate"] == int(speed)
        assert uart.settings["bits"] == int(format[0]) and uart.settings["stop"] == int(format[2])
        assert uart.settings["parity"] == parity[format[1]]
        assert uart.settings["invert"] == (4 if inverted else 0)
