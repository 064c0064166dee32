"""Lists without codes: found by their shape, their scalers judged for plausibility."""

from frames import blocks, hdlc, segments
from hanport import Reading, Receiver
from vectors import decode, outcome

_HEAD = "0F 40000000 00 "
_ISKRA = "09 10 49534B31303330303030303030303031 09 08 3136383230303031 "


def _u16(*numbers):
    return "".join(f"12 {number:04X} " for number in numbers)


def _u32(*numbers):
    return "".join(f"06 {number:08X} " for number in numbers)


def _text(text):
    return f"09 {len(text):02X} " + "".join(f"{ord(letter):02X}" for letter in text) + " "


def _read(count, words, **options):
    return outcome(hdlc(_HEAD + f"02 {count:02X} " + words), Receiver("line", **options))


# Landis+Gyr E450 in Austria: voltages, currents, powers, energies, three numbers, the meter's.
def _e450(volts, amperes=(500, 200, 100)):
    return _u16(*(volts + amperes)) + _u32(1800, 0, 12345678, 4321) + _u16(99, 98, 97) + _text("00000001")


_E450 = {
    "meter_id": "00000001",
    "power_import_w": 1800,
    "power_export_w": 0,
    "l1_current_a": 5.0,
    "l2_current_a": 2.0,
    "l3_current_a": 1.0,
    "l1_voltage_v": 231.0,
    "l2_voltage_v": 232.0,
    "l3_voltage_v": 230.0,
    "energy_import_wh": 12345678,
    "energy_export_wh": 4321,
}
_VOLTAGES = ("l1_voltage_v", "l2_voltage_v", "l3_voltage_v")
_CURRENTS = ("l1_current_a", "l2_current_a", "l3_current_a")


def _without(reading, *keys):
    return {key: value for key, value in reading.items() if key not in keys}


def test_a_list_of_values_alone_is_known_by_its_shape():
    assert _read(14, _e450((231, 232, 230))) == ([_E450], {})


def test_another_shape_is_not_taken_for_it():
    # One element less, one more, one of another size.
    words = _e450((231, 232, 230))
    for count, other in ((13, words[8:]), (15, words + "00 "), (14, "06 000000E7 " + words[8:])):
        assert _read(count, other)[0] == [], other
        assert "unknown_list" in _read(count, other)[1], other


def test_of_the_same_shape_the_name_tells_which_it_is():
    # Nine elements, a text and eight numbers: Landis+Gyr's begins with powers too, but not with Iskraemeco's letters.
    numbers = _u32(592, 0, 3000, 1000, 2000, 30, 10, 20)
    iskra = _read(9, _ISKRA[:39] + numbers)[0][0]
    assert iskra["energy_import_wh"] == 3000 and iskra["energy_export_t2_wh"] == 20
    other = _read(9, _text("12345678") + numbers)[0][0]
    assert other["meter_id"] == "12345678"
    assert other["reactive_import_var"] == 3000 and other["energy_import_wh"] == 2000
    assert "list_version" not in iskra and "list_version" not in other


def test_a_clock_first_is_another_list_again():
    numbers = _u32(3000, 1000, 5, 6, 592, 0, 7, 8)
    read = _read(9, "09 0C 07E703" + "0B060D1B2FFF800000 " + numbers)[0][0]
    assert read["timestamp"] == "2023-03-11T13:27:47"
    assert (read["energy_import_wh"], read["power_import_w"], read["reactive_export_var"]) == (3000, 592, 8)


def test_voltages_that_no_net_has_are_left_out_until_the_owner_says_how_they_are_scaled():
    for volts in ((2310, 2320, 2300), (23, 23, 23), (115, 116, 117)):
        receiver = Receiver("line")
        frame = hdlc(_HEAD + "02 0E " + _e450(volts))
        readings, counters = outcome(frame, receiver)
        assert readings == [_without(_E450, *_VOLTAGES)], volts
        assert counters == {"unreadable": 3}
        # An odd list is nobody's business; the third is.
        assert receiver.doubtful == ""
        assert decode(2 * frame, None, receiver) == 2 * [_without(_E450, *_VOLTAGES)]
        assert receiver.doubtful == "voltage"
    assert _read(14, _e450((2310, 2320, 2300)), scalers={"voltage": -1}) == ([_E450], {})


def test_currents_that_do_not_make_the_power_are_left_out():
    for amperes in ((5000, 2000, 1000), (50, 20, 10)):
        receiver = Receiver("line")
        frame = hdlc(_HEAD + "02 0E " + _e450((231, 232, 230), amperes))
        assert decode(3 * frame, None, receiver) == 3 * [_without(_E450, *_CURRENTS)], amperes
        assert receiver.doubtful == "current"
    scalers = {"current": -3}
    assert _read(14, _e450((231, 232, 230), (5000, 2000, 1000)), scalers=scalers) == ([_E450], {})


def test_it_is_judged_once():
    """What once was plausible stays so: a phase may fail, and a motor may start."""
    receiver = Receiver("line")
    for volts, amperes, expected in (
        ((231, 232, 230), (500, 200, 100), _E450),
        (
            (120, 0, 0),
            (9000, 200, 100),
            dict(_E450, l1_voltage_v=120.0, l2_voltage_v=0.0, l3_voltage_v=0.0, l1_current_a=90.0),
        ),
    ):
        assert decode(hdlc(_HEAD + "02 0E " + _e450(volts, amperes)), None, receiver) == [expected]
        assert receiver.doubtful == ""


def test_what_tells_nothing_is_no_verdict():
    receiver = Receiver("line")
    assert decode(hdlc(_HEAD + "02 0E " + _e450((0, 0, 0), (0, 0, 0))), None, receiver)[0]["l1_voltage_v"] == 0.0
    assert receiver.doubtful == ""
    frame = hdlc(_HEAD + "02 0E " + _e450((2310, 0, 0), (0, 0, 0)))
    assert not [reading for reading in decode(3 * frame, None, receiver) if "l1_voltage_v" in reading]
    assert receiver.doubtful == "voltage"
    # A plausible one settles it.
    assert decode(hdlc(_HEAD + "02 0E " + _e450((231, 232, 230))), None, receiver) == [_E450]
    assert receiver.doubtful == ""


def test_phases_must_make_the_whole_and_tariffs_no_more_than_it():
    powers = _u32(1000, 0, 0, 0) + _u16(2300, 2310, 2320, 200, 150, 100)
    assert _read(18, _ISKRA + powers + _u32(500, 300, 200, 0, 0, 0))[1] == {}
    readings, counters = _read(18, _ISKRA + powers + _u32(5000, 3000, 2000, 0, 0, 0))
    assert counters == {"unreadable": 10}
    assert not [key for key in readings[0] if key.endswith(("_w", "_var"))]
    tariffs = _ISKRA + _u32(1000000, 2000000, 10, 20, 0, 0, 0, 0)
    assert _read(10, tariffs)[1] == {}
    energies = _u32(592, 0, 3000000, 1000000, 2000000, 30, 10, 20)
    assert _read(9, _ISKRA[:39] + energies)[1] == {}
    energies = _u32(592, 0, 3000000, 10000000, 20000000, 30, 10, 20)
    assert _read(9, _ISKRA[:39] + energies)[0] == [{"power_import_w": 592, "power_export_w": 0}]


def test_where_phases_give_and_take_the_currents_are_judged_by_what_flows_in_them():
    currents = _u16(2300, 2310, 2320, 700, 480, 470)
    taking = _ISKRA + _u32(400, 0, 0, 0) + currents + _u32(1600, 0, 0, 0, 600, 600)
    giving = _ISKRA + _u32(0, 400, 0, 0) + currents + _u32(800, 0, 0, 0, 600, 600)
    for apdu in (taking, giving):
        readings, counters = _read(18, apdu)
        assert counters == {} and readings[0]["l1_current_a"] == 7.0


def _described(codes, values):
    """A list whose first element describes all."""
    objects = "02 04 12 0028 09 06 0008190900FF 0F 02 12 0000 "
    for code in codes:
        objects += "02 04 12 0003 09 06 " + code + "FF 0F 02 12 0000 "
    count = len(codes) + 1
    return _HEAD + f"02 {count:02X} 01 {count:02X} " + objects + values


def test_a_list_that_describes_itself_is_read_whatever_is_in_it():
    apdu = _described(("0100010700", "0101010800", "0100480700", "0100200700", "0000600100"), "")
    values = _u32(1846) + "15 0000000100000000 " + _u16(232, 231) + _text("00000001")
    expected = {
        "meter_id": "00000001",
        "power_import_w": 1846,
        "energy_import_wh": 4294967296,
        "l1_voltage_v": 231.0,
        "l3_voltage_v": 232.0,
    }
    for data in (hdlc(apdu + values), b"".join(blocks(apdu + values, 40))):
        assert outcome(data, Receiver("line"), 7) == ([expected], {})


def test_a_description_that_is_none_costs_no_more_than_its_list():
    good = _described(("0100010700",), _u32(1846))
    for apdu in (
        _described(("0100010700",), ""),
        good.replace("01 02 02 04", "01 03 02 04"),
        good.replace("02 04 12 0003", "02 04 11 0003"),
        good[:-12],
    ):
        readings, counters = outcome(hdlc(apdu) + hdlc(good), Receiver("line"))
        assert readings[-1] == {"power_import_w": 1846}, apdu
        assert "power_import_w" not in readings[0] or len(readings) == 1, apdu


def test_of_blocks_one_of_which_is_missing_nothing_is_read_and_the_next_list_is():
    apdu = _described(("0100010700", "0100020700"), _u32(1846, 0))
    first, *middle, last = blocks(apdu, 25)
    whole = b"".join(blocks(apdu, 25))
    expected = {"power_import_w": 1846, "power_export_w": 0}
    assert len(middle) >= 1
    for data, count in (
        (first + last + whole, 1),
        (b"".join(middle) + last + whole, 1),
        (first + whole, 1),
        (first + b"".join(middle) + whole + whole, 2),
        # Said twice.
        (first + first + b"".join(middle) + last, 1),
    ):
        assert outcome(data, Receiver("line"), 11)[0] == [expected] * count


def test_a_reading_keeps_nothing_of_what_was_taken_out():
    receiver = Receiver("line")
    reading = Reading()
    receiver.feed(hdlc(_HEAD + "02 0E " + _e450((2310, 2320, 2300))))
    assert receiver.next(reading)
    assert reading.get("l1_voltage_v") is None and reading.unreadable == 3


def test_a_swiss_list_with_codes_in_a_structure_is_read_from_its_segments():
    """Iskraemeco AM550: pairs and triples, codes of channel 1, tariffs, units (scs/smartmeter-datacollector 33)."""
    words = "02 02 09 06 0000600100FF 09 08 3030303030303031 02 02 09 06 0000600101FF 09 06 303030303032 "
    words += "02 03 09 06 0101010700FF 06 00000146 02 02 0F 00 16 1B "
    words += "02 03 09 06 0100200700FF 12 0988 02 02 0F FF 16 23 02 03 09 06 01001F0700FF 12 017E 02 02 0F FE 16 21 "
    words += "02 03 09 06 0101010801FF 06 000F4240 02 02 0F 00 16 1E "
    expected = {
        "meter_id": "00000001",
        "power_import_w": 326,
        "l1_current_a": 3.82,
        "l1_voltage_v": 244.0,
        "energy_import_t1_wh": 1000000,
    }
    data = b"".join(segments(_HEAD + "02 06 " + words, 40, 90))
    assert outcome(data, Receiver("line"), 9) == ([expected], {})


def test_one_odd_list_does_not_cost_the_next_and_several_do():
    receiver = Receiver("line")
    odd = hdlc(_HEAD + "02 0E " + _e450((2310, 2310, 2310), (0, 0, 0)))
    nothing = hdlc(_HEAD + "02 0E " + _e450((0, 0, 0), (0, 0, 0)))
    for times in (1, 2, 3):
        assert "l1_voltage_v" not in decode(odd, None, receiver)[0]
        assert ("l1_voltage_v" in decode(nothing, None, receiver)[0]) == (times < 3)
