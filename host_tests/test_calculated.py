"""L2 of three-wire meters, which is calculated where the meter does not measure it, and nowhere else."""

import pytest

from app.calculated import fill_in
from hanport import Reading, Receiver
from hanport.registers import KEYS
from simulated import pushes
from simulator.makers import MAKERS

_MORNING = "2026-01-15T07:00:00"


def _readings(maker, meter_type, seconds=3600):
    """(our reading after the filling in, what was added, the household's own values) of every list 2."""
    receiver = Receiver("hdlc")
    reading = Reading()
    for push in pushes(MAKERS[maker], meter_type, _MORNING, seconds):
        receiver.feed(push.frame, len(push.frame))
        while receiver.next(reading):
            if reading.list == 2:
                yield reading, [KEYS[index] for index in fill_in(reading)], push.expected


@pytest.mark.parametrize(
    "maker, meter_type, added",
    [
        ("aidon", "6525", ["l2_current_a"]),
        ("kaifa", "MA304H3E", ["l2_voltage_v"]),
        ("kaifa", "MA304T3", ["l2_voltage_v", "l2_current_a"]),
        ("kaifa", "MA304H4", []),
        ("kamstrup", "6841121", []),
        ("aidon", "6515", []),
    ],
)
def test_only_what_the_meter_does_not_measure_is_filled_in(maker, meter_type, added):
    for _reading, found, _expected in _readings(maker, meter_type, 120):
        assert found == added


def test_a_phase_that_is_gone_on_a_four_wire_net_shows():
    reading = next(_readings("kaifa", "MA304H4", 60))[0]
    reading.put(KEYS.index("l2_voltage_v"), 0)
    assert fill_in(reading) == ()
    assert reading.get("l2_voltage_v") == 0
