"""A real MQTT broker on the loopback address: mosquitto where it is installed, else amqtt from PyPI."""

import getpass
import shutil
import socket
import subprocess
import sys
import time
from importlib.util import find_spec

from ports import free_port

_START_S = 15
_MOSQUITTO = """\
listener {port} 127.0.0.1
persistence false
allow_anonymous {anonymous}
user {run_as}
{passwords}
{tls}
"""
# In the words of amqtt 0.10, the last one for Python 3.9, and of 0.12; each passes over the other's.
_AMQTT = """\
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
auth:
  allow-anonymous: true
  plugins: [auth_anonymous]
topic-check:
  enabled: true
  plugins: [topic_taboo]
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
"""


class BrokerError(Exception):
    """One line that says why there is no broker."""


def mosquitto():
    """Where mosquitto is, or None. Debian keeps it outside an ordinary user's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def is_there():
    """True when there is a broker to start."""
    return bool(mosquitto() or find_spec("amqtt"))


class Broker:
    """A broker that runs until stop(); its files and its log are in `folder`.

    Only mosquitto asks for a login and speaks TLS: `tls` is {name: {"certfile": path, ...}} in mosquitto's own words,
    a listener each; `tls_ports` has their ports.
    """

    def __init__(self, folder, port=None, user=None, password=None, tls=None):
        self.port = port or free_port()
        self._tls = tls or {}
        self.tls_ports = {name: free_port() for name in self._tls}
        self._folder = folder
        self._user = user
        self._password = password
        self._process = None

    def start(self):
        """Start it and wait until it answers."""
        with open(self._folder / "broker.log", "ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + _START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"the MQTT broker does not start: see {self._folder / 'broker.log'}")
            time.sleep(0.05)
        return self

    @property
    def is_running(self):
        return self._process is not None

    def stop(self):
        """End it at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def _command(self):
        config = self._folder / "broker.conf"
        program = mosquitto()
        if program:
            config.write_text(
                _MOSQUITTO.format(
                    port=self.port,
                    anonymous="false" if self._user else "true",
                    # Started by root, mosquitto would become a user of its own, who may not read our folder.
                    run_as=getpass.getuser(),
                    passwords=self._password_file(),
                    tls="\n".join(self._tls_lines()),
                )
            )
            return [program, "-c", str(config)]
        if not find_spec("amqtt"):
            raise BrokerError("there is no mosquitto, and no amqtt in this Python: run `make broker`")
        config.write_text(_AMQTT.format(port=self.port))
        return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)]

    def _tls_lines(self):
        for name, words in self._tls.items():
            yield f"listener {self.tls_ports[name]} 127.0.0.1"
            yield from (f"{word} {value}" for word, value in words.items())

    def _password_file(self):
        if not self._user:
            return ""
        file = self._folder / "passwords"
        command = [shutil.which("mosquitto_passwd"), "-b", "-c", str(file), self._user, self._password]
        subprocess.run(command, check=True, timeout=20)
        return f"password_file {file}"
