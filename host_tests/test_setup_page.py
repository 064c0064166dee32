"""The setup page in a real browser the size of a phone, against a stub of the dongle: every way through it."""

import pytest

import browser
import setup_walk as walk
from setup_stub import METER_NONE, Portal
from stub_server import served

pytestmark = pytest.mark.browser

BROKER = ("broker.local", 1884, "stua", "hemmelig-mqtt")
PASSWORD = "hemmelig-side"
GROUNDS = {"dark": "rgb(19, 23, 21)", "light": "rgb(246, 247, 245)"}
HURRY = 10
TOUR = {
    **{"wrong_wifi": ("Stua", "feil-passord"), "wifi": ("Stua", "hemmelig-wifi")},
    **{"wrong_mqtt": ("feil.local",), "mqtt": BROKER, "password": PASSWORD},
}
HOSTILE = (
    "<script>document.title = 'taken'</script>"[:32],
    "<img src=x onerror=alert(1)>",
    "</span>{network}$&'\"\\",
    "🏠 Hytta på Kvaløya 🔥",
    "32 byte langt navn på et nettverk"[:31],
)


@pytest.fixture
def portal(built_pages):
    return Portal((built_pages / "setup.html.gz").read_bytes())


@pytest.fixture
def url(portal):
    with served(portal) as url:
        yield url


@pytest.fixture
def visit(chromium, portal, url):
    """Opens the page as some phone would, watched: nothing may be complained of or asked of others."""
    opened = []

    def visit(**options):
        visited = browser.visited(chromium, hurry=HURRY, **options)
        page, watch = visited.__enter__()
        opened.append((visited, watch))
        return page

    yield visit
    for visited, watch in opened:
        visited.__exit__(None, None, None)
        assert watch.complaints == []
        assert watch.asked <= {url.split("/")[2]}


@pytest.fixture
def page(visit):
    return visit()


def _connected(portal, ssid="Stua"):
    portal.wifi.update(state="connected", ssid=ssid, address="192.168.1.20")


@pytest.mark.parametrize(
    "locale, language, button",
    [
        ("nb-NO", "nb", "Gå videre"),
        ("nn-NO", "nn", "Gå vidare"),
        ("en-GB", "en", "Continue"),
    ],
)
def test_the_whole_setup_in_the_phones_language(visit, portal, url, locale, language, button):
    page = visit(lang=locale)
    walk.open_page(page, url)
    section = walk.see(page, "meter")
    assert section.locator(".main").inner_text() == button
    assert section.locator("#watts").inner_text() == "1\u00a0234"
    assert "2400 8E1" in section.locator("#proof").inner_text()
    assert page.locator("html").get_attribute("lang") == language
    addresses = walk.walk(page, url, ("Stua", "hemmelig-wifi"), BROKER, PASSWORD)
    assert addresses == ["192.168.1.20", "han-737431.local"]
    assert portal.posted("wifi") == [{"ssid": "Stua", "password": "hemmelig-wifi"}]
    host, port, user, password = BROKER
    tls = {"tls": False, "verify": True, "ca": ""}
    assert portal.posted("mqtt") == [{"host": host, "port": port, "user": user, "password": password, **tls}]
    assert portal.posted("owner") == [{"language": language, "password": PASSWORD}]
    assert portal.done


@pytest.mark.parametrize("locale, language", [("no", "nb"), ("nn", "nn"), ("de-DE", "nb")])
def test_the_phones_language_or_bokmal(visit, url, locale, language):
    page = visit(lang=locale)
    walk.open_page(page, url)
    walk.see(page, "meter")
    assert page.locator("html").get_attribute("lang") == language


def test_the_language_is_switched_at_any_time_and_kept_over_a_reload(page, portal, url):
    portal.wifi_result = "weak"
    walk.open_page(page, url, "wifi")
    walk.try_wifi(page, "Stua", "hemmelig-wifi")
    walk.see(page, "wifi-form").get_by_text("weak [nb]", exact=True).wait_for()
    page.click("#languages [value=nn]")
    walk.see(page, "wifi-form").get_by_text("weak [nn]", exact=True).wait_for()
    assert page.input_value("#wifi-password") == "hemmelig-wifi"
    page.reload()
    walk.see(page, "wifi-form").get_by_text("weak [nn]", exact=True).wait_for()
    assert walk.see(page, "wifi-form").locator("h1").inner_text() == "WiFi heime"


def test_safe_mode_is_said_above_every_step(page, portal, url):
    walk.open_page(page, url)
    walk.see(page, "meter")
    assert not page.locator("#safe").is_visible()
    portal.is_safe = True
    page.locator("#safe").get_by_text("krasjet gang på gang", exact=False).wait_for()
    walk.pass_meter(page)
    walk.see(page, "wifi-form")
    assert page.locator("#safe").is_visible()


def test_a_house_that_exports_and_one_whose_meter_is_silent(page, portal, url):
    portal.meter.update(power_w=0, export_w=2500)
    walk.open_page(page, url)
    walk.see(page, "meter").get_by_text("2\u00a0500 W").wait_for()
    portal.meter = {**METER_NONE, "cause": "no_bytes"}
    walk.see(page, "meter").get_by_text("what to do about no_bytes [nb]").wait_for()
    assert not page.locator("#power").is_visible()
    assert not page.locator("#order").is_visible()
    page.click("summary")
    assert page.locator("#scoreboard").inner_text().split("\t") == ["2400 8E1", "12\u00a0345", "20", "12"]
    walk.pass_meter(page)
    walk.see(page, "wifi-form")


def test_the_order_for_a_shut_port_is_filled_in_and_stays_on_the_phone(page, portal, url):
    portal.meter = {**METER_NONE, "cause": "port_shut"}
    walk.open_page(page, url)
    walk.wait_for_value(page, "#order-text", r"\[Målernummer\]")
    for name, value in (("name", "Kari <b>Nordmann</b>"), ("address", "Storgata 1"), ("meter", "735999")):
        page.fill(f"#order-{name}", value)
    text = page.input_value("#order-text")
    assert text.startswith(
        "HAN-port [nb]\n\nJeg ber om åpning.\nNavn: Kari <b>Nordmann</b>\nAdresse: Storgata 1\nMåler: 735999"
    )
    page.click("#copy")
    page.locator("#copied").get_by_text("Teksten er").wait_for()
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == text
    page.click("#languages [value=en]")
    walk.wait_for_value(page, "#order-text", r"^HAN-port \[en\]")
    assert "Nordmann" in page.input_value("#order-text")
    assert "Nordmann" not in str(portal.requests)
    assert "735999" not in str(portal.requests)


def test_each_failure_of_wifi_is_named_and_what_was_typed_is_kept(page, portal, url):
    walk.open_page(page, url, "wifi")
    for word in ("wrong_password", "not_found", "weak", "no_address", "refused"):
        portal.wifi_result = word
        walk.try_wifi(page, "Nabo 2", "hemmelig-" + word)
        walk.see(page, "wifi-trying")
        fault = walk.see(page, "wifi-form").locator("#wifi-fault")
        assert fault.inner_text().split("\n")[0] == f"{word} [nb]"
        assert f"what to do about {word} [nb]" in fault.inner_text()
        assert page.input_value("#wifi-password") == "hemmelig-" + word
        assert walk.picked(page) == "Nabo 2"
    portal.wifi_result = "connected"
    walk.press(page, "wifi-form")
    assert "192.168.1.20" in walk.accept_wifi(page)
    assert portal.most_at_once == 1


def test_what_the_dongle_refuses_is_said_at_the_form(page, portal, url):
    walk.open_page(page, url, "wifi")
    walk.press(page, "wifi-form")
    assert walk.error(page, "wifi-form") == "Velg et nett først."
    refused = (("", "", "ssid_empty."), ("x" * 33, "", "ssid_long."), ("Hytta", "kort", "password_short."))
    for ssid, password, said in refused:
        walk.try_wifi(page, ssid, password)
        page.locator("#wifi .error").get_by_text(said).wait_for()
        assert page.input_value("#ssid") == ssid
    assert portal.tried == []


def test_a_hidden_network_and_an_open_one(page, portal, url):
    walk.open_page(page, url, "wifi")
    walk.try_wifi(page, "Skjult ", "hemmelig-wifi")
    walk.see(page, "wifi-connected").locator("[data-change]").click()
    walk.choose_network(page, "Gjest")
    assert not page.locator("#wifi-password").is_visible()
    walk.press(page, "wifi-form")
    walk.accept_wifi(page)
    assert portal.posted("wifi") == [
        {"ssid": "Skjult ", "password": "hemmelig-wifi"},
        {"ssid": "Gjest", "password": ""},
    ]


def test_a_new_search_and_the_polling_keep_what_is_chosen_and_typed(page, portal, url):
    walk.open_page(page, url, "wifi")
    walk.choose_network(page, "Nabo 2")
    page.fill("#wifi-password", "halvferdig")
    portal.networks = [{"ssid": "Ny", "rssi": -40, "secure": True}, *portal.networks]
    page.click("#search")
    page.get_by_text("Fant 4 nett.").wait_for()
    assert portal.posted("networks") == [{}]
    assert walk.picked(page) == "Nabo 2"
    portal.networks = portal.networks[:1]
    page.click("#search")
    page.get_by_text("Fant 1 nett.").wait_for()
    assert page.input_value("#ssid") == "Nabo 2"
    walk.wait_for_polls(page, 2)
    assert page.input_value("#wifi-password") == "halvferdig"


def test_hostile_names_of_networks_are_text(page, portal, url):
    portal.networks = [{"ssid": ssid, "rssi": -50, "secure": False} for ssid in HOSTILE]
    walk.open_page(page, url, "wifi")
    walk.choose_network(page, HOSTILE[0])
    assert page.locator("#networks .ssid").all_text_contents() == list(HOSTILE)
    assert page.locator("#networks img, #networks script").count() == 0
    walk.choose_network(page, HOSTILE[2])
    walk.press(page, "wifi-form")
    title = walk.see(page, "wifi-connected").locator("h1")
    assert title.inner_text() == "Koblet til " + HOSTILE[2]
    assert portal.tried == [HOSTILE[2]]


def test_the_phone_is_dropped_during_the_try_and_finds_the_result(page, portal, url):
    portal.silent_s, portal.try_s = 1, 0.5
    walk.open_page(page, url, "wifi")
    walk.try_wifi(page, "Stua", "hemmelig-wifi")
    page.locator("#lost").get_by_text("HAN-737431").wait_for()
    assert walk.see(page, "wifi-trying").locator("h1").inner_text() == "Prøver Stua …"
    walk.accept_wifi(page)
    assert not page.locator("#lost").is_visible()
    assert portal.tried == ["Stua"]


def test_what_never_reached_the_dongle_is_sent_again(page, portal, url):
    walk.open_page(page, url, "wifi")
    walk.choose_network(page, "Gjest")
    portal.silent = True
    walk.press(page, "wifi-form")
    page.locator("#lost").wait_for()
    portal.silent = False
    walk.accept_wifi(page)
    assert portal.tried == ["Gjest"]


def test_a_reload_in_the_middle_comes_back_to_the_same_place(page, portal, url):
    portal.try_s = 1
    walk.open_page(page, url, "wifi")
    walk.try_wifi(page, "Stua", "hemmelig-wifi")
    walk.see(page, "wifi-trying")
    page.reload()
    walk.see(page, "wifi-trying")
    walk.accept_wifi(page)
    walk.see(page, "mqtt-form")
    page.reload()
    walk.try_mqtt(page, *BROKER)
    walk.see(page, "mqtt-trying")
    page.reload()
    walk.accept_mqtt(page)
    page.reload()
    walk.see(page, "owner")
    page.go_back()
    walk.see(page, "mqtt-ok")


def test_a_page_that_is_opened_anew_begins_where_the_dongle_is(page, portal, url):
    for wifi, mqtt, password, view in (
        ("off", "off", "", "meter"),
        ("connecting", "off", "", "wifi-trying"),
        ("wrong_password", "off", "", "wifi-form"),
        ("connected", "off", "", "mqtt-form"),
        ("connected", "wrong_login", "", "mqtt-fault"),
        ("connected", "ok", "", "owner"),
        ("connected", "ok", PASSWORD, "done"),
    ):
        portal.wifi.update(state=wifi, ssid="Stua")
        portal.mqtt.update(state=mqtt, host="" if mqtt == "off" else "broker.local")
        portal.owner["password"] = password
        page.goto("about:blank")
        walk.open_page(page, url)
        walk.see(page, view)
        assert page.evaluate("document.activeElement.tagName") == "H1"


def test_mqtt_that_fails_is_kept_and_can_be_changed_or_left(page, portal, url):
    _connected(portal)
    portal.mqtt_result = "wrong_login"
    walk.open_page(page, url)
    walk.press(page, "mqtt-form")
    assert walk.error(page, "mqtt-form").startswith("Skriv serverens navn")
    walk.try_mqtt(page, "broker.local", "70000")
    assert walk.error(page, "mqtt-form").startswith("Porten er")
    walk.try_mqtt(page, "med mellomrom", "1884")
    page.locator("#mqtt .error").get_by_text("host_invalid.").wait_for()
    walk.try_mqtt(page, *BROKER)
    assert "what to do about wrong_login [nb]" in walk.see(page, "mqtt-fault").inner_text()
    walk.press(page, "mqtt-fault")
    assert page.input_value("#mqtt-password") == BROKER[3]
    walk.press(page, "mqtt-form")
    walk.press(page, "mqtt-fault", "[data-go=owner]")
    walk.see(page, "owner")
    assert portal.mqtt["host"] == "broker.local"


def test_mqtt_with_tls_and_mqtt_skipped(page, portal, url):
    _connected(portal)
    walk.open_page(page, url)
    walk.fill_mqtt(page, "broker.local")
    page.check("#tls")
    assert page.input_value("#port") == "8883"
    page.fill("#ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    walk.press(page, "mqtt-form")
    walk.see(page, "mqtt-ok").locator("[data-change]").click()
    page.check("#unverified")
    assert page.locator("#unverified-warning").is_visible()
    assert not page.locator("#ca").is_visible()
    walk.press(page, "mqtt-form")
    walk.see(page, "mqtt-ok").locator("[data-change]").click()
    walk.skip_mqtt(page)
    walk.see(page, "owner")
    walk.wait_for_polls(page, 1)
    with_ca, without, skipped = portal.posted("mqtt")
    assert (with_ca["tls"], with_ca["verify"], with_ca["port"]) == (True, True, 8883)
    assert with_ca["ca"].splitlines()[1] == "AAAA"
    assert (without["verify"], without["ca"]) == (False, "")
    assert skipped == {"host": ""}


def test_the_page_password_is_asked_for_shown_and_kept(page, portal, url):
    _connected(portal)
    walk.open_page(page, url, "owner")
    walk.press(page, "owner")
    assert walk.error(page, "owner") == "Passordet må ha minst 8 tegn."
    walk.set_owner(page, "kort", "en")
    page.locator("#owner .error").get_by_text("password_short.").wait_for()
    page.check("[data-shows=owner-password]")
    assert page.get_attribute("#owner-password", "type") == "text"
    walk.set_owner(page, PASSWORD)
    walk.see(page, "done").locator("[data-go=owner]").click()
    walk.see(page, "owner").get_by_text("already has a password").wait_for()
    walk.set_owner(page, "")
    walk.see(page, "done")
    assert portal.owner == {"language": "en", "password": PASSWORD}


def test_the_whole_setup_by_keyboard_alone(page, portal, url):
    walk.open_page(page, url)
    walk.see(page, "meter")
    walk.tab_to(page, "#meter-next", "Enter")
    walk.see(page, "wifi-form").locator("#networks li").first.wait_for()
    walk.tab_to(page, "#networks input", "Space")
    page.keyboard.press("ArrowDown")
    assert walk.picked(page) == "Nabo 2"
    walk.tab_to(page, "#wifi-password")
    page.keyboard.type("hemmelig-wifi")
    page.keyboard.press("Enter")
    walk.see(page, "wifi-connected")
    walk.tab_to(page, "[data-view=wifi-connected] .main", "Enter")
    walk.see(page, "mqtt-form")
    walk.tab_to(page, "#mqtt-skip", "Enter")
    walk.see(page, "owner")
    walk.tab_to(page, "#owner-password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    walk.see(page, "done")
    walk.tab_to(page, "#finish", "Enter")
    walk.see(page, "done-bye")
    assert portal.tried == ["Nabo 2"]


def test_every_view_can_be_used_by_all_and_fits_a_phone(page, portal, url):
    seen = set()

    def judge(sight):
        seen.add(sight.split(" ")[0])
        assert page.evaluate("document.documentElement.scrollWidth") <= browser.PHONE["width"], sight
        for scheme, ground in GROUNDS.items():
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
            assert browser.barriers(page) == [], (sight, scheme)

    portal.try_s = 1
    walk.tour(page, url, judge, **TOUR)
    views = page.locator("[data-view]").evaluate_all("all => all.map(one => one.dataset.view)")
    assert seen == set(views) - {"loading"}


def test_the_order_can_be_used_by_all(page, portal, url):
    portal.scoreboard.append({"line": "115200 8N1 inverted", "bytes": 1234567, "flags": 12345, "frames": 1234})
    portal.meter = {**METER_NONE, "cause": "port_shut"}
    walk.open_page(page, url, "meter")
    page.locator("#order").wait_for()
    page.click("summary")
    page.get_by_text("115200 8N1 inverted").wait_for()
    assert browser.barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= browser.PHONE["width"]
