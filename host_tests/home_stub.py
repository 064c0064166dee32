"""A dongle at home without the dongle: page and HTTP interface (firmware/API.md), in states that a test decides."""

import datetime
import json
import threading
import time
from urllib.parse import parse_qs

from app import config
from stub_server import Stub, said

PASSWORD = "hemmelig-side"
SECRETS = ("wifi.password", "mqtt.password", "meter.key", "meter.auth_key", "owner.password")
MOST_STREAMS = 2
CERTIFICATES = {"ca": "mqtt.ca_file", "cert": "mqtt.cert_file", "key": "mqtt.key_file"}
ORDER = "Jeg ber om åpning.\nNavn: {name}\nAdresse: {address}\nMåler: {meter}"
LINE = "2400 8E1"
_PIECES = 20  # in which a release is taken, each in as long as a step of the update needs
_NOON = datetime.datetime(2026, 1, 15, 14, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
_PARTS = {
    "meter": {
        **{"line": LINE, "found": True, "age_s": 2, "frames": 1234},
        "scoreboard": [{"line": LINE, "seconds": 12, "bytes": 12345, "flags": 20, "headers": 12, "frames": 12}],
        "counters": {"bytes": 123456, "frames": 1234, "readings": 1234},
    },
    "wifi": {"ssid": "Stua", "address": "192.168.1.20", "hostname": "han-737431.local", "rssi_dbm": -61},
    "mqtt": {
        **{"host": "broker.local", "port": 1883, "user": "", "tls": "off", "connections": 3, "published": 5678},
        "hours_pending": 2,
    },
}


class Home(Stub):
    """What the dongle knows, does and is told. A test sets the state and reads the requests."""

    def __init__(self, page):
        super().__init__(page)
        self.password, self.own_password = PASSWORD, True
        self.cookie = "s1"  # the one that is good
        self.wait_s = 0  # told to the next who logs in
        self.reading = {
            **{"age_s": 2, "list_version": "AIDON_V0001", "known": True, "calculated": ["l2_current_a"]},
            "registers": {
                **{"power_import_w": 1234, "power_export_w": 0, "l1_voltage_v": 230.1, "l1_current_a": 5.4},
                **{"l2_voltage_v": 231.2, "l2_current_a": 1.26, "l3_voltage_v": 229.9, "l3_current_a": 0.4},
            },
        }
        self.watts = [None] * 10 + [1200 + 40 * (step % 30) for step in range(170)] + [-560] * 60
        self.causes = {"state": "ok", "meter": "ok", "wifi": "connected", "mqtt": "ok"}
        self.is_shut = False  # the meter's port
        self.usage = {f"{span}_{way}_wh": 0 for span in ("hour", "day", "month") for way in ("import", "export")}
        self.usage.update(hour_import_wh=812, day_import_wh=23456, month_import_wh=345678, day_export_wh=1500)
        self.peaks = {
            "peaks": [{"start": "2026-01-14T17:00:00+01:00", "import_wh": 5210}],
            **{"mean_wh": 5210, "step": 2, "step_limit_wh": 10000, "hour_limit_wh": 10000, "hour_forecast_wh": 2400},
            **{"hour_remaining_wh": 9188, "counted": 3, "steps_wh": [2000, 5000, 10000, 15000]},
            "load": {"reduce": False, "reason": "none"},
        }
        self.settings = {key: value for key, value in config.defaults().items() if key not in SECRETS}
        self.settings.update({"wifi.ssid": "Stua", "mqtt.host": "broker.local"})
        self.secrets = {key: key in ("wifi.password", "owner.password") for key in SECRETS}
        self.secret_values = {}
        self.pems = {}
        self.capture = {"state": "none", "left_s": 0, "bytes": 0}
        self.log = "10 meter: 2400 8E1\n12 mqtt: connected"
        self.update = {"version": "0.1.0", "arch": "xtensawin", "possible": True, "trial": False, "went_back": False}
        self.update.update(state="none", percent=0, new="")
        self.next_version = "0.2.0"
        self.release = b""  # what has come of the file that was sent last
        self.piece_s = 0.03
        self.breaks_off = False  # the connection, in the middle of a file
        self.tells_of_restart = True
        self.damage = ""  # the word for what the check of a file finds
        self.restarts = []  # why: the paths that were asked
        self.down_s = 0.6
        self.begun = time.monotonic() - 86400
        self.refusals = {}  # (method, path): (status, error, headers), given once
        self.lost = set()  # (method, path): it is done, and the answer is lost, once
        self.slow_s = {}  # path: how long an answer takes
        self.streams = self.streams_begun = 0
        self.has_streams = True
        self._change = threading.Condition()
        self._told = 0

    def sent(self, method, path):
        """The bodies that were sent to /api/v1/<path>."""
        return [body for way, at, body in self.requests if way == method and at.split("?")[0] == "/api/v1/" + path]

    def asked(self, path):
        return len(self.sent("GET", path))

    # What takes long: the stream of readings, and a new version.

    def is_stream(self, method, path):
        return (method, path) in (("GET", "/api/v1/events"), ("PUT", "/api/v1/update"))

    def stream(self, handler):
        handler.close_connection = True
        if self.silent:
            return
        if not self._has_cookie(handler):
            handler.rfile.read(int(handler.headers["Content-Length"] or 0))
            handler.reply(*_refusal(401, "login"))
        elif handler.command == "PUT":
            self._take_release(handler)
        else:
            self._tell_readings(handler)

    def _take_release(self, handler):
        size = int(handler.headers["Content-Length"])
        if not handler.is_own("application/x-tar") or ("PUT", "update") in self.refusals:
            handler.rfile.read(size)
            refused = self.refusals.pop(("PUT", "update"), (403, {"error": "foreign", "text": "foreign"}, {}))
            return handler.reply(*said(*refused[:2]))
        if ("PUT", "update") in self.lost:
            return self.lost.remove(("PUT", "update"))
        self.release = b""
        time.sleep(self.piece_s)
        self.update.update(state="receiving", percent=0)
        while len(self.release) < size:
            time.sleep(self.piece_s)
            is_cut = self.silent or (self.breaks_off and len(self.release) > size // 2)
            piece = b"" if is_cut else handler.rfile.read(min(size // _PIECES + 1, size - len(self.release)))
            if not piece:
                return self._fail("damaged")
            self.release += piece
            self.update["percent"] = len(self.release) * 100 // size
        threading.Thread(target=self._look_at_release, daemon=True).start()
        return handler.reply(*said(202, self.update))

    def _fail(self, word):
        self.update.update(state="failed", error=word, text=word + ".")

    def _look_at_release(self):
        for state in ("checking", "unpacking"):
            for step in range(_PIECES):
                self.update.update(state=state, percent=step * 100 // _PIECES, new=self.next_version)
                time.sleep(self.piece_s)
            if self.damage:
                return self._fail(self.damage)
        if self.tells_of_restart:
            self.update["state"] = "restarting"
        self.later(0.3, lambda: self._restart("update"))
        return self.later(0.3 + self.down_s / 2, self.try_next)

    def try_next(self):
        """The next version runs, on trial."""
        self.update.update(version=self.next_version, trial=True, went_back=False, state="none", percent=0, new="")

    def go_back(self):
        """The trial has gone wrong."""
        self._restart("trial")
        self.update.update(version="0.1.0", trial=False, went_back=True)

    def tell(self, **registers):
        """Say these to all who listen."""
        with self._change:
            self.reading["registers"].update(registers)
            self._told += 1
            self._change.notify_all()

    def cut_streams(self):
        with self._change:
            self.has_streams = False
            self._change.notify_all()

    def _tell_readings(self, handler):
        if self.streams >= MOST_STREAMS or not self.has_streams:
            handler.reply(*_refusal(503, "busy"))
        else:
            self.streams_begun += 1
            self.streams += 1
            try:
                self._tell_on(handler)
            except OSError:
                pass  # it listens no more
            finally:
                self.streams -= 1

    def _tell_on(self, handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        told = None
        while self.has_streams and not self.silent:
            with self._change:
                if told == self._told:
                    self._change.wait(0.2)
                is_new, told = told != self._told, self._told
            line = f"data: {json.dumps(self.reading)}\n\n" if is_new else ":\n\n"
            handler.wfile.write(line.encode())

    # Questions and their answers.

    def answer(self, handler, url, body):
        if not url.path.startswith("/api/v1/"):
            return _refusal(404, "not_here")
        method, path = handler.command, url.path[len("/api/v1/") :]
        if (method, path) in self.refusals:
            status, error, headers = self.refusals.pop((method, path))
            return said(status, error, **headers)
        time.sleep(self.slow_s.get(path, 0))
        if path != "login" and not self._has_cookie(handler):
            return _refusal(401, "login")
        query = parse_qs(url.query)
        answer = self._get(path, query) if method == "GET" else self._change_something(method, path, body)
        if (method, path) in self.lost:
            self.lost.remove((method, path))
            return None
        return answer

    def _has_cookie(self, handler):
        return f"session={self.cookie}" in (handler.headers["Cookie"] or "")

    def _get(self, path, query):
        lang = query.get("lang", ["nb"])[0]
        if path == "log":
            return 200, self.log.encode(), {"Content-Type": "text/plain"}
        if path == "capture/file":
            return 200, b"\x7e\xa0captured", {"Content-Type": "application/octet-stream"}
        if path == "hours":
            return said(200, {"hours": self.hours(int(query["days"][0]))})
        found = {
            **{"reading": self.reading, "usage": self.usage, "peaks": self.peaks, "capture": self.capture},
            "update": self.update,
            "power": {"step_s": 15, "age_s": 7, "watts": self.watts},
            "settings": {"settings": self.settings, "secrets": self.secrets},
        }
        if path == "diagnosis":
            return said(200, self._diagnosis(lang))
        return said(200, found[path]) if path in found else _refusal(404, "not_here")

    def hours(self, days):
        return [
            {
                "start": (_NOON - datetime.timedelta(hours=ago)).isoformat(),
                "end": (_NOON - datetime.timedelta(hours=ago - 1)).isoformat(),
                "source": "estimate" if ago == 5 else "meter",
                **{"import_wh": 1000 + 100 * (ago % 12), "export_wh": 500 if ago % 24 in (2, 3) else 0},
            }
            for ago in range(24 * days, 0, -1)
        ]

    def _diagnosis(self, lang):
        found = {name: {"state": self.causes[name], **_texts(self.causes[name], lang)} for name in _PARTS}
        for name, part in found.items():
            part.update(_PARTS[name])
        found["dongle"] = {
            **{
                "device": "han-737431",
                "version": self.update["version"],
                "board": "stub",
                "uptime_s": int(time.monotonic() - self.begun),
            },
            **{"heap_free": 34567, "reader_delay_ms": 31, "clock": "ntp", "now": "2026-01-15T14:05:00+01:00"},
            **{"starts": 12, "crashes": 1, "reset": "power", "supply_mv": 3260},
            "own_password": self.own_password,
        }
        if self.is_shut:
            found["order"] = f"HAN-port [{lang}]\n\n" + ORDER
        return {"state": self.causes["state"], **_texts(self.causes["state"], lang), **found}

    def _change_something(self, method, path, body):
        if (method, path) == ("POST", "login"):
            return self._log_in(body)
        if (method, path) == ("POST", "logout"):
            self.cookie += "x"
            return said(204, None)
        if (method, path) == ("POST", "password"):
            return self._set_password(body)
        if (method, path) == ("PATCH", "settings"):
            return self._set(body)
        if method == "PUT" and path.startswith("certificates/"):
            return self._set_certificate(path[len("certificates/") :], body["pem"])
        if (method, path) == ("POST", "capture"):
            self.capture = {"state": "running", "left_s": 42, "bytes": 2048}
            self.later(0.4, lambda: self.capture.update(state="ready", left_s=0, bytes=4096))
            return said(202, self.capture)
        return self._restart(path) if path in ("restart", "setup") else _refusal(404, "not_here")

    def _log_in(self, body):
        if self.wait_s:
            wait_s, self.wait_s = self.wait_s, 0
            return _refusal(429, "too_many", **{"Retry-After": str(wait_s)})
        if body["password"] != self.password:
            return _refusal(401, "wrong_password")
        return self._welcome()

    def _welcome(self):
        return said(204, None, **{"Set-Cookie": f"session={self.cookie}; Path=/; HttpOnly; SameSite=Strict"})

    def _set_password(self, body):
        if body["old"] != self.password:
            return _refusal(401, "wrong_password")
        self.password, self.own_password, self.cookie = body["new"], True, self.cookie + "x"
        return self._welcome()

    def _set(self, changes):
        for key, value in changes.items():
            if key not in config.SCHEMA or key == "owner.password" or config.wrong({key: value}):
                return _refusal(400, "wrong_value", setting=key)
        for key, value in changes.items():
            if key in SECRETS:
                self.secrets[key], self.secret_values[key] = value != "", value
            else:
                self.settings[key] = value
        return self._restart("settings")

    def _set_certificate(self, name, pem):
        if pem and "-----BEGIN" not in pem:
            return _refusal(400, "wrong_value", setting=CERTIFICATES[name])
        self.pems[name] = pem
        self.settings[CERTIFICATES[name]] = f"{name}.pem" if pem else ""
        return self._restart("certificates")

    def _restart(self, why):
        """Silent for a moment, soon after the answer."""
        self.restarts.append(why)
        self.later(0.05, lambda: setattr(self, "silent", True))
        self.later(0.05 + self.down_s, self._begin)
        return said(200, {"restart_s": 2})

    def _begin(self):
        self.begun, self.silent = time.monotonic(), False


def _texts(word, lang):
    if word in ("ok", "connected"):
        return {"title": "", "next": ""}
    return {"title": f"{word} [{lang}]", "next": f"what to do about {word} [{lang}]"}


def _refusal(status, word, setting=None, **headers):
    error = {"error": word, "text": f"{word}."}
    if setting:
        error["setting"] = setting
    return said(status, error, **headers)
