"""Whatever a client or a settings file says: it is understood or refused, and never an exception.

On CPython, with the same examples in every run.
"""

import asyncio
import json
import os
import sys
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import config
from trials import examples

clock = ModuleType("app.clock")
clock.uptime_s = lambda: 1000

# What they import is not on a PC: the event loop's core.
with mock.patch.dict(sys.modules, {"app.clock": clock}):
    from app import webserver
    from app.webserver import WebServer

EXAMPLES = examples(500)
LARGEST_BODY = 6144
WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
# Of the pieces in which a request comes.
SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=8)


@pytest.fixture(autouse=True)
def no_clock(monkeypatch):
    monkeypatch.setattr(webserver, "clock", clock)
    monkeypatch.setattr(webserver, "log", lambda *_about: None)


class _Stream:
    """A client that sends `octets` in pieces of these sizes, in turn, and then nothing more."""

    def __init__(self, octets, sizes):
        self._left, self._sizes, self._turn = octets, sizes, 0
        self.sent = b""

    async def read(self, n):
        size = min(n, self._sizes[self._turn % len(self._sizes)])
        self._turn += 1
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def write(self, octets):
        self.sent += octets

    async def drain(self):
        pass

    def close(self):
        pass

    async def wait_closed(self):
        pass


class _Site:
    """Remembers what it was asked."""

    def __init__(self):
        self.requests = []

    def answer(self, request):
        self.requests.append(request)
        return {"path": request.path}, 200, ()

    def fault(self, request, word, status):
        return {"error": word}, status, ()

    def sink(self, request):
        return None, self.fault(request, "too_large", 413)


def _served(octets, sizes):
    """(the status or None, the requests that the site was asked)."""
    site, stream = _Site(), _Stream(octets, sizes)
    asyncio.run(WebServer(site, 4).serve(stream))
    if not stream.sent:
        return None, site.requests
    assert stream.sent[:9] == b"HTTP/1.1 " and b"\r\n\r\n" in stream.sent
    return int(stream.sent[9:12]), site.requests


@st.composite
def _requests(draw):
    """(bytes, method, path, args, headers, body) of a request as browsers send them."""
    method = draw(st.sampled_from(("GET", "POST", "PUT", "PATCH", "HEAD")))
    path = "/" + draw(WORD)
    args = draw(st.dictionaries(WORD, WORD, max_size=3))
    headers = draw(st.dictionaries(WORD.map(lambda word: "x-" + word), WORD, max_size=6))
    body = draw(st.binary(max_size=400))
    query = "?" + "&".join(f"{name}={value}" for name, value in args.items()) if args else ""
    lines = [f"{method} {path}{query} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body, method, path, args, headers, body


@EXAMPLES
@given(_requests(), SIZES)
def test_what_browsers_send_is_understood_in_whatever_pieces_it_comes(sent, sizes):
    octets, method, path, args, headers, body = sent
    status, (request,) = _served(octets, sizes)
    assert status == 200 and request.path == path and request.body == body
    assert (request.method, request.is_bare) == ("GET" if method == "HEAD" else method, method == "HEAD")
    assert {name: request.args[name] for name in args} == args
    assert {name: request.header(name) for name in headers} == headers


@st.composite
def _damaged(draw):
    """A request of which pieces are lost, doubled, or anything else."""
    octets = draw(_requests())[0]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(octets)))
        stop = draw(st.integers(start, min(start + 40, len(octets))))
        odd = draw(st.sampled_from((b"", octets[start:stop] * 2, b"\0", b"\r\n", b": ", b"\xff\xfe", b" ")))
        odd = draw(st.binary(max_size=40)) if draw(st.booleans()) else odd
        octets = octets[:start] + odd + octets[stop:]
    return octets


@EXAMPLES
@given(st.one_of(_damaged(), st.binary(max_size=3000)), SIZES)
def test_anything_else_is_answered_or_left_and_nothing_large_reaches_a_page(octets, sizes):
    status, requests = _served(octets, sizes)
    assert status in (None, 200, 400, 413)
    assert len(requests) == (status == 200)
    for request in requests:
        assert request.path[:1] == "/" and len(request.body) == request.length <= LARGEST_BODY


@pytest.mark.parametrize("length", ["9" * 400, "-1", "0x10", "1e3", "", "٣", str(LARGEST_BODY + 1)])
def test_odd_lengths_are_refused(length):
    octets = f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\nabc".encode()
    status, requests = _served(octets, [300])
    assert status in (400, 413, None) or (length in ("", "٣") and status == 200)
    assert len(requests) == (status == 200)


# Settings

GROUPS = sorted({key.split(".")[0] for key in config.SCHEMA})
NAMES = sorted({key.split(".")[1] for key in config.SCHEMA})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=80),
    st.sampled_from(("auto", "nb", "2400 8E1", "192.168.1.20/24", "00" * 16, "mqtt.example", 1883, 1, 5)),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
TREES = st.dictionaries(
    st.sampled_from(GROUPS) | st.text(max_size=8),
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=8) | VALUES,
    max_size=6,
)


def _tree(flat):
    tree = {}
    for key, value in flat.items():
        group, name = key.split(".")
        tree.setdefault(group, {})[name] = value
    return tree


@EXAMPLES
@given(TREES | VALUES)
def test_whatever_the_file_says_the_settings_are_whole_and_right(tree):
    taken, faults = config.check(tree)
    assert set(taken) == set(config.SCHEMA)
    assert config.check(_tree(taken)) == (taken, [])
    for key, value in taken.items():
        group, name = key.split(".")
        if value != config.defaults()[key]:
            assert tree[group][name] == value
    assert all(len(fault) <= 200 and min(fault) >= " " for fault in faults)


@EXAMPLES
@given(st.binary(max_size=200) | TREES.map(lambda tree: json.dumps(tree).encode()), st.data())
def test_a_file_of_any_bytes_costs_no_start(tmp_path_factory, content, data):
    path = str(tmp_path_factory.getbasetemp() / "settings.json")
    cut = data.draw(st.integers(0, len(content)))
    for octets in (content, content[:cut], content[cut:]):
        with open(path, "wb") as file:
            file.write(octets)
        taken, faults = config.load(path)
        assert config.check(_tree(taken)) == (taken, []) and isinstance(faults, list)


@EXAMPLES
@given(TREES, st.dictionaries(st.sampled_from(sorted(config.SCHEMA)) | WORD, VALUES, min_size=1, max_size=4))
def test_a_change_is_kept_whole_or_not_at_all(tmp_path_factory, tree, changes):
    path = str(tmp_path_factory.getbasetemp() / "changed.json")
    before = json.dumps(tree).encode()
    with open(path, "wb") as file:
        file.write(before)
    try:
        wrong = config.change(changes, path)
    except OSError:
        wrong = "too large"
    with open(path, "rb") as file:
        after = file.read()
    if wrong:
        assert after == before
    else:
        taken, _faults = config.load(path)
        assert {key: taken[key] for key in changes} == changes
    assert not os.path.exists(path + ".new")
