"""The host as a board: starts the compiled firmware on a real MicroPython, with an ESP32's heap."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

import build
import toolchain
from ports import free_port

# What an ESP32 has, 160 KB; and 25 that the host takes of it for what an ESP32 has in flash: radio, UART, pins,
# threads (boards/host/, 21 KB), umqtt.simple and ntptime (4.4 KB).
HEAP = "185k"
LABEL = "abcdefghjkmn"  # a password as a dongle makes it, for one that is to have a known one
COMPILED = build.ROOT / "build" / "host"


def board(ports=None, changes=None):
    """The host's board.json, with the pages and the name server at these ports, (HTTP, DNS), and these changes."""
    content = json.loads((build.ROOT / "boards" / "host" / "board.json").read_text())
    content.update(changes or {})
    if ports:
        content["page_port"], dns_port = ports
        content["portal"].update(http_port=ports[0], dns_port=dns_port)
    return content


def free_ports():
    """(HTTP, DNS) that nobody else has."""
    return free_port(), free_port(socket.SOCK_DGRAM)


def install(folder, slot="a"):
    """Lay the compiled firmware there as on a dongle that was installed with two slots; this one runs."""
    shutil.copytree(COMPILED, folder / slot, ignore=shutil.ignore_patterns("main.py"), dirs_exist_ok=True)
    (folder / "slot").write_text(slot)


def start_firmware(folder, pty, settings, variables=None, ports=None, changes=None, program="main.py", **options):
    """Start the firmware in `folder`, on the meter at `pty`, with these settings (a settings.json's text; None: with
    those that are there). What install() has laid there is what runs, else what was compiled last.

    Returns the process; its output is the log. `variables` go into its environment, `ports` and `changes` to board(),
    `options` to Popen; but `heap`, another size than an ESP32's. `program` may be another one of that folder.
    """
    if settings is not None:
        (folder / "settings.json").write_text(settings)
    (folder / "board.json").write_text(json.dumps(board(ports or free_ports(), changes)))
    shutil.copy(COMPILED / "main.py", folder / "main.py")
    path = ".frozen"
    if not (folder / "slot").exists():
        # MicroPython keeps the name of each module's file on its heap: as short a one as on a dongle.
        path += ":f:f/lib"
        if not (folder / "f").is_symlink():
            (folder / "f").symlink_to(COMPILED)
    environment = dict(os.environ, MICROPYPATH=path, HAN_PTY=str(pty))
    environment.update(variables or {})
    return subprocess.Popen(
        [*toolchain.micropython(), "-X", "heapsize=" + options.pop("heap", HEAP), program],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.PIPE),
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def start_meter(folder, *words, **options):
    """Start the simulated meter on a pty; returns (process, the pty's name). `words` are meter.py's own."""
    link = folder / "meter"
    process = subprocess.Popen(
        [sys.executable, str(build.ROOT / "tools" / "meter.py"), "--pty", "--link", str(link), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=options.pop("stderr", subprocess.PIPE),
        text=True,
        **options,
    )
    deadline = time.monotonic() + 10
    while not link.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            raise RuntimeError("the simulated meter does not start: " + process.communicate()[1].strip())
        time.sleep(0.02)
    return process, link


def stop(process):
    """End a process that was started here, and wait for its end."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
