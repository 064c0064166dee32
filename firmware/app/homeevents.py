"""Server-sent events: each list of the meter, as it comes."""

import asyncio

from app import clock

_MOST = 2
# So often something comes, that both sides know of each other.
_BEAT_S = 10
_PAUSE_MS = 500


def events(home, request):
    """The answer that does not end; there are only so many at a time."""
    client = request.client
    home.streams = [one for one in home.streams if one.is_open]
    if len(home.streams) >= _MOST:
        return home.wrong(request, "busy", 503)
    home.streams.append(client)
    client.endless()
    return _Stream(home.dongle), 200, [("Content-Type", "text/event-stream")]


class _Stream:
    """What is sent, a piece at a time."""

    def __init__(self, dongle):
        self._dongle = dongle
        self._seen = None
        self._sent_s = 0

    def __aiter__(self):
        return self

    async def __anext__(self):
        recent = self._dongle.recent
        while recent.readings == self._seen:
            if clock.uptime_s() - self._sent_s >= _BEAT_S:
                self._sent_s = clock.uptime_s()
                return b":\n\n"
            await asyncio.sleep_ms(_PAUSE_MS)
        if self._seen is not None and clock.uptime_s() == self._sent_s:
            await asyncio.sleep(1)  # one a second is enough for anybody
        is_first = self._seen is None
        self._seen = recent.readings
        self._sent_s = clock.uptime_s()
        outbox = self._dongle.outbox
        registers = outbox.newest("state" if is_first or recent.list > 1 else "power") or outbox.newest("power")
        age_s = self._dongle.reader.silent_ms // 1000 if registers else None
        return (
            f'event: reading\ndata: {{"age_s":{"null" if age_s is None else age_s},"registers":'.encode()
            + (registers or b"{}")
            + b"}\n\n"
        )
