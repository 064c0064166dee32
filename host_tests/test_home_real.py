"""Tier 3: the page at home in a real browser, walked through against the real firmware on the real MicroPython."""

import json
from contextlib import closing

import pytest

import browser
import home_walk as walk
import host
from home_stage import HomeStage, another_version
from host import LABEL

pytestmark = [pytest.mark.tier3, pytest.mark.browser]

SPEED = 20
DESKTOP = {"width": 1280, "height": 800}
# One of every group, as a person would type it, and what is kept of it.
CHANGES = {
    "mqtt.topic": ("strom", "strom"),
    "homeassistant.discovery": (False, False),
    "time.server": ("", ""),
    "meter.calculate_l2": (False, False),
    "tariff.limit_kw": ("4.5", 4.5),
    "load.fuse_a": ("25", 25),
    "wifi.hostname": ("maaler", "maaler"),
    "owner.language": ("English", "en"),
}


@pytest.fixture
def stage(tmp_path, compiled):
    with closing(HomeStage(tmp_path)) as stage:
        stage.broker.start()
        stage.start_meter("kamstrup", "--speed", str(SPEED))
        yield stage


def _url(stage):
    return f"http://{stage.page.host}"


@pytest.mark.parametrize("options", [{}, {"viewport": DESKTOP}], ids=["phone", "desktop"])
def test_every_view_is_there(stage, options):
    stage.remember(100)
    stage.start(speed=SPEED)
    stage.log_in()
    stage.wait(lambda: stage.get("hours?days=3").json["hours"], 30, "hours")
    stage.wait(lambda: any(watt is not None for watt in stage.get("power").json["watts"]), 30, "a plot")
    sights = []
    with browser.running() as chromium, browser.visited(chromium, **options) as (page, watch):
        walk.tour(page, _url(stage), sights.append, LABEL)
        assert watch.complaints == []
    assert {sight.split(" ")[0] for sight in sights} == {"login", *walk.VIEWS}
    log = "\n".join(stage.log)
    assert "fault" not in log and "Traceback" not in log and LABEL not in log


def test_a_setting_of_every_group_is_changed_and_the_page_comes_back_by_itself(stage):
    firmware = stage.start(speed=SPEED, wifi={"ssid": "this computer", "password": "wifi-secret"})
    stage.log_in()
    stage.wait(lambda: stage.get("diagnosis").json["dongle"]["now"], 30, "the time")
    with browser.running() as chromium, browser.visited(chromium) as (page, watch):
        walk.enter(page, _url(stage), LABEL)
        walk.go(page, "settings")
        for key, (typed, _kept) in CHANGES.items():
            walk.set_field(page, key, typed)
        walk.save(page)
        assert firmware.wait(20) == 0
        stage.start_again(speed=SPEED)
        page.locator('[data-view="settings"]:visible, [data-view="login"]:visible').first.wait_for(timeout=60000)
    kept = json.loads((stage.folder / "settings.json").read_text())
    for key, (_typed, value) in CHANGES.items():
        group, name = key.split(".")
        assert kept[group][name] == value, key


def test_the_page_brings_a_new_version_and_tells_that_it_is_tried_and_kept(stage, tmp_path):
    host.install(tmp_path)
    # Slower, so that the trial's minute is long enough for the page to be there again.
    firmware = stage.start(speed=4)
    another_version(tmp_path)
    file = (tmp_path / "9.9.9.tar").rename(tmp_path / "han-9.9.9-host.tar")
    with browser.running() as chromium, browser.visited(chromium) as (page, watch):
        walk.enter(page, _url(stage), LABEL, "status")
        _says(page, "#update-which", "han-…-host.tar")
        _says(page, "#part-meter", "I orden")
        _says(page, "#part-mqtt", "I orden")
        walk.update(page, file)
        walk.see(page, "updating")
        walk.see(page, "restarting", 60)
        assert firmware.wait(20) == 0
        stage.start_again(speed=4)
        walk.see(page, "status", 60)
        _says(page, "#update-runs", "9.9.9")
        _says(page, "#update-says", "på prøve")
        _says(page, "#update-says", "versjonen blir beholdt")
        assert watch.complaints == []
    assert (tmp_path / "slot").read_text() == "b"


def _says(page, selector, words):
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_contain_text(words, timeout=60000)
