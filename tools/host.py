"""The host as a board: starts the compiled firmware on a real MicroPython, with an ESP32's heap."""

import os
import shutil
import subprocess
import sys
import time

import build
import toolchain

HEAP = "160k"


def start_firmware(folder, pty, settings, **options):
    """Start the firmware in `folder`, on the meter at `pty`, with these settings (a settings.json's text).

    Returns the process; its output is the log. `options` go to Popen.
    """
    program = build.ROOT / "build" / "host"
    (folder / "settings.json").write_text(settings)
    shutil.copy(build.ROOT / "boards" / "host" / "board.json", folder / "board.json")
    environment = dict(os.environ, MICROPYPATH=f".frozen:{program}:{program / 'lib'}", HAN_PTY=str(pty))
    return subprocess.Popen(
        [*toolchain.micropython(), "-X", "heapsize=" + HEAP, str(program / "main.py")],
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
