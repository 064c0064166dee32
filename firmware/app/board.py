"""The board under the firmware: boards/<name>.json as board.json, and its parts set up from it."""

import json

import machine

BOARD_FILE = "board.json"
# A buffer that holds 17 s of a 2400 baud line while anything else is busy.
_RX_BUFFER = 4096
_PARITY = {"N": None, "E": 0, "O": 1}
# Longer than any step that may hold the loop; a hung interpreter is the only thing it is for.
_WATCHDOG_MS = 120000
# The slowest at which an ESP32's WiFi runs; the decoder has ten times the time that it needs.
_SLOW_HZ = 80000000

# Where the setup network's page is. Phones take no private address for a captive portal's.
_PORTAL = {"address": "4.3.2.1", "http_port": 80, "dns_port": 53}
_PAGE_PORT = 80  # at home


class Board:
    """The hardware: a UART, an LED where there is one, the watchdog. What lives from the meter runs slowly."""

    def __init__(self, path=BOARD_FILE):
        with open(path, "r") as file:
            self.data = json.load(file)
        for part in self.data.values():
            if isinstance(part, dict):
                part.pop("source", None)  # for people; on the heap it would take a kilobyte
        self.name = self.data["name"]
        self.portal = self.data.get("portal", _PORTAL)
        self.page_port = self.data.get("page_port", _PAGE_PORT)
        self.is_bus_powered = self.data["power"] == "bus"
        if self.is_bus_powered:
            machine.freq(_SLOW_HZ)
        self._uart = None
        led = self.data["led"]
        self.has_led = bool(led)
        if led:
            self._led_on = 0 if led["active_low"] else 1
            self.leds = [
                machine.Pin(led[key], machine.Pin.OUT, value=1 - self._led_on)
                for key in ("pin", "fault_pin")
                if key in led
            ]
            if "disable_pin" in led:
                # Let go, it lets the meter's line light the LED by itself; held low, it does not.
                machine.Pin(led["disable_pin"], machine.Pin.OPEN_DRAIN, value=1)
        self.id = "han-" + "".join(f"{octet:02x}" for octet in machine.unique_id()[-3:])

    def led(self, on, is_fault=False):
        """Switch the LED, that for faults where there are two; nothing happens where there is none."""
        if self.has_led:
            self.leds[-1 if is_fault else 0].value(self._led_on if on else 1 - self._led_on)

    def button_pin(self):
        """(pin, what it reads while the button is held); None where there is no button."""
        button = self.data["button"]
        if not button:
            return None
        is_low = button["active_low"]
        pull = machine.Pin.PULL_UP if is_low else machine.Pin.PULL_DOWN
        return machine.Pin(button["pin"], machine.Pin.IN, pull), 0 if is_low else 1

    def vcc_adc(self):
        """(what measures the supply, its divider as (above, below)); None where nothing does."""
        adc = self.data["vcc_adc"]
        if not adc:
            return None
        # The widest range, to 2.5 V and more.
        return machine.ADC(machine.Pin(adc["pin"]), atten=machine.ADC.ATTN_11DB), adc["divider"]

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

    def rx_pin(self):
        """The pin that the meter's line comes in at, bare: before uart() takes it."""
        return machine.Pin(self.data["uart"]["rx"], machine.Pin.IN)

    @property
    def is_inverting(self):
        """Whether the board turns the line's levels over on its way to the pin."""
        return self.data["uart"]["inverted"]

    def watchdog(self):
        """Start the watchdog. It cannot be stopped again; its feed() must be called within two minutes."""
        return machine.WDT(timeout=_WATCHDOG_MS)
