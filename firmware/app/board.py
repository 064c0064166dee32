"""The board under the firmware: boards/<name>.json as board.json, and its parts set up from it."""

import json

import machine

BOARD_FILE = "board.json"
# A buffer that holds 17 s of a 2400 baud line while anything else is busy.
_RX_BUFFER = 4096
_PARITY = {"N": None, "E": 0, "O": 1}
# Longer than any step that may hold the loop; a hung interpreter is the only thing it is for.
_WATCHDOG_MS = 120000


class Board:
    """The hardware: a UART, an LED where there is one, the watchdog."""

    def __init__(self, path=BOARD_FILE):
        with open(path, "r") as file:
            self.data = json.load(file)
        self.name = self.data["name"]
        self._uart = None
        led = self.data["led"]
        self._led = machine.Pin(led["pin"], machine.Pin.OUT) if led else None
        self._led_on = 0 if led and led["active_low"] else 1
        self.led(False)
        self.id = "han-" + "".join(f"{octet:02x}" for octet in machine.unique_id()[-3:])

    def led(self, on):
        """Switch the LED; nothing happens where there is none."""
        if self._led:
            self._led.value(self._led_on if on else 1 - self._led_on)

    def uart(self, line):
        """The UART at the meter's pins, set to a line such as "2400 8E1" or "115200 8N1 inverted"."""
        words = line.split(" ")
        bits, parity, stop = words[1]
        pins = self.data["uart"]
        inverted = (len(words) > 2) != pins["inverted"]
        settings = {
            "baudrate": int(words[0]),
            "bits": int(bits),
            "parity": _PARITY[parity],
            "stop": int(stop),
            "rx": pins["rx"],
            "rxbuf": _RX_BUFFER,
            "timeout": 0,
            "invert": machine.UART.INV_RX if inverted else 0,
        }
        # Unasked, MicroPython drives a pin of its own choice as TX; the board may have something else there.
        if pins["tx"] is not None:
            settings["tx"] = pins["tx"]
        if self._uart is None:
            self._uart = machine.UART(pins["id"], **settings)
        else:
            self._uart.init(**settings)
        return self._uart

    def watchdog(self):
        """Start the watchdog. It cannot be stopped again; its feed() must be called within two minutes."""
        return machine.WDT(timeout=_WATCHDOG_MS)
