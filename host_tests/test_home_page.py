"""The page at home in a real browser, a phone's and a desktop's, against a stub of the dongle."""

import re

import pytest
from playwright.sync_api import expect

import browser
import home_walk as walk
from home_stub import PASSWORD, Home
from stub_server import served

pytestmark = [pytest.mark.browser, pytest.mark.long(2)]

HURRY = 10
DESKTOP = {"width": 1280, "height": 800}
GROUNDS = {"dark": "rgb(19, 23, 21)", "light": "rgb(246, 247, 245)"}
HOSTILE = "<img src=x onerror=\"document.title='taken'\"></td>{kw}$&'\\"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"


@pytest.fixture
def home(built_pages):
    return Home((built_pages / "home.html.gz").read_bytes())


@pytest.fixture
def url(home):
    with served(home) as url:
        yield url


@pytest.fixture
def visit(chromium, home, url):
    """Opens the page in some browser, watched: nothing may be complained of or asked of others; logged in, unless
    told. What the page asks comes one at a time, beside the stream."""
    opened = []

    def visit(is_in=True, **options):
        visited = browser.visited(chromium, hurry=HURRY, **options)
        page, watch = visited.__enter__()
        opened.append((visited, watch))
        page.set_default_timeout(8000)
        if is_in:
            page.context.add_cookies([{"name": "session", "value": home.cookie, "url": url}])
        return page

    yield visit
    for visited, watch in opened:
        visited.__exit__(None, None, None)
        assert watch.complaints == []
        assert watch.asked <= {url.split("/")[2]}
    assert home.most_at_once <= len(opened)


@pytest.fixture
def page(visit):
    return visit()


def _error(page, key):
    return walk.field(page, key).locator(".error")


def _has(page, selector, words):
    """Wait until an element says this."""
    expect(page.locator(selector)).to_contain_text(words, timeout=8000)


def _until(page, is_so):
    for _ in range(160):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


# Who may come in.


def test_a_password_is_asked_for_and_a_wrong_one_is_told(visit, home, url):
    page = visit(is_in=False)
    walk.open_page(page, url, "hours")
    assert page.get_attribute("#password", "autocomplete") == "current-password"
    assert page.locator("#login input[autocomplete=username]").count() == 1
    assert not page.locator("nav").is_visible()
    walk.log_in(page, "feil")
    _has(page, "#login .error", "wrong_password.")
    walk.log_in(page, PASSWORD)
    walk.see(page, "hours").locator("#bars rect").first.wait_for()
    assert home.sent("POST", "login") == [{"password": "feil"}, {"password": PASSWORD}]
    assert page.input_value("#password") == ""


def test_after_too_many_wrong_passwords_the_page_counts_down(visit, home, url):
    page = visit(is_in=False)
    home.wait_s = 8
    walk.open_page(page, url)
    walk.log_in(page, "feil")
    _has(page, "#login .error", re.compile("Vent [1-7] sekund"))
    assert page.locator("#login .main").is_disabled()
    _has(page, "#login .error", "Nå kan du prøve")
    walk.log_in(page, PASSWORD)
    walk.see(page, "now")


def test_a_cookie_that_is_no_longer_good_leads_to_the_login_and_back(page, home, url):
    walk.enter(page, url, PASSWORD, "tariff")
    home.cookie = "another"
    walk.log_in(page, PASSWORD)
    walk.see(page, "tariff")
    walk.go(page, "settings")
    page.click("#logout")
    walk.see(page, "login")
    assert home.sent("POST", "logout") == [{}]
    asked = len(home.requests)
    page.wait_for_timeout(500)
    assert len(home.requests) == asked


def test_the_password_is_changed(page, home, url):
    walk.enter(page, url, PASSWORD, "settings")
    walk.open_group(page, "owner.password")
    for old, new, said in ((PASSWORD, "kort", "minst 8 tegn"), ("feil", "ny-hemmelig", "wrong_password.")):
        page.fill("#old-password", old)
        page.fill("#next-password", new)
        page.click("#new-password button")
        _has(page, "#new-password .error", said)
    page.fill("#old-password", PASSWORD)
    page.click("#new-password button")
    _has(page, "#password-kept", "Passordet er byttet.")
    assert home.password == "ny-hemmelig"
    assert page.input_value("#old-password") == page.input_value("#next-password") == ""


# Now.


def test_readings_come_by_the_stream_and_import_is_told_from_export(page, home, url):
    walk.enter(page, url, PASSWORD)
    _has(page, "#import-w", "1\u00a0234")
    assert not page.locator("#export").is_visible()
    _has(page, "#phases", "1,26\u00a0A\u00a0*")
    _has(page, "#usage", "23,46\u00a0kWh")
    home.tell(power_import_w=0, power_export_w=2500)
    _has(page, "#export-w", "2\u00a0500")
    assert not page.locator("#import").is_visible()
    assert home.asked("reading") == 0
    assert home.streams_begun == 1
    assert "høyest 2,36" in page.get_attribute("#plot", "aria-label")
    assert page.locator("#plot .import-area").get_attribute("d")
    assert page.locator("#plot .export-area").get_attribute("d")


def test_what_the_meter_sends_beside_electricity_is_shown_with_its_time(page, home, url):
    walk.enter(page, url, PASSWORD)
    _has(page, "#import-w", "1\u00a0234")
    assert not page.locator("#beside").is_visible()
    home.tell(tariff=2, gas_m3=12785.123, gas_timestamp="2026-01-15T11:00:00", month_peak_w=2589)
    _has(page, "#beside", "12\u00a0785,12\u00a0m³")
    _has(page, "#beside", "11:00")
    _has(page, "#beside", "2,59\u00a0kW")


def test_without_a_stream_readings_are_asked_for_until_there_is_one(page, home, url):
    home.has_streams = False
    walk.enter(page, url, PASSWORD)
    _has(page, "#import-w", "1\u00a0234")
    home.reading["registers"]["power_import_w"] = 777
    _has(page, "#import-w", "777")
    assert home.asked("reading") >= 2
    home.has_streams = True
    _until(page, lambda: home.streams)
    home.tell(power_import_w=888)
    _has(page, "#import-w", "888")
    asked = home.asked("reading")
    page.wait_for_timeout(8000 / HURRY)
    assert home.asked("reading") == asked


def test_a_stream_that_breaks_is_taken_up_again(page, home, url):
    walk.enter(page, url, PASSWORD)
    _has(page, "#import-w", "1\u00a0234")
    home.cut_streams()
    _until(page, lambda: not home.streams)
    home.has_streams = True
    _until(page, lambda: home.streams_begun == 2)
    home.tell(power_import_w=556)
    _has(page, "#import-w", "556")


def test_nothing_is_asked_while_nobody_looks(page, home, url):
    walk.enter(page, url, PASSWORD)
    _has(page, "#import-w", "1\u00a0234")
    hide = "is => { Object.defineProperty(document, 'hidden', { value: is, configurable: true });"
    hide += "document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, True)
    page.wait_for_timeout(400)
    asked = len(home.requests)
    page.wait_for_timeout(40000 / HURRY / 8)
    assert (len(home.requests), home.streams) == (asked, 0)
    page.evaluate(hide, False)
    home.tell(power_import_w=4321)
    _has(page, "#import-w", "4\u00a0321")


def test_an_old_reading_says_so_and_one_that_never_came(page, home, url):
    home.reading["age_s"] = 95
    walk.enter(page, url, PASSWORD)
    _has(page, "#old", "1 min 35 s")
    home.reading.update(age_s=None, registers={})
    home.tell()
    page.locator("#no-reading").wait_for()
    assert not page.locator("#live").is_visible()


def test_a_cause_and_its_next_step_stand_above_every_view(page, home, url):
    home.causes.update(state="broker_refused", mqtt="refused")
    walk.enter(page, url, PASSWORD)
    for view in walk.VIEWS:
        walk.go(page, view)
        _has(page, "#banner", "what to do about broker_refused [nb]")
        assert page.locator("#banner").is_visible()
    home.causes.update(state="ok", mqtt="ok")
    walk.go(page, "status")
    page.locator("#banner").wait_for(state="hidden")


# Hours and tariff.


def test_hours_as_bars_as_tables_and_as_a_file(page, home, url):
    walk.enter(page, url, PASSWORD, "hours")
    page.locator("#bars rect").first.wait_for()
    assert page.locator("#bars .import-bar").count() == 72
    assert page.locator("#bars .export-bar").count() == 6
    assert page.locator("#bars .estimate").count() == 1
    assert page.locator("#day-table tbody tr").count() == 4
    _has(page, "#day-table tbody tr:last-child", "20,90\u00a0*")
    page.click("#hour-details summary")
    expect(page.locator("#hour-table tbody tr")).to_have_count(72)
    with page.expect_download() as download:
        page.click("#csv")
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "start;end;import_kwh;export_kwh;source"
    assert lines[-1] == "2026-01-15T13:00:00+01:00;2026-01-15T14:00:00+01:00;1,1;0;meter"
    assert len(lines) == 73
    page.click("#days [value='40']")
    expect(page.locator("#bars .import-bar")).to_have_count(41)
    page.click("#days [value='1']")
    expect(page.locator("#bars .import-bar")).to_have_count(24)
    page.mouse.move(*_middle(page, "#bars .import-bar >> nth=-1"))
    _has(page, "#bar-says", "13:00–14:00: brukt 1,10 kWh")
    assert [re.search(r"days=(\d+)", path)[1] for _, path, _ in home.requests if "hours?" in path] == ["3", "40", "1"]


def _middle(page, selector):
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_no_hours_yet(page, home, url):
    home.hours = lambda days: []
    walk.enter(page, url, PASSWORD, "hours")
    page.locator("#hours-none").wait_for()
    assert not page.locator("#csv").is_visible()


def test_the_tariffs_step_the_running_hour_and_the_load_signal(page, home, url):
    walk.enter(page, url, PASSWORD, "tariff")
    _has(page, "#steps [aria-current]", "5 til 10 kW")
    _has(page, "#hour-left", "9,19 kWh")
    _has(page, "#mean", "5,21 kW")
    _has(page, "#load", "Ingen grunn til å spare")
    home.peaks.update(hour_remaining_wh=0, hour_forecast_wh=12000, load={"reduce": True, "reason": "fuse"})
    _has(page, "#load", "hovedsikringen")
    _has(page, "#hour-forecast", "12,00 kWh, mer enn grensen")
    home.peaks = {**home.peaks, "peaks": [], "mean_wh": None, "load": {"reduce": True, "reason": "hour"}}
    for name in ("step_limit_wh", "hour_limit_wh", "hour_forecast_wh", "hour_remaining_wh"):
        del home.peaks[name]
    _has(page, "#mean", "Ingen ennå")
    _has(page, "#steps [aria-current]", "0 til 2 kW")
    assert not page.locator("#hour-left").is_visible()


# Status.


def test_the_state_of_each_part_and_the_order_for_a_shut_port(page, home, url):
    home.causes.update(state="port_shut", meter="port_shut")
    home.is_shut, home.own_password = True, False
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#part-meter h3", "port_shut [nb]")
    _has(page, "#part-wifi", "Godt (−61 dBm)")
    _has(page, "#part-mqtt", "broker.local:1883")
    _has(page, "#part-dongle", "Passordet er fortsatt det på merkelappen.")
    assert page.locator("#label-password").is_visible()
    page.fill("#order-name", "Kari <b>Nordmann</b>")
    expect(page.locator("#order-text")).to_have_value(
        re.compile(r"^HAN-port \[nb\]\n\n.*\nNavn: Kari <b>Nordmann</b>\n")
    )
    page.click("#copy")
    _has(page, "#copied", "Teksten er")
    assert "Nordmann" not in str(home.requests)
    page.click("#part-meter summary >> nth=0")
    assert page.locator("#scoreboard").inner_text().split("\t") == ["2400 8E1", "12\u00a0345", "20", "12"]


def test_a_capture_and_the_log(page, home, url):
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#capture-says", "Ingen opptak ennå.")
    page.click("#capture-start")
    _has(page, "#capture-says", "42 sekunder igjen")
    page.locator("#capture-file").wait_for()
    with page.expect_download() as download:
        page.click("#capture-file")
    assert download.value.path().read_bytes() == b"\x7e\xa0captured"
    home.log = "10 " + HOSTILE
    page.click("#log-get")
    _has(page, "#log", HOSTILE)


def test_a_restart_and_the_setup_network_ask_first(page, home, url):
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#part-dongle", "han-737431")
    page.click("#restart")
    walk.answer(page, False)
    assert home.restarts == []
    page.click("#restart")
    assert "starte på nytt" in walk.answer(page)
    walk.wait_for_restart(page, "status")
    page.click("[data-view=status] .setup")
    assert "HAN-737431" in walk.answer(page)
    _has(page, "#restart-why", "HAN-737431")
    walk.wait_for_restart(page, "status")
    assert home.restarts == ["restart", "setup"]


# A new version.


@pytest.fixture
def release(tmp_path):
    """A file as owners choose it; the stub takes any content."""
    file = tmp_path / "han-0.2.0-xtensawin.tar"
    file.write_bytes(bytes(range(256)) * 200)
    return file


def _keep_sights(page, view):
    """Note what a view's status and its bar say from now on; gives how to read that."""
    page.evaluate(
        """view => {
            const bar = document.querySelector(`[data-view=${view}] progress`);
            const step = document.querySelector(`[data-view=${view}] [role=status]`);
            window.sights = [];
            const note = () => window.sights.push([step.textContent, bar.value]);
            new MutationObserver(note).observe(bar.parentElement, {
                subtree: true, childList: true, characterData: true, attributes: true,
            });
        }""",
        view,
    )
    return lambda: page.evaluate("window.sights")


def test_a_new_version_is_sent_checked_tried_and_kept(page, home, url, release):
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#update-runs", "Versjon 0.1.0")
    _has(page, "#update-which", "han-…-xtensawin.tar")
    assert page.locator("#update-says").inner_text() == ""
    walk.update(page, release, False)
    assert home.sent("PUT", "update") == []
    sights = _keep_sights(page, "updating")
    question = walk.update(page, release)
    assert "0.1.0" in question and release.name in question
    walk.see(page, "updating")
    assert not page.locator("nav").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    walk.wait_for_restart(page, "status")
    assert home.release == release.read_bytes()
    for step, words in enumerate(("på vei til dongelen", "sjekker at filen", "ved siden av den gamle")):
        assert len({value for text, value in sights() if words in text}) > 2, step
    assert page.evaluate("document.activeElement.id") == "update-title"
    _has(page, "#update-runs", "Versjon 0.2.0")
    _has(page, "#update-says", "på prøve i opptil fem minutter")
    assert not page.locator("#update-choose").is_visible()
    home.update.update(trial=False)
    _has(page, "#update-says", "versjonen blir beholdt")
    assert page.locator("#update-choose").is_visible()
    assert page.locator("#update-error").inner_text() == ""
    assert len(home.sent("PUT", "update")) == 1


def test_an_update_whose_restart_was_not_seen_coming_is_told_all_the_same(page, home, url, release):
    home.tells_of_restart = False
    walk.enter(page, url, PASSWORD, "status")
    walk.update(page, release)
    walk.see(page, "updating")
    walk.see(page, "status")
    _has(page, "#update-runs", "Versjon 0.2.0")
    _has(page, "#update-says", "på prøve")
    assert page.locator("#update-error").inner_text() == ""


def test_a_version_that_fails_its_trial_is_told_when_the_old_one_is_back(page, home, url, release):
    walk.enter(page, url, PASSWORD, "status")
    walk.update(page, release)
    walk.wait_for_restart(page, "status")
    _has(page, "#update-says", "på prøve")
    home.go_back()
    _has(page, "#update-says", "gått tilbake til denne")
    _has(page, "#update-runs", "Versjon 0.1.0")
    assert page.locator("#update-choose").is_visible()


def test_a_dongle_with_one_version_says_that_it_takes_a_cable(page, home, url):
    home.update.update(possible=False)
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#update-says", "med kabel")
    assert not page.locator("#update-choose").is_visible()


def test_what_the_dongle_refuses_at_once_or_after_its_check_is_told_in_words(page, home, url, release):
    walk.enter(page, url, PASSWORD, "status")
    home.refusals["PUT", "update"] = (400, {"error": "no_space", "text": "No room."}, {})
    walk.update(page, release)
    _has(page, "#update-error", "No room.")
    walk.see(page, "status")
    assert page.evaluate("document.activeElement.id") == "update-title"
    for word in ("other_arch", "damaged"):
        home.damage = word
        walk.update(page, release)
        _has(page, "#update-error", word + ".")
        walk.see(page, "status")
    home.damage = ""
    walk.update(page, release)
    assert page.locator("#update-error").inner_text() == ""
    walk.wait_for_restart(page, "status")
    _has(page, "#update-runs", "Versjon 0.2.0")


def test_a_file_that_is_too_large_is_not_sent(page, home, url, tmp_path):
    (tmp_path / "film.tar").write_bytes(b"x" * 1048577)
    walk.enter(page, url, PASSWORD, "status")
    walk.update(page, tmp_path / "film.tar")
    _has(page, "#update-error", "for stor")
    assert home.sent("PUT", "update") == []


def test_an_upload_that_breaks_off_is_told_and_can_be_done_again(page, home, url, release):
    home.breaks_off = True
    walk.enter(page, url, PASSWORD, "status")
    walk.update(page, release)
    _has(page, "#update-error", "damaged.")
    home.breaks_off = False
    walk.update(page, release)
    walk.wait_for_restart(page, "status")
    _has(page, "#update-runs", "Versjon 0.2.0")


def test_a_file_that_never_reached_the_dongle_is_not_blamed_for_an_earlier_one(page, home, url, release):
    home.update.update(state="failed", error="other_arch", text="Another chip.")
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#update-error", "Another chip.")
    home.lost.add(("PUT", "update"))
    walk.update(page, release)
    _has(page, "#update-error", "Filen kom ikke fram")
    walk.see(page, "status")
    page.wait_for_timeout(300)
    _has(page, "#update-error", "Filen kom ikke fram")


def test_a_dongle_that_is_lost_while_the_file_is_sent_is_found_again(page, home, url, release):
    home.piece_s = 0.2
    walk.enter(page, url, PASSWORD, "status")
    walk.update(page, release)
    _until(page, lambda: home.update["percent"] > 10)
    home.silent = True
    page.locator("#lost").wait_for()
    _until(page, lambda: home.update["state"] == "failed")
    home.update.update(state="none", percent=0)  # it has lost its power
    home.silent = False
    _has(page, "#update-error", "Filen kom ikke fram")
    page.locator("#lost").wait_for(state="hidden")
    walk.see(page, "status")


def test_a_connection_that_hangs_is_over_when_the_dongle_says_so(page, home, url, release):
    walk.enter(page, url, PASSWORD, "status")
    home.piece_s = 1
    walk.update(page, release)
    _until(page, lambda: home.update["percent"] > 0)
    home.update.update(state="failed", error="damaged", text="Cut off.")
    _has(page, "#update-error", "Cut off.")
    walk.see(page, "status")


def test_a_login_that_has_run_out_before_or_during_an_update(page, home, url, release):
    walk.enter(page, url, PASSWORD, "status")
    page.locator("#update-choose").wait_for()
    home.cookie = "another"
    walk.update(page, release)
    walk.log_in(page, PASSWORD)
    walk.see(page, "status")
    _has(page, "#update-error", "Du måtte logge inn på nytt")
    assert home.sent("PUT", "update") == []
    home.piece_s = 0.15
    walk.update(page, release)
    _until(page, lambda: home.update["percent"] > 10)
    home.cookie = "a third"
    walk.log_in(page, PASSWORD)
    walk.see(page, "status")
    _has(page, "#update-says", re.compile("på vei|sjekker|ved siden av"))
    assert page.locator("#update-error").inner_text() == ""
    home.piece_s = 0.01
    _has(page, "#update-says", "på prøve")
    assert home.release == release.read_bytes()


def test_who_comes_while_a_version_is_unpacked_sees_that(page, home, url):
    home.update.update(state="unpacking", percent=40, new="0.2.0")
    walk.enter(page, url, PASSWORD, "status")
    _has(page, "#update-says", "ved siden av den gamle")
    assert not page.locator("#update-choose").is_visible()
    home.try_next()
    _has(page, "#update-says", "på prøve")


# Settings.

CHANGES = {
    "wifi.hostname": ("stua-dongel", "stua-dongel"),
    "mqtt.port": ("8883", 8883),
    "mqtt.tls": (True, True),
    "homeassistant.discovery": (False, False),
    "meter.line": ("115200 8N1", "115200 8N1"),
    "meter.energy_multiplier": ("× 0,1", 0.1),
    "tariff.steps_kw": ("2  5, 7,5 10", [2, 5, 7.5, 10]),
    "tariff.limit_kw": ("4,5", 4.5),
    "load.pin": ("-1", None),
    "load.fuse_a": ("63", 63),
    "owner.language": ("Nynorsk", "nn"),
    "mqtt.password": ("hemmelig-mqtt", "hemmelig-mqtt"),
}


def test_a_setting_of_every_group_is_changed_and_the_page_comes_back(page, home, url):
    walk.enter(page, url, PASSWORD, "settings")
    for key, (typed, _) in CHANGES.items():
        walk.set_field(page, key, typed)
    _has(page, "#changes", "11 endringer er ikke lagret.")
    walk.save(page)
    _has(page, "#restart-why", "Det er lagret.")
    walk.wait_for_restart(page, "settings")
    assert home.sent("PATCH", "settings") == [{key: kept for key, (_, kept) in CHANGES.items() if kept is not None}]
    page.locator("#save").wait_for(state="hidden")
    expect(page.locator("#f-tariff-steps_kw")).to_have_value("2  5  7,5  10")
    assert walk.field(page, "mqtt.password").locator("input").first.input_value() == ""
    assert "hemmelig-mqtt" not in page.content()


def test_what_is_wrong_is_said_at_its_field(page, home, url):
    walk.enter(page, url, PASSWORD, "settings")
    for key, typed, said in (
        ("mqtt.port", "70000", "fra 1 til 65535"),
        ("tariff.steps_kw", "to fem", "mellomrom"),
        ("tariff.limit_kw", "x", "Skriv et tall."),
    ):
        walk.set_field(page, key, typed)
        walk.save(page)
        expect(_error(page, key)).to_contain_text(said)
        page.click("#undo")
    walk.set_field(page, "mqtt.host", "mqtt://server")
    page.click("[data-open=mqtt] > summary")
    walk.save(page)
    expect(_error(page, "mqtt.host")).to_have_text("wrong_value.")
    assert page.evaluate("document.activeElement.id") == "f-mqtt-host"
    assert page.get_attribute("#f-mqtt-host", "aria-invalid") == "true"
    assert _error(page, "mqtt.host").get_attribute("role") == "alert"
    assert home.restarts == []
    assert home.sent("PATCH", "settings") == [{"mqtt.host": "mqtt://server"}]


def test_a_secret_is_never_shown_and_is_replaced_or_removed(page, home, url):
    home.secrets["meter.key"] = True
    walk.enter(page, url, PASSWORD, "settings")
    walk.open_group(page, "meter")
    assert page.get_attribute("#f-meter-key", "placeholder") == "Er satt, vises ikke"
    assert page.get_attribute("#f-meter-auth_key", "placeholder") == "Ikke satt"
    walk.field(page, "meter.key").locator(".remove").check()
    walk.save(page)
    walk.wait_for_restart(page, "settings")
    assert home.sent("PATCH", "settings") == [{"meter.key": ""}]


def test_certificates_are_pasted_chosen_and_removed(page, home, url, tmp_path):
    walk.enter(page, url, PASSWORD, "settings")
    walk.open_group(page, "mqtt")
    ca = walk.field(page, "mqtt.ca_file")
    ca.locator("summary").click()
    ca.locator("button").first.click()
    expect(ca.locator(".error")).to_contain_text("Lim inn")
    ca.locator("textarea").fill("ingen PEM")
    ca.locator("button").first.click()
    expect(ca.locator(".error")).to_have_text("wrong_value.")
    (tmp_path / "ca.pem").write_text(PEM)
    ca.locator("[type=file]").set_input_files(tmp_path / "ca.pem")
    expect(ca.locator("textarea")).to_have_value(PEM)
    ca.locator("button").first.click()
    walk.wait_for_restart(page, "settings")
    expect(ca.locator("summary")).to_contain_text("ca.pem")
    walk.open_group(page, "mqtt")
    ca.locator("summary").click()
    ca.locator("button").last.click()
    walk.answer(page)
    walk.wait_for_restart(page, "settings")
    assert [body["pem"] for body in home.sent("PUT", "certificates/ca")] == ["ingen PEM", PEM, ""]


def test_a_backup_is_downloaded_and_restored_without_the_networks_name(page, home, url, tmp_path):
    walk.enter(page, url, PASSWORD, "settings")
    page.click("details:has(#backup) summary")
    with page.expect_download() as download:
        page.click("#backup")
    kept = download.value.path().read_text("utf-8")
    assert "wifi.ssid" in kept
    for name, content, said in (
        ("odd.json", "nei", "ingen sikkerhetskopi"),
        ("bad.json", '{"settings": {"mqtt.prot": 1}}', "mqtt.prot: wrong_value."),
    ):
        (tmp_path / name).write_text(content)
        page.set_input_files("#restore", tmp_path / name)
        if "bad" in name:
            walk.answer(page)
        _has(page, "#restore-error", said)
    home.settings["mqtt.host"] = "en.annen"
    (tmp_path / "good.json").write_text(kept)
    page.set_input_files("#restore", tmp_path / "good.json")
    assert "good.json" in walk.answer(page)
    walk.wait_for_restart(page, "settings")
    assert home.settings["mqtt.host"] == "broker.local"
    assert "wifi.ssid" not in home.sent("PATCH", "settings")[-1]


# When things go wrong.


def test_a_dongle_that_does_not_answer_is_told_and_found_again(page, home, url):
    walk.enter(page, url, PASSWORD, "tariff")
    _has(page, "#hour-left", "9,19 kWh")
    home.silent = True
    _has(page, "#lost", "Dongelen svarer ikke.")
    home.peaks["hour_remaining_wh"] = 5000
    home.silent = False
    _has(page, "#hour-left", "5,00 kWh")
    page.locator("#lost").wait_for(state="hidden")


def test_an_answer_that_takes_too_long_is_given_up_and_asked_for_again(page, home, url):
    walk.enter(page, url, PASSWORD)
    home.slow_s.update(peaks=8.5, diagnosis=8.5)
    walk.go(page, "tariff")
    # Said after the second in a row, and each has eight seconds.
    expect(page.locator("#lost")).to_contain_text("Dongelen svarer ikke.", timeout=30000)
    home.slow_s.clear()
    expect(page.locator("#hour-left")).to_contain_text("9,19 kWh", timeout=15000)  # what is on its way ends first
    home.most_at_once = 1  # what was given up still ran


def test_busy_is_waited_for_and_other_refusals_are_told(page, home, url):
    home.refusals["GET", "peaks"] = (503, {"error": "busy", "text": "busy."}, {})
    walk.enter(page, url, PASSWORD, "tariff")
    _has(page, "#hour-left", "9,19 kWh")
    home.refusals["GET", "settings"] = (500, {"error": "not_kept", "text": "The flash refuses."}, {})
    walk.go(page, "settings")
    _has(page, "#lost", "The flash refuses.")
    walk.see(page, "settings").locator("[data-open=mqtt]").wait_for()


def test_a_lost_answer_to_a_change_makes_no_second_one(page, home, url):
    home.lost.add(("PATCH", "settings"))
    walk.enter(page, url, PASSWORD, "settings")
    walk.set_field(page, "mqtt.user", "kari")
    walk.save(page)
    page.locator("#save").wait_for(state="hidden")
    expect(page.locator("#f-mqtt-user")).to_have_value("kari")
    page.wait_for_timeout(1000)
    assert home.restarts == ["settings"]


def test_hostile_words_of_the_dongle_are_text(page, home, url):
    home.settings.update({"wifi.ssid": HOSTILE, "mqtt.user": HOSTILE, "mqtt.ca_file": HOSTILE})
    home.causes.update(state=HOSTILE, meter=HOSTILE, mqtt=HOSTILE)
    home.hours = lambda days: [
        {"start": HOSTILE, "end": HOSTILE, "source": HOSTILE, "import_wh": 1000, "export_wh": 0}
    ]
    home.peaks["peaks"] = [{"start": HOSTILE, "import_wh": 1}]
    walk.enter(page, url, PASSWORD)
    for view, selector in (
        ("hours", "#day-table tbody"),
        ("tariff", "#peaks tbody"),
        ("status", "#part-meter h3"),
        ("settings", "[data-open=wifi]"),
    ):
        walk.go(page, view)
        _has(page, selector, HOSTILE[:10])
        assert page.locator("main img").count() == 0
    walk.open_group(page, "mqtt")
    expect(page.locator("#f-mqtt-user")).to_have_value(HOSTILE)
    assert page.title() == "HAN-dongelen"


# For everybody.


@pytest.mark.parametrize("locale, language, title", [("nn-NO", "nn", "Akkurat no"), ("en-GB", "en", "Right now")])
def test_the_browsers_language_first_then_the_one_that_was_chosen(visit, home, url, locale, language, title):
    page = visit(lang=locale)
    home.causes["state"] = "stopped"
    home.tell(power_import_w=12345)
    walk.enter(page, url, PASSWORD)
    _has(page, "[data-view=now] h1", title)
    _has(page, "#import-w", "12,345" if language == "en" else "12\u00a0345")
    _has(page, "#banner", f"stopped [{language}]")
    page.click("#languages [value=nb]")
    _has(page, "#banner", "stopped [nb]")
    _has(page, "[data-view=now] h1", "Akkurat nå")
    assert home.most_at_once == 1
    page.reload()
    _has(page, "[data-view=now] h1", "Akkurat nå")
    assert page.locator("html").get_attribute("lang") == "nb"
    home.most_at_once = 1  # what the page had asked before it was loaded anew may still have run
    walk.go(page, "settings")
    walk.set_field(page, "mqtt.user", "kari")
    page.click("#languages [value=en]")
    expect(page.locator("[data-key='mqtt.user'] label")).to_have_text("User")
    expect(page.locator("#f-mqtt-user")).to_have_value("kari")


def test_the_page_works_where_storage_is_forbidden(visit, url):
    page = visit()
    forbid = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    page.context.add_init_script(forbid)
    walk.enter(page, url, PASSWORD)
    page.click("#languages [value=en]")
    _has(page, "[data-view=now] h1", "Right now")


def test_by_keyboard_alone(visit, home, url):
    page = visit(is_in=False)
    walk.open_page(page, url)
    walk.see(page, "login")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    for view in ("hours", "tariff", "status"):
        walk.tab_to(page, f'nav [href="#{view}"]', "Enter")
        walk.see(page, view)
        assert page.evaluate("document.activeElement.tagName") == "H1"
    page.locator("#part-dongle dt").first.wait_for()
    walk.tab_to(page, "#restart", "Enter")
    assert page.evaluate("document.activeElement.id") == "no"
    page.keyboard.press("Escape")
    page.locator("#question").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "restart"
    walk.tab_to(page, 'nav [href="#settings"]', "Enter")
    page.locator("[data-open=tariff]").wait_for()
    walk.tab_to(page, "[data-open=tariff] > summary", "Enter")
    walk.tab_to(page, "#f-tariff-hours")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    walk.wait_for_restart(page, "settings")
    assert home.sent("PATCH", "settings") == [{"tariff.hours": 4}]


LIGHT = {"light": GROUNDS["light"]}


@pytest.mark.parametrize("viewport, schemes", [(browser.PHONE, GROUNDS), (DESKTOP, LIGHT)], ids=["phone", "desktop"])
def test_every_view_can_be_used_by_all_and_fits(visit, home, url, release, viewport, schemes):
    page = visit(is_in=False, viewport=viewport)
    home.causes.update(state="port_shut", meter="port_shut")
    home.is_shut = True
    home.reading["registers"]["power_export_w"] = 99999
    seen = set()

    def judge(sight):
        seen.add(sight.split(" ")[0])
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], sight
        for scheme, ground in schemes.items():
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
            assert browser.barriers(page) == [], (sight, scheme)

    walk.tour(page, url, judge, PASSWORD)
    assert seen == {"login", *walk.VIEWS}
    _update_is_judged(page, home, release, judge)
    home.reading["age_s"] = 95
    walk.go(page, "now")
    page.locator("#old").wait_for()
    judge("now when it is old")
    walk.go(page, "status")
    page.click("#restart")
    walk.answer(page)
    walk.see(page, "restarting")
    judge("restarting")


def _update_is_judged(page, home, release, judge):
    walk.go(page, "status")
    home.refusals["PUT", "update"] = (400, {"error": "no_space", "text": "No room."}, {})
    walk.update(page, release)
    _has(page, "#update-error", "No room.")
    judge("status with an update refused")
    home.piece_s = 1
    walk.update(page, release)
    walk.see(page, "updating")
    judge("updating")
    home.piece_s = 0.01
    walk.wait_for_restart(page, "status")
    _has(page, "#update-says", "på prøve")
    judge("status on trial")
    home.update.update(trial=False)
