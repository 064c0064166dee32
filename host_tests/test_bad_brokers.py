"""Tier 3: brokers that break the rules. Each is given up with its reason in words, and none holds up the reader."""

import socket
import threading
import time

import pytest

pytestmark = pytest.mark.tier3

_CONNACK = b"\x20\x02\x00\x00"
_PUBLISH = b"\x30\xff\xff\x03\x00\x03a/b"


class BadBroker:
    """Listens on a port and does with each connection what the next of its manners says, then closes it."""

    def __init__(self, port, manners):
        self._server = socket.create_server(("127.0.0.1", port))
        self._manners = manners
        self.is_done = False
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
        self.is_done = True


def _closes(connection):
    """Closes at once."""


def _is_no_broker(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    # To the end: closed with something unread, the connection would be reset before the answer is.
    while connection.recv(1000):
        pass


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


def _talks_unasked(connection):
    """A message on a topic that nobody has subscribed to, a byte at a time and without end."""
    connection.recv(1000)
    connection.sendall(_CONNACK + _PUBLISH)
    while True:
        connection.sendall(b"x")
        time.sleep(0.5)


def _start(stage, *manners):
    bad = BadBroker(stage.broker.port, manners)
    stage.start_meter("kaifa", "--speed", "4")
    stage.start_firmware()
    return bad


def _finds_the_good_one(stage):
    stage.broker.start()
    stage.listen()
    stage.wait(lambda: stage.named("power"), 15, "a power at the good broker")
    assert not any("fault" in line or "Traceback" in line for line in stage.log)


def test_what_does_not_answer_as_a_broker_is_left_with_its_reason(stage):
    _start(stage, _closes, _is_no_broker, _says_half)
    stage.wait_for_log("mqtt: the broker closed the connection", 10)
    stage.wait_for_log("mqtt: the broker's answer makes no sense", 10)
    stage.wait_for_log("mqtt: the broker does not answer", 25)
    _finds_the_good_one(stage)


def test_a_broker_that_says_what_it_should_not_is_left_with_its_reason(stage):
    bad = _start(stage, _talks_unasked, _accepts_and_says_half)
    stage.wait_for_log("mqtt: connected to", 10)
    # However long it goes on talking: what it was asked for does not come.
    stage.wait_for_log("mqtt: the broker does not answer", 15)
    stage.wait(lambda: bad.is_done, 30, "the second one is left too")
    _finds_the_good_one(stage)
