"""Ports for servers of tests, also of those that run at the same time."""

import socket

import ports


def test_a_port_that_is_taken_is_passed_over(monkeypatch):
    first, second = ports.free_port(), ports.free_port()
    monkeypatch.setattr(ports, "_row", iter((first, second)))
    with socket.create_server(("127.0.0.1", first)):
        assert ports.free_port() == second != first
