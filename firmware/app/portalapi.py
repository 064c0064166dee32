"""What the setup page asks and says, as JSON: how meter, WiFi and broker do, and what the owner wants them to be."""

import asyncio

from app import config, formfaults, passwords, pem, webparts, wifi
from app.log import log

_CA_FILE = "ca.pem"
_TRY_S = 45  # for a network that the owner has just named
_RESULT_S = 300  # for a phone that was dropped meanwhile to come back and see how it went
_MOST_NETWORKS = 20
_MQTT_FORM = (("host", ""), ("port", 1883), ("user", ""), ("password", None), ("tls", False), ("verify", True))
_NOT_KEPT = "not_kept"


class PortalApi:
    """Answers what is asked under /api/setup."""

    def __init__(self, settings, station, setup, overview):
        """`overview` is an app.overview.Overview."""
        self._settings = settings
        self._wifi = station
        self._setup = setup
        self._overview = overview
        self._result = None  # (how the last try went, of which network), until the next one
        self._task = None
        self._is_trying = False
        # Who answers: to GET, to POST.
        self._handlers = {
            "/api/setup": (self._all, None),
            "/api/setup/networks": (self._networks, self._scan),
            "/api/setup/order": (self._order, None),
            "/api/setup/wifi": (None, self._set_wifi),
            "/api/setup/mqtt": (None, self._set_mqtt),
            "/api/setup/owner": (None, self._set_owner),
            "/api/setup/done": (None, self._finish),
        }

    def answer(self, request):
        """The answer to a request under /api/setup; None when it is for another path."""
        if request.path not in self._handlers:
            return None
        read, change = self._handlers[request.path]
        if request.method == "GET" and read:
            return _whole(read(request))
        if request.method == "POST" and change:
            return _whole(self._changed(request, change))
        return "", 405

    def _changed(self, request, change):
        """What changes something: from our own page alone, as a JSON object."""
        if webparts.is_foreign(request):
            return self.fault(request, "foreign", 403)
        form = webparts.form(request)
        if form is None:
            return self.fault(request, "nonsense")
        self._setup.prolong(_RESULT_S)
        return change(request, form)

    def _language(self, request):
        return webparts.language(request, self._settings)

    def fault(self, request, word, status=400):
        """The answer that says what is wrong."""
        return webparts.fault(word, self._language(request), status)

    def _all(self, request):
        language = self._language(request)
        state = self._overview.about()
        state["language"] = self._settings["owner.language"]
        state["network"] = self._setup.name
        state["is_safe"] = self._overview.is_safe
        state["meter"] = self._overview.meter(language)
        word, ssid = self._result or (self._wifi.state, self._settings["wifi.ssid"])
        state["wifi"] = self._overview.wifi(word, ssid, language)
        if word == _NOT_KEPT:
            state["wifi"]["title"] = formfaults.text(word, language)
        state["mqtt"] = self._overview.mqtt(language)
        state["owner"] = {"has_password": bool(self._settings["owner.password"])}
        state["ends_s"] = self._setup.ends_s
        return state

    def _networks(self, request):
        found = self._wifi.networks or ()
        rows = [
            {"ssid": ssid_text(ssid), "rssi": strength, "secure": is_secure}
            for ssid, _channel, strength, is_secure in found[:_MOST_NETWORKS]
        ]
        return {"scanning": self._wifi.is_scanning, "networks": rows}

    def _order(self, request):
        subject, text = self._overview.order(self._language(request))
        return {"subject": subject, "text": text}

    def _scan(self, request, form):
        self._wifi.scan()
        return {}, 202

    def _set_wifi(self, request, form):
        ssid, password = form.get("ssid", ""), form.get("password", "")
        word = _wifi_fault(ssid, password)
        if word or self._is_trying:
            return self.fault(request, word or "trying")
        wanted = {"wifi.ssid": ssid, "wifi.password": password}
        self._is_trying = True
        self._result = (wifi.CONNECTING, ssid)
        self._task = asyncio.create_task(self._try(wanted))
        return {}, 202

    async def _try(self, wanted):
        """Try a network; it is kept when it takes us in, else the one before is tried again."""
        before = {key: self._settings[key] for key in wanted}
        station = self._wifi
        self._settings.update(wanted)
        station.change()
        try:
            for _ in range(2 * _TRY_S):
                await asyncio.sleep_ms(500)
                if station.state != wifi.CONNECTING:
                    break
            word = station.state
            if word == wifi.CONNECTED:
                word = self._keep(wanted)
            elif word == wifi.CONNECTING:
                word = wifi.REFUSED  # no answer in all that time is one
            self._setup.prolong(_RESULT_S)
            self._result = (word, wanted["wifi.ssid"]) if word else None
            if word:
                self._settings.update(before)
                station.change()
        finally:
            self._is_trying = False

    def _keep(self, changes):
        """Set settings, and keep them. Returns None, or the key that is wrong, or the word for why that cannot be."""
        try:
            wrong = config.change(changes)
        except (OSError, MemoryError) as error:
            log("settings", f"the flash or the heap refuses: {error!r}")
            return _NOT_KEPT
        if wrong:
            return wrong
        self._settings.update(changes)
        return None

    def _set_mqtt(self, request, form):
        changes = {}
        for name, default in _MQTT_FORM:
            value = form.get(name, default)
            if value is not None:
                changes["mqtt." + name] = value.strip() if name == "host" and isinstance(value, str) else value
        if self._is_same_user(changes) and changes.get("mqtt.password") == "":
            del changes["mqtt.password"]
        certificate = form.get("ca") or ""
        word = config.wrong(changes)
        if certificate and not word:
            changes["mqtt.ca_file"] = _CA_FILE
            word = _certificate_fault(certificate)
        word = word or self._keep(changes)
        if word:
            return self.fault(request, word)
        self._overview.begin_anew()
        return {}, 202

    def _is_same_user(self, changes):
        """The page never has the password that is kept: an empty field beside the same user means that one."""
        return all(changes.get(key) == self._settings[key] for key in ("mqtt.host", "mqtt.user"))

    def _set_owner(self, request, form):
        language, password = form.get("language", self._settings["owner.language"]), form.get("password", "")
        word = _owner_fault(language, password)
        if not word:
            changes = {"owner.language": language}
            if password:
                changes["owner.password"] = passwords.hashed(password)
            word = self._keep(changes)
        return self.fault(request, word) if word else {}

    def _finish(self, request, form):
        if self._is_trying:
            return self.fault(request, "trying")
        self._setup.finish()
        return {}


def _whole(answer):
    """(content, status) of an answer that may be content alone."""
    return answer if isinstance(answer, tuple) else (answer, 200)


def ssid_text(ssid):
    """An SSID is 32 bytes of anything, mostly of UTF-8; MicroPython also decodes what is none, like half a pair."""
    try:
        codes = [ord(letter) for letter in ssid.decode()]
    except UnicodeError:
        codes = [octet if octet < 0x7F else 0x3F for octet in ssid]
    return "".join("?" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code) for code in codes)


def _wifi_fault(ssid, password):
    if not isinstance(ssid, str) or not isinstance(password, str):
        return "nonsense"
    if not ssid:
        return "ssid_empty"
    if len(ssid.encode()) > 32:
        return "ssid_long"
    size = len(password.encode())
    if size > 63:
        return "password_long"
    return "password_short" if 0 < size < 8 else None


def _owner_fault(language, password):
    if language not in webparts.LANGUAGES:
        return "nonsense"
    return None if password == "" else passwords.wrong(password)


def _certificate_fault(text):
    if pem.is_wrong("ca", text):
        return "mqtt.ca"
    return None if pem.keep(_CA_FILE, text) else _NOT_KEPT
