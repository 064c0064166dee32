#!/usr/bin/env python3
"""The whole chain on this computer: a simulated meter on a serial line, the real firmware on a real MicroPython,
a real MQTT broker, and what arrives there, shown as one would want to see it.
"""

import argparse
import json
import os
import queue
import secrets
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import build
import host
import toolchain
from broker import Broker, BrokerError
from simulator.makers import MAKERS

# The meter's clock at the start: a few seconds before an hour's end, so that the hour's registers come soon; on a
# summer day, for the sun.
_CLOCK = "2026-06-15T12:59:54"
# What the owner must say of meters whose lists leave it open (firmware/README.md); a type of p1-se has no CRC.
_METER_SETTINGS = {
    "kamstrup-se": {"energy_multiplier": 1},
    "p1-se": {"unchecked": True},
}
_WITH_TAG = 0x30  # security control: encrypted and authenticated


class Demo:
    """Counts and shows what the broker delivers."""

    def __init__(self):
        self.messages = 0
        self.readings = 0
        self.frames_sent = "no frame sent"

    def show_next(self, arrived, wait_s):
        """Show the next message of the queue; False when none comes within the time."""
        try:
            self.show(*arrived.get(timeout=wait_s))
        except queue.Empty:
            return False
        return True

    def show(self, topic, payload):
        """Print one MQTT message as a line."""
        name = topic.rsplit("/", 1)[1]
        self.messages += 1
        content = payload.decode()
        if name == "power":
            self.readings += 1
            print(f"{time.strftime('%H:%M:%S')}  {power_words(json.loads(content))}", flush=True)
        elif name == "state":
            print(f"          {phase_words(json.loads(content))}", flush=True)
        elif name == "energy":
            print(f"          {energy_words(json.loads(content))}", flush=True)
        elif name == "status":
            print(f"          the dongle is {content}", flush=True)


def power_words(values):
    """Power in and out, in kW."""
    words = f"using {values.get('power_import_w', 0) / 1000:7.3f} kW"
    if values.get("power_export_w"):
        words += f"   selling {values['power_export_w'] / 1000:.3f} kW"
    return words


def phase_words(values):
    """Voltages and currents of the phases that the meter has."""
    phases = []
    for phase in ("l1", "l2", "l3"):
        amperes, volts = values.get(phase + "_current_a"), values.get(phase + "_voltage_v")
        words = ([] if amperes is None else [f"{amperes:.1f} A"]) + ([f"{volts:.0f} V"] if volts else [])
        if words:
            phases.append(f"{phase.upper()} {' '.join(words)}")
    return "   ".join(phases)


def energy_words(values):
    """The meter's registers, in kWh."""
    words = [
        f"{values[key] / 1000:,.3f} kWh {direction}"
        for key, direction in (
            ("energy_import_wh", "in"),
            ("energy_import_t1_wh", "in at tariff 1"),
            ("energy_import_t2_wh", "in at tariff 2"),
            ("energy_export_wh", "out"),
            ("energy_export_t1_wh", "out at tariff 1"),
            ("energy_export_t2_wh", "out at tariff 2"),
        )
        if values.get(key)
    ]
    if "timestamp" in values:
        words.append(f"its clock {values['timestamp'].replace('T', ' ')}")
    return "the meter reads " + ", ".join(words)


# As the dongle's own (firmware/app/label.py).
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LABEL_LENGTH = 12


def keys_for(maker):
    """Throw-away keys for a meter that can encrypt: (words for meter.py, the firmware's settings)."""
    encryption = MAKERS[maker].encryption
    if not encryption:
        return (), {}
    key, auth_key = secrets.token_hex(16), secrets.token_hex(16)
    security = f"{encryption.security_control or _WITH_TAG:02x}"
    words = ("--security", security, "--key", key, "--auth-key", auth_key)
    return words, {"key": key, "auth_key": auth_key}


def subscribe(port, arrived):
    """A subscriber that puts (topic, payload) of every message into the queue."""
    from paho.mqtt.client import CallbackAPIVersion, Client

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: arrived.put((message.topic, message.payload))
    client.on_connect = lambda *_: client.subscribe("han/#")
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


def show_log(process):
    """Print the firmware's log, set apart from the readings."""
    for line in process.stdout:
        print(f"    dongle {line.rstrip()}", flush=True)


def line_of(name, meter_type):
    """The setting of the meter's line: to search for it takes longer than most demos."""
    maker = MAKERS[name]
    return maker.of_type(maker.type_named(meter_type) if meter_type else maker.types[0]).line.name


def run(maker, meter_type, seconds, demo):
    """Start everything, show what comes for so many seconds (None: until Ctrl-C), end everything."""
    arrived = queue.Queue()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="han-demo-")))
        broker = Broker(folder)
        stack.callback(broker.stop)
        broker.start()
        client = subscribe(broker.port, arrived)
        stack.callback(client.loop_stop)
        key_words, keys = keys_for(maker)
        settings = {
            "wifi": {"ssid": "this computer", "password": ""},
            "mqtt": {"host": "127.0.0.1", "port": broker.port},
            "meter": {"line": line_of(maker, meter_type), **_METER_SETTINGS.get(maker, {}), **keys},
        }
        # Process groups of their own: Ctrl-C is for this program, which ends them in order. (No sessions: the first
        # terminal that a session's leader opens, here the meter's line, would end it when it goes.)
        print(f"A simulated {maker} meter, the firmware, a broker on port {broker.port}. Ctrl-C ends it.", flush=True)
        password = "".join(secrets.choice(_LETTERS) for _ in range(_LABEL_LENGTH))
        (folder / "label").write_text(password)
        ports = host.free_ports()
        print(f"Its page: http://127.0.0.1:{ports[0]}/ with the password {password}", flush=True)
        # The firmware first, so that it has the line open when the meter's first byte comes.
        pty = folder / "meter"

        def start(text):
            process = host.start_firmware(folder, pty, text, ports=ports, preexec_fn=os.setpgrp)
            stack.callback(host.stop, process)
            threading.Thread(target=show_log, args=(process,), daemon=True).start()
            return process

        firmware = start(json.dumps(settings))
        words = ("--meter", maker, "--clock", _CLOCK, "--sun", *key_words)
        if meter_type:
            words += ("--type", meter_type)
        meter, _pty = host.start_meter(folder, *words, preexec_fn=os.setpgrp)
        stack.callback(end_meter, meter, demo, arrived)
        deadline = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < deadline:
            demo.show_next(arrived, 0.2)
            if firmware.poll() == 0:  # it restarts, since the page says so
                firmware = start(None)
            elif firmware.returncode is not None:
                raise RuntimeError(f"the firmware has ended with {firmware.returncode}: its log is above")


def end_meter(meter, demo, arrived):
    """End the meter, whose last words are how many frames it has sent, and show what still comes of them."""
    host.stop(meter)
    demo.frames_sent = meter.stderr.read().strip().split(";")[0]
    while demo.show_next(arrived, 0.5):
        pass


def seconds_of(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meter", default="aidon", type=str.lower, choices=MAKERS)
    parser.add_argument("--type", help="a type of that meter: tools/meter.py --help names them")
    parser.add_argument("--seconds", type=seconds_of, help="how long; without it until Ctrl-C")
    options = parser.parse_args()
    demo = Demo()
    # Ended by another program, it cleans up as after Ctrl-C; which a shell may have switched off for it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        build.build("host")
        run(options.meter, options.type, options.seconds, demo)
    except KeyboardInterrupt:
        pass
    except (BrokerError, toolchain.ToolchainError, build.BuildError, RuntimeError) as error:
        sys.exit(f"demo: {error}")
    print(f"\nThe meter: {demo.frames_sent}.")
    print(f"Arrived at the broker: {demo.readings} readings, in {demo.messages} messages.")
    if not demo.readings:
        sys.exit("demo: no reading has arrived")


if __name__ == "__main__":
    main()
