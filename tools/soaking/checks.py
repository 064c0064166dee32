"""Whether what was heard is what the meter counted. Each check yields a line for every fault that it finds."""

import json
import re
from datetime import datetime, timezone

from .plan import HOUR_S

WAYS = (("import_wh", "energy_import_wh"), ("export_wh", "energy_export_wh"))
# An exchanged meter's last hour is power times time on both sides of the exchange: so far it may be off.
EXCHANGE_SHARE = 0.05
EXCHANGE_WH = 50
LEAK = 2048  # bytes
PEAKS = 3  # the default of tariff.hours
# What no log of a firmware without faults has.
_OWN_FAULTS = re.compile(
    r"\] fault: |Traceback|watchdog: |by watchdog|a fault of the firmware's own|exception wasn't retrieved"
    r"|Unhandled exception"
)


def unix_s(text):
    """Unix time of ISO 8601 text with an offset."""
    return int(datetime.fromisoformat(text).timestamp())


class Meter:
    """What the meter says of itself: the registers of each full hour, and when it was exchanged.

    `rows` are those of meter.py --hours.
    """

    def __init__(self, rows):
        self._registers = {row["hour"]: row for row in rows if "hour" in row}
        self.exchanges = [row for row in rows if "exchange" in row]

    def counted(self, start_s, end_s, register):
        """Wh between two full hours; None when the meter has no such register, or did not see both hours."""
        first, last = self._registers.get(start_s, {}), self._registers.get(end_s, {})
        if register not in first or register not in last:
            return None
        exchange = self.exchange_in(start_s, end_s)
        if exchange:
            return exchange[register] - first[register] + last[register]
        return last[register] - first[register]

    def around_exchanges(self):
        """The full hours before the exchanges."""
        return {row["exchange"] // HOUR_S * HOUR_S for row in self.exchanges}

    def exchange_in(self, start_s, end_s):
        """The row of the exchange between two full hours, or None."""
        return next((row for row in self.exchanges if start_s < row["exchange"] <= end_s), None)


def distinct(payloads):
    """({start: message}, [faults]) of the `hour` messages. The same hour may come again, and then says the same."""
    hours, faults = {}, []
    for payload in payloads:
        message = json.loads(payload)
        start_s = unix_s(message["start"])
        if hours.setdefault(start_s, message) != message:
            faults.append(f"{message['start']} came twice: {hours[start_s]}, {message}")
    return hours, faults


def order(payloads):
    """An hour comes for the first time when all before it have come."""
    last_s = 0
    for start_s in dict.fromkeys(unix_s(json.loads(payload)["start"]) for payload in payloads):
        if start_s < last_s:
            yield f"an earlier hour came later: the one from {datetime.fromtimestamp(start_s, timezone.utc)}"
        last_s = start_s


def presence(hours, first_s, end_s):
    """Every hour is there, and no other one before them or beside them."""
    for start_s in range(first_s, end_s, HOUR_S):
        if start_s not in hours:
            yield f"lost: the hour from {datetime.fromtimestamp(start_s, timezone.utc)}"
    for start_s in sorted(hours):
        if start_s < first_s or (start_s - first_s) % HOUR_S:
            yield f"there is no such hour: {hours[start_s]}"


def stretches(hours):
    """The hours in spans that the registers vouch for: [(start, end, [message])], one hour each of source meter, and
    what lies between them together."""
    spans = []
    for start_s in sorted(hours):
        message = hours[start_s]
        joins = spans and spans[-1][1] == start_s and message["source"] == "estimate"
        if joins and spans[-1][2][-1]["source"] == "estimate":
            spans[-1][1] = start_s + HOUR_S
            spans[-1][2].append(message)
        else:
            spans.append([start_s, start_s + HOUR_S, [message]])
    return spans


def energy(hours, meter):
    """Hours are equal to the registers, estimated stretches in sum."""
    for start_s, end_s, messages in stretches(hours):
        for key, register in WAYS:
            counted = meter.counted(start_s, end_s, register)
            given = [message[key] for message in messages if key in message]
            if len(given) not in (0 if counted is None else len(messages),):
                yield f"{key} of {messages[0]['start']} is {given} where the register says {counted}"
                continue
            if counted is None:
                continue
            room = 0
            if meter.exchange_in(start_s, end_s):
                room = EXCHANGE_WH + EXCHANGE_SHARE * counted
            if abs(sum(given) - counted) > room:
                source = messages[0]["source"]
                yield f"{key} of {len(messages)} h from {messages[0]['start']} ({source}): {given}, counted {counted}"


def estimates(hours, certain):
    """No hour is an estimate both of whose marks have reached the firmware for `certain`."""
    for start_s in sorted(hours):
        both = start_s in certain and start_s + HOUR_S in certain
        if hours[start_s]["source"] == "estimate" and both:
            yield f"an estimate for no reason: {hours[start_s]}"


def peaks(payloads, hours):
    """Every peak is an hour of source meter; in the end they are the month's highest of these, a day each."""
    found = []
    for payload in dict.fromkeys(payloads):
        found = json.loads(payload)["peaks"]
        for peak in found:
            hour = hours.get(unix_s(peak["start"]))
            if hour is None or hour["source"] != "meter" or hour["import_wh"] != peak["import_wh"]:
                yield f"a peak that is no hour of the meter: {peak}, {hour}"
    wanted = highest(hours, PEAKS)
    if [peak["import_wh"] for peak in found] != wanted:
        yield f"the peaks are {found} where the month's highest hours are {wanted}"


def highest(hours, count):
    """Wh of the last month's highest hours of source meter on different days, falling."""
    of_day = {}
    month = hours[max(hours)]["start"][:7] if hours else ""
    for message in hours.values():
        if message["source"] == "meter" and message["start"].startswith(month):
            day = message["start"][:10]
            of_day[day] = max(of_day.get(day, 0), message["import_wh"])
    return sorted(of_day.values(), reverse=True)[:count]


def totals(payloads):
    """A running total never falls."""
    last = {}
    for payload in payloads:
        for key, wh in json.loads(payload).items():
            if wh < last.get(key, 0):
                yield f"{key} falls from {last[key]} to {wh}"
            last[key] = wh


def lives(payloads):
    """The `diagnosis` messages of each start of the firmware, in lists."""
    found = []
    for payload in payloads:
        report = json.loads(payload)
        if not found or report["uptime_s"] < found[-1][-1]["uptime_s"]:
            found.append([])
        found[-1].append(report)
    return found


def well(reports):
    """How many of the reports are of a time without a fault."""
    return sum(report["state"] == "ok" for report in reports)


def heap(reports):
    """(free at a life's beginning, at its end) in bytes: the most that there was in its first and its last third,
    since a message that waits takes some. Only what is well is compared, since what finds the words for a fault is
    loaded as long as there is one."""
    return thirds([report["heap_free"] for report in reports if report["state"] == "ok"])


def thirds(free):
    """The most that was free in the first and in the last third of these looks at the heap, in bytes."""
    third = max(len(free) // 3, 1)
    return (max(free[:third]), max(free[-third:])) if free else (0, 0)


def memory(reports):
    """A life ends with the heap that it began with."""
    start, end = heap(reports)
    if start - end > LEAK:
        yield f"the heap shrinks from {start} to {end} bytes free"


def own_faults(log):
    """What the firmware itself calls a fault of its own, and what it has not caught."""
    for line in log:
        if _OWN_FAULTS.search(line):
            yield "in the log: " + line
