"""Any bytes at all can be masked, and no damaged frame becomes intact by it."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanport import Receiver
from maskcapture import rules
from simulator.makers import MAKERS
from test_maskcapture_meters import decoded, masked, push_with_number
from vectors import danish, golden, nordics, outcome

FRAMES = [frame for _, frame, _ in golden()]
FRAMES += [bytes.fromhex(entry["hex"]) for entry in nordics() if entry["link"] in ("hdlc", "mbus", "p1")]
FRAMES += [bytes.fromhex(danish()[0]["hex"])]
FRAMES += [push_with_number(MAKERS[name], 0) for name in ("p1-nl", "mbus-at", "landisgyr-ch", "kamstrup-dk")]
# What frames and numbers begin and end with, and what is masked.
WORDS = [
    b"~",
    b"~\xa0",
    b"\x68",
    b"\x68\x0b\x0b\x68",
    b"/XXX5",
    b"!",
    b"\r\n",
    b"(",
    b")",
    b"*",
    b".",
    b"0-0:96.1.1(",
]
WORDS += [
    b"\xe6\xe7\x00\x0f",
    b"\xdb\x08KAM",
    b"\x09\x06\x00\x00\x60\x01\x00\xff",
    b"\xff\x06",
    b"\x0a\x10",
    b"735821",
]
# After so many bytes no frame that has begun hides another one.
BEHIND = bytes(2048)


@st.composite
def damaged_frame(draw):
    """A frame, or a part of one, with some bytes that are others."""
    frame = bytearray(draw(st.sampled_from(FRAMES)))
    start = draw(st.one_of(st.just(0), st.integers(0, len(frame) - 1)))
    frame = frame[start : draw(st.one_of(st.just(len(frame)), st.integers(start, len(frame))))]
    for _ in range(draw(st.integers(0, 2)) if frame else 0):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame)


pieces = st.one_of(damaged_frame(), st.sampled_from(FRAMES), st.sampled_from(WORDS), st.binary(max_size=40))
captures = st.lists(pieces, min_size=1, max_size=12).map(b"".join).filter(len)
thoroughly = settings(
    derandomize=True,
    max_examples=400,
    deadline=timedelta(seconds=5),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)


@thoroughly
@given(captures)
def test_what_is_intact_stays_so_and_nothing_else_becomes_it(data):
    before, after = Receiver("line", unchecked=True), Receiver("line", unchecked=True)
    outcome(data + BEHIND, before)
    outcome(masked(data) + BEHIND, after)
    assert after.frames == before.frames


@thoroughly
@given(captures)
def test_what_is_masked_once_has_nothing_more_to_be_masked(data):
    once = masked(data)
    assert decoded(masked(once)) == decoded(once)


@thoroughly
@given(st.binary(max_size=64), st.integers(0, 1))
def test_the_rules_change_no_byte_but_those_that_they_are_given(data, faults):
    start, end = len(data) // 4, 3 * len(data) // 4
    buffer = bytearray(data)
    rules.mask_lines(buffer, start, end, end)
    rules.mask_coded(buffer, start, end, end, faults)
    rules.mask_words(buffer, start, end, end, faults)
    rules.mask_title(buffer, start, end)
    rules.mask_address(buffer, start, end)
    assert buffer[:start] == data[:start] and buffer[end:] == data[end:]
    assert len(buffer) == len(data)
