"""Why there is no data, from the counters: a first, short answer."""

# Twice a Kamstrup's interval, and a meter's restart.
_SILENT_MS = 25000
_START_S = 60


def state(counters, silent_ms, uptime_s):
    """One word for how the reading of the meter goes.

    ok; starting; no_bytes (nothing at all has come: port not opened, cable, wrong pin); no_frames (bytes, but none
    with a right checksum: line setting, level converter, noise); no_lists (frames that we cannot read); stopped
    (lists came and come no more).
    """
    if counters["readings"]:
        return "ok" if silent_ms < _SILENT_MS else "stopped"
    if counters["frames"]:
        return "no_lists"
    if uptime_s < _START_S:
        return "starting"
    return "no_frames" if counters["bytes"] else "no_bytes"


def report(reader, link, outbox, uptime_s, heap_free):
    """The `diagnosis` message: the state and the evidence for it."""
    counters = reader.receiver.counters
    return {
        "state": state(counters, reader.silent_ms, uptime_s),
        "line": reader.line,
        "silent_s": reader.silent_ms // 1000,
        "uptime_s": uptime_s,
        "heap_free": heap_free,
        "reader_delay_ms": reader.longest_delay_ms,
        "mqtt_connections": link.connections,
        "published": outbox.published,
        "replaced": outbox.replaced,
        "too_long": outbox.too_long,
        "counters": {name: n for name, n in counters.items() if n},
    }
