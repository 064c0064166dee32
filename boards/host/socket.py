"""The host's `socket`: who waits for a name lets others run (hostthreads.py). To connect takes no time on a host."""

import sys

import usocket
from hostthreads import waiting
from usocket import *  # noqa: F403, it is that module but for what waits


def getaddrinfo(*about):
    with waiting:
        return usocket.getaddrinfo(*about)


sys.modules["usocket"] = sys.modules[__name__]  # umqtt.simple calls it so
