"""What the page at home shows, as JSON: a function for each route."""

import gc
import json

from app import clock, messages, webparts
from app.jsontext import JsonText
from app.log import lines
from app.overview import Overview
from app.recent import STEP_S
from energy import calendar

_JSON = [("Content-Type", "application/json; charset=utf-8")]


def reading(home, request):
    """What the meter said last."""
    dongle = home.dongle
    registers = last_values(dongle.outbox)
    return {
        "age_s": dongle.reader.silent_ms // 1000 if registers else None,
        "list_version": registers.pop("list_version", None),
        "known": dongle.reader.unknown_list is None,
        "calculated": registers.pop("calculated", []),
        "registers": registers,
    }


def power(home, request):
    """The last hour's."""
    recent = home.dongle.recent
    return {"step_s": STEP_S, "age_s": recent.age_s, "watts": list(recent.watts())}


def usage(home, request):
    """As the topic has it."""
    text = JsonText(messages.LONGEST_USAGE)
    messages.write_usage(text, *home.dongle.usage())
    return text.payload(), 200, _JSON


def peaks(home, request):
    """As the topic capacity has it, and what that is measured by."""
    capacity = home.dongle.capacity
    answer = capacity.message()
    answer["counted"] = home.dongle.settings["tariff.hours"]
    answer["steps_wh"] = capacity.steps_wh
    answer["load"] = capacity.load_message()
    return answer


def diagnosis(home, request):
    """Every part in a word and in words."""
    dongle = home.dongle
    overview = Overview(dongle)
    language = webparts.language(request, dongle.settings)
    answer = overview.cause(dongle.diagnosis.cause(), language)
    meter = overview.meter(language)
    meter["state"] = meter.pop("cause")
    meter["counters"] = {name: n for name, n in dongle.reader.receiver.counters.items() if n}
    if meter["state"] == "port_shut":
        answer["order"] = overview.order(language)[1]
    answer["meter"] = meter
    answer["wifi"] = overview.wifi(dongle.wifi.state, dongle.settings["wifi.ssid"], language)
    answer["wifi"]["rssi_dbm"] = dongle.wifi.rssi_dbm()
    answer["mqtt"] = overview.mqtt(language)
    answer["mqtt"].update(
        tls=dongle.link.tls,
        connections=dongle.link.connections,
        published=dongle.outbox.published,
        hours_pending=dongle.ledger.pending,
    )
    answer["dongle"] = _about(dongle, overview)
    return answer


def _about(dongle, overview):
    about = overview.about()
    now_s = clock.now_s()
    gc.collect()
    about.update(
        uptime_s=clock.uptime_s(),
        heap_free=gc.mem_free(),
        reader_delay_ms=dongle.reader.longest_delay_ms,
        clock=clock.source or "none",
        now=None if now_s is None else calendar.iso(now_s, messages.zone_h(dongle.settings)),
        own_password=bool(dongle.settings["owner.password"]),
        supply_mv=dongle.health.supply_mv,
    )
    return about


def log(home, request):
    """Its last lines."""
    return lines(), 200, [("Content-Type", "text/plain; charset=utf-8")]


def last_values(outbox):
    """{key: value} of what the meter's lists said last; of several that name it, the one that comes most often."""
    values = {}
    for name in [slot.name for slot in outbox.slots if slot.name in ("energy", "state", "power", "other")][::-1]:
        payload = outbox.newest(name)
        if payload:
            values.update(json.loads(payload))
    return values
