"""Makers' lists: which is whose, what an unknown one still says, and what the owner may settle."""

import sys

from frames import hdlc
from hanport import Reading, Receiver
from vectors import decode, golden, nordics, outcome, receiver_for

_HEAD = "0F 40000000 00 "
_POWER = "02 03 09 06 0100010700FF 06 0000067D 02 02 0F 00 16 1B "


def _text(text):
    return f"0A {len(text):02X} " + "".join(f"{ord(letter):02X}" for letter in text) + " "


def _pair(code, value):
    return "09 06 0101" + code + "FF " + value + " "


_PAIRS = _pair("010700", "06 000004D2") + _pair("1F0700", "06 00000141") + _pair("200700", "12 00E7")
_PAIRS += _pair("010800", "06 00BC614E")


def _outcome(apdu, **options):
    return outcome(hdlc(apdu), Receiver("hdlc", **options))


def test_an_unknown_list_that_describes_itself_is_read_and_reported():
    items = "02 02 09 06 0101000281FF " + _text("NEWMAKER_V7") + _POWER
    readings, counters = _outcome(_HEAD + "01 02 " + items)
    assert readings == [{"list_version": "NEWMAKER_V7", "power_import_w": 1661}]
    assert counters == {"unknown_list": 1}


def test_of_an_unknown_list_without_scalers_only_the_powers_are_sure():
    for name in ("NEWMAKER_V7", "Kamstrup_V0002", "KAMSTRUP_V1"):
        readings, counters = _outcome(_HEAD + "02 09 " + _text(name) + _PAIRS)
        assert readings == [{"list_version": name, "power_import_w": 1234}], name
        assert counters == {"unknown_list": 1, "unreadable": 3}, name


def test_with_the_owners_multipliers_an_unknown_list_is_read_whole():
    scalers = {"current": -2, "voltage": 0, "energy": 0}
    readings, counters = _outcome(_HEAD + "02 09 " + _text("NEWMAKER_V7") + _PAIRS, scalers=scalers)
    expected = {"power_import_w": 1234, "l1_current_a": 3.21, "l1_voltage_v": 231.0, "energy_import_wh": 12345678}
    assert readings == [dict(expected, list_version="NEWMAKER_V7")]
    assert counters == {"unknown_list": 1}


def test_a_reading_says_whether_its_list_is_known():
    receiver = Receiver("hdlc")
    reading = Reading()
    for name, known in (("Kamstrup_V0001", True), ("NEWMAKER_V7", False), ("Kamstrup_V0001", True)):
        receiver.feed(hdlc(_HEAD + "02 09 " + _text(name) + _PAIRS))
        assert receiver.next(reading)
        assert reading.known == known
        assert reading.unreadable == (0 if known else 3)


def test_a_list_without_any_id_is_known_as_far_as_it_describes_itself():
    assert _outcome(_HEAD + "01 01 " + _POWER) == ([{"power_import_w": 1661}], {})
    readings, counters = _outcome(_HEAD + "02 08 " + _PAIRS)
    assert readings == [{"power_import_w": 1234}]
    assert counters == {"unknown_list": 1, "unreadable": 3}


def test_registers_that_nobody_knows_are_passed_over_whatever_they_hold():
    for odd in (
        "02 02 09 06 0100630100FF 01 02 02 01 11 05 00 ",
        "02 04 12 0003 09 06 0100010700FF 0F 02 12 0000 ",
        "02 03 09 06 0100010700FF 02 01 06 00000001 02 02 0F 00 16 1B ",
        "09 06 0100630100FF ",
        "01 00 ",
    ):
        elements = "03" if odd[:5] == "09 06" else "02"
        value = "02 01 11 05 " if odd[:5] == "09 06" else ""
        readings, counters = _outcome(_HEAD + "01 " + elements + odd + value + _POWER)
        assert readings == [{"power_import_w": 1661}], odd
        assert counters == {}, odd


def test_the_owners_multipliers_count_for_lists_without_scalers_and_for_no_others():
    scalers = {"voltage": -2, "current": -3, "power": 1, "energy": 0}
    for name, frame, expected in golden():
        receiver = Receiver("hdlc", scalers=scalers)
        found = decode(frame, None, receiver)[0]
        if name.startswith("AIDON") or name.startswith("EMBRIQ"):
            assert found == expected, name
        elif name.startswith("KAM"):
            assert found["power_import_w"] == 10 * expected["power_import_w"], name
            if "energy_import_wh" in expected:
                assert found["energy_import_wh"] * 10 == expected["energy_import_wh"], name
            if expected.get("l1_current_a"):
                assert round(found["l1_current_a"] * 10, 3) == expected["l1_current_a"], name


def test_impossible_multipliers_are_errors():
    for scalers in ({"frequency": 0}, {"voltage": 10}, {"voltage": 0.1}):
        try:
            Receiver("hdlc", scalers=scalers)
        except ValueError as error:
            assert "current, energy, power, voltage" in str(error)
        else:
            raise AssertionError(scalers)


def test_a_kamstrup_that_counts_in_centivolts_is_understood():
    volts = _pair("200700", "12 56B7") + _pair("340700", "12 5A5A") + _pair("480700", "12 01F4")
    readings, counters = _outcome(_HEAD + "02 07 " + _text("Kamstrup_V0001") + volts)
    assert counters == {}
    # One phase is nearly dead: it is judged by the others.
    expected = {"l1_voltage_v": 221.99, "l2_voltage_v": 231.3, "l3_voltage_v": 5.0}
    assert readings == [dict(expected, list_version="Kamstrup_V0001")]


def test_a_list_says_nothing_about_the_next_one():
    receiver = Receiver("hdlc")
    kamstrup = hdlc(_HEAD + "02 09 " + _text("Kamstrup_V0001") + _PAIRS)
    nameless = hdlc(_HEAD + "02 08 " + _PAIRS)
    broken = hdlc(_HEAD + "02 09 " + _text("Kamstrup_V0001") + _PAIRS[:-12])
    for frame in (kamstrup, broken):
        decode(frame, None, receiver)
        assert decode(nameless, None, receiver) == [{"power_import_w": 1234}]
    # The Danish list has the same id as the Norwegian one, and other scalers.
    danish = [entry for entry in nordics() if entry["name"].startswith("KAM-DK")][0]
    norwegian = [entry for entry in golden() if entry[0] == "KAM-L2-1P (null-data pairs)"][0]
    for _ in range(2):
        assert decode(bytes.fromhex(danish["hex"]), None, receiver) == [danish["expected"]]
        assert decode(norwegian[1], None, receiver) == [norwegian[2]]


def test_a_makers_module_is_imported_when_its_meter_is_seen():
    name = "hanport.meters.embriq"
    if name in sys.modules:
        del sys.modules[name]
    receiver = Receiver("hdlc")
    frames = {entry[0]: entry for entry in golden()}
    decode(frames["AIDON 6525 list 2"][1], None, receiver)
    assert name not in sys.modules
    assert decode(frames["EMBRIQ ZMF1 list 2"][1], None, receiver) == [frames["EMBRIQ ZMF1 list 2"][2]]
    assert name in sys.modules


def test_a_lists_id_is_never_taken_for_anything_but_a_name():
    for name in ("os_1", "_init__", "..lists_1", "x" * 40, "", "a/b_1", "\x00\x00_1", "sys", "registers_x"):
        readings, counters = _outcome(_HEAD + "02 09 " + _text(name) + _PAIRS)
        assert readings[0]["power_import_w"] == 1234, name
        assert counters["unknown_list"] == 1, name


def test_a_64_bit_register_keeps_every_digit():
    for value in (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x1FFFFFFFF, 10**15):
        apdu = _HEAD + "01 01 02 03 09 06 0100010800FF 15 " + f"{value:016X} 02 02 0F 00 16 1E"
        assert _outcome(apdu) == ([{"energy_import_wh": value}], {})
        apdu = apdu.replace("0F 00", "0F 01")
        assert _outcome(apdu) == ([{"energy_import_wh": value * 10}], {})


def test_a_register_beyond_all_sense_is_refused_and_not_taken_for_a_negative_one():
    for value in (1 << 63, (1 << 64) - 10):
        apdu = _HEAD + "01 02 " + _POWER + f"02 03 09 06 0100010800FF 15 {value:016X} 02 02 0F 00 16 1E"
        assert _outcome(apdu) == ([{"power_import_w": 1661}], {"unreadable": 1})
    # And what grows beyond it by its scaler.
    apdu = _HEAD + "01 02 " + _POWER + f"02 03 09 06 0100010800FF 15 {1 << 62:016X} 02 02 0F 01 16 1E"
    assert _outcome(apdu) == ([{"power_import_w": 1661}], {"unreadable": 1})


def test_an_austrian_list_ends_with_the_meters_number():
    entry = [one for one in nordics() if one["name"] == "NETZ-NOE"][0]
    assert decode(bytes.fromhex(entry["hex"]), None, receiver_for(entry))[0]["meter_id"] == "181220000009"
