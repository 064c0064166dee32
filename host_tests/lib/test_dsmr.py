"""Telegrams of the Netherlands, Belgium, Luxembourg and Hungary: what they say beside electricity.

Lines as the P1 companion standards (2.2, 4.2.2, 5.0.2) and e-MUCS P1 1.7.1 print them, with other values.
"""

from frames import p1
from hanport import Reading, Receiver
from hanport.extras import COUNT, DECIMALS, KEYS, TEXT, UNITS
from vectors import decode, outcome

_POWER = "1-0:1.7.0(00.503*kW)"
_READ = {"p1_ident": "XXX5\\TEST", "power_import_w": 503}
_GAS = ("0-1:24.1.0(003)", "0-1:96.1.0(47313233)", "0-1:24.2.1(240715120000S)(00123.456*m3)")
_GAS_READ = {"gas_m3": 123.456, "gas_timestamp": "2024-07-15T12:00:00", "gas_meter_id": "G123"}


def _read(*lines):
    """What a telegram of these lines and a power gives beside that."""
    readings, counters = outcome(p1((_POWER,) + lines), Receiver("p1"))
    assert len(readings) == 1 and readings[0]["power_import_w"] == 503, lines
    return {key: value for key, value in readings[0].items() if key not in _READ}, counters


def test_the_lines_of_the_documents_are_read():
    for lines, expected in (
        (("0-0:96.14.0(0002)",), {"tariff": 2}),
        (("0-0:96.14.0(0001)",), {"tariff": 1}),
        (("0-0:96.1.1(4B384547303034303436333935353037)",), {"meter_id": "K8EG004046395507"}),
        (("0-0:96.1.1(12345678A)",), {"meter_id": "12345678A"}),
        (("1-0:1.4.0(02.351*kW)",), {"quarter_power_w": 2351}),
        (
            ("1-0:1.6.0(200509134558S)(02.589*kW)",),
            {"month_peak_w": 2589, "month_peak_timestamp": "2020-05-09T13:45:58"},
        ),
        (
            ("1-0:1.8.3(000001.234*kWh)", "1-0:2.8.4(12345*Wh)"),
            {"energy_import_t3_wh": 1234, "energy_export_t4_wh": 12345},
        ),
        (_GAS, _GAS_READ),
        (
            ("0-2:24.1.0(007)", "0-2:24.2.1(200512134558S)(00872.234*m3)"),
            {"water_m3": 872.234, "water_timestamp": "2020-05-12T13:45:58"},
        ),
        (
            ("0-1:24.1.0(004)", "0-1:24.2.1(101209110000W)(12.785*GJ)"),
            {"heat_gj": 12.785, "heat_timestamp": "2010-12-09T11:00:00"},
        ),
        (
            ("0-1:24.1.0(012)", "0-1:24.2.1(101209110000W)(12785*MJ)"),
            {"heat_gj": 12.785, "heat_timestamp": "2010-12-09T11:00:00"},
        ),
        # Fluvius: gas that is not corrected for its temperature, and a number of the connection behind the meter's.
        (
            (
                "0-1:24.1.0(003)",
                "0-1:96.1.1(47313233)",
                "0-1:96.1.2(353431)",
                "0-1:24.4.0(1)",
                "0-1:24.2.3(240715120000S)(00123.456*m3)",
            ),
            _GAS_READ,
        ),
        # DSMR 2.2 and 3.
        (
            (
                "0-1:96.1.0(47313233)",
                "0-1:24.1.0(03)",
                "0-1:24.3.0(240715120000)(00)(60)(1)(0-1:24.2.0)(m3)",
                "(00123.456)",
                "0-1:24.4.0(1)",
            ),
            _GAS_READ,
        ),
    ):
        assert _read(*lines) == (expected, {}), lines


def test_what_nobody_counts_is_passed_over():
    for lines in (
        ("1-3:0.2.8(50)", "0-0:96.7.21(00004)", "0-0:96.13.0()", "0-0:17.0.0(999.9*kW)", "1-0:31.4.0(040*A)(-40*A)"),
        ("1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)",),
        # The history of monthly peaks is no peak of this month.
        ("0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)(200401000000S)(05.980*kW)",),
        ("1-0:1.6.0(632525252525S)(00.000*kW)",),
        # A second electricity meter.
        ("0-1:24.1.0(002)", "0-1:24.2.1(240715120000S)(001234.567*kWh)"),
        ("0-1:24.1.0(008)", "0-1:24.2.1(240715120000S)(001234.567*kWh)"),
        # Never read: by its time.
        ("0-1:24.1.0(003)", "0-1:24.2.1(632525252525S)(00000.000*m3)"),
        ("0-1:24.1.0(003)", "0-1:24.2.1(700101010000W)(00000.000*m3)"),
        ("0-1:24.1.0(003)", "0-1:24.2.1()(00000.000*m3)"),
        ("0-1:24.1.0(003)", "0-1:24.2.1(241315120000S)(00000.000*m3)"),
    ):
        assert _read(*lines) == ({}, {}), lines


def test_a_line_that_makes_no_sense_is_counted_and_costs_no_other():
    for line in (
        "0-0:96.14.0(2*kW)",
        "0-0:96.14.0(abc)",
        "1-0:1.4.0(02.351*kWh)",
        "1-0:1.4.0(-02.351*kW)",
        "1-0:1.6.0(200509134558S)(02.5891*kW)",
        "0-1:24.2.1(240715120000S)(123.4567*m3)",
        "0-1:24.2.1(240715120000S)(9999999999999.456*m3)",
        "0-1:24.3.0(240715120000)(00)(60)(1)(0-1:24.2.0)(m3)",
        "0-1:24.3.0(240715120000)(00)(60)(1)(0-1:24.2.0)(m3)\r\n(12A)",
    ):
        assert _read(line, "0-0:96.14.0(1)") == ({"tariff": 1}, {"unreadable": 1}), line


def test_of_two_meters_of_a_kind_the_one_that_was_read_later_counts():
    old = ("0-1:24.1.0(003)", "0-1:96.1.0(47313131)", "0-1:24.2.1(220101120000W)(00999.000*m3)")
    new = ("0-2:24.1.0(003)", "0-2:96.1.0(47313233)", "0-2:24.2.1(240715120000S)(00123.456*m3)")
    assert _read(*(old + new)) == (_GAS_READ, {})
    assert _read(*(new + old)) == (_GAS_READ, {})


def test_what_one_telegram_says_is_not_said_of_the_next():
    receiver = Receiver("p1")
    reading = Reading()
    for lines, expected in ((_GAS, 123456), ((), None), (_GAS[2:], 123456)):
        receiver.feed(p1((_POWER,) + lines))
        assert receiver.next(reading)
        assert reading.get("gas_m3") == expected
        assert bool(reading.more and reading.more.present) == bool(lines)
        assert reading.get("no_such_key") is None
    # A list that is no telegram has none either.
    reading.clear()
    assert reading.more.present == 0 and reading.as_dict() == {}


def test_a_channels_number_is_its_own():
    lines = _GAS[:2] + ("0-2:24.1.0(007)", "0-2:24.2.1(200512134558S)(00872.234*m3)")
    found = _read(*lines)[0]
    assert found == {"water_m3": 872.234, "water_timestamp": "2020-05-12T13:45:58"}


def test_extra_registers_have_a_unit_each_and_texts_none():
    assert len(DECIMALS) == len(UNITS) == COUNT == len(set(KEYS))
    for key, unit, decimals in zip(KEYS, UNITS, DECIMALS):
        assert (decimals == TEXT) == key.endswith("_timestamp" if "_timestamp" in key else "_meter_id"), key
        if key.endswith("_wh"):
            assert unit == 30


def test_a_captured_telegram_without_a_check_gives_gas_too():
    # Two lines of the capture p1-b, and its number.
    lines = ("0-0:96.14.0(0002)", "0-1:24.1.0(003)", "0-1:24.2.1(180924130000S)(04890.857*m3)")
    text = p1((_POWER,) + lines, check="")
    assert decode(text, 7, Receiver("line")) == []
    found = decode(text + b"\r\n", 7, Receiver("line", unchecked=True))
    assert found == [dict(_READ, tariff=2, gas_m3=4890.857, gas_timestamp="2018-09-24T13:00:00")]


def test_a_telegram_that_breaks_off_in_a_channel_leaves_nothing_to_the_next():
    receiver = Receiver("p1")
    broken = (
        "0-1:24.1.0(007)",
        "0-1:96.1.0(47313131)",
        "0-1:24.3.0(240715120000)(00)(60)(1)(0-1:24.2.0)(m3)",
        "l(1)",
    )
    decode(p1((_POWER,) + broken), None, receiver)
    assert decode(p1((_POWER,) + _GAS), None, receiver) == [dict(_READ, **_GAS_READ)]
    # Nor does a type: what a channel does not say is gas, as up to DSMR 3.
    decode(p1((_POWER,) + broken[:1]), None, receiver)
    assert decode(p1((_POWER, _GAS[2])), None, receiver)[0]["gas_m3"] == 123.456
