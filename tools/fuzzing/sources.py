"""Frames and dumps of every simulated meter, and what they must give."""

from itertools import islice
from typing import NamedTuple, Optional

from simulator.ciphering import SECURITY_CONTROLS, derived_key
from simulator.clock import unix_ms
from simulator.links import LLC_HEADER, Bare, Hdlc, MBus
from simulator.makers import AIDON, KAMSTRUP_DK, KAMSTRUP_REVISION_S, KAMSTRUP_SE, MAKERS, NETZ_NOE
from simulator.push import SimulatedMeter
from simulator.telegrams import CHECKS

LINKS = {Hdlc: "hdlc", MBus: "mbus", Bare: "p1"}
START = "2026-01-15T12:59:55"  # some seconds before the list that comes once an hour
PUSHES = 16
SMALL_BUFFER = 1500  # what the smallest receive buffer of a trial holds
KEYS = {"key": derived_key(1, "key"), "auth_key": derived_key(1, "authentication key")}


class Intact(NamedTuple):
    """What a meter sends at once, and the reading that it gives."""

    data: bytes
    expected: Optional[dict]


class Source(NamedTuple):
    """A meter's pushes in their order; `options` are the Receiver's, without which they cannot be read."""

    name: str
    link: str
    options: dict
    pushes: tuple
    has_tag: bool = False  # every reading of it is proved by a tag


def _source(maker, kind, security_control=None, what=""):
    meter = SimulatedMeter(maker, kind, unix_ms(START), seed=1, sun=True, security_control=security_control)
    options = {}
    if meter.cipher:
        options["key"] = meter.cipher.key
        if meter.cipher.has_tag:
            options["auth_key"] = meter.cipher.authentication_key
    if maker is KAMSTRUP_SE:
        options["scalers"] = {"energy": 0}  # nothing in its lists says that they are in Wh
    if getattr(meter.maker.message, "check", None) == CHECKS["none"]:
        options["unchecked"] = True
    pushes = tuple(Intact(push.frame, push.expected) for push in islice(meter.pushes(), PUSHES))
    if len(pushes[0].data) > SMALL_BUFFER:
        options["size"] = 4096
    has_tag = bool(meter.cipher and meter.cipher.has_tag)
    return Source(f"{maker.name} {kind.name}{what}", LINKS[type(meter.maker.link)], options, pushes, has_tag)


def _is_bare(maker):
    """Encrypted with no frame around: no check tells what is intact. test_meter_reading.py damages these."""
    return isinstance(maker.link, Bare) and maker.encryption is not None


def sources():
    """Every type of every maker; some of them encrypted, in segments, and in blocks, as well."""
    makers = [maker for maker in (*MAKERS.values(), KAMSTRUP_REVISION_S) if not _is_bare(maker)]
    found = [_source(maker, kind) for maker in makers for kind in maker.types]
    for maker in (KAMSTRUP_DK, NETZ_NOE):
        for control in SECURITY_CONTROLS:
            found.append(_source(maker, maker.types[0], control, f" {control:02X}"))
    for maker, size in ((AIDON, 100), (AIDON, 280), (KAMSTRUP_DK, 150)):
        cut = maker._replace(link=maker.link._replace(segment_size=size))
        found.append(_source(cut, maker.types[2], what=f" in segments of {size}"))
    for maker, control in ((AIDON, 0), (KAMSTRUP_DK, 0x20), (KAMSTRUP_DK, 0x30)):
        cut = maker._replace(link=maker.link._replace(block_size=120))
        found.append(_source(cut, maker.types[2], control, f" {control:02X} in blocks"))
    found.append(_source(NETZ_NOE, NETZ_NOE.types[0], 0, " in the clear"))
    return found


def dumps(source, link):
    """The source without its link, as "llc" or "apdu" take it; () for those whose messages take several frames."""
    if source.link != "hdlc" or any(len(frames(push.data, "hdlc")) > 1 for push in source.pushes):
        return ()
    header = b"" if link == "apdu" else LLC_HEADER
    inside = [push.data[push.data.index(LLC_HEADER) + len(LLC_HEADER) : -3] for push in source.pushes]
    return tuple(Intact(header + apdu, push.expected) for apdu, push in zip(inside, source.pushes))


def frames(data, link):
    """The frames of a push, by the lengths that they tell."""
    found = []
    while data:
        if link == "hdlc":
            size = 2 + (int.from_bytes(data[1:3], "big") & 0x7FF)
        elif link == "mbus":
            size = 6 + (data[1] if data[1] > 4 else 256 + data[1])
        else:
            size = len(data)
        found.append(data[:size])
        data = data[size:]
    return found
