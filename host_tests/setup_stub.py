"""A dongle's setup portal without the dongle: the page and its HTTP interface, in states that a test decides."""

from urllib.parse import parse_qs

from stub_server import Stub, said

# What begins like this, a password or a broker's name, fails unless the test has decided otherwise.
WRONG = "feil"
_WELL = ("off", "connecting", "connected", "ok")
NETWORKS = [
    {"ssid": "Stua", "rssi": -52, "secure": True},
    {"ssid": "Nabo 2", "rssi": -70, "secure": True},
    {"ssid": "Gjest", "rssi": -84, "secure": False},
]
METER_OK = {
    **{"cause": "ok", "power_w": 1234, "export_w": 0, "age_s": 2},
    **{"line": "2400 8E1", "found": True, "frames": 12},
}
METER_NONE = {"power_w": None, "export_w": None, "age_s": None, "line": "2400 8N1", "found": False, "frames": 0}
ORDER = "Jeg ber om åpning.\nNavn: {name}\nAdresse: {address}\nMåler: {meter}"


class Portal(Stub):
    """What the dongle knows, does and is told. A test sets the results and reads the requests."""

    def __init__(self, page):
        super().__init__(page)
        self.networks = list(NETWORKS)
        self.meter = dict(METER_OK)
        self.scoreboard = [{"line": "2400 8E1", "bytes": 12345, "flags": 20, "frames": 12}]
        self.wifi = {"state": "off", "ssid": "", "address": "", "hostname": "han-737431.local"}
        self.mqtt = {"state": "off", "host": "", "port": 1883, "user": "", "tls": False}
        self.owner = {"language": "nb", "password": ""}
        self.tried = []  # the networks that were tried
        self.wifi_result = self.mqtt_result = None  # as it comes: see below
        self.try_s = 0.2
        self.silent_s = 0  # so long from the moment that WiFi is tried
        self.ends_s = 280
        self.is_safe = False
        self.done = False

    def posted(self, name):
        """The bodies that have been posted to /api/setup/<name>."""
        return [body for method, path, body in self.requests if (method, path) == ("POST", "/api/setup/" + name)]

    def answer(self, handler, url, body):
        if body is not None:
            return said(*self.post(url.path, body))
        found = self.get(url.path, parse_qs(url.query).get("lang", ["nb"])[0])
        return said(200 if found else 404, found)

    def get(self, path, lang):
        if path == "/api/setup":
            return self._state(lang)
        if path == "/api/setup/networks":
            return {"scanning": False, "networks": self.networks}
        if path == "/api/setup/order":
            return {"subject": f"HAN-port [{lang}]", "text": ORDER}
        return None

    def _state(self, lang):
        return {
            **{"device": "han-737431", "network": "HAN-737431", "version": "0.1.0", "board": "stub"},
            "language": self.owner["language"],
            "meter": {**self.meter, **_texts(self.meter["cause"], lang), "scoreboard": self.scoreboard},
            "wifi": {**self.wifi, **_texts(self.wifi["state"], lang)},
            "mqtt": {**self.mqtt, **_texts(self.mqtt["state"], lang)},
            "owner": {"has_password": bool(self.owner["password"])},
            "ends_s": self.ends_s,
            "is_safe": self.is_safe,
        }

    def post(self, path, body):
        """(status, answer)"""
        if path == "/api/setup/wifi":
            return self._try_wifi(body)
        if path == "/api/setup/mqtt":
            return self._try_mqtt(body)
        if path == "/api/setup/owner":
            return self._keep_owner(body)
        self.done = self.done or path == "/api/setup/done"
        return (202 if path == "/api/setup/networks" else 200), {}

    def _try_wifi(self, body):
        size, secret = len(body["ssid"].encode()), len(body["password"])
        for faulty, word in (
            (size == 0, "ssid_empty"),
            (size > 32, "ssid_long"),
            (0 < secret < 8, "password_short"),
            (secret > 63, "password_long"),
        ):
            if faulty:
                return _refusal(word)
        self.tried.append(body["ssid"])
        self.wifi.update(state="connecting", ssid=body["ssid"], address="")
        if self.silent_s:
            self.silent = True
            self.later(self.silent_s, lambda: setattr(self, "silent", False))
        result = self.wifi_result or ("wrong_password" if body["password"].startswith(WRONG) else "connected")
        address = "192.168.1.20" if result == "connected" else ""
        self.later(self.try_s, lambda: self.wifi.update(state=result, address=address))
        return 202, {}

    def _try_mqtt(self, body):
        if not body["host"]:
            self.mqtt.update(state="off", host="")
            return 202, {}
        if " " in body["host"]:
            return _refusal("host_invalid")
        self.mqtt.update({key: body[key] for key in ("host", "port", "user", "tls")}, state="connecting")
        result = self.mqtt_result or ("name_unknown" if body["host"].startswith(WRONG) else "ok")
        self.later(self.try_s, lambda: self.mqtt.update(state=result))
        return 202, {}

    def _keep_owner(self, body):
        if body["password"] and not 8 <= len(body["password"]) <= 64:
            return _refusal("password_short")
        self.owner = {"language": body["language"], "password": body["password"] or self.owner["password"]}
        return 200, {}


def _texts(word, lang):
    if word in _WELL:
        return {"title": "", "next": ""}
    return {"title": f"{word} [{lang}]", "next": f"what to do about {word} [{lang}]"}


def _refusal(word):
    return 400, {"error": word, "text": f"{word}."}
