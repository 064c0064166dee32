"""The board files keep to boards/schema.json and to their chips, name the source of each pin, and say to MicroPython
what they say; and the firmware compiles for them."""

import copy
import json

import pytest

import alone
import boardfile
import build

PATHS = [path for path in sorted(boardfile.BOARDS.glob("*.json")) if path.name != "schema.json"]
PATHS.append(boardfile.BOARDS / "host" / "board.json")
BOARDS = {path.stem if path.stem != "board" else "host": json.loads(path.read_text()) for path in PATHS}
PARTS_WITH_SOURCES = ("uart", "led", "button", "vcc_adc", "supply")
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
# By Espressif's data sheets: the pins that there are and that no flash is on, those of them that are inputs only and
# have no pull-up, and those of ADC1, since ADC2 is not to be had while WiFi is on.
PINS = {
    "esp32": (
        {*range(6), *range(12, 20), *range(21, 24), 25, 26, 27, *range(32, 40)},
        {*range(34, 40)},
        range(32, 40),
    ),
    "esp32s2": ({*range(22), *range(33, 47)}, {46}, range(1, 11)),
    "esp32s3": ({*range(22), *range(33, 49)}, set(), range(1, 11)),
    "esp32c3": ({*range(11), *range(18, 22)}, set(), range(5)),
}
# The console, and the chip's own USB: a pin on them shuts out whoever wants to look.
CONSOLES = {"esp32": {1, 3}, "esp32s2": {43, 44, 19, 20}, "esp32s3": {43, 44, 19, 20}, "esp32c3": {20, 21, 18, 19}}

every_board = pytest.mark.parametrize("name", BOARDS)
every_dongle = pytest.mark.parametrize("name", [name for name in BOARDS if name != "host"])


def _driven(board):
    """The pins that the firmware drives."""
    led = board["led"] or {}
    return [board["uart"]["tx"], *(led[key] for key in ("pin", "fault_pin", "disable_pin") if key in led)]


def _read(board):
    """The pins that the firmware reads."""
    return [board["uart"]["rx"], *(board[part]["pin"] for part in ("button", "vcc_adc") if board[part])]


@every_board
def test_a_board_file_keeps_to_the_schema(name):
    assert boardfile.faults(BOARDS[name]) == []


@every_board
def test_every_part_that_has_pins_names_their_source(name):
    for part in PARTS_WITH_SOURCES:
        if BOARDS[name].get(part):
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
    pins = [*_driven(board), *_read(board)]
    assert len(pins) == len(set(pins))
    assert board["uart"]["tx"] is not None or name == "host"


@every_dongle
def test_each_pin_is_there_and_can_do_what_is_wanted_of_it(name):
    board = BOARDS[name]
    pins, inputs, analogue = PINS[board["chip"]]
    assert pins.issuperset([*_driven(board), *_read(board)])
    assert not CONSOLES[board["chip"]].intersection([*_driven(board), *_read(board)])
    assert not inputs.intersection(_driven(board))
    if board["button"]:
        assert board["button"]["pin"] not in inputs
    if board["vcc_adc"]:
        assert board["vcc_adc"]["pin"] in analogue


@every_dongle
def test_a_supply_has_limits_only_where_it_can_be_measured_and_they_are_in_order(name):
    board = BOARDS[name]
    if "supply" in board:
        assert board["vcc_adc"] and board["power"] == "bus"
        assert board["supply"]["low_mv"] <= board["supply"]["wifi_mv"]


# Prints, for each board file named, how the firmware sets its pins and its UART.
_ON_MICROPYTHON = """
import json
import machine

pins = {}

class Pin(machine.Pin):
    def __init__(self, number, mode=machine.Pin.IN, pull=None, value=1):
        super().__init__(number, mode, pull, value)
        self.how = (mode, pull)
        pins[number] = self

class UART:
    INV_RX = machine.UART.INV_RX
    def __init__(self, id, **settings):
        self.settings = dict(settings, id=id)

machine.Pin, machine.UART = Pin, UART
from app.board import Board

modes = {machine.Pin.OUT: "out", machine.Pin.IN: "in", machine.Pin.OPEN_DRAIN: "open"}
pulls = {None: "", machine.Pin.PULL_UP: " up", machine.Pin.PULL_DOWN: " down"}

def levels():
    return [[number, pin.value()] for number, pin in pins.items()]

for file in json.loads('FILES'):
    pins.clear()
    board = Board(file)
    shown = [levels()]
    for how in ((True,), (False,), (True, True), (False, True)):
        board.led(*how)
        shown.append(levels())
    button = board.button_pin()
    print(json.dumps({
        "levels": shown,
        "pressed": button and button[1],
        "pins": [[number, modes[pin.how[0]] + pulls[pin.how[1]]] for number, pin in pins.items()],
        "mbus": board.uart("2400 8E1").settings,
        "p1": Board(file).uart("115200 8N1 inverted").settings,
        "kept": [part for part in board.data.values() if isinstance(part, dict)],
    }))
"""


@pytest.fixture(scope="module")
def on_micropython(tmp_path_factory, compiled):
    """{board's name: what _ON_MICROPYTHON prints of it}."""
    folder = tmp_path_factory.mktemp("boards")
    for name, board in BOARDS.items():
        (folder / f"{name}.json").write_text(json.dumps(board))
    (folder / "board.json").write_text(json.dumps(BOARDS["host"]))
    files = json.dumps([f"{name}.json" for name in BOARDS])
    said = alone.run(_ON_MICROPYTHON.replace("FILES", files), folder)
    assert len(said.splitlines()) == len(BOARDS)
    return dict(zip(BOARDS, map(json.loads, said.splitlines())))


@pytest.mark.tier2
@every_board
def test_micropython_switches_the_leds_that_the_file_names(name, on_micropython):
    led = BOARDS[name]["led"]
    states = [dict(levels) for levels in on_micropython[name]["levels"]]
    if not led:
        assert states == [{}] * 5
        return
    well, fault = led["pin"], led.get("fault_pin", led["pin"])
    lit = [{pin for pin in (well, fault) if state[pin] != led["active_low"]} for state in states]
    assert lit == [set(), {well}, set(), {fault}, set()]
    # The meter's own light is let go, and stays so.
    assert all(state[led["disable_pin"]] == 1 for state in states if "disable_pin" in led)


@pytest.mark.tier2
@every_board
def test_micropython_sets_each_pin_as_the_file_says(name, on_micropython):
    led, button = BOARDS[name]["led"] or {}, BOARDS[name]["button"]
    expected = {led[key]: "out" for key in ("pin", "fault_pin") if key in led}
    if "disable_pin" in led:
        expected[led["disable_pin"]] = "open"
    if button:
        expected[button["pin"]] = "in up" if button["active_low"] else "in down"
        assert on_micropython[name]["pressed"] == (0 if button["active_low"] else 1)
    assert dict(on_micropython[name]["pins"]) == expected


@pytest.mark.tier2
@every_board
def test_micropython_opens_the_uart_so_that_mbus_and_p1_are_the_right_way_up(name, on_micropython):
    uart = BOARDS[name]["uart"]
    for line, baudrate, is_upside_down in (("mbus", 2400, False), ("p1", 115200, True)):
        settings = on_micropython[name][line]
        assert (settings["id"], settings["rx"], settings.get("tx")) == (uart["id"], uart["rx"], uart["tx"])
        assert settings["baudrate"] == baudrate
        assert bool(settings["invert"]) == (uart["inverted"] != is_upside_down)


@pytest.mark.tier2
@every_board
def test_what_is_for_people_takes_no_heap(name, on_micropython):
    assert on_micropython[name]["kept"] and not [part for part in on_micropython[name]["kept"] if "source" in part]


@pytest.mark.parametrize("arch", ["xtensawin", "rv32imc"])
def test_all_firmware_compiles(arch, tmp_path):
    folder = build.build(arch, tmp_path / arch)
    sources = [path for source in build.SOURCES for path in (build.ROOT / source).rglob("*.py")]
    others = [name for _source, _target, names in build.other_folders(arch) for name in names]
    names = [path.name for path in folder.rglob("*.mpy")]
    # Of the twins (lib/hanport/loops.py), the one of machine code alone.
    assert len(names) == len(sources) + len(others) - 1
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
    "board.led.disable_pin: True is not of type 'integer'": lambda board: board["led"].update(disable_pin=True),
    "board.supply: 'source' is a required property": lambda board: board["supply"].pop("source"),
    "board.supply.wifi_mv: '3.2 V' is not of type 'integer'": lambda board: board["supply"].update(wifi_mv="3.2 V"),
    "board.supply.low_mv: 330 is less than the minimum of 2500": lambda board: board["supply"].update(low_mv=330),
}


@pytest.mark.parametrize("fault", BREACHES)
def test_a_breach_of_the_schema_is_one_line_that_names_the_key(fault):
    board = copy.deepcopy(BOARDS["pow-u"])
    BREACHES[fault](board)
    assert boardfile.faults(board) == [fault]
