"""Why there is no data: the evidence for lib/whynodata, and the `diagnosis` message."""

import sys

from app import clock, wifi
from hanport.codes import (
    BYTES,
    END_FLAG,
    FRAME_CHECK,
    FRAMES,
    HEADER_CHECK,
    INCOMPLETE,
    MALFORMED,
    NO_CHECK,
    NO_KEY,
    NOT_TEXT,
    READINGS,
    TRUNCATED,
    UNKNOWN_APDU,
    UNKNOWN_LIST,
    WRONG_KEY,
    WRONG_TAG,
)
from hanport.fields import COUNTS

# Twice a Kamstrup's interval.
_SILENT_MS = 25000
_WRAP = 0x3FFFFFFF
_LIKELIEST = 4  # settings of the line that a message has room for
_DAMAGE = (HEADER_CHECK, FRAME_CHECK, END_FLAG, TRUNCATED, NOT_TEXT, INCOMPLETE)
_UNKNOWN = (UNKNOWN_LIST, UNKNOWN_APDU, MALFORMED)
# lib/whynodata's words for those of app.wifi, where they differ.
_WIFI = {wifi.CONNECTED: "", wifi.OFF: "not_set", wifi.WRONG_PASSWORD: "password"}


class Diagnosis:
    """Judges by what the decoder has counted lately: in this minute and the one before."""

    def __init__(self, health, settings, reader, station, link):
        self._health = health
        self._settings = settings
        self._reader = reader
        self._wifi = station
        self._link = link
        self._minute = self._earlier = self._counts()

    def _counts(self):
        return self._reader.receiver.state[COUNTS:]

    def minute_passed(self):
        """What came before the last minute counts no more."""
        self._earlier = self._minute
        self._minute = self._counts()

    def cause(self):
        """One word of lib/whynodata, "ok" when all is well."""
        if self._is_well():
            # Most of the time nobody asks further, and what could answer would only take heap.
            sys.modules.pop("whynodata", None)
            return "ok"
        import whynodata

        return whynodata.cause(self._evidence(whynodata.Evidence()))

    def of_meter(self):
        """As cause(), of what lies between the meter and us alone."""
        import whynodata

        evidence = self._evidence(whynodata.Evidence())
        evidence.wifi = evidence.mqtt = ""
        evidence.is_clock_known = True
        return whynodata.cause(evidence)

    def of_wifi(self, state):
        """As cause(), of a try to get into the owner's network alone that ended so (one of app.wifi's words)."""
        import whynodata

        evidence = whynodata.Evidence()
        evidence.silent_s = 0
        evidence.wifi = _WIFI.get(state, state)
        return whynodata.cause(evidence)

    def of_broker(self):
        """As cause(), of what lies between us and the broker alone."""
        import whynodata

        evidence = whynodata.Evidence()
        evidence.silent_s = 0
        evidence.mqtt = self._mqtt()
        return whynodata.cause(evidence)

    def _is_well(self):
        counts = self._counts()
        is_read = counts[READINGS] and self._reader.silent_ms < _SILENT_MS
        is_sent = self._wifi.state == wifi.CONNECTED and self._link.fault == "ok" and clock.source is not None
        is_whole = not self._lately(counts, _UNKNOWN) and not self._lately(counts, _DAMAGE)
        is_sure = not self._is_weak() and not self._reader.receiver.doubtful
        return is_read and is_sent and is_whole and is_sure

    def _is_weak(self):
        return self._health.is_low or self._health.is_starved

    def _lately(self, counts, codes):
        return sum(counts[code] - self._earlier[code] & _WRAP for code in codes)

    def _evidence(self, evidence):
        counts = self._counts()
        reader = self._reader
        evidence.uptime_s = clock.uptime_s()
        evidence.silent_s = reader.silent_ms // 1000 if counts[READINGS] else -1
        evidence.had_readings = reader.has_worked
        evidence.is_bus_powered = self._health.is_bus_powered
        evidence.is_supply_weak = self._is_weak()
        evidence.is_clock_known = clock.source is not None
        evidence.wifi = _WIFI.get(self._wifi.state, self._wifi.state)
        evidence.mqtt = self._mqtt()
        self._add_line(evidence)
        evidence.bytes, evidence.frames = counts[BYTES], counts[FRAMES] + counts[NO_CHECK]
        evidence.bad_headers = counts[HEADER_CHECK] + counts[NOT_TEXT]
        evidence.late_bytes = self._lately(counts, (BYTES,))
        evidence.late_frames = self._lately(counts, (FRAMES, NO_CHECK))
        evidence.damaged = self._lately(counts, _DAMAGE)
        evidence.unknown_list = self._lately(counts, _UNKNOWN)
        evidence.doubtful = self._reader.receiver.doubtful
        evidence.no_key = self._lately(counts, (NO_KEY,))
        evidence.wrong_key = self._lately(counts, (WRONG_KEY,))
        evidence.wrong_tag = self._lately(counts, (WRONG_TAG,))
        evidence.no_check = self._lately(counts, (NO_CHECK,))
        return evidence

    def _add_line(self, evidence):
        reader = self._reader
        search = reader.search
        line, _tried_ms, _bytes, _flags, bursts, openings, headers, _frames = search.best()
        evidence.is_fixed = reader.is_given
        evidence.laps = search.laps
        evidence.baudrate = int(line.split(" ")[0])
        evidence.is_inverted = line.endswith("inverted")
        evidence.bursts, evidence.openings, evidence.headers = bursts, openings, headers
        evidence.edges, evidence.idle_level, evidence.pulse_us = reader.pulses, reader.idle_level, reader.pulse_us

    def _mqtt(self):
        if not self._settings["mqtt.host"]:
            return "not_set"  # whatever the link has found out of that yet
        return "" if self._link.fault == "ok" else self._link.fault

    def scoreboard(self):
        """What has been heard at each setting of the line, for pages."""
        return [_heard(row) for row in self._reader.search.scoreboard()]

    def report(self, cause, outbox, heap_free, about):
        """The `diagnosis` message: the cause and the evidence for it; `about` holds what others know."""
        reader, link = self._reader, self._link
        report = {
            "state": cause,
            "mqtt": link.fault,
            "tls": link.tls,
            "line": reader.line,
            "silent_s": reader.silent_ms // 1000,
            "uptime_s": clock.uptime_s(),
            "heap_free": heap_free,
            "reader_delay_ms": reader.longest_delay_ms,
            "mqtt_connections": link.connections,
            "dropped": link.dropped,
            "published": outbox.published,
            "replaced": outbox.replaced,
            "too_long": outbox.too_long,
            "counters": {name: n for name, n in reader.receiver.counters.items() if n},
        }
        report.update(about)
        if cause != "ok":
            import whynodata

            report["title"], report["next"] = whynodata.text(cause, self._settings["owner.language"])
        counts = self._counts()
        if not counts[FRAMES] and not counts[NO_CHECK]:
            heard = [_heard(row) for row in reader.search.ranking()]
            report["scoreboard"] = [row for row in heard if row["bytes"]][:_LIKELIEST]
        if reader.unknown_list is not None:
            report["list_known"] = False
            report["list_version"] = "".join(chr(octet) for octet in reader.unknown_list)
        return report


def _heard(row):
    """A row of linesearch's scoreboard for people."""
    line, tried_ms, came, flags, _bursts, _openings, headers, frames = row
    return {
        "line": line,
        "seconds": tried_ms // 1000,
        "bytes": came,
        "flags": flags,
        "headers": headers,
        "frames": frames,
    }
