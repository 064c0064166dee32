"""The board files keep to boards/schema.json and name the source of each pin, and the firmware compiles for them."""

import copy
import json

import pytest

import boardfile
import build

PATHS = [path for path in sorted(boardfile.BOARDS.glob("*.json")) if path.name != "schema.json"]
PATHS.append(boardfile.BOARDS / "host" / "board.json")
BOARDS = {path.stem if path.stem != "board" else "host": json.loads(path.read_text()) for path in PATHS}
PARTS_WITH_PINS = ("uart", "led", "button", "vcc_adc")
# Espressif's ROM looks for the bootloader there; MicroPython's download page says the same.
IMAGE_OFFSETS = {"esp32": 0x1000, "esp32s2": 0x1000, "esp32s3": 0, "esp32c3": 0, "esp32c6": 0, "host": None}
ARCHES = {
    "esp32": "xtensawin",
    "esp32s2": "xtensawin",
    "esp32s3": "xtensawin",
    "esp32c3": "rv32imc",
    "esp32c6": "rv32imc",
}
UARTS = {"esp32": 3, "esp32s2": 2, "esp32s3": 3, "esp32c3": 2, "esp32c6": 2, "host": 2}

every_board = pytest.mark.parametrize("name", BOARDS)


@every_board
def test_a_board_file_keeps_to_the_schema(name):
    assert boardfile.faults(BOARDS[name]) == []


@every_board
def test_every_part_that_has_pins_names_their_source(name):
    for part in PARTS_WITH_PINS:
        if BOARDS[name][part]:
            assert len(BOARDS[name][part]["source"]) > 10


@every_board
def test_image_arch_and_uart_are_the_chips(name):
    board = BOARDS[name]
    assert board["image_offset"] == IMAGE_OFFSETS[board["chip"]]
    assert board["mpy_arch"] == ARCHES.get(board["chip"])
    assert board["uart"]["id"] < UARTS[board["chip"]]


@every_board
def test_no_pin_is_used_twice(name):
    """Above all not by the UART's TX, which MicroPython puts on 10 or 17 unless the board says otherwise."""
    board = BOARDS[name]
    pins = [board[part]["pin"] for part in ("led", "button", "vcc_adc") if board[part]]
    pins += [board["uart"]["rx"], board["uart"]["tx"]]
    assert len(pins) == len(set(pins))
    assert board["uart"]["tx"] is not None or name == "host"


@pytest.mark.parametrize("arch", ["xtensawin", "rv32imc"])
def test_all_firmware_compiles(arch, tmp_path):
    folder = build.build(arch, tmp_path / arch)
    sources = [path for source in build.SOURCES for path in (build.ROOT / source).rglob("*.py")]
    names = [path.name for path in folder.rglob("*.mpy")]
    assert len(names) == len(sources) - 1  # of the twins (lib/hanport/loops.py), the one of machine code alone
    assert "_native.mpy" in names and "_plain.mpy" not in names
    assert [path.name for path in folder.rglob("*.py")] == ["main.py"]


def test_bytecode_alone_has_the_plain_loops(tmp_path):
    build.compile_folder(build.ROOT / "lib" / "hanport", tmp_path, "")
    names = [path.name for path in tmp_path.rglob("*.mpy")]
    assert "_plain.mpy" in names and "_native.mpy" not in names


BREACHES = {
    "board: 'uart' is a required property": lambda board: board.pop("uart"),
    "board.uart: 'source' is a required property": lambda board: board["uart"].pop("source"),
    "board: Additional properties are not allowed ('leds' was unexpected)": lambda board: board.update(leds=[1]),
    "board.uart.rx: '16' is not of type 'integer'": lambda board: board["uart"].update(rx="16"),
    "board.uart.id: True is not of type 'integer'": lambda board: board["uart"].update(id=True),
    "board.uart.rx: 49 is greater than the maximum of 48": lambda board: board["uart"].update(rx=49),
    "board.uart.inverted: 0 is not of type 'boolean'": lambda board: board["uart"].update(inverted=0),
    "board.power: 'battery' is not one of ['bus', 'usb']": lambda board: board.update(power="battery"),
    "board.led.pin: None is not of type 'integer'": lambda board: board["led"].update(pin=None),
    "board.vcc_adc.divider: [33] is too short": lambda board: board["vcc_adc"].update(divider=[33]),
    "board.button.source: 'seen' is too short": lambda board: board["button"].update(source="seen"),
}


@pytest.mark.parametrize("fault", BREACHES)
def test_a_breach_of_the_schema_is_one_line_that_names_the_key(fault):
    board = copy.deepcopy(BOARDS["pow-u"])
    BREACHES[fault](board)
    assert boardfile.faults(board) == [fault]
