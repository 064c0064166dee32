"""The checks of the soak find what they look for, and nothing in a run that went well."""

import json
import socket

import pytest

from soaking import checks
from soaking.network import DOWN, UP, Network
from soaking.plan import APART_S, HOUR_S, LEAD_S, LENGTHS_S, POWERS, SPEEDS, drawn
from soaking.verdict import judged, marks_heard

FIRST_S = 1768518000  # 2026-01-16T00:00:00+01:00
WH = (900, 1200, 800, 5000, 700)


def _start(number):
    return f"2026-01-16T{number:02}:00:00+01:00"


def _hour(number, import_wh=None, source="meter"):
    import_wh = WH[number] if import_wh is None else import_wh
    return {"start": _start(number), "end": _start(number + 1), "import_wh": import_wh, "source": source}


def _hours():
    """{start: message} of five hours as they should be."""
    return {FIRST_S + HOUR_S * number: _hour(number) for number in range(len(WH))}


def _rows():
    return [{"hour": FIRST_S + HOUR_S * n, "energy_import_wh": 10**6 + sum(WH[:n])} for n in range(len(WH) + 1)]


def _payloads(*messages):
    return [json.dumps(message).encode() for message in messages]


def _presence(hours):
    return list(checks.presence(hours, FIRST_S, FIRST_S + HOUR_S * len(WH)))


def test_all_is_well_when_every_hour_came_once_and_is_the_registers():
    hours, faults = checks.distinct(_payloads(*_hours().values()))
    assert (hours, faults) == (_hours(), [])
    assert not _presence(hours)
    assert not list(checks.energy(hours, checks.Meter(_rows())))
    assert not list(checks.order(_payloads(*_hours().values())))


def test_the_same_hour_may_come_again_but_not_another_one_of_its_time():
    again = _payloads(_hour(0), _hour(1), _hour(1))
    assert checks.distinct(again)[1] == []
    assert not list(checks.order(again))
    (fault,) = checks.distinct(_payloads(_hour(0), _hour(0, 901)))[1]
    assert "came twice" in fault


def test_an_hour_that_comes_behind_a_later_one_is_a_fault():
    assert len(list(checks.order(_payloads(_hour(1), _hour(0), _hour(2))))) == 1


def test_a_lost_hour_and_one_too_many_are_faults():
    hours = _hours()
    del hours[FIRST_S + HOUR_S]
    assert len(_presence(hours)) == 1
    hours = {**_hours(), FIRST_S - HOUR_S: _hour(0), FIRST_S + 60: _hour(0)}
    assert len(_presence(hours)) == 2
    # The meter goes on behind the last one.
    assert not _presence({**_hours(), FIRST_S + HOUR_S * len(WH): _hour(4)})


@pytest.mark.parametrize("more", [1, -1, 900])
def test_an_hour_that_is_not_the_registers_is_a_fault(more):
    hours = _hours()
    hours[FIRST_S + HOUR_S] = _hour(1, WH[1] + more)
    assert len(list(checks.energy(hours, checks.Meter(_rows())))) == 1


def test_estimates_are_judged_by_their_sum_between_hours_of_the_meter():
    hours = _hours()
    hours[FIRST_S + HOUR_S] = _hour(1, WH[1] + 300, "estimate")
    hours[FIRST_S + 2 * HOUR_S] = _hour(2, WH[2] - 300, "estimate")
    assert not list(checks.energy(hours, checks.Meter(_rows())))
    hours[FIRST_S + 2 * HOUR_S]["import_wh"] += 1
    (fault,) = checks.energy(hours, checks.Meter(_rows()))
    assert "2 h" in fault


def test_an_hour_without_the_export_that_the_meter_has_is_a_fault():
    rows = [{**row, "energy_export_wh": 5} for row in _rows()]
    assert len(list(checks.energy(_hours(), checks.Meter(rows)))) == len(WH)


def test_across_an_exchange_both_meters_count_and_a_little_may_be_missing():
    rows = _rows()
    exchange = {"exchange": FIRST_S + 1800, "energy_import_wh": 10**6 + 500}
    rows[1:] = [{**row, "energy_import_wh": row["energy_import_wh"] - 10**6 - 500} for row in rows[1:]]
    meter = checks.Meter([rows[0], exchange, *rows[1:]])
    assert not list(checks.energy(_hours(), meter))
    for wh, faults in ((WH[0] + 90, 0), (WH[0] + 100, 1), (WH[0] - 100, 1)):
        assert len(list(checks.energy({FIRST_S: _hour(0, wh, "estimate")}, meter))) == faults
    assert meter.around_exchanges() == {FIRST_S}


def test_an_estimate_between_two_marks_that_were_heard_is_a_fault():
    hours = {**_hours(), FIRST_S + HOUR_S: _hour(1, source="estimate")}
    marks = {FIRST_S + HOUR_S, FIRST_S + 2 * HOUR_S}
    assert len(list(checks.estimates(hours, marks))) == 1
    assert not list(checks.estimates(hours, {FIRST_S, FIRST_S + HOUR_S}))


def _capacity(*numbers, **changed):
    peaks = [{"start": _start(n), "import_wh": WH[n], **changed} for n in numbers]
    return _payloads({"peaks": peaks})


def test_peaks_are_the_highest_hours_of_the_meter():
    assert not list(checks.peaks(_capacity(1) + _capacity(3), _hours()))
    assert len(list(checks.peaks(_capacity(3) + _capacity(1), _hours()))) == 1  # not the highest in the end
    assert len(list(checks.peaks(_capacity(3, import_wh=5001), _hours()))) == 2
    hours = {**_hours(), FIRST_S + 3 * HOUR_S: _hour(3, source="estimate")}
    assert len(list(checks.peaks(_capacity(3), hours))) == 2
    assert not list(checks.peaks(_capacity(1), hours))


def test_the_highest_hours_are_those_of_different_days_of_the_last_month():
    def hour(day, wh, month="01"):
        return {"start": f"2026-{month}-{day}T07:00:00+01:00", "import_wh": wh, "source": "meter"}

    january = [hour("16", 3000), hour("17", 9000), hour("17", 8000), hour("18", 4000), hour("19", 5000)]
    assert checks.highest(dict(enumerate(january)), 3) == [9000, 5000, 4000]
    assert checks.highest(dict(enumerate([*january, hour("01", 10, "02")])), 3) == [10]


def test_a_total_that_falls_is_a_fault():
    rising = [{"energy_import_wh": 5}, {"energy_import_wh": 5, "energy_export_wh": 1}, {"energy_import_wh": 7}]
    assert not list(checks.totals(_payloads(*rising)))
    assert len(list(checks.totals(_payloads(*rising, {"energy_import_wh": 6})))) == 1
    assert len(list(checks.totals(_payloads(*rising, {"energy_export_wh": 0})))) == 1


def _reports(*heaps):
    return [{"uptime_s": 60 * n, "heap_free": heap, "state": "ok"} for n, heap in enumerate(heaps)]


def test_a_heap_that_shrinks_is_a_fault_and_one_that_is_lent_is_none():
    assert not list(checks.memory(_reports(*[40000, 31000, 40000] * 5)))
    assert not list(checks.memory(_reports(*range(42000, 40000, -100))))
    assert len(list(checks.memory(_reports(*range(42000, 36000, -100))))) == 1


def test_what_is_loaded_for_a_fault_is_no_leak_and_hides_none():
    reports = _reports(*[40000] * 20, *[37000] * 10)
    assert len(list(checks.memory(reports))) == 1
    for report in reports[20:]:
        report["state"] = "stopped"
    assert not list(checks.memory(reports))
    assert checks.well(reports) == 20
    shrinking = _reports(*range(42000, 36000, -100))
    shrinking[-1]["state"] = "stopped"
    assert len(list(checks.memory(shrinking))) == 1


def test_each_start_of_the_firmware_is_a_life_of_its_own():
    reports = _reports(1, 2, 3) + _reports(4, 5)
    assert [len(life) for life in checks.lives(_payloads(*reports))] == [3, 2]


def _truth(*rows):
    """Rows of (list, when it is due, what its clock shows), all of one day."""
    midnight_s = FIRST_S - 2 * 86400
    found = []
    for number, due, shown in rows:
        hour, minute, second = (int(part) for part in due.split(":"))
        due_ms = 1000 * (midnight_s + hour * HOUR_S + minute * 60 + second)
        found.append({"list": number, "due_ms": due_ms, "timestamp": f"2026-01-14T{shown}"})
    return found


def test_marks_are_certain_when_the_firmware_was_there_and_the_clock_was_right():
    plan = drawn(1, "kamstrup", 24)._replace(start_s=FIRST_S - 2 * 86400 - LEAD_S)
    times = [(3, "03:00:05"), (2, "03:10:00"), (3, "04:00:05"), (3, "06:00:05")]
    rows = [(number, due, due) for number, due in times]
    rows += [(3, "05:00:05", "04:00:05"), (3, "07:00:05", "06:50:05"), (3, "08:00:05", "09:00:05")]
    midnight_s = plan.first_s
    marks = [midnight_s + n * HOUR_S for n in (3, 4, 6)]
    assert marks_heard(plan, _truth(*rows), []) == set(marks)
    assert marks_heard(plan, _truth(*rows), [(marks[1] + 100, marks[1] + 200)]) == {marks[0], marks[2]}
    assert marks_heard(plan, _truth(*rows), [(marks[1] + 1200, marks[1] + 3600)]) == {marks[0], marks[1]}


@pytest.mark.parametrize("meter", sorted(SPEEDS))
def test_a_plan_is_the_same_from_the_same_seed_and_has_all_troubles(meter):
    plans = [drawn(seed, meter, 168) for seed in range(20)]
    assert plans[3] == drawn(3, meter, 168) != plans[4]
    for plan in plans:
        assert {trouble.kind for trouble in plan.troubles} == set(LENGTHS_S)
        assert plan.silences and 0 < plan.exchange_s < LEAD_S + 168 * HOUR_S
        for first, second in zip(plan.troubles, plan.troubles[1:]):
            assert first.at_s + first.length_s < second.at_s
        for trouble in plan.troubles:
            at_s = trouble.at_s * plan.speed
            assert trouble.kind not in POWERS or abs(at_s - plan.exchange_s) > APART_S - HOUR_S
        # A process at speed can live for 149 hours of its loop's clock (boards/host/hostclock.py).
        powers = [0, *(t.at_s for t in plan.troubles if t.kind in POWERS), plan.hours * HOUR_S / plan.speed]
        assert max(b - a for a, b in zip(powers, powers[1:])) * plan.speed < 140 * HOUR_S


def test_a_whole_run_is_judged_by_all_checks(tmp_path):
    plan = drawn(1, "kamstrup", len(WH))._replace(start_s=FIRST_S - LEAD_S)
    said = {
        "hour": _payloads(*_hours().values()),
        "capacity": _capacity(3),
        "total": _payloads({"energy_import_wh": 7}),
        "diagnosis": _payloads(
            *(
                {"uptime_s": 60 * n, "heap_free": 40000, "state": "ok", "reader_delay_ms": 10 * plan.speed}
                for n in range(400)
            )
        ),
    }

    class Ear:
        named = staticmethod(said.get)

    (tmp_path / "meter-hours").write_text("\n".join(json.dumps(row) for row in _rows()))
    (tmp_path / "meter-truth").write_text("")
    (tmp_path / "log").write_text("")
    verdict = judged(plan, tmp_path, Ear, [], 0)
    assert verdict.faults == []
    assert verdict.figures["hours expected"] == verdict.figures["hours received"] == len(WH)
    assert verdict.figures["longest UART delay"] == "10 ms"
    spoilt = {
        "hour": said["hour"][1:],
        "total": _payloads({"energy_import_wh": 7}, {"energy_import_wh": 6}),
        "capacity": _capacity(1),
        "diagnosis": said["diagnosis"][:10],
    }
    for name, payloads in spoilt.items():
        good, said[name] = said[name], payloads
        assert judged(plan, tmp_path, Ear, [], 0).faults, name
        said[name] = good
    rows = [
        {"list": 3, "due_ms": 1000 * (FIRST_S + n * HOUR_S + 5), "timestamp": f"2026-01-16T{n:02}:00:05"}
        for n in range(len(WH) + 1)
    ]
    (tmp_path / "meter-truth").write_text("\n".join(json.dumps(row) for row in rows))
    assert judged(plan, tmp_path, Ear, [], 0).faults == []
    said["hour"] = _payloads(*({**hour, "source": "estimate"} for hour in _hours().values()))
    said["capacity"] = _payloads({"peaks": []})
    faults = judged(plan, tmp_path, Ear, [], 0).faults
    assert faults and all("for no reason" in fault for fault in faults)


def _received(end, wait_s=5):
    """What has come; b"" when the connection has ended, None when nothing comes in time."""
    end.settimeout(wait_s)
    try:
        return end.recv(100)
    except TimeoutError:
        return None
    except OSError:
        return b""


def test_the_network_carries_swallows_and_is_cut():
    network = Network()

    def dongle():
        return socket.create_connection(("127.0.0.1", network.port), 5)

    with socket.create_server(("127.0.0.1", 0)) as server:
        with dongle() as one:  # nobody has opened it
            assert _received(one) == b""
        network.open(server.getsockname()[1])
        with dongle() as one, server.accept()[0] as broker:
            one.sendall(b"up")
            broker.sendall(b"down")
            assert (_received(broker), _received(one)) == (b"up", b"down")
            network.swallow(UP)
            one.sendall(b"up")
            broker.sendall(b"down")
            assert (_received(broker, 0.3), _received(one)) == (None, b"down")
            network.recover()
            assert (_received(broker), _received(one)) == (b"", b"")
        with dongle() as one, server.accept()[0] as broker:
            network.swallow(DOWN)
            one.sendall(b"up")
            broker.sendall(b"down")
            assert (_received(broker), _received(one, 0.3)) == (b"up", None)
            network.cut()
            assert _received(broker) == b""
    network.close()
