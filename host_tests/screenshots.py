#!/usr/bin/env python3
"""Takes pictures of the setup page's steps and the home page's views into build/screenshots: phone, dark, desktop.

Without --url stubs of the dongle (host_tests/setup_stub.py, home_stub.py) serve the pages; with it, what runs
there: the setup page, whose network and broker that are named must then be there too, or with --page home that one.
"""

import argparse
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("tools", "firmware", "lib")]

import browser  # noqa: E402
import home_walk  # noqa: E402
import pages  # noqa: E402
import setup_walk  # noqa: E402
from home_stub import PASSWORD, Home  # noqa: E402
from setup_stub import METER_NONE, Portal  # noqa: E402
from stub_server import served  # noqa: E402

FOLDER = ROOT / "build" / "screenshots"
LOOKS = {
    "phone": {},
    "phone-dark": {"color_scheme": "dark"},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}


@contextmanager
def stub(kind, name):
    """The address of a stub of the dongle with the page by this name, and the stub."""
    with tempfile.TemporaryDirectory() as folder:
        pages.build_pages(Path(folder))
        dongle = kind((Path(folder) / f"{name}.html.gz").read_bytes())
    with served(dongle) as url:
        yield url, dongle


class Camera:
    """Takes the pictures of one look, numbered in their order."""

    def __init__(self, page, look):
        self.page, self.look, self.number = page, look, 0

    def __call__(self, sight):
        self.number += 1
        name = f"{self.look}-{self.number:02}-{sight.replace(' ', '-')}.png"
        self.page.screenshot(path=FOLDER / name, full_page=True)


def take(running, look, url, words, language):
    with browser.visited(running, language, **LOOKS[look]) as (page, _watch):
        setup_walk.tour(page, url, Camera(page, look), **words)


def take_home(running, look, url, password, language):
    with browser.visited(running, language, **LOOKS[look]) as (page, _watch):
        home_walk.tour(page, url, Camera(page, f"home-{look}"), password)


def take_order(running, url, portal, language):
    """The meter's step when the port is shut, which only the stub can be told to be."""
    portal.meter = {**METER_NONE, "cause": "port_shut"}
    with browser.visited(running, language) as (page, _watch):
        setup_walk.open_page(page, url, "meter")
        page.locator("#order").wait_for()
        page.click("summary")
        Camera(page, "phone-order")("meter")


def take_update(running, url, home, folder, language):
    """A new version on its way, and on trial, which needs a dongle with two."""
    release = folder / "han-0.2.0-xtensawin.tar"
    release.write_bytes(bytes(50000))
    home.piece_s = 0.2
    with browser.visited(running, language) as (page, _watch):
        camera = Camera(page, "home-phone-update")
        home_walk.enter(page, url, PASSWORD, "status")
        home_walk.update(page, release)
        while page.evaluate("document.getElementById('update-bar').value") < 50:
            page.wait_for_timeout(100)
        camera("updating")
        home.piece_s = 0
        home_walk.see(page, "status", 60)
        page.locator("#update-says:not(:empty)").wait_for()
        camera("on trial")


def take_of_stubs(running, look, words, language):
    with stub(Portal, "setup") as (url, portal):
        take(running, look, url, words, language)
        if look == "phone":
            take_order(running, url, portal, language)
    with stub(Home, "home") as (url, home), tempfile.TemporaryDirectory() as folder:
        take_home(running, look, url, PASSWORD, language)
        if look == "phone":
            take_update(running, url, home, Path(folder), language)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", help="where a page is served; without it, stubs' of both")
    parser.add_argument("--page", default="setup", choices=("setup", "home"), help="which one that is")
    parser.add_argument("--password", default=PASSWORD, help="of the home page")
    parser.add_argument("--language", default="nb", choices=("nb", "nn", "en"))
    parser.add_argument("--ssid", default="Stua")
    parser.add_argument("--wifi-password", default="hemmelig-wifi")
    parser.add_argument("--broker", default="broker.local")
    parser.add_argument("--port", default="1883")
    chosen = parser.parse_args()
    if browser.missing():
        sys.exit(f"screenshots: {browser.missing()}")
    words = {
        **{"wrong_wifi": (chosen.ssid, "feil-passord"), "wifi": (chosen.ssid, chosen.wifi_password)},
        **{"wrong_mqtt": ("feil.invalid", chosen.port), "mqtt": (chosen.broker, chosen.port)},
        "password": "hemmelig-side",
    }
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with browser.running() as running:
        for look in LOOKS:
            if chosen.url and chosen.page == "home":
                take_home(running, look, chosen.url, chosen.password, chosen.language)
            elif chosen.url:
                take(running, look, chosen.url, words, chosen.language)
            else:
                take_of_stubs(running, look, words, chosen.language)
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
