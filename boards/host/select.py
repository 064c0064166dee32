"""The host's `select`: who waits for a stream lets others run (hostthreads.py)."""

import uselect
from hostthreads import waiting
from uselect import POLLERR, POLLHUP, POLLIN, POLLOUT  # noqa: F401, they are asked for here


class poll:  # noqa: N801, its name
    """As the built-in one; which no class can be made from, since it has none."""

    def __init__(self):
        self._poll = uselect.poll()

    def register(self, stream, events=POLLIN | POLLOUT):
        self._poll.register(stream, events)

    def modify(self, stream, events):
        self._poll.modify(stream, events)

    def unregister(self, stream):
        self._poll.unregister(stream)

    def poll(self, wait_ms=-1):
        return [ready[:2] for ready in self.ipoll(wait_ms)]

    def ipoll(self, wait_ms=-1):
        with waiting:
            return self._poll.ipoll(wait_ms)
