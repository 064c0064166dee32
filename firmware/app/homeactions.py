"""What the page at home has the dongle do."""

from app import lent
from app.start import OWNER

_RESTART_S = 2  # for the answer to be read
_NONE = {"state": "none", "bytes": 0}


def restart(home, request, form):
    """Start anew."""
    home.dongle.restart_in(_RESTART_S)
    return {"restart_s": _RESTART_S}


def setup(home, request, form):
    """Start anew, with the setup network."""
    home.dongle.restart_in(_RESTART_S, OWNER)
    return {"restart_s": _RESTART_S}


def captured(home, request):
    """How far the capture is."""
    return home.capture.about() if home.capture else _NONE


def capture(home, request, form):
    """Begin one, unless one is running."""
    if not home.capture or home.capture.is_over:
        home.capture = None  # the large one before
        home.capture = lent.module("capture").Capture(home.dongle.reader)
    return home.capture.about(), 202


def capture_file(home, request):
    """What came."""
    content = home.capture and home.capture.content()
    if content is None:
        return home.wrong(request, "not_here", 404)
    name = "attachment; filename=" + home.dongle.board.id + ".bin"
    return content, 200, [("Content-Type", "application/octet-stream"), ("Content-Disposition", name)]
