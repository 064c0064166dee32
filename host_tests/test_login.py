"""Who may ask the page at home: passwords, waiting, cookies, on CPython."""

import base64
import sys
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest

clock = ModuleType("app.clock")
clock.uptime_s = clock.now_s = None  # a test says them

# What it imports is not on a PC: the event loop's core.
with mock.patch.dict(sys.modules, {"app.clock": clock}):
    from app import label, passwords
    from app import login as module
    from app.login import LASTS_S, Login

_LABEL = "abcdefghjkmn"
_LIFE = "x00"


@pytest.fixture
def times(monkeypatch):
    """uptime_s and now_s are what a test says."""
    times = SimpleNamespace(uptime_s=1000, now_s=None)
    monkeypatch.setattr(clock, "uptime_s", lambda: times.uptime_s)
    monkeypatch.setattr(clock, "now_s", lambda: times.now_s)
    monkeypatch.setattr(module, "clock", clock)
    monkeypatch.setattr(label, "secret", lambda: _LABEL)
    return times


def _request(cookie="", password=None, address="192.168.1.2"):
    header = "" if password is None else "Basic " + base64.b64encode(f"x:{password}".encode()).decode()
    return SimpleNamespace(
        cookie=lambda name: cookie, header=lambda name: header, client=SimpleNamespace(address=address)
    )


def test_wrong_passwords_cost_ever_more_time_up_to_half_a_minute(times):
    login = Login({"owner.password": ""}, _LIFE)
    waits = []
    for _ in range(8):
        word, wait_s = login.check("a", "feil")
        assert word == "wrong_password"
        waits.append(wait_s)
        times.uptime_s += wait_s - 1
        if wait_s > 1:
            assert login.check("a", _LABEL) == ("too_many", 1)
        times.uptime_s += 1
    assert waits == [1, 2, 4, 8, 16, 32, 32, 32]
    assert login.check("a", _LABEL) is None
    times.uptime_s += 1
    assert login.check("a", "feil") == ("wrong_password", 1)


def test_who_waits_holds_up_others_for_a_second_at_most(times):
    login = Login({"owner.password": ""}, _LIFE)
    for _ in range(6):
        times.uptime_s += login.check("a", "feil")[1]
    login.check("a", "feil")
    assert login.check("b", _LABEL) == ("too_many", 1)
    times.uptime_s += 1
    assert login.check("b", _LABEL) is None


def test_many_senders_take_no_more_memory(times):
    login = Login({"owner.password": ""}, _LIFE)
    for number in range(100):
        times.uptime_s += 1
        assert login.check(str(number), "feil")[0] == "wrong_password"
    assert len(login._wrong) <= module._MOST_SENDERS


def test_a_cookie_is_good_for_thirty_days_and_for_this_password(times):
    settings = {"owner.password": ""}
    login = Login(settings, _LIFE)
    times.now_s = 200000000
    cookie = login.cookie()
    assert login.fault(_request(cookie)) is None
    assert Login(settings, "x11").is_cookie_good(cookie)  # after a restart
    times.now_s += LASTS_S - 1
    assert login.is_cookie_good(cookie)
    times.now_s += 1
    assert not login.is_cookie_good(cookie)
    times.now_s = 200000000
    settings["owner.password"] = passwords.hashed("another one")
    assert login.fault(_request(cookie)) == ("login", 0)


def test_a_cookie_from_before_the_clock_is_good_until_the_restart(times):
    login = Login({"owner.password": ""}, _LIFE)
    cookie = login.cookie()
    times.now_s = 200000000
    assert login.is_cookie_good(cookie)
    assert not Login({"owner.password": ""}, "x11").is_cookie_good(cookie)


def test_nobody_makes_a_cookie_who_has_not_the_secret(times):
    login = Login({"owner.password": ""}, _LIFE)
    times.now_s = 200000000
    good = login.cookie()
    text, signature = good.split(".")
    longer = str(int(text) + 1)
    forged = (
        "",
        ".",
        text,
        f"{longer}.{signature}",
        f"{text}.{signature[:-1]}",
        f"{text}.{'0' * 64}",
        f"{_LIFE}.",
        "é.é",
    )
    for cookie in forged:
        assert not login.is_cookie_good(cookie), cookie


def test_a_script_that_was_let_in_does_not_wait_for_the_hash_again(times, monkeypatch):
    login = Login({"owner.password": passwords.hashed("påskehare 7")}, _LIFE)
    assert login.fault(_request(password="påskehare 7")) is None
    monkeypatch.setattr(passwords, "is_right", lambda *_: pytest.fail("hashed once more"))
    assert login.fault(_request(password="påskehare 7")) is None
    monkeypatch.undo()


def test_odd_headers_are_no_password(times):
    login = Login({"owner.password": ""}, _LIFE)
    for header in ("Basic", "Basic ", "Basic !", "Basic YWJj", "Basic /w==", "Bearer x"):
        request = _request()
        request.header = lambda name, header=header: header
        assert login.fault(request) == ("login", 0)
    for password in ("x" * 1000, None, 5, ["abcdefghjkmn"]):
        times.uptime_s += 100
        assert login.check("a", password)[0] == "wrong_password"
