"""What both pages need, that of the setup network and that at home: the page itself, forms, faults in words."""

import json

from app import formfaults
from app.log import log

LANGUAGES = ("nb", "nn", "en")
# Beside app/, wherever that is.
_PAGES = __file__[: __file__.rfind("app/")] + "www/"
# What tells a browser to be careful with us.
_SEALS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
]
_PAGE = [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")]


def sealed(content, status=200, headers=()):
    """An answer with what every answer has."""
    return content, status, _SEALS + list(headers)


def page(name):
    """The answer with a page: a file of www/, gzipped as it lies there."""
    path = _PAGES + name
    try:
        return open(path, "rb"), 200, _PAGE  # noqa: SIM115, who sends it closes it
    except OSError:
        log("web", f"there is no {path}: the upload is not complete")
        return "The page is missing on the dongle: upload the firmware once more.", 503


def language(request, settings):
    """The one that is asked for, else the owner's."""
    asked = request.args.get("lang") if request else None
    return asked if asked in LANGUAGES else settings["owner.language"]


def is_foreign(request):
    """Whether another site's page sends this. No page at all, a script, names no origin."""
    origin = request.header("origin", None)
    return origin is not None and origin.lower() != "http://" + request.header("host").lower()


def form(request):
    """The JSON object that was sent; None when it is anything else."""
    if request.header("content-type").split(";")[0] != "application/json":
        return None
    try:
        content = json.loads(request.body)
    except (ValueError, TypeError, RuntimeError, MemoryError):  # also for [[[[[… and {[]: 1}
        return None
    return content if isinstance(content, dict) else None


def fault(word, language, status=400):
    """The answer that says what is wrong, in a word and in words."""
    return {"error": word, "text": formfaults.text(word, language)}, status
