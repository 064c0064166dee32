"""A dongle that nobody has set up yet, in a house: simulated meter, real firmware, real broker, made-up networks."""

import json
import threading
from contextlib import ExitStack

import host
from broker import Broker

ADDRESS = "127.0.0.1"
WIFI = {"ssid": "Stua", "password": "hemmelig-wifi", "rssi": -58, "channel": 6}
AIR = (
    WIFI,
    {"ssid": "Naboen", "password": "noe-annet", "rssi": -71, "channel": 11},
    {"ssid": "Gjest", "password": "", "rssi": -77, "channel": 1},
    {"ssid": "Uten adresser", "password": "hemmelig-wifi", "rssi": -60, "channel": 3, "address": False},
)


class Newcomer:
    """Everything runs from start() to close(); `url` is the setup page's address, `log` what the dongle has said.

    When the dongle starts anew, as it does at the end of its setup, it is started again.
    """

    def __init__(self, folder, meter="aidon", settings=None, variables=None, **popen):
        """`settings` are what it has been told already, `variables` its environment, `popen` for subprocess.Popen."""
        self.folder = folder
        self.log = []
        self.starts = 0
        self.broker = Broker(folder)
        self._meter = meter
        self._settings = {"time": {"server": ""}, **(settings or {})}
        self._variables = variables
        self._popen = popen
        self._ports = host.free_ports()
        self._firmware = None
        self._is_closing = False
        self._stack = ExitStack()

    @property
    def url(self):
        return f"http://{ADDRESS}:{self._ports[0]}"

    def start(self, *words):
        """`words` go to the simulated meter."""
        if not (self.folder / "air.json").exists():
            self.put_in_air(*AIR)
        self._stack.callback(self.broker.stop)
        if not self.broker.is_running:
            self.broker.start()
        meter, self._pty = host.start_meter(self.folder, "--meter", self._meter, *words, **self._popen)
        self._stack.callback(host.stop, meter)
        thread = threading.Thread(target=self._run, args=(json.dumps(self._settings),), daemon=True)
        thread.start()
        self._stack.callback(thread.join, 10)
        self._stack.callback(self._stop)
        return self

    def close(self):
        self._stack.close()

    def tell(self, settings):
        """What it has been told, before it starts."""
        self._settings.update(settings)

    def put_in_air(self, *networks):
        """From now on these are there, and no others."""
        new = self.folder / "air.json.new"
        new.write_text(json.dumps(networks))
        new.replace(self.folder / "air.json")

    def settings(self):
        """What the dongle keeps."""
        return json.loads((self.folder / "settings.json").read_text())

    def _run(self, settings):
        while not self._is_closing:
            self._firmware = host.start_firmware(
                self.folder, self._pty, settings, self._variables, self._ports, **self._popen
            )
            self.starts += 1
            if self._is_closing:
                host.stop(self._firmware)
            for line in self._firmware.stdout:
                self.log.append(line.rstrip())
            self._firmware.wait()
            settings = (self.folder / "settings.json").read_text()

    def _stop(self):
        self._is_closing = True
        if self._firmware:
            host.stop(self._firmware)
