"""Why there is no data, from the decoder's counters: a first, short answer."""

from hanport.codes import BYTES, FRAMES, NO_CHECK, NO_KEY, READINGS, WRONG_KEY, WRONG_TAG
from hanport.fields import COUNTS

# Twice a Kamstrup's interval, and a meter's restart.
_SILENT_MS = 25000
_START_S = 60
# Frames that came well and that one setting would have read. The wrong key comes first: what it makes of a frame may
# by chance look right, and then the tag is wrong too.
_REASONS = ((WRONG_KEY, "wrong_key"), (WRONG_TAG, "wrong_tag"), (NO_KEY, "no_key"), (NO_CHECK, "no_check"))


class Diagnosis:
    """Judges by what the decoder has counted lately: in this minute and the one before."""

    def __init__(self, reader):
        self._reader = reader
        self._minute = self._earlier = self._counts()

    def _counts(self):
        return self._reader.receiver.state[COUNTS:]

    def minute_passed(self):
        """What came before the last minute counts no more."""
        self._earlier = self._minute
        self._minute = self._counts()

    def state(self, uptime_s):
        """One word for how the reading of the meter goes; firmware/README.md has what each means."""
        counts = self._counts()
        earlier = self._earlier
        if counts[READINGS] and self._reader.silent_ms < _SILENT_MS:
            return "ok"
        for reason, word in _REASONS:
            if counts[reason] != earlier[reason]:
                return word
        if counts[READINGS]:
            return "stopped"
        if counts[FRAMES] != earlier[FRAMES]:
            return "no_lists"
        if uptime_s < _START_S:
            return "starting"
        return "no_frames" if counts[BYTES] != earlier[BYTES] else "no_bytes"

    def report(self, state, link, outbox, uptime_s, heap_free, about):
        """The `diagnosis` message: the state and the evidence for it; `about` holds what others know."""
        reader = self._reader
        report = {
            "state": state,
            "mqtt": link.fault or "ok",
            "tls": link.tls,
            "line": reader.line,
            "silent_s": reader.silent_ms // 1000,
            "uptime_s": uptime_s,
            "heap_free": heap_free,
            "reader_delay_ms": reader.longest_delay_ms,
            "mqtt_connections": link.connections,
            "published": outbox.published,
            "replaced": outbox.replaced,
            "too_long": outbox.too_long,
            "counters": {name: n for name, n in reader.receiver.counters.items() if n},
        }
        report.update(about)
        if reader.unknown_list is not None:
            report["list_known"] = False
            report["list_version"] = "".join(chr(octet) for octet in reader.unknown_list)
        return report
