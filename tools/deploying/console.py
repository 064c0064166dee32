"""What the dongle says, and MicroPython's prompt."""

import math
import subprocess
import sys

import dongle
from dongle import DongleError


def logs(port):
    """Show the log, until Ctrl-C. The dongle is not disturbed."""
    port = port or dongle.find_port()
    dongle.check_port(port)
    print(f"The log on {port}, until Ctrl-C", flush=True)
    try:
        for line in dongle.follow(port, math.inf):
            if line:
                print(line, flush=True)
    except KeyboardInterrupt:
        print()


def repl(port):
    """MicroPython's prompt, until Ctrl-]; Ctrl-C stops the firmware, Ctrl-D starts it anew."""
    port = port or dongle.find_port()
    dongle.check_port(port)
    print("Ctrl-] leaves. Ctrl-C stops the firmware: its watchdog then restarts the dongle within two minutes")
    done = subprocess.run([sys.executable, "-m", "mpremote", "connect", port, "resume", "repl"])
    if done.returncode:
        raise DongleError(f"the connection on {port} has ended")
