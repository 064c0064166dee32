"""What the simulated meter puts around its messages: check sequences, HDLC, M-Bus, general blocks, encryption."""

import subprocess
import sys

import pytest

from conftest import ROOT
from simulated import pushes, wire
from simulator.checks import arc, mbus_sum, x25
from simulator.ciphering import SECURITY_CONTROLS, Cipher, derived_key
from simulator.encoding import length
from simulator.links import FLAG, LLC_HEADER, Hdlc, MBus
from simulator.makers import AIDON, KAMSTRUP_DK, LANDIS_GYR_CH, NETZ_NOE

KAMSTRUP = Hdlc((21,), (16,), 0x13)
# The Green Book's example, as the DLMS UA publishes it.
PLAINTEXT = bytes.fromhex("C0010000080000010000FF0200")
CIPHERTEXT = "411312ff935a47566827c467bc"
EXAMPLE = Cipher(
    system_title=bytes.fromhex("4D4D4D0000BC614E"),
    length_size=0,
    security_control=0x30,
    key=bytes(range(16)),
    authentication_key=bytes(range(0xD0, 0xE0)),
)


def test_the_check_sequences_give_the_catalogues_check_values():
    assert x25(b"123456789") == 0x906E
    assert arc(b"123456789") == 0xBB3D
    assert x25(bytes.fromhex("033F")).to_bytes(2, "little").hex() == "5bec"
    assert mbus_sum(b"\xff\x02") == 1


def test_a_length_is_minimal_unless_it_is_told_otherwise():
    assert [length(number).hex() for number in (127, 128, 255, 256)] == ["7f", "8180", "81ff", "820100"]
    assert [length(231, size).hex() for size in (1, 2, 3)] == ["81e7", "8200e7", "830000e7"]


def frames_of(data):
    """HDLC frames, flag to flag, by the lengths that they tell."""
    frames = []
    while data:
        size = int.from_bytes(data[1:3], "big") & 0x07FF
        frames.append(data[: size + 2])
        data = data[size + 2 :]
    return frames


def test_a_message_goes_in_segments_of_which_the_last_is_marked_final():
    message = bytes(range(1, 118))
    frames = frames_of(KAMSTRUP._replace(segment_size=50).wrap(message))
    assert [(frame[1] & 0x08, frame[5]) for frame in frames] == [(8, 0x03), (8, 0x03), (0, 0x13)]
    assert b"".join(frame[8:-3] for frame in frames) == LLC_HEADER + message
    assert all(x25(frame[1:-1]) == 0x0F47 for frame in frames)  # X-25's residue, after the final XOR
    assert all(frame[0:1] == frame[-1:] == FLAG for frame in frames)


def test_a_message_that_fits_goes_in_one_frame():
    message = bytes(47)
    assert KAMSTRUP._replace(segment_size=50).wrap(message) == KAMSTRUP.wrap(message)
    assert MBus().wrap(bytes(245)) == bytes.fromhex("68fafa6853ff100167") + bytes(245) + bytes.fromhex("ca16")


def test_a_shared_flag_ends_a_frame_and_begins_the_next():
    alone = frames_of(KAMSTRUP._replace(segment_size=50).wrap(bytes(130)))
    shared = KAMSTRUP._replace(segment_size=50, shares_flags=True).wrap(bytes(130))
    assert shared == alone[0] + b"".join(frame[1:] for frame in alone[1:])
    sharing = AIDON._replace(link=AIDON.link._replace(shares_flags=True))
    usual, sent = (pushes(maker, "6525", "2026-01-15T12:00:00", 5) for maker in (AIDON, sharing))
    assert [push.frame for push in sent] == [usual[0].frame, *(push.frame[1:] for push in usual[1:])]


def test_general_blocks_are_counted_and_the_last_one_is_marked():
    maker = LANDIS_GYR_CH._replace(link=LANDIS_GYR_CH.link._replace(block_size=100))
    (push,) = pushes(maker, "E450", "2026-01-15T12:00:00", 5)
    blocks = [frame[9:-3] for frame in frames_of(push.frame)]
    blocks[0] = blocks[0][len(LLC_HEADER) :]
    assert [block[:6].hex() for block in blocks] == [
        "e04000010000", "e04000020000", "e04000030000", "e0c000040000"
    ]  # fmt: skip
    assert [block[6] for block in blocks] == [len(block) - 7 for block in blocks] == [100, 100, 100, 41]


@pytest.mark.parametrize(
    ("control", "content"),
    [
        (0x30, CIPHERTEXT + "7d825c3be4a77c3fcc056b6b"),
        (0x20, CIPHERTEXT),
        (0x21, CIPHERTEXT),
        (0x10, PLAINTEXT.hex() + "06725d910f9221d263877516"),
    ],
)
def test_encryption_gives_the_published_example(control, content):
    apdu = EXAMPLE._replace(security_control=control).encrypt(PLAINTEXT, 0x01234567)
    size = 5 + len(content) // 2
    assert apdu.hex() == f"db084d4d4d0000bc614e{size:02x}{control:02x}01234567{content}"


@pytest.mark.parametrize("control", SECURITY_CONTROLS)
def test_the_frame_counter_rises_by_one_a_frame_and_the_seed_makes_the_keys(control):
    sent = pushes(KAMSTRUP_DK, "1-phase", "2026-01-15T12:00:00", 45, security_control=control, seed=5)
    counters = [int.from_bytes(push.frame[8 + 3 + 10 + 3 + 1 :][:4], "big") for push in sent]
    assert counters == list(range(counters[0], counters[0] + len(sent)))
    assert derived_key(5, "key") != derived_key(6, "key") != derived_key(6, "authentication key")
    given = {"key": derived_key(5, "key"), "authentication_key": derived_key(5, "authentication key")}
    again = pushes(KAMSTRUP_DK, "1-phase", "2026-01-15T12:00:00", 45, security_control=control, seed=5, **given)
    assert wire(again) == wire(sent)


def test_an_austrian_meter_counts_its_notifications_and_an_aidon_does_not_encrypt():
    first, second = pushes(NETZ_NOE, "MA309M", "2026-01-15T12:00:00", 10, security_control=0)
    invoke_ids = [int.from_bytes(push.frame[10:14], "big") for push in (first, second)]
    assert invoke_ids[0] & 0xFF000000 == 0x80000000 and invoke_ids[1] == invoke_ids[0] + 1
    with pytest.raises(ValueError, match="Aidon does not encrypt"):
        pushes(AIDON, "6525", "2026-01-15T12:00:00", 10, security_control=0x30)


def test_cryptography_is_wanted_by_encryption_alone():
    program = (
        "import sys; sys.path.insert(0, 'tools'); sys.modules['cryptography'] = None\n"
        "import meter, runpy; sys.argv = ['meter.py', '--file', '-', '--seconds', '10', *sys.argv[1:]]\n"
        "runpy.run_path('tools/meter.py', run_name='__main__')"
    )
    run = [sys.executable, "-c", program, "--meter", "kamstrup-dk"]
    assert subprocess.run(run, cwd=ROOT, capture_output=True, timeout=20).returncode == 0
    refused = subprocess.run([*run, "--security", "30"], cwd=ROOT, capture_output=True, timeout=20)
    assert refused.returncode == 1
    assert (
        refused.stderr.decode().splitlines()[-1].endswith("encryption needs cryptography: pip install cryptography")
    )
