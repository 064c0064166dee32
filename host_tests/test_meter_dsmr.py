"""dsmr-parser, which has nothing to do with this project, reads the simulated meters of the Netherlands, Belgium,
Luxembourg and Hungary."""

from datetime import datetime, timedelta

import pytest

from frames import p1
from hanport import Reading, Receiver
from independent import dsmr_telegram
from simulated import pushes
from simulator.ciphering import Cipher, derived_key
from simulator.makers import P1_BE, P1_HU, P1_LU, P1_NL

SUMMER = "2026-06-15T11:44:58"
WINTER = "2026-01-15T11:44:58"
KEYS = [derived_key(7, purpose) for purpose in ("encryption", "authentication")]
CASES = [
    (P1_NL, "dsmr5", "V5"),
    (P1_NL, "dsmr5-longest", "V5"),
    (P1_NL, "dsmr4", "V4"),
    (P1_NL, "dsmr2", "V2_2"),
    (P1_BE, "fluvius", "BELGIUM_FLUVIUS"),
    (P1_BE, "fluvius-1", "BELGIUM_FLUVIUS"),
    (P1_LU, "smarty", "LUXEMBOURG_SMARTY"),
    (P1_HU, "eon", "EON_HUNGARY"),
]
# What it does not read: power factors, reactive power of all phases; of DSMR 4 and before the phases' own.
UNREAD = ("p1_ident", "timestamp_dst", "reactive_import_var", "reactive_export_var")
UNREAD_OF = {
    "LUXEMBOURG_SMARTY": ("reactive_energy_import_varh", "reactive_energy_export_varh"),
    "EON_HUNGARY": ("power_factor", "l1_power_factor", "l2_power_factor", "l3_power_factor"),
}


def utc(local, is_summer):
    """Of local time in these countries."""
    return datetime.fromisoformat(local) - timedelta(hours=1 + is_summer)


@pytest.mark.parametrize("clock", [SUMMER, WINTER])
@pytest.mark.parametrize(("maker", "type_name", "specification"), CASES, ids=lambda case: str(case)[:20])
def test_dsmr_parser_reads_every_telegram_as_it_was_meant(maker, type_name, specification, clock):
    keys = (derived_key(1, "key"), maker.encryption.authentication_key) if maker.encryption else None
    sent = pushes(maker, type_name, clock, 25, sun=True)
    assert len(sent) >= 2
    for push in sent:
        meant = {key: push.expected[key] for key in push.expected if key not in UNREAD}
        for key in UNREAD_OF.get(specification, ()):
            del meant[key]
        read = dsmr_telegram(push.frame, specification, keys)
        if "timestamp" in meant:
            assert read.pop("utc") == utc(meant.pop("timestamp"), clock == SUMMER).isoformat()
        for key in [key for key in meant if key.endswith("_timestamp")]:
            assert read.pop(key).replace(tzinfo=None) == utc(meant.pop(key), clock == SUMMER), key
        assert read == meant


def test_the_longest_telegram_is_as_long_as_the_standards_let_it_be():
    (push,) = pushes(P1_NL, "dsmr5-longest", WINTER, 1)
    assert 3000 < len(push.frame) < 3600


def test_a_belgian_peak_is_the_months_highest_quarter_so_far():
    """A house's own power, summed up second by second from the hour at which the meter was switched on."""
    sent = pushes(P1_BE, "fluvius", "2026-01-15T11:00:00", 3700)
    second_quarter = [push.expected for push in sent if push.expected["timestamp"] >= "2026-01-15T11:15:00"]
    watts = [push.expected["power_import_w"] for push in sent[:3600]]
    means = [sum(watts[start : start + 900]) // 900 for start in range(0, 3600, 900)]
    assert second_quarter[0]["month_peak_w"] == means[0] > 0
    assert sent[-1].expected["month_peak_w"] == max(means)
    place = means.index(max(means)) + 1
    assert sent[-1].expected["month_peak_timestamp"] == f"2026-01-15T{11 + place // 4}:{place % 4 * 15:02}:00"


def test_an_old_telegram_has_no_check_and_its_line_has_seven_bits():
    kind = P1_NL.type_named("dsmr2")
    (push, *_) = pushes(P1_NL, "dsmr2", WINTER, 15)
    assert push.frame.endswith(b"\r\n!\r\n")
    assert P1_NL.of_type(kind).line.name == "9600 7E1 inverted"


def test_an_encrypted_telegram_may_be_as_long_as_one_that_is_not():
    """The buffer grows for it (lib/README.md, size)."""
    telegram = p1(["1-0:1.7.0(0001.661*kW)", *(f"0-0:96.13.0({'30' * 50})" for _ in range(30))])
    assert len(telegram) > 3000
    cipher = Cipher(b"SAGg\x00\x00\x00\x01", 2, 0x30, KEYS[0], KEYS[1])
    envelopes = b"".join(cipher.encrypt(telegram, number) for number in (1, 2))
    receiver, reading, found = Receiver("line", key=KEYS[0], auth_key=KEYS[1]), Reading(), []
    for at in range(0, len(envelopes), 256):
        piece = envelopes[at : at + 256]
        receiver.feed(piece, len(piece))
        while receiver.next(reading):
            found.append(reading.as_dict())
    assert found == 2 * [{"p1_ident": "XXX5\\TEST", "power_import_w": 1661}]
    assert receiver.counters["too_long"] == 0
