"""Tier 3: the setup page in a real browser, walked through against the real firmware on the real MicroPython."""

import time
from contextlib import closing

import pytest

import browser
import setup_walk as walk
from newcomer import ADDRESS, WIFI, Newcomer

pytestmark = [pytest.mark.tier3, pytest.mark.browser]

PASSWORD = "hemmelig-side"
UP_S = 30


@pytest.fixture
def newcomer(tmp_path, compiled):
    with closing(Newcomer(tmp_path)) as newcomer:
        newcomer.start("--speed", "4")
        wait_for(newcomer, "is up", UP_S)
        yield newcomer


def wait_for(newcomer, text, seconds):
    deadline = time.monotonic() + seconds
    while not any(text in line for line in list(newcomer.log)):
        assert time.monotonic() < deadline, f"not within {seconds} s: {text}\n" + "\n".join(newcomer.log)
        time.sleep(0.1)


def test_a_new_dongle_is_set_up_with_every_mistake_on_the_way(newcomer):
    words = {
        "wrong_wifi": (WIFI["ssid"], "feil-passord"),
        "wifi": (WIFI["ssid"], WIFI["password"]),
        "wrong_mqtt": (ADDRESS, "1"),
        "mqtt": (ADDRESS, str(newcomer.broker.port)),
        "password": PASSWORD,
    }
    sights = []
    with browser.running() as chromium, browser.visited(chromium) as (page, watch):
        walk.tour(page, newcomer.url, sights.append, **words)
        assert watch.complaints == []
    assert len(sights) >= 8
    wait_for(newcomer, "connected to " + WIFI["ssid"], 5)
    wait_for(newcomer, "starts anew", 30)
    settings = newcomer.settings()
    assert settings["wifi"] == {"ssid": WIFI["ssid"], "password": WIFI["password"]}
    assert (settings["mqtt"]["host"], settings["mqtt"]["port"]) == (ADDRESS, newcomer.broker.port)
    assert PASSWORD not in str(settings) and settings["owner"]["password"]
    # At home it is what it was set up to be.
    wait_for(newcomer, f"mqtt: connected to {ADDRESS}", 30)
    log = "\n".join(newcomer.log)
    assert "fault" not in log and "Traceback" not in log
    assert not any(secret in log for secret in (PASSWORD, WIFI["password"], (newcomer.folder / "label").read_text()))
