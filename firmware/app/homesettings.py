"""What the page at home sets: settings, the password, certificates."""

from app import lent, passwords, pem, storage
from app.home import cookie
from app.log import log

_SECRETS = ("wifi.password", "mqtt.password", "meter.key", "meter.auth_key", "owner.password")
_PASSWORD = "owner.password"
_FILES = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}


def settings(home, request):
    """All but the secrets, and which of those are set."""
    known = home.dongle.settings
    return {
        "settings": {key: known[key] for key in known if key not in _SECRETS},
        "secrets": {key: bool(known[key]) for key in _SECRETS},
    }


def change(home, request, form):
    """Keep these, and restart."""
    if _PASSWORD in form:
        return _wrong_value(home, request, _PASSWORD)
    return _keep(home, request, form) or _restarting(home)


def password(home, request, form):
    """Another one: it asks for the old one, whoever is logged in."""
    fault = home.login.check(request.client.address, form.get("old"))
    if fault:
        return home.refused(request, *fault)
    new = form.get("new")
    word = passwords.wrong(new)
    if word:
        return home.wrong(request, word)
    changes = {_PASSWORD: passwords.hashed(new)}
    answer = _keep(home, request, changes)
    if answer:
        return answer
    home.dongle.settings.update(changes)
    return cookie(home.login.cookie())


def certificate(home, request, form):
    """Keep the broker's, or the dongle's own, or take it away."""
    kind = request.path.rsplit("/", 1)[1]
    name, key = _FILES[kind], f"mqtt.{kind}_file"
    text = form.get("pem")
    if text == "":
        answer = _keep(home, request, {key: ""})
        if not answer:
            storage.remove_file(name)
        return answer or _restarting(home)
    if pem.is_wrong(kind, text):
        return _wrong_value(home, request, key)
    if not pem.keep(name, text):
        return home.wrong(request, "not_kept", 500)
    return _keep(home, request, {key: name}) or _restarting(home)


def _keep(home, request, changes):
    """Keep settings; returns the answer that says why not."""
    try:
        wrong = lent.module("config").change(changes)
    except OSError as error:
        log("settings", f"the flash refuses: {error}")
        return home.wrong(request, "not_kept", 500)
    if wrong:
        return _wrong_value(home, request, wrong)
    log("settings", "changed on the page: " + ", ".join(sorted(changes)))
    return None


def _wrong_value(home, request, key):
    answer, status = home.wrong(request, "wrong_value")
    answer["setting"] = key
    return answer, status


def _restarting(home):
    return lent.module("homeactions").restart(home, None, None)
