"""What Prometheus asks for (its text format 0.0.4)."""

import gc

from app import clock, lent
from hanport.codes import FRAMES
from hanport.fields import COUNTS

_TYPE = [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")]


def metrics(home, request):
    """All of them."""
    return b"".join(_lines(home.dongle)), 200, _TYPE


def _lines(dongle):
    values = lent.module("homedata").last_values(dongle.outbox)
    for key in sorted(values):
        if type(values[key]) in (int, float):
            # Registers, in Wh and varh, count up; an exchanged meter begins anew, which is what a counter may do.
            yield _metric(key, values[key], "counter" if key[-1] == "h" else "gauge")
    for name, wh in zip(("total_import_wh", "total_export_wh"), dongle.totals.wh):
        if wh is not None:
            yield _metric(name, wh, "counter")
    yield _metric("reading_age_seconds", dongle.reader.silent_ms // 1000)
    yield _metric("frames_total", dongle.reader.receiver.state[COUNTS + FRAMES], "counter")
    yield _metric("mqtt_up", int(dongle.link.fault == "ok"))
    yield _metric("hours_pending", dongle.ledger.pending)
    yield _metric("uptime_seconds", clock.uptime_s())
    yield _metric("heap_free_bytes", gc.mem_free())


def _metric(name, value, kind="gauge"):
    return f"# TYPE han_{name} {kind}\nhan_{name} {value}\n".encode()
