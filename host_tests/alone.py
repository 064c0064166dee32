"""Starts link_alone.py on MicroPython and collects what it says."""

import json
import os
import shutil
import subprocess
import threading
import time

import build
import host
import toolchain

_SCRIPT = build.ROOT / "host_tests" / "link_alone.py"
_DEVICE = "han-737431"
STATUS, COMMAND, TOTAL = (f"han/{_DEVICE}/{name}" for name in ("status", "command", "total"))
# A loaded machine starts programs late; how long the link itself may take is for the firmware's own deadlines.
_PATIENCE = 4


def _start(words, folder, pty, variables=None, **pipes):
    program = build.ROOT / "build" / "host"
    return subprocess.Popen(
        [*toolchain.micropython(), "-X", "heapsize=" + host.HEAP, *words],
        cwd=folder,
        env={
            **os.environ,
            "MICROPYPATH": f".frozen:{program}:{program / 'lib'}",
            "HAN_PTY": str(pty),
            **(variables or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **pipes,
    )


def run(program, folder=None, pty="", seconds=20, variables=None, **options):
    """What a program says, in its working folder, that imports of the firmware and of the host what it wants; options
    are Popen's."""
    process = _start(["-c", program], folder, pty, variables, **options)
    try:
        said, _nothing = process.communicate(timeout=seconds)
    finally:
        process.kill()
    assert process.returncode == 0, said
    return said


class Alone:
    """A dongle's link without the rest; close() ends it."""

    def __init__(self, folder, settings, *first, device=_DEVICE, pid=None, pty=""):
        """`settings` of mqtt; a key with a dot is of another group. `first` are commands from before the start."""
        self.state = {}
        self.taken = []
        self.tickets = []
        self.log = []
        folder.mkdir(exist_ok=True)
        shutil.copy(build.ROOT / "boards" / "host" / "board.json", folder)
        settings = {key if "." in key else "mqtt." + key: value for key, value in settings.items()}
        settings = {"mqtt.host": "127.0.0.1", "time.server": "", **settings}
        told, self._commands = os.pipe()
        for command in first:
            self.tell(*command)
        words = [str(_SCRIPT), json.dumps(settings), device] + ([str(pid)] if pid is not None else [])
        self._process = _start(words, folder, pty, stdin=told)
        os.close(told)
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        for line in self._process.stdout:
            said = json.loads(line) if line.startswith("{") else None
            if said is None:
                self.log.append(line.rstrip())
            elif "took" in said:
                self.taken.append(tuple(said["took"]))
            elif "ticket" in said:
                self.tickets.append(said["ticket"])
            else:
                self.state = said

    def tell(self, *command):
        os.write(self._commands, (json.dumps(command) + "\n").encode())

    def wait(self, seconds, condition=None, **state):
        """Wait until condition() is true, or the state has these values; the log is shown when that does not come."""
        deadline = time.monotonic() + _PATIENCE * seconds
        while time.monotonic() < deadline:
            now = self.state
            if condition() if condition else all(now.get(key) == value for key, value in state.items()):
                return
            time.sleep(0.02)
        raise AssertionError(f"not within {seconds} s: {state}, but {self.state}\n" + "\n".join(self.log))

    def cpu_s(self):
        """How long it has had a processor."""
        with open(f"/proc/{self._process.pid}/stat") as file:
            user, system = file.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def close(self):
        os.close(self._commands)
        host.stop(self._process)
