"""Who looks at the dongle's page at home, or at its setup page; and who asks too slowly, too much, or nonsense.

The page's deadlines go by the household's clock, and so are as much shorter here: for an answer that is cut off the
dongle is not to blame. What is wrong stands in `faults`.
"""

import json
import threading
import time
from collections import Counter

from phone import Phone, basic

from .board import HOME, SETUP

_READING = "/api/v1/reading"
_OTHERS = ("power", "hours?days=3", "usage", "peaks", "diagnosis", "settings", "log", "update")
PATHS = (_READING, "/", *(path for other in _OTHERS for path in (_READING, "/api/v1/" + other)))
_PAUSE_S = 0.1
_ANSWER_S = 10
_STREAM_S = 2
# Of a dongle that is there: all well; the way to the portal; the page for the other mode; too busy for the moment.
_GOOD = (200, 302, 503)
_CUT_OFF = 0
# To what no browser sends.
_REFUSALS = (_CUT_OFF, 302, 400, 401, 403, 404, 405, 413, 503)
# Within this a slow client must be cut off: many times the 15 s of the household, at any speed.
_LONGEST_S = 8
_DRIP_S = 0.03
_DEAF_S = 1.5
_CONNECT_S = 6
_LONG = b"x" * 3000


def _asked(path, *headers, method=b"GET"):
    return b"\r\n".join((method + b" " + path + b" HTTP/1.1", b"Host: %s", *headers, b"", b""))


_DEAF = "reads nothing"
# Both slow and oversized requests in their kinds; %s is the host.
_SLOW = {
    "says nothing": b"",
    "drips its request": _asked(b"/api/v1/reading", b"Accept: */*"),
    "drips its headers": _asked(b"/", *[b"X-%d: y" % number for number in range(40)]),
    "drips its body": _asked(b"/api/v1/login", b"Content-Length: 6000", method=b"POST") + _LONG,
    _DEAF: _asked(b"/"),
}
_OVERSIZED = {
    "a line without end": b"GET /" + _LONG,
    "a header without end": b"GET / HTTP/1.1\r\nHost: %s\r\nCookie: " + _LONG * 4,
    "hundreds of headers": _asked(b"/", *[b"X-%d: y" % number for number in range(300)]),
    "a body that is too large": _asked(b"/api/v1/settings", b"Content-Length: 7000", method=b"PATCH") + _LONG * 3,
    "a body of gigabytes": _asked(b"/api/v1/settings", b"Content-Length: 9999999999", method=b"PATCH") + _LONG,
    "a negative length": _asked(b"/api/v1/login", b"Content-Length: -5", method=b"POST") + _LONG,
    "no length": _asked(b"/api/v1/login", b"Content-Length: many", method=b"POST"),
    "a long path": _asked(b"/api/v1/" + b"a" * 900),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2,
    "no HTTP": b"\xff\x00\xfe" * 700 + b"\r\n\r\n",
    "a file that nobody may send": _asked(b"/api/v1/update", b"Content-Length: 50000000", method=b"PUT") + _LONG * 8,
}
SLOW_KINDS, OVERSIZED_KINDS = tuple(_SLOW), tuple(_OVERSIZED)


class Visitor:
    """`answers` counts the answers by their status, `powers` has (Unix time here, W) of each reading."""

    def __init__(self, port, password, board, is_reached):
        """`is_reached()` says whether the dongle can be asked: else its answers do not count."""
        self.answers = Counter()
        self.powers = []
        self.faults = []
        self._board = board
        self._is_reached = is_reached
        self._phone = Phone(port)
        self._login = basic(password)

    def look_round(self, until):
        """Ask as the page does, until until() says so; with a stream of readings beside it."""
        with _Stream(self._phone, self._login, self._note_powers) as stream:
            number = 0
            while not until():
                if self._is_reached():
                    self._look(PATHS[number % len(PATHS)])
                    stream.is_wanted = self._board.mode == HOME
                    number += 1
                time.sleep(_PAUSE_S)

    def _look(self, path):
        if self._board.mode == HOME:
            answer = self.get(path)
            if answer and answer.status == 200 and path == _READING:
                self._note_reading(answer)
        elif self._board.mode == SETUP:
            self.get("/api/setup")

    def get(self, path):
        """The answer; None when there is nobody, or it makes no sense because it was cut off."""
        return self._ask("GET", path, b"", _GOOD)

    def post(self, path):
        """Of what changes something; no form."""
        return self._ask("POST", path, b"{}", _GOOD)

    def _ask(self, method, path, body, good):
        began_mode = self._board.mode if self._is_reached() else None
        try:
            answer = self._phone.ask(method, path, body, Content_Type="application/json", Authorization=self._login)
        except (OSError, ValueError, IndexError):
            self.answers[_CUT_OFF] += 1
            return None
        finally:
            self._phone.heard.clear()
        self.answers[answer.status] += 1
        is_there = began_mode and began_mode == self._board.mode and self._is_reached()
        if is_there and answer.status not in (*good, _CUT_OFF):
            self.faults.append(f"{method} {path} is answered with {answer.status}: {answer.body[:100]}")
        return answer

    def _note_reading(self, answer):
        try:
            registers = json.loads(answer.body)["registers"]
        except ValueError:
            return  # cut off
        self._note_powers(registers)

    def _note_powers(self, registers):
        if "power_import_w" in registers:
            self.powers.append((time.time(), registers["power_import_w"]))

    def be_slow(self, kind):
        """One slow client, until it is cut off. True when it has come in."""
        connection = self._connected()
        if connection is None:
            return False
        octets = _SLOW[kind].replace(b"%s", self._phone.host.encode())
        with connection:
            connection.setblocking(False)
            if kind == _DEAF:
                _sent(connection, octets)
                octets = b""
                time.sleep(_DEAF_S)
            deadline = time.monotonic() + _LONGEST_S
            while time.monotonic() < deadline:
                octets = octets[_sent(connection, octets[:1]) :]
                if _is_over(connection):
                    return True
                time.sleep(_DRIP_S)
        self.faults.append(f"who {kind} is still there after {_LONGEST_S} s")
        return True

    def be_large(self, kind):
        """One request that is larger or other than any browser's. True when it has come in."""
        connection = self._connected()
        if connection is None:
            return False
        octets = _OVERSIZED[kind].replace(b"%s", self._phone.host.encode())
        with connection:
            try:
                connection.sendall(octets)
            except OSError:
                pass  # it is cut off meanwhile
            try:
                status = self._phone.read(connection).status
            except TimeoutError:
                self.faults.append(f"{kind} is neither answered nor cut off within {_ANSWER_S} s")
                return True
            except (OSError, ValueError, IndexError):
                status = _CUT_OFF
            finally:
                self._phone.heard.clear()
        if status not in _REFUSALS:
            self.faults.append(f"{kind} is answered with {status}")
        return True

    def _connected(self):
        """A connection to whoever is there; None when nobody comes."""
        deadline = time.monotonic() + _CONNECT_S
        while time.monotonic() < deadline:
            try:
                return self._phone.connect(timeout=_ANSWER_S)
            except OSError:
                time.sleep(_PAUSE_S)
        return None


class _Stream:
    """The stream of readings, opened again when it has ended, as long as it `is_wanted`."""

    def __init__(self, phone, login, note):
        self.is_wanted = self._is_over = False
        self._phone = phone
        self._login = login
        self._note = note
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._is_over = True
        self._thread.join(_ANSWER_S + _STREAM_S)

    def _run(self):
        while not self._is_over:
            if self.is_wanted:
                try:
                    self._listen()
                except OSError:
                    pass  # it has ended, or there is nobody
            time.sleep(_PAUSE_S)

    def _listen(self):
        with self._phone.events(_STREAM_S, Authorization=self._login) as connection:
            text = b""
            while not self._is_over and self.is_wanted:
                piece = connection.recv(4096)
                if not piece:
                    return
                *events, text = (text + piece).split(b"\n\n")
                for event in events:
                    if event.startswith(b"event: reading\ndata: "):
                        self._note(json.loads(event.split(b"data: ", 1)[1])["registers"])


def _sent(connection, octets):
    try:
        return connection.send(octets)
    except BlockingIOError:
        return 0
    except OSError:
        return len(octets)  # it has been cut off, as will be seen


def _is_over(connection):
    """Whether the other side has ended the connection; what it says is read."""
    try:
        return not connection.recv(4096)
    except BlockingIOError:
        return False
    except OSError:
        return True
