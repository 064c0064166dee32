"""Decoders that have nothing to do with this project read the simulated meters of Sweden, Denmark and others.

amshan (Norway: test_meter_frames.py), Gurux, dlms-cosem, dsmr-parser; cryptography for what they do not decrypt.
"""

from datetime import datetime, timedelta

import pytest

import sheet
from independent import (
    amshan_frames,
    amshan_telegrams,
    by_obis,
    dlms_cosem_apdu,
    dlms_cosem_value,
    dsmr_telegram,
    gurux_value,
    mbus_frames,
)
from simulated import every_type, pushes, wire
from simulator.ciphering import Cipher, derived_key
from simulator.links import LLC_HEADER
from simulator.makers import (
    AIDON_SE,
    KAIFA_SE,
    KAMSTRUP_DK,
    KAMSTRUP_SE,
    LANDIS_GYR_CH,
    NETZ_NOE,
    P1_DK,
    P1_FI,
    P1_SE,
)
from simulator.registers import ENERGIES

SUMMER = "2026-06-15T11:59:58"
WINTER = "2026-01-15T11:59:58"
NOT_NUMBERS = ("timestamp", "utc_offset_min", "list_version", "meter_type", "p1_ident", "timestamp_dst")


def numbers_of(expected, *but):
    return {key: value for key, value in expected.items() if key not in (*NOT_NUMBERS, *but)}


def cipher_of(maker, control, seed=1):
    encryption = maker.encryption
    keys = (derived_key(seed, "key"), derived_key(seed, "authentication key"))
    return Cipher(encryption.system_title, encryption.length_size, control, *keys)


def swedish_types():
    cases = every_type((AIDON_SE, KAIFA_SE, KAMSTRUP_SE))
    is_read = [kind.name != "MA304T4" for _, kind in cases["argvalues"]]  # amshan has no 64-bit numbers
    return chosen(cases, is_read)


def chosen(cases, is_read):
    return {name: [case for case, read in zip(values, is_read) if read] for name, values in cases.items()}


@pytest.mark.parametrize(("maker", "meter_type"), **swedish_types())
def test_amshan_reads_the_swedish_lists_as_they_were_meant(maker, meter_type):
    sent = pushes(maker, meter_type.name, SUMMER, 40, sun=True)
    expected = [dict(push.expected) for push in sent]
    if maker is KAMSTRUP_SE:  # amshan reckons with Norway's 10 Wh
        for reading in expected:
            reading.update((key, 10 * value) for key, value in reading.items() if "energy" in key)
    assert amshan_frames(wire(sent)) == expected


@pytest.mark.parametrize("maker", [AIDON_SE, KAIFA_SE])
def test_amshan_finds_frames_that_share_their_flags(maker):
    sharing = maker._replace(link=maker.link._replace(shares_flags=True))
    sent = pushes(sharing, maker.types[0].name, SUMMER, 50)
    assert sent[1].frame[:1] != b"\x7e"
    read = amshan_frames(wire(sent))
    assert read == [push.expected for push in sent][: len(read)] and len(read) >= len(sent) - 1


def p1_types():
    cases = every_type((P1_SE, P1_DK, P1_FI))
    # amshan finds the end of a telegram only in a line of its own, and does not know NES's time.
    is_read = [kind.name not in ("adn9", "nes") for _, kind in cases["argvalues"]]
    return chosen(cases, is_read)


@pytest.mark.parametrize(("maker", "meter_type"), **p1_types())
def test_amshan_reads_the_telegrams_as_they_were_meant(maker, meter_type):
    sent = pushes(maker, meter_type.name, SUMMER, 30, sun=True)
    unread = ("p1_ident", "timestamp_dst")
    expected = [{key: value for key, value in push.expected.items() if key not in unread} for push in sent]
    read = amshan_telegrams(wire(sent))
    assert len(read) == 3
    for reading, meant in zip(read, expected):
        assert reading.keys() == meant.keys()
        # It truncates: 0.135 kW may be 134 W.
        assert all(abs(meant[key] - reading[key]) <= 1 for key in numbers_of(meant))
        assert reading["timestamp"] == meant["timestamp"]


@pytest.mark.parametrize(("maker", "meter_type"), **p1_types())
def test_dsmr_parser_reads_the_telegrams_as_they_were_meant(maker, meter_type):
    for push in pushes(maker, meter_type.name, WINTER, 30, sun=True):
        reading = dsmr_telegram(push.frame)
        utc = datetime.fromisoformat(push.expected["timestamp"]) - timedelta(hours=1)
        assert reading.pop("utc") == utc.isoformat()
        # Its Swedish specification leaves out the reactive power of all phases.
        assert reading == numbers_of(push.expected, "reactive_import_var", "reactive_export_var")


def test_dsmr_parser_refuses_a_telegram_whose_check_is_wrong():
    (push,) = pushes(P1_SE, "efs", WINTER, 10)
    with pytest.raises(Exception, match="CRC checksum"):
        dsmr_telegram(push.frame.replace(b"1-0:1.7.0(0", b"1-0:1.7.0(1"))


@pytest.mark.parametrize("type_name", ["3-phase", "1-phase", "CT"])
@pytest.mark.parametrize("control", [0, 0x30, 0x20, 0x10])
def test_gurux_decrypts_and_reads_the_danish_lists_as_they_were_meant(type_name, control):
    sent = pushes(KAMSTRUP_DK, type_name, SUMMER, 20, sun=True, security_control=control)
    cipher = cipher_of(KAMSTRUP_DK, control) if control else None
    for push in sent:
        value = gurux_value(push.frame, cipher)
        assert value[0] == "Kamstrup_V0001" and len(value) == (37 if type_name == "1-phase" else 65)
        assert by_obis(value, sheet.KAMSTRUP_WH_SCALE) == numbers_of(push.expected)


def test_gurux_refuses_an_authenticated_frame_with_another_key():
    (push,) = pushes(KAMSTRUP_DK, "3-phase", SUMMER, 10, security_control=0x10)
    other = cipher_of(KAMSTRUP_DK, 0x10)._replace(authentication_key=bytes(16))
    with pytest.raises(ValueError, match="Invalid tag"):
        gurux_value(push.frame, other)


def cut_in(**sizes):
    """The Danish meter, with other pieces."""
    return KAMSTRUP_DK._replace(link=KAMSTRUP_DK.link._replace(**sizes))


@pytest.mark.parametrize("control", [0, 0x30, 0x20])
@pytest.mark.parametrize("sizes", [{"segment_size": 120}, {"block_size": 100}, {"segment_size": 60}])
def test_gurux_joins_segments_and_blocks(control, sizes):
    (push,) = pushes(cut_in(**sizes), "3-phase", SUMMER, 10, security_control=control)
    assert push.frame.count(LLC_HEADER) == 1
    value = gurux_value(push.frame, cipher_of(KAMSTRUP_DK, control) if control else None)
    assert by_obis(value, sheet.KAMSTRUP_WH_SCALE) == numbers_of(push.expected)


def test_gurux_reads_the_swedish_aidon_with_its_scalers():
    for push in pushes(AIDON_SE, "RJ12", SUMMER, 20, sun=True):
        assert by_obis(gurux_value(push.frame), {}) == numbers_of(push.expected)


@pytest.mark.parametrize("control", [0, 0x30])
def test_gurux_reads_the_swiss_blocks(control):
    cipher = cipher_of(LANDIS_GYR_CH, control) if control else None
    for push in pushes(LANDIS_GYR_CH, "E450", SUMMER, 10, sun=True, security_control=control):
        value = gurux_value(push.frame, cipher)
        descriptions, push_list, meter_id, *numbers = value
        assert len(value) == len(descriptions) == 14
        assert bytes(descriptions[0][1]) == bytes(push_list) and bytes(meter_id) == b"00000001"
        expected = push.expected
        assert numbers[:4] == [expected[key] for key in numbers_of(expected, "meter_id")][:4]
        assert [number / 100 for number in numbers[-3:]] == [expected[f"l{phase}_current_a"] for phase in (1, 2, 3)]


def test_gurux_reads_the_austrian_pair_of_frames():
    for push in pushes(NETZ_NOE, "MA309M", SUMMER, 10, sun=True):
        clock, *numbers, meter_id = gurux_value(push.frame, cipher_of(NETZ_NOE, 0x20), "mbus")
        assert bytes(clock[:4]).hex() == "07ea060f" and bytes(meter_id) == b"181220000001"
        assert by_obis(numbers, {}) == numbers_of(push.expected, "meter_id")


def joined(frame):
    """The message of Sagemcom's two frames: Gurux does not know the length that has overflowed."""
    assert frame[:4].hex() == "68010168"
    first, second = frame[4 : 4 + 257], frame[4 + 257 + 2 :]
    assert (sum(first) & 0xFF, mbus_frames(second)) == (frame[4 + 257], [second])
    return first[5:] + second[4 + 5 : -2]


@pytest.mark.parametrize("type_name", ["MA309M", "T210-D"])
def test_cryptography_decrypts_the_austrian_messages_and_dlms_cosem_reads_the_values(type_name):
    from cryptography.hazmat.primitives.ciphers import Cipher as Aes
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    (push,) = pushes(NETZ_NOE, type_name, SUMMER, 5)
    if type_name == "T210-D":
        message = joined(push.frame)
    else:
        message = b"".join(frame[9:-2] for frame in mbus_frames(push.frame))
    assert message[10:13].hex() == "81f820"
    counter = message[2:10] + message[13:17] + bytes((0, 0, 0, 2))
    aes = Aes(algorithms.AES(derived_key(1, "key")), modes.CTR(counter)).decryptor()
    apdu = aes.update(message[17:])
    assert apdu[0] == 0x0F and apdu[5] == 12
    value = dlms_cosem_value(apdu[18:])
    assert len(value) == 35
    assert by_obis(value[1:-1], {}) == numbers_of(push.expected, "meter_id")


def test_dlms_cosem_proves_the_tag_of_a_danish_frame():
    clear, encrypted = (
        pushes(KAMSTRUP_DK, "3-phase", SUMMER, 10, security_control=control)[0].frame for control in (0, 0x30)
    )
    cipher, message = cipher_of(KAMSTRUP_DK, 0x30), encrypted[11:-3]
    assert dlms_cosem_apdu(message, cipher) == clear[11:-3]
    with pytest.raises(Exception, match="tag is not valid"):
        dlms_cosem_apdu(message[:-1] + bytes((message[-1] ^ 1,)), cipher)


def test_dlms_cosem_reads_the_64_bit_energies_of_a_swedish_kaifa():
    for push in pushes(KAIFA_SE, "MA304T4", SUMMER, 40, sun=True):
        value = dlms_cosem_value(push.frame[12 + 5 + 14 : -3])
        assert len(value) == 18 and bytes(value[0]) == b"KFM_001"
        assert value[-4:] == [push.expected[key] for key in ENERGIES]


def test_gurux_reads_voltages_in_hundredths():
    (push,) = pushes(KAMSTRUP_DK, "1-phase-N1", SUMMER, 10)
    scale = {**sheet.KAMSTRUP_WH_SCALE, "voltage": 100}
    assert by_obis(gurux_value(push.frame), scale) == numbers_of(push.expected)
