"""The stage for the setup network: an air, a phone, and a firmware that says how its heap does."""

import json
import os

import heapbench
import host
from phone import Phone
from stage import Stage

_LINE = {"line": "2400 8E1"}


class SetupStage(Stage):
    """`phone` is with the setup network, as soon as there is one."""

    def __init__(self, folder):
        super().__init__(folder)
        self.pty = ""
        self.ports = host.free_ports()
        self.phone = Phone(self.ports[0])

    def air(self, *networks):
        self._replace("air.json", networks)

    def _replace(self, name, content):
        new = self.folder / (name + ".new")
        # Pairs as UTF-8, since MicroPython's json takes \\uD83E\\uDED0 for two letters; halves stay halves.
        new.write_bytes(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        os.rename(new, self.folder / name)

    def start(self, speed=1, settings=None, probe=False):
        """Start the firmware with these settings (None: those that are there), its clock so many times as fast."""
        if settings is not None:
            settings = json.dumps({"meter": _LINE, "time": {"server": ""}, **settings})
        if probe:
            (self.folder / "probe.py").write_text(heapbench.PROBE)
        options = {"program": "probe.py"} if probe else {}
        self.log.clear()
        variables = {"HAN_SPEED": str(speed)}
        return self.start_firmware_with(settings, variables=variables, ports=self.ports, **options)

    def open(self, *about, **named):
        """As start(), until the setup network is there."""
        firmware = self.start(*about, **named)
        self.wait_for_log("is up, its password", 30)
        return firmware

    def point(self):
        """What the access point shows; None when there is none."""
        try:
            return json.loads((self.folder / "ap.json").read_text())
        except FileNotFoundError:
            return None

    def settings(self):
        return json.loads((self.folder / "settings.json").read_text())

    def probes(self):
        """The heapbench.Look of every second of a start with `probe`."""
        return heapbench.looks_in(self.log)

    def until(self, what, seconds, **wanted):
        """Wait until these values stand in a part of what the phone is told; that part."""

        def found():
            part = self.phone.state()[what]
            return part if all(part[name] == value for name, value in wanted.items()) else None

        return self.wait(found, seconds, f"{what} {wanted}")
