"""Polish telegrams: text around a ciphered body, as owners show it in public threads.

The layout is seen there; that the nonce begins with eight zeros, the empty title being padded, is what one public
reader takes it for. So these frames show that the body is found and opened if that is so, and that nothing damaged is
read; not that a meter is read.
"""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from frames import p1
from hanport import Receiver
from vectors import decode, outcome

KEY, AUTH_KEY = bytes(range(16)), bytes(range(0xD0, 0xE0))
LINES = b"0-0:1.0.0(260115120000W)\r\n1-0:1.8.0(001234.567*kWh)\r\n1-0:1.7.0(00.503*kW)\r\n"
LINES += b"0-0:96.13.0()\r\n" * 20
READ = {
    "timestamp": "2026-01-15T12:00:00",
    "timestamp_dst": 0,
    "energy_import_wh": 1234567,
    "power_import_w": 503,
}


def wrapped(counter=1, ident=b"/EGM5G35"):
    """What the meter sends; its check is any."""
    count = counter.to_bytes(4, "big")
    sealed = AESGCM(KEY).encrypt(bytes(8) + count, LINES, b"\x30" + AUTH_KEY)[:-4]
    content = b"\x30" + count + sealed
    return ident + b"\r\n\r\n\x00\x82" + len(content).to_bytes(2, "big") + content + b"!CFF1\r\n"


def receiver(link="line", **options):
    return Receiver(link, **{"key": KEY, "auth_key": AUTH_KEY, **options})


@pytest.mark.parametrize("link", ["line", "p1"])
@pytest.mark.parametrize("chunk", [1, 7, 4000])
def test_the_body_is_opened_and_its_lines_are_read(link, chunk):
    data = b"".join(wrapped(counter) for counter in (1, 2, 3))
    assert outcome(data, receiver(link), chunk) == ([READ] * 3, {})


def test_without_the_authentication_key_it_is_read_only_when_the_owner_allows_it():
    assert outcome(wrapped(), receiver(auth_key=None)) == ([], {"no_check": 1})
    assert outcome(wrapped(), receiver(auth_key=None, unchecked=True)) == ([READ], {})


def test_what_is_wrong_has_its_reason():
    assert outcome(wrapped(), Receiver("line")) == ([], {"no_key": 1})
    assert outcome(wrapped(), receiver(key=bytes(16), auth_key=None))[1] == {"wrong_key": 1}
    assert outcome(wrapped(), receiver(size=256))[1]["too_long"] == 1


def test_no_damaged_body_is_read_and_the_next_telegram_is():
    whole = wrapped()
    other = p1(("1-0:1.7.0(00.777*kW)",))
    for place in range(12, len(whole) - 7, 5):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        readings = decode(bytes(damaged) + wrapped(2) + other, 50, receiver())
        assert READ not in readings[:-2], place
        assert readings[-1] == {"p1_ident": "XXX5\\TEST", "power_import_w": 777}, place
        lost = decode(whole[:place] + whole[place + 1 :] + wrapped(2) + other, 50, receiver())
        assert lost[-1]["power_import_w"] == 777 and lost.count(READ) <= 1, place


def test_a_short_name_leaves_room_for_the_envelope():
    assert outcome(wrapped(ident=b"/EGM5"), receiver()) == ([READ], {})
