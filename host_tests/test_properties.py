"""Whatever valid frames say, between whatever else, in whatever pieces they come: their values are read.

The frames are the simulator's. What a reading must hold is reckoned from the numbers that were drawn.
"""

import random
from datetime import datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hanport import Receiver
from simulator import encoding, lists, makers
from simulator.ciphering import KEY_SIZE, SECURITY_CONTROLS, Cipher
from simulator.house import House
from simulator.links import FLAG, Hdlc, MBus
from simulator.lists import UNITS, Item
from simulator.maker import HOUR_S
from simulator.registers import MILLI, REGISTERS, in_si, reading_key, unit
from simulator.telegrams import CHECKS, LINE_ENDS, Telegram
from trials import examples
from vectors import decode

EXAMPLES = examples(400)
SIZE = 4096  # of the receive buffer
# Behind a stream: whatever its noise has claimed comes to nothing within a buffer length.
SILENCE = b"\xff" * (SIZE + 1)

# One needs the owner's multipliers, the list of the other is read in a later version.
LEFT_OUT = (makers.MAKERS["kamstrup-se"], makers.MAKERS["landisgyr-ch"])
MAKERS = [maker for maker in makers.MAKERS.values() if maker not in LEFT_OUT]
# Their scalers are inferred, and judged: what no household would say is left out of their readings (plausible.py).
JUDGED = [
    makers.MAKERS[name] for name in ("landisgyr-at", "wien-at", "iskra-at", "iskra-si", "landisgyr-si", "iskra-hr")
]
PARTS_OF_M_BUS = 16  # its numbers have four bits

# What a household may say: for each quantity the range of its integers.
RANGES = {
    "power": (0, 2**31 - 1),
    "current": (0, 300_000),  # mA
    "voltage": (100_000, 400_000),  # mV; less might be whole volts or hundredths of them
    "factor": (0, 1000),
    "energy": (0, 2**32 - 1),
}
# Numbers of A-XDR: encoder, least, most; of 64 bits, those that any register can reach: more is refused.
NUMBERS = (
    (encoding.u16, 0, 2**16 - 1),
    (encoding.u32, 0, 2**32 - 1),
    (encoding.u64, 0, 2**63 - 1),
    (encoding.i8, -(2**7), 2**7 - 1),
    (encoding.i16, -(2**15), 2**15 - 1),
)
DESCRIBED = [key for key, register in REGISTERS.items() if register.quantity in RANGES and "_q" not in key]
LIST_IDS = ("AIDON_V0001", "EMBRIQ_V1_1", "NEWMAKER_V9")
TEXTS = st.text("ABCXYZabcxyz0123456789 -_", min_size=1, max_size=32)
# Gas and water meters that were never read say years from 2063 on.
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2062, 12, 31)).map(lambda time: time.replace(microsecond=0))


@st.composite
def households(draw):
    """Everything that a simulated meter may be asked for."""
    readings = {
        reading_key(key): draw(st.integers(*RANGES[register.quantity]))
        for key, register in REGISTERS.items()
        if register.quantity in RANGES
    }
    times = {"timestamp": draw(TIMES), "is_summer_time": draw(st.booleans())}
    meter_id = str(draw(st.integers(1, 2**32 - 1)))  # some send it as a number
    beside = {
        "tariff": draw(st.integers(1, 2)),
        "month_peak_s": draw(st.integers(2**30, 2**31)),
        **{key: draw(st.integers(0, 99_999)) for key in ("gas_dm3", "water_dm3", "heat_mj")},
        **{key: draw(st.integers(0, 99_999)) for key in ("quarter_power_w", "month_peak_w")},
    }
    return {**readings, **times, **beside, "meter_id": meter_id}


@st.composite
def makers_messages(draw, of_telegrams):
    """(message, what it says) of a maker that we know: described, in pairs, by position; or a telegram."""
    maker = draw(st.sampled_from([one for one in MAKERS if isinstance(one.message, Telegram) == of_telegrams]))
    household = draw(households())
    kind = draw(st.sampled_from(maker.types))
    said = maker.of_type(kind).message
    if of_telegrams:
        check = draw(st.sampled_from([CHECKS[name] for name in ("right", "unpadded", "lower")]))
        said = said._replace(check=check, line_end=draw(st.sampled_from(list(LINE_ENDS.values()))))
    if maker in JUDGED:
        start_s = HOUR_S * draw(st.integers(0, 24 * 365))
        house = House(start_s, kind.network, draw(st.integers(0, 9)))  # without sun (plausible.py)
        household.update(house.readings(start_s + draw(st.integers(0, 60))))
    readings = {**household, "list_version": said.list_version, "meter_type": kind.text}
    number = 3 if of_telegrams else draw(st.sampled_from(sorted(said.lists)))
    return said.encode(kind, number, readings), said.expected_reading(kind, number, readings)


@st.composite
def described_items(draw, key):
    """(item, what it says): any number with any scaler; it says nothing if the register cannot hold it."""
    encode, least, most = draw(st.sampled_from(NUMBERS))
    number, scaler = draw(st.integers(least, most)), draw(st.integers(-4, 4))
    item = Item("1-0:" + REGISTERS[key].code, encode(number), (scaler, UNITS[unit(key)]))
    steps = number * Fraction(10) ** scaler * (1000 if REGISTERS[key].quantity in MILLI else 1)
    if steps.denominator != 1 or abs(steps) >= 2**63:
        return item, {}
    return item, {key: in_si(key, int(steps), -3 if REGISTERS[key].quantity in MILLI else 0)}


@st.composite
def unknown_items(draw):
    """An item with an OBIS code that means nothing to us: there is nothing with C of 100 to 200 in electricity."""
    value = draw(
        st.sampled_from((encoding.null(), encoding.u32(7), encoding.i16(-7), encoding.u64(2**63)))
        | TEXTS.map(encoding.visible_text)
        | TEXTS.map(encoding.octet_text)
    )
    code = f"1-{draw(st.integers(0, 9))}:{draw(st.integers(101, 195))}.{draw(st.sampled_from((7, 8)))}.0"
    return Item(code, value), {}


@st.composite
def described_messages(draw):
    """(message, what it says) of lists that no maker sends, but that describe themselves."""
    keys = draw(st.lists(st.sampled_from(DESCRIBED[1:]), unique=True, max_size=12))
    parts = [draw(described_items(key)) for key in keys] + [
        draw(unknown_items()) for _ in range(draw(st.integers(0, 4)))
    ]
    meter_id = draw(TEXTS)
    watts = draw(st.integers(0, 2**32 - 1))
    # With a known power it is a list in any case.
    parts.append((Item("1-0:1.7.0", encoding.u32(watts), (0, UNITS["w"])), {"power_import_w": watts}))
    parts.append((Item("0-0:96.1.0", encoding.visible_text(meter_id)), {"meter_id": meter_id}))
    parts = draw(st.permutations(parts))
    if draw(st.booleans()):
        list_id = draw(st.sampled_from(LIST_IDS))
        parts.insert(0, (Item("1-1:0.2.129", encoding.visible_text(list_id)), {"list_version": list_id}))
    shape = draw(st.sampled_from((lists.array_of_structures, lists.flat)))
    apdu = encoding.data_notification(
        draw(st.integers(0, 2**32 - 1)), encoding.null(), shape([item for item, _ in parts])
    )
    return apdu, {key: value for _, said in parts for key, value in said.items()}


APDUS = makers_messages(of_telegrams=False) | described_messages()
ADDRESSES = st.lists(st.integers(0, 127), min_size=1, max_size=4).map(tuple)


@st.composite
def hdlc_links(draw):
    """In one frame, in segments, or in blocks, with any addresses; the frames of a message may share their flags."""
    cut = draw(st.sampled_from(("", "segment_size", "block_size")))
    sizes = {cut: draw(st.integers(20, 300))} if cut else {}
    return Hdlc(
        draw(ADDRESSES), draw(ADDRESSES), draw(st.integers(0, 255)), shares_flags=draw(st.booleans()), **sizes
    )


@st.composite
def m_bus_frames(draw, message):
    least = -(-len(message) // PARTS_OF_M_BUS)
    return MBus(part_size=draw(st.integers(min(least, 252), 252))).wrap(message)


@st.composite
def ciphers(draw):
    """Any keys, any title; every form of the length that has room for it."""
    key = st.binary(min_size=KEY_SIZE, max_size=KEY_SIZE)
    return Cipher(
        system_title=draw(st.binary(min_size=8, max_size=8)),
        length_size=draw(st.sampled_from((0, 2, 3, 4))),
        security_control=draw(st.sampled_from(SECURITY_CONTROLS)),
        key=draw(key),
        authentication_key=draw(key),
    )


def on_hdlc(draw, apdu):
    return draw(hdlc_links()).wrap(apdu)


def on_m_bus(draw, apdu):
    return draw(m_bus_frames(apdu))


@st.composite
def streams(draw, wraps, cipher=None):
    """(bytes, what they say): messages on the links, one behind the other or with noise between them."""
    stream, meant = b"", []
    counter = draw(st.integers(0, 2**31))
    for _ in range(draw(st.integers(1, 4))):
        wrap = draw(st.sampled_from(wraps))
        message, said = draw(makers_messages(of_telegrams=True) if wrap is None else APDUS)
        counter += draw(st.integers(1, 1000))
        if cipher and wrap:
            message = cipher.encrypt(message, counter)
        frames = wrap(draw, message) if wrap else message
        noise = draw(st.binary(max_size=60))
        if not noise and stream.endswith(FLAG) and frames.startswith(FLAG) and draw(st.booleans()):
            frames = frames[len(FLAG) :]
        stream += noise + frames
        meant.append(said)
    return stream, meant


def read(stream, receiver, pieces):
    """The readings of the stream, which comes in random pieces."""
    rng = random.Random(pieces)
    found = []
    stream += SILENCE
    while stream:
        size = rng.choice((1, 7, 60, 255, 1000, SIZE))
        found += decode(stream[:size], receiver=receiver)
        stream = stream[size:]
    return found


PIECES = st.integers(0, 2**32)


@EXAMPLES
@given(streams([on_hdlc]), st.sampled_from(["hdlc", "line"]), PIECES)
def test_lists_on_hdlc_are_read(sent, link, pieces):
    stream, meant = sent
    assert read(stream, Receiver(link, SIZE), pieces) == meant


@EXAMPLES
@given(streams([on_m_bus]), st.sampled_from(["mbus", "line"]), PIECES)
def test_lists_on_m_bus_are_read(sent, link, pieces):
    stream, meant = sent
    assert read(stream, Receiver(link, SIZE), pieces) == meant


@EXAMPLES
@given(streams([None]), st.sampled_from(["p1", "line"]), PIECES)
def test_telegrams_are_read(sent, link, pieces):
    stream, meant = sent
    assert read(stream, Receiver(link, SIZE), pieces) == meant


@EXAMPLES
@given(streams([on_hdlc, on_m_bus, None]), st.sampled_from(["auto", "line"]), PIECES)
def test_a_line_is_read_whatever_comes_on_it(sent, link, pieces):
    stream, meant = sent
    assert read(stream, Receiver(link, SIZE), pieces) == meant


@EXAMPLES
@given(st.data(), ciphers(), st.booleans(), PIECES)
def test_encrypted_lists_are_read_with_both_keys_and_with_one(data, cipher, has_both, pieces):
    stream, meant = data.draw(streams([on_hdlc, on_m_bus], cipher))
    keys = {"auth_key": cipher.authentication_key} if has_both else {}
    assert read(stream, Receiver("line", SIZE, key=cipher.key, **keys), pieces) == meant


@EXAMPLES
@given(APDUS)
def test_a_dump_is_read(sent):
    message, meant = sent
    for link, dump in (("apdu", message), ("llc", b"\xe6\xe7\x00" + message), ("auto", message)):
        assert decode(dump, receiver=Receiver(link, SIZE)) == [meant], link
