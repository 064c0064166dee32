"""The dongle's own page at home, and the interface that it uses: firmware/API.md."""

from app import lent, webparts
from app.login import COOKIE, LASTS_S, Login
from app.webserver import WebServer

# Two clients, each with its stream of events and one request beside it.
_MOST_AT_ONCE = 4
_API = "/api/v1/"
_PUBLIC = ("/", "/api/v1/login", "/favicon.ico")
_STATUS = {"login": 401, "wrong_password": 401, "too_many": 429}
# Method, path, and who answers: a function of a module, which is only there meanwhile. One text, which is searched:
# so many small objects would take more of the heap.
_ROUTES = """
GET metrics metrics.metrics
POST login homelogin.log_in
POST logout homelogin.log_out
GET reading homedata.reading
GET power homedata.power
GET hours homehours.hours
GET usage homedata.usage
GET peaks homedata.peaks
GET diagnosis homedata.diagnosis
GET log homedata.log
GET events homeevents.events
GET settings homesettings.settings
PATCH settings homesettings.change
POST password homesettings.password
PUT certificates/ca homesettings.certificate
PUT certificates/cert homesettings.certificate
PUT certificates/key homesettings.certificate
GET capture homeactions.captured
POST capture homeactions.capture
GET capture/file homeactions.capture_file
POST restart homeactions.restart
POST setup homeactions.setup
GET update homeupdate.state
PUT update homeupdate.received
"""


class Home:
    """The page of a Dongle; `web` serves it; `dongle`, `login`, `streams`, `capture` and `update` are for those
    who answer."""

    def __init__(self, dongle, life):
        """`life` is as Login wants it. Raises OSError when there could be no password."""
        self.dongle = dongle
        self.login = Login(dongle.settings, life)
        self.streams = []
        self.capture = None
        self.update = None
        self.web = WebServer(self, _MOST_AT_ONCE)

    @property
    def is_wanted(self):
        """Whether somebody will come back for what only this has."""
        return any(work and not work.is_over for work in (self.capture, self.update))

    def answer(self, request):
        """As WebServer wants it."""
        return webparts.sealed(*_whole(self._refusal(request) or self._found(request)))

    def sink(self, request):
        """As WebServer wants it: an update is a file."""
        refusal = self._refusal(request)
        if not refusal and (request.method, request.path) == ("PUT", _API + "update"):
            sink, refusal = lent.module("homeupdate").sink(self, request)
            if sink:
                return sink, None
        return None, webparts.sealed(*_whole(refusal or self.wrong(request, "too_large", 413)))

    def fault(self, request, word, status):
        """As WebServer wants it."""
        return webparts.sealed(*self.wrong(request, word, status))

    def wrong(self, request, word, status=400):
        """The answer that says what is wrong."""
        return webparts.fault(word, webparts.language(request, self.dongle.settings), status)

    def _found(self, request):
        if request.path == "/" and request.method == "GET":
            return webparts.page("home.html.gz")
        path = request.path
        if path.startswith(_API):
            path = path[len(_API) :]
        elif path == "/metrics":
            path = path[1:]
        begin = f"\n{request.method} {path} "
        at = _ROUTES.find(begin)
        if at < 0:
            return self.wrong(request, "not_here", 404)
        at += len(begin)
        module, name = _ROUTES[at : _ROUTES.find("\n", at)].split(".")
        if request.method == "GET":
            return getattr(lent.module(module), name)(self, request)
        form = {} if request.body is None else webparts.form(request)
        if form is None:
            return self.wrong(request, "nonsense")
        return getattr(lent.module(module), name)(self, request, form)

    def _refusal(self, request):
        """The answer to who was led here by another name or page, or has not the password; else None."""
        if request.header("host").lower().split(":")[0] not in self._names():
            return self.wrong(request, "wrong_host", 403)
        if request.method != "GET" and webparts.is_foreign(request):
            return self.wrong(request, "foreign", 403)
        if request.path in _PUBLIC:
            return None
        fault = self.login.fault(request)
        return self.refused(request, *fault) if fault else None

    def _names(self):
        station = self.dongle.wifi
        device = self.dongle.board.id
        return (station.address, station.hostname, station.hostname + ".local", device, device + ".local")

    def refused(self, request, word, wait_s):
        """The answer to who may not; Login has said so."""
        headers = [("Retry-After", wait_s)] if wait_s else []
        return self.wrong(request, word, _STATUS[word]) + (headers,)


def cookie(value, lasts_s=LASTS_S):
    """An empty answer that leaves the browser this cookie, which not even a link from another site brings."""
    content = f"{COOKIE}={value}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Strict"
    return "", 204, [("Set-Cookie", content)]


def _whole(answer):
    """(content, status, headers) of an answer that may be content alone."""
    return answer if isinstance(answer, tuple) else (answer,)
