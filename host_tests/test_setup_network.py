"""The setup network: who joins it is led to the page; what is set there is tried, kept, and named when it fails."""

import json
import re
import socket
import threading
import time
from contextlib import closing

import dns.message
import dns.query
import pytest

import alone
import build
import host
from app import passwords
from setup_stage import SetupStage
from version import version

pytestmark = pytest.mark.tier3

_STUA = {"ssid": "Stua", "password": "hemmelig1", "rssi": -50, "channel": 11, "delay_ms": 100}
# Names as neighbours may have them: HTML, quotes, control characters; and a half of a pair, which is no UTF-8.
_ODD = ['<script>alert("x")</script>', "'\"\\`${x}", "\x01\x1b[31m\x7f\u2028", "Blåbærsyltetøy 🫐", "half \ud83d"]
_HOME = {"ssid": "Stua", "password": "hemmelig1"}
_PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
_PAGE = b"\x1f\x8b the page, compressed"


@pytest.fixture(scope="module")
def portal(tmp_path_factory, compiled):
    """The setup network of a dongle that knows no network, at a meter."""
    odd = [{"ssid": name, "rssi": -60 - n} for n, name in enumerate(_ODD)]
    many = [{"ssid": f"N{n}", "rssi": -90} for n in range(30)]
    with closing(SetupStage(tmp_path_factory.mktemp("portal"))) as stage:
        stage.air(*odd, _STUA, dict(_STUA, ssid="Skjult", hidden=True), *many)
        stage.start_meter("aidon")
        stage.open(speed=2, settings={}, probe=True)
        yield stage
    assert not [line for line in stage.log if "fault" in line or "Traceback" in line], stage.log


@pytest.fixture
def setup(tmp_path, compiled):
    with closing(SetupStage(tmp_path)) as stage:
        stage.broker.start()
        stage.air(_STUA, {"ssid": "Gjest", "delay_ms": 100})
        yield stage
    assert not [line for line in stage.log if "fault" in line or "Traceback" in line], stage.log


# The network


def test_the_network_is_closed_and_on_the_strongest_ones_channel(portal):
    assert portal.point() == {
        "ssid": "HAN-737431",
        "key": (portal.folder / "label").read_text(),
        "authmode": 3,
        "hidden": False,
        "channel": 11,
        "address": "127.0.0.1",
        "active": True,
    }


def test_the_labels_password_is_random_and_kept(tmp_path, compiled):
    program = "from app import label; print(label.secret())"
    secrets = set()
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        said = alone.run(program, tmp_path / name)
        assert alone.run(program, tmp_path / name) == said
        assert (tmp_path / name / "label").read_text() == said.strip()
        secrets.add(said)
    assert len(secrets) == 3
    assert all(re.fullmatch("[abcdefghjkmnpqrstuvwxyz23456789]{12}\n", secret) for secret in secrets)


def test_a_damaged_label_is_made_anew(tmp_path, compiled):
    for content in (b"", b"short", b"ABCDEFGHJKMN", b"\xff" * 12, b"a" * 100):
        (tmp_path / "label").write_bytes(content)
        assert len(alone.run("from app import label; print(label.secret())", tmp_path).strip()) == 12


def test_without_a_password_there_is_no_network(setup):
    (setup.folder / "label").mkdir()
    setup.start(speed=5, settings={})
    setup.wait_for_log("setup: the network cannot be opened", 15)
    assert not setup.point()
    (setup.folder / "label").rmdir()
    setup.wait_for_log("is up, its password", 15)
    assert setup.point()["authmode"] == 3 and len(setup.point()["key"]) == 12


# The phone's own questions, as these systems send them

_ANDROID = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"
_PROBES = [
    ("/generate_204", "connectivitycheck.gstatic.com", f"User-Agent: {_ANDROID}\r\nConnection: close\r\n"),
    ("/gen_204", "connectivitycheck.gstatic.com", f"User-Agent: {_ANDROID}\r\nAccept-Encoding: gzip\r\n"),
    ("/generate_204", "www.google.com", "User-Agent: Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)\r\n"),
    ("/hotspot-detect.html", "captive.apple.com", "User-Agent: CaptiveNetworkSupport-481.0.1 wispr\r\n"),
    ("/hotspot-detect.html", "captive.apple.com", "Accept: */*\r\nConnection: close\r\n"),
    ("/connecttest.txt", "www.msftconnecttest.com", "User-Agent: Microsoft NCSI\r\n"),
    ("/ncsi.txt", "www.msftncsi.com", "User-Agent: Microsoft NCSI\r\n"),
    ("/redirect", "www.msftconnecttest.com", "Upgrade-Insecure-Requests: 1\r\n"),
    ("/canonical.html", "detectportal.firefox.com", "Cache-Control: no-cache\r\nPragma: no-cache\r\n"),
    ("/success.txt?ipv4", "detectportal.firefox.com", "User-Agent: Mozilla/5.0\r\nConnection: keep-alive\r\n"),
    ("/check_network_status.txt", "nmcheck.gnome.org", "User-Agent: NetworkManager/1.44\r\n"),
    ("/", "example.com", ""),
    ("/api/setup", "example.com", ""),
    ("/api/setup", "4.3.2.1.example.com", ""),
]


@pytest.mark.parametrize("path, host, headers", _PROBES)
def test_a_phones_question_for_the_internet_is_answered_with_the_way_to_the_page(portal, path, host, headers):
    for http in ("1.1", "1.0"):
        answer = portal.phone.send(f"GET {path} HTTP/{http}\r\nHost: {host}\r\n{headers}\r\n".encode())
        assert (answer.status, answer.headers["location"]) == (302, f"http://{portal.phone.host}/")
        assert answer.body == b"" and "no-store" in answer.headers["cache-control"]


def test_what_browsers_ask_for_unasked_is_not_there(portal):
    for path in ("/favicon.ico", "/wpad.dat", "/robots.txt"):
        assert portal.phone.get(path).status == 404


def test_apples_question_in_http_1_0_without_a_host_is_led_too(portal):
    answer = portal.phone.send(b"GET /hotspot-detect.html HTTP/1.0\r\n\r\n")
    assert (answer.status, answer.headers["location"]) == (302, f"http://{portal.phone.host}/")


def test_the_page_is_sent_as_it_lies_there_and_its_absence_is_said(portal):
    built = (build.ROOT / "build" / "host" / "www" / "setup.html.gz").read_bytes()
    assert portal.phone.get("/").body == built
    # The program's folder, in which the page is missing.
    program = portal.folder / "f"
    whole = program.resolve()
    program.unlink()
    program.mkdir()
    for name in ("app", "lib", build.MANIFEST):
        (program / name).symlink_to(whole / name)
    answer = portal.phone.get("/")
    assert answer.status == 503 and b"upload" in answer.body
    portal.wait_for_log("web: there is no f/www/setup.html.gz", 3)
    (program / "www").mkdir()
    for page in (_PAGE, _PAGE * 1000):
        (program / "www" / "setup.html.gz").write_bytes(page)
        answer = portal.phone.get("/")
        assert (answer.status, answer.body) == (200, page)
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["x-frame-options"] == "DENY"
        head = portal.phone.ask("HEAD", "/")
        assert (head.status, head.body) == (200, b"")
    assert portal.phone.ask("HEAD", "/api/setup").body == b""


def _resolve(portal, kind, name="Captive.Apple.com"):
    return dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", 5, portal.ports[1])


def test_every_name_is_here_and_nothing_else_is_known(portal):
    for name in ("captive.apple.com", "a." * 60 + "example", "connectivitycheck.gstatic.com"):
        assert [record.address for record in _resolve(portal, "A", name).answer[0]] == ["127.0.0.1"]
    for kind in ("AAAA", "HTTPS", "TXT"):
        response = _resolve(portal, kind)
        assert response.rcode() == 0 and not response.answer


def test_malformed_questions_get_no_answer_and_harm_nobody(portal):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.3)
        for octets in (
            b"",
            b"\0",
            b"\xff" * 12,
            b"\xff" * 600,
            b"\0" * 2000,
            b"\x01\x02\x01\0\0\x01\0\0\0\0\0\0\x3fabc",
        ):
            asker.sendto(octets, ("127.0.0.1", portal.ports[1]))
        with pytest.raises(TimeoutError):
            asker.recv(600)
    assert _resolve(portal, "A").answer


# What the page asks


def test_the_page_is_told_how_all_is(portal):
    portal.until("meter", 20, cause="ok")
    for language in ("nb", "nn", "en"):
        state = portal.phone.state(language)
        meter, wifi, mqtt = state.pop("meter"), state.pop("wifi"), state.pop("mqtt")
        assert meter["power_w"] > 0 and 0 <= meter["age_s"] < 15 and meter["frames"] > 0 and meter["found"]
        assert meter["line"] == "2400 8E1" and meter["scoreboard"][0]["line"] == "2400 8E1"
        assert (meter["title"], meter["next"]) == ("", "")
        nothing = {"state": "off", "title": "", "next": ""}
        assert wifi == {"ssid": "", "address": "", "hostname": "han-737431.local", **nothing}
        assert mqtt == {"host": mqtt["host"], "port": 1883, "user": "", "tls": False, **nothing}
        assert state.pop("language") in ("nb", "nn", "en")
        assert state == {
            "device": "han-737431",
            "network": "HAN-737431",
            "version": version(),
            "board": "unix port on this computer",
            "owner": {"has_password": False},
            "ends_s": None,
            "is_safe": False,
            **{"starts": 1, "crashes": 0, "reset": "power"},
        }


def test_the_networks_are_there_as_valid_json_whatever_they_are_called(portal):
    assert portal.phone.post("/api/setup/networks", {}).status == 202
    assert portal.phone.get("/api/setup/networks").json["scanning"] is True
    told = portal.wait(lambda: _scanned(portal), 10, "the end of the scan")
    rows = told["networks"]
    assert rows[0] == {"ssid": "Stua", "rssi": -50, "secure": True}
    assert [row["ssid"] for row in rows[1:6]] == [*_ODD[:-1], "half ?"]
    assert len(rows) == 20 and rows[1]["secure"] is False
    assert "Skjult" not in [row["ssid"] for row in rows]


def _scanned(portal):
    told = portal.phone.get("/api/setup/networks").json
    return None if told["scanning"] else told


def test_names_that_are_no_utf_8_become_text(tmp_path, compiled):
    odd = [
        b"\xff\xfe",
        b"a\xc3",
        b"\xed\xa0\x80!",
        b"\xf7\xbf\xbf\xbf",
        b"\xc0\x80",
        bytes(range(32)),
        bytes(range(224, 256)),
    ]
    program = (
        f"import json\nfrom app.portalapi import ssid_text\nfor name in {odd}: print(json.dumps(ssid_text(name)))"
    )
    said = alone.run(program, tmp_path).splitlines()
    texts = [json.loads(line) for line in said]
    assert texts == ["??", "a?", "?!", "?", "\0", "".join(map(chr, range(32))), "?" * 32]


def test_the_order_has_room_for_what_stays_with_the_phone(portal):
    texts = [portal.phone.get(f"/api/setup/order?lang={language}").json for language in ("nb", "nn", "en", "xx")]
    for order in texts:
        assert order["subject"] and "\n" not in order["subject"]
        assert all(place in order["text"] for place in ("{name}", "{address}", "{meter}"))
    assert texts[0] != texts[1] and texts[1] != texts[2] and texts[3] == texts[0]


# What is refused: the path under /api/setup, the form, the word.
_REFUSED = [
    ("wifi", {}, "ssid_empty"),
    ("wifi", {"ssid": ""}, "ssid_empty"),
    ("wifi", {"ssid": 5}, "nonsense"),
    ("wifi", {"ssid": ["Stua"], "password": ""}, "nonsense"),
    ("wifi", {"ssid": "Stua", "password": None}, "nonsense"),
    ("wifi", {"ssid": "x" * 33}, "ssid_long"),
    ("wifi", {"ssid": "ø" * 17}, "ssid_long"),
    ("wifi", {"ssid": "Stua", "password": "seven77"}, "password_short"),
    ("wifi", {"ssid": "Stua", "password": "x" * 64}, "password_long"),
    ("wifi", {"ssid": "Stua", "password": "ø" * 32}, "password_long"),
    ("mqtt", {"host": "mqtt://broker"}, "mqtt.host"),
    ("mqtt", {"host": "broker:1883"}, "mqtt.host"),
    ("mqtt", {"host": ["broker"]}, "mqtt.host"),
    ("mqtt", {"host": None, "port": 0}, "mqtt.port"),
    ("mqtt", {"host": "x" * 254}, "mqtt.host"),
    ("mqtt", {"host": "broker", "port": "1883"}, "mqtt.port"),
    ("mqtt", {"host": "broker", "port": 65536}, "mqtt.port"),
    ("mqtt", {"host": "broker", "port": True}, "mqtt.port"),
    ("mqtt", {"host": "broker", "port": 1e99}, "mqtt.port"),
    ("mqtt", {"host": "broker", "user": {}}, "mqtt.user"),
    ("mqtt", {"host": "broker", "password": 12345678}, "mqtt.password"),
    ("mqtt", {"host": "broker", "password": "x" * 256}, "mqtt.password"),
    ("mqtt", {"host": "broker", "tls": 1}, "mqtt.tls"),
    ("mqtt", {"host": "broker", "verify": "no"}, "mqtt.verify"),
    ("mqtt", {"host": "broker", "ca": "no certificate"}, "mqtt.ca"),
    ("mqtt", {"host": "broker", "ca": [_PEM]}, "mqtt.ca"),
    ("mqtt", {"host": "broker", "ca": _PEM + "x" * 4096}, "mqtt.ca"),
    ("mqtt", {"host": "broker", "port": 0, "ca": _PEM}, "mqtt.port"),
    ("owner", {"password": "seven77"}, "password_short"),
    ("owner", {"password": "x" * 65}, "password_long"),
    ("owner", {"password": 12345678}, "nonsense"),
    ("owner", {"password": None}, "nonsense"),
    ("owner", {"language": "de"}, "nonsense"),
    ("owner", {"language": []}, "nonsense"),
]


def test_what_is_wrong_is_refused_with_its_word_and_a_sentence(portal):
    before = portal.settings()
    for path, form, word in _REFUSED:
        for language in ("nb", "nn", "en"):
            answer = portal.phone.post(f"/api/setup/{path}?lang={language}", form)
            assert answer.status == 400 and answer.json["error"] == word, (path, form, answer.octets)
            assert len(answer.json["text"]) > 10
    assert portal.settings() == before
    assert not (portal.folder / "ca.pem").exists()


_PATHS = ("networks", "wifi", "mqtt", "owner", "done")


def test_what_is_no_json_object_is_refused(portal):
    bodies = [
        b"",
        b"[]",
        b"null",
        b"5",
        b'"x"',
        b"{",
        b"{[]: 1}",
        b"\xff",
        b'{"ssid": "\xff"}',
        b"[" * 6000,
        b"ssid=Stua",
    ]
    for path in _PATHS:
        for body in bodies[: 2 if path != "wifi" else None]:
            answer = portal.phone.post("/api/setup/" + path, body)
            assert answer.status == 400 and answer.json["error"] in ("nonsense", "ssid_empty"), (path, body)
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        answer = portal.phone.post("/api/setup/done", {}, Content_Type=kind)
        assert answer.status == 400 and answer.json["error"] == "nonsense"


def test_only_our_own_page_changes_anything(portal):
    for path in _PATHS:
        for origin in ("http://example.com", "null", "https://" + portal.phone.host, "http://127.0.0.1", ""):
            answer = portal.phone.post("/api/setup/" + path, {}, Origin=origin)
            assert answer.status == 403 and answer.json["error"] == "foreign" and answer.json["text"]
        assert (
            portal.phone.post("/api/setup/" + path, {}, Host="example.com", Origin="http://example.com").status == 302
        )
    assert portal.phone.state()["ends_s"] is None


def test_who_is_not_in_the_setup_network_is_not_let_in(portal):
    for path in ("/", "/api/setup"):
        request = f"GET {path} HTTP/1.1\r\nHost: {portal.phone.host}\r\n\r\n".encode()
        assert portal.phone.send(request, source="127.0.1.1").status == 403
        assert portal.phone.send(request).status in (200, 503)


def test_other_methods_are_refused(portal):
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "get", "X" * 200):
        assert portal.phone.ask(method, "/api/setup").status == (200 if method == "get" else 405)
    assert portal.phone.ask("POST", "/").status == portal.phone.get("/api/setup/done").status == 405
    assert "access-control-allow-origin" not in portal.phone.ask("OPTIONS", "/api/setup/wifi").headers


def test_a_body_that_is_too_large_is_refused_also_after_all_of_it_was_sent(portal):
    for size in (6200, 60000):
        answer = portal.phone.post("/api/setup/mqtt", b"x" * size)
        assert answer.status == 413 and answer.json["error"] == "mqtt.ca" and "4096" in answer.json["text"]
    assert portal.phone.ask("POST", "/api/setup/mqtt", Content_Length=1000000).status == 413
    for length in ("x", "-5", "1e3", "0x10"):
        assert portal.phone.ask("POST", "/api/setup/mqtt", Content_Length=length).status == 400


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ]
    + [b"GET /\xff HTTP/1.1\r\n\r\n", b"GET http://4.3.2.1/ HTTP/1.1\r\n\r\n", b"GET / HTTP/2\r\n\r\n"],
)
def test_what_is_no_http_is_refused(portal, octets):
    assert portal.phone.send(octets).status == 400


def test_a_question_that_means_nothing_does_no_harm(portal):
    for query in ("%zz=1", "lang=%ff", "lang=xx", "=&&=", "a" * 900):
        assert portal.phone.get("/api/setup?" + query).json["language"] == "nb"


# What is set there


def test_from_the_first_start_to_the_dongle_at_home(setup):
    """The whole way of an owner, with all mistakes."""
    phone = setup.phone
    setup.start_meter("aidon")
    firmware = setup.open(speed=5, settings={"mqtt": {"topic": "huset"}, "tariff": {"steps_kw": [2, 7.5]}})
    before = (setup.folder / "settings.json").read_bytes()
    label = (setup.folder / "label").read_text()

    # A mistyped password: named, and nothing is kept.
    assert phone.post("/api/setup/wifi", {"ssid": "Stua", "password": "hemmelig2"}).status == 202
    assert phone.state()["wifi"]["state"] == "connecting" and phone.state()["wifi"]["ssid"] == "Stua"
    for path, form in (("wifi", {"ssid": "Gjest", "password": ""}), ("done", {})):
        answer = phone.post("/api/setup/" + path, form)
        assert answer.status == 400 and answer.json["error"] == "trying"
    wifi = setup.until("wifi", 15, state="wrong_password", ssid="Stua", address="")
    assert wifi["title"] and wifi["next"] and phone.state("nb")["wifi"]["title"] != wifi["title"]
    assert (setup.folder / "settings.json").read_bytes() == before
    assert phone.post("/api/setup/done", {}).status == 200

    # The right one: the phone is on the station's channel now, and has five minutes to see it.
    assert phone.post("/api/setup/wifi", {"ssid": "Stua", "password": "hemmelig1"}).status == 202
    setup.until("wifi", 15, state="connected", ssid="Stua", address="127.0.0.1", title="")
    assert 250 < phone.state()["ends_s"] <= 300
    assert setup.settings()["wifi"] == {"ssid": "Stua", "password": "hemmelig1"}
    assert setup.settings()["mqtt"] == {"topic": "huset"} and setup.settings()["tariff"] == {"steps_kw": [2, 7.5]}

    # A broker that is not there: kept, and named.
    nobody = {"host": " 127.0.0.1 ", "port": host.free_ports()[0], "user": "han", "password": "mqtt-secret"}
    assert phone.post("/api/setup/mqtt", nobody).status == 202
    mqtt = setup.wait(lambda: _settled(phone), 15, "the broker's fault")
    assert mqtt["title"] and mqtt["next"] and mqtt["host"] == "127.0.0.1" and mqtt["user"] == "han"
    kept = setup.settings()["mqtt"]
    assert kept["host"] == "127.0.0.1" and kept["password"] == "mqtt-secret" and kept["topic"] == "huset"

    # Over TLS, with its certificate; this broker speaks none.
    here = {"host": "127.0.0.1", "port": setup.broker.port}
    assert phone.post("/api/setup/mqtt", {**here, "tls": True, "ca": _PEM}).status == 202
    assert setup.wait(lambda: _settled(phone), 15, "the fault of TLS")["tls"] is True
    assert (setup.folder / "ca.pem").read_text() == _PEM
    assert setup.settings()["mqtt"]["ca_file"] == "ca.pem"
    assert setup.settings()["mqtt"]["password"] == "mqtt-secret"

    # The right one. An empty host would be none.
    assert phone.post("/api/setup/mqtt", {**here, "user": "", "password": ""}).status == 202
    setup.until("mqtt", 15, state="ok", title="")

    # The page's password.
    assert phone.post("/api/setup/owner", {"language": "nn", "password": "påskehare 7"}).status == 200
    state = phone.state("en")
    assert state["owner"] == {"has_password": True} and state["language"] == "nn"
    owner = setup.settings()["owner"]
    assert passwords.is_right("påskehare 7", owner["password"]) and owner["language"] == "nn"
    for wrong in ("påskehare 8", "", "påskehare 7 ", owner["password"]):
        assert not passwords.is_right(wrong, owner["password"])
    assert phone.post("/api/setup/owner", {"language": "en", "password": ""}).status == 200
    assert setup.settings()["owner"] == {**owner, "language": "en"}

    secrets = ["hemmelig", "mqtt-secret", "påskehare", owner["password"], label]
    heard = b"".join(phone.heard).decode() + "\n".join(setup.log)
    assert not [secret for secret in secrets if secret in heard]

    # At home.
    assert phone.post("/api/setup/done", {}).status == 200
    assert phone.state()["ends_s"] <= 5
    assert firmware.wait(10) == 0
    setup.wait_for_log("the dongle starts anew", 2)
    setup.listen()
    setup.start(speed=5)
    setup.wait(lambda: setup.named("power"), 20, "a reading, published")
    assert setup.messages[0].topic.startswith("huset/")
    assert not any("is up" in line for line in setup.log)
    assert (setup.folder / "label").read_text() == label


def _settled(phone):
    mqtt = phone.state()["mqtt"]
    return mqtt if mqtt["state"] not in ("connecting", "ok") else None


def test_who_wishes_for_the_setup_network_has_it_beside_the_old_one(setup):
    (setup.folder / "setup").write_bytes(b"1")
    setup.open(speed=10, settings={"wifi": _HOME, "mqtt": {"host": "127.0.0.1", "port": setup.broker.port}})
    assert 700 < setup.phone.state()["ends_s"] <= 900
    # The broker that is set already is tried too.
    setup.until("mqtt", 15, state="ok")
    setup.until("wifi", 15, state="connected")

    # Another network that fails: the old one comes back, also while the phone is there.
    before = (setup.folder / "settings.json").read_bytes()
    (setup.folder / "stations.json").write_text('["02a1b2c3d4e5"]')
    setup.wait(lambda: _scanned(setup), 10, "the end of the scan")
    assert setup.phone.post("/api/setup/wifi", {"ssid": "Gjest", "password": "has-none-"}).status == 202
    setup.until("wifi", 15, state="not_found", ssid="Gjest")
    setup.until("wifi", 15, state="not_found", ssid="Gjest", address="127.0.0.1")
    setup.until("mqtt", 15, state="ok")
    assert (setup.folder / "settings.json").read_bytes() == before


def test_a_wished_network_goes_when_nobody_comes_and_does_not_come_back(setup):
    (setup.folder / "setup").write_bytes(b"1")
    firmware = setup.open(
        speed=100, settings={"wifi": _HOME, "mqtt": {"host": "127.0.0.1", "port": setup.broker.port}}
    )
    assert not (setup.folder / "setup").exists()
    assert firmware.wait(30) == 0
    setup.start(speed=5)
    setup.wait_for_log("connected to Stua", 15)
    setup.wait_for_log("mqtt: connected", 15)
    assert not any("is up" in line for line in setup.log)


def test_a_network_that_cannot_be_kept_is_not_taken_for_set(setup):
    setup.open(speed=5, settings={})
    (setup.folder / "settings.json.new").mkdir()  # the flash refuses
    assert setup.phone.post("/api/setup/owner", {"language": "nn"}).json["error"] == "not_kept"
    assert setup.phone.post("/api/setup/mqtt", {"host": "broker"}).json["error"] == "not_kept"
    assert setup.phone.post("/api/setup/wifi", {"ssid": "Stua", "password": "hemmelig1"}).status == 202
    wifi = setup.until("wifi", 15, state="not_kept", ssid="Stua", address="")
    assert wifi["title"]
    assert setup.phone.state()["mqtt"]["host"] == "" and setup.phone.state()["ends_s"] is None


# Those who mean no good, while the meter sends


def _drip(portal, stop, octets=b"GET / HTTP/1.1\r\nHost: x\r\n"):
    """One byte a second, and from the beginning when that is cut off."""
    while not stop.is_set():
        try:
            with portal.phone.connect() as connection:
                for octet in octets:
                    if stop.wait(1):
                        return
                    connection.sendall(bytes((octet,)))
        except OSError:
            pass


def _cut_off_s(portal, octets, seconds=20):
    """How long the portal stands these bytes, again and again."""
    began = time.monotonic()
    with portal.phone.connect(timeout=seconds) as connection:
        connection.settimeout(0.5)
        try:
            while time.monotonic() - began < seconds:
                connection.sendall(octets)
                try:
                    if not connection.recv(4096):
                        break
                except TimeoutError:
                    pass
        except OSError:
            pass
    return time.monotonic() - began


def _attack(portal):
    """(longest delay of the reader meanwhile, in ms of its clock; how long a good client waited after each)."""
    seen = len(portal.probes())
    waits = []
    for octets in (b"G" * 4096, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000, b"\n" * 4096, b"\0" * 4096):
        assert _cut_off_s(portal, octets) < 5
        waits.append(_good_client_s(portal))
    thousand = b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(1000)) + b"\r\n"
    assert portal.phone.send(thousand).status in (0, 400)
    ended = len(portal.probes())
    windows = portal.wait(lambda: portal.probes()[seen:] if len(portal.probes()) > ended + 1 else None, 10, "a probe")
    return max(look.delay_ms for look in windows), waits


def _free(portal):
    """The heap after all that is made once, like a pattern for each path, has been made."""
    for path in ("/api/setup?lang=en", "/api/setup/networks", "/api/setup/order", "/", "/elsewhere"):
        portal.phone.get(path)
    for path in _PATHS:
        portal.phone.post("/api/setup/" + path, [])
    seen = len(portal.probes())
    return portal.wait(lambda: portal.probes()[seen + 2 :], 10, "a look at the heap")[0].free


def _good_client_s(portal):
    began = time.monotonic()
    assert portal.phone.state()["meter"]["cause"] == "ok"
    return time.monotonic() - began


def test_hostile_clients_hold_up_neither_the_meter_nor_a_good_client(portal):
    portal.until("meter", 20, cause="ok")
    free_before = _free(portal)
    left = portal.phone.connect(timeout=25)
    left.sendall(b"GET / HTTP/1.1\r\n")
    began = time.monotonic()
    assert left.recv(100) == b"" and 5 < time.monotonic() - began < 10  # half-open, and left after 15 s of its clock
    stop = threading.Event()
    drips = [threading.Thread(target=_drip, args=(portal, stop)) for _ in range(6)]
    for drip in drips:
        drip.start()
    half_open = [portal.phone.connect() for _ in range(6)]
    # What holds the reader up does so each time; a computer that is busy with something else does not.
    rounds = [_attack(portal) for _ in range(3)]
    assert min(delay_ms for delay_ms, _waits in rounds) < 100, rounds
    waits = [wait for _delay_ms, round_waits in rounds for wait in round_waits]
    announced = portal.phone.connect()
    announced.sendall(b"POST /api/setup/mqtt HTTP/1.1\r\nContent-Length: 6000\r\n\r\nx")
    many = [portal.phone.connect() for _ in range(20)]
    waits += [_good_client_s(portal) for _ in range(10)]
    never_read = [portal.phone.connect() for _ in range(2)]
    for connection in never_read:
        connection.sendall(f"GET /api/setup HTTP/1.1\r\nHost: {portal.phone.host}\r\n\r\n".encode())
    waits.append(_good_client_s(portal))
    for connection in [*half_open, announced, *many, *never_read]:
        connection.close()
    stop.set()
    for drip in drips:
        drip.join()
    assert max(waits) < 4, waits

    # Nothing of it stays.
    assert _free(portal) > free_before - 2000


def test_every_frame_of_the_meter_was_read(portal):
    portal.wait(lambda: portal.phone.state()["meter"]["frames"] >= len(portal.truth()) - 1, 5, "the frames")
    frames = portal.phone.state()["meter"]["frames"]
    assert 0 <= len(portal.truth()) - frames <= 1 and frames > 5
