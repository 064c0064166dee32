"""Ports on the loopback address that nobody else has, nor is given by chance while they wait to be used."""

import itertools
import secrets
import socket

# Below those that systems give out by themselves: from 32768 on Linux, from 49152 elsewhere.
_PORTS = range(20000, 32768)
# Each process walks through them from a place of its own, so that none comes twice.
_row = itertools.islice(itertools.cycle(_PORTS), secrets.randbelow(len(_PORTS)), None)


def free_port(kind=socket.SOCK_STREAM):
    """A port for TCP, or with SOCK_DGRAM for UDP, that nothing uses."""
    return next(port for port in _row if _is_free(port, kind))


def _is_free(port, kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
