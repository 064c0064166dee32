"""Tier 3: brokers that break the rules. Each is given up with its reason in words, and none holds up the reader."""

import socket
import threading
import time

import pytest

pytestmark = pytest.mark.tier3

_CONNACK = b"\x20\x02\x00\x00"
_PUBLISH = b"\x30\x08\x00\x03a/bxyz"
_PINGRESP = b"\xd0\x00"


class BadBroker:
    """Listens on a port and does with each connection what the next of its manners says, then closes it."""

    def __init__(self, port, manners):
        self._server = socket.create_server(("127.0.0.1", port))
        self._manners = manners
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        for manner in self._manners:
            connection, _address = self._server.accept()
            with connection:
                connection.settimeout(60)
                try:
                    manner(connection)
                except OSError:
                    pass  # given up by the other side
        self._server.close()


def _closes(connection):
    """Closes at once."""


def _is_no_broker(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.recv(1000)


def _says_half(connection):
    connection.recv(1000)
    connection.sendall(_CONNACK[:2])
    while connection.recv(1000):
        pass


def _accepts_and_says_half(connection):
    """A packet's first byte, and then nothing for ever."""
    connection.recv(1000)
    connection.sendall(_CONNACK + _PUBLISH[:1])
    while connection.recv(1000):
        pass


def _talks_unasked_then_resets(connection):
    connection.recv(1000)
    connection.sendall(_CONNACK + _PUBLISH + _PINGRESP + _PUBLISH)
    time.sleep(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def test_brokers_that_break_the_rules_are_left_and_the_good_one_found(stage):
    def count(words):
        return sum(words in line for line in list(stage.log))

    manners = [_closes, _is_no_broker, _says_half, _accepts_and_says_half, _talks_unasked_then_resets]
    BadBroker(stage.broker.port, manners)
    stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware()
    for words in (
        "the broker closed the connection",
        "the broker's answer makes no sense",
        "the broker does not answer",
        "connected to",
    ):
        stage.wait_for_log("mqtt: " + words, 25)
    stage.wait(lambda: count("the broker does not answer") == 2, 25, "the second silent broker left")
    stage.wait(lambda: count("connected to") == 2, 15, "the talking broker")
    stage.wait(lambda: count("the broker closed the connection") == 2, 15, "its reset")
    stage.broker.start()
    stage.listen()
    stage.wait(lambda: stage.named("power"), 15, "a power at the good broker")
    assert not any("fault" in line or "Traceback" in line for line in stage.log)
