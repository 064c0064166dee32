"""How the dongle does, for a page: meter, WiFi, broker, and the way out of what is wrong in the owner's words."""

from app import wifi
from app.start import about

_WAITING = ("connecting", "no_network")
_TROUBLES = (wifi.WRONG_PASSWORD, wifi.NOT_FOUND, wifi.WEAK, wifi.NO_ADDRESS, wifi.REFUSED)


class Overview:
    """Asks the parts of a Dongle; nothing is kept here."""

    def __init__(self, dongle):
        self._dongle = dongle

    def about(self):
        """What this dongle is."""
        return about(self._dongle.board, self._dongle.health)

    @property
    def is_safe(self):
        """Whether it is in safe mode."""
        return self._dongle.health.is_safe

    def cause(self, cause, language):
        """What is the matter with the whole, as a page has it."""
        title, step = _words(cause, language)
        return {"state": cause, "title": title, "next": step}

    def meter(self, language):
        """What the meter says now, and if it says nothing, why."""
        dongle = self._dongle
        reader = dongle.reader
        cause = dongle.diagnosis.of_meter()
        title, step = _words(cause, language)
        state = {
            "cause": cause,
            "title": title,
            "next": step,
            "power_w": None,
            "export_w": None,
            "age_s": None,
            "line": reader.line,
            "found": reader.search.found,
            "frames": reader.receiver.counters["frames"],
            "scoreboard": dongle.diagnosis.scoreboard(),
        }
        recent = dongle.recent
        state["power_w"], state["export_w"] = recent.import_w, recent.export_w
        if recent.readings:
            state["age_s"] = reader.silent_ms // 1000
        return state

    def wifi(self, word, ssid, language):
        """How it goes, or went, with this network: `word` is one of app.wifi's."""
        station = self._dongle.wifi
        cause = self._dongle.diagnosis.of_wifi(word) if word in _TROUBLES else "ok"
        title, step = _words(cause, language)
        return {
            "state": word,
            "ssid": ssid,
            "address": station.address,
            "hostname": station.hostname + ".local",
            "title": title,
            "next": step,
        }

    def mqtt(self, language):
        """How the link to the broker goes."""
        settings = self._dongle.settings
        word = self._dongle.link.fault
        if not settings["mqtt.host"]:
            state, cause = "off", "ok"
        elif word in _WAITING:
            state, cause = "connecting", "ok"
        else:
            state, cause = word, self._dongle.diagnosis.of_broker()
        title, step = _words(cause, language)
        about = {name: settings["mqtt." + name] for name in ("host", "port", "user", "tls")}
        about.update(state=state, title=title, next=step)
        return about

    def order(self, language):
        """(subject, text) of the order to the grid company, with {name}, {address} and {meter} in it."""
        import whynodata

        text = whynodata.order(language, "{name}", "{address}", "{meter}")
        subject, _, rest = text.partition("\n")
        return subject, rest.strip()

    def begin_anew(self):
        """The settings name another broker."""
        self._dongle.try_broker()


def _words(cause, language):
    """(what it is, what to do next); empty when all is well."""
    if cause == "ok":
        return "", ""
    import whynodata

    return whynodata.text(cause, language)
