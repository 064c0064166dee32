"""What the stubs of a dongle have in common: its web server, which a test can make slow or silent."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

THINKS_S = 0.01  # a request takes long enough to be seen beside another
JSON = {"Content-Type": "application/json"}


class Stub:
    """A dongle's HTTP interface: a page at "/", and what answer() knows. Keeps the requests, and how many at once."""

    def __init__(self, page):
        self.page = page  # the bytes of a .html.gz
        self.requests = []  # (method, path with query, body)
        self.silent = False  # nothing is heard or answered: connections are closed
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    @contextmanager
    def one_more(self):
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            yield
        finally:
            with self._lock:
                self.at_once -= 1

    def is_stream(self, method, path):
        """Whether this is answered by stream(handler), beside the others, for as long as that takes."""
        return False

    def later(self, seconds, act):
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        timer.start()

    def answer(self, handler, url, body):
        """(status, bytes, headers) for a request; `body` is None where there is none."""
        raise NotImplementedError


def said(status, value, **headers):
    """What answer() gives for JSON; None is no content."""
    return status, b"" if value is None else json.dumps(value).encode(), {**JSON, **headers}


class _Handler(BaseHTTPRequestHandler):
    # As the dongle, it closes after each answer; when one is closed that was kept, a browser asks again by itself.
    protocol_version = "HTTP/1.0"

    def _serve(self):
        stub, url = self.server.stub, urlsplit(self.path)
        if stub.is_stream(self.command, url.path):
            stub.requests.append((self.command, self.path, None))
            return stub.stream(self)
        size = int(self.headers["Content-Length"] or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        with stub.one_more():
            time.sleep(THINKS_S)
            stub.requests.append((self.command, self.path, body))
            answer = None if stub.silent else self._found(url, body)
        # The radio may move to another channel, or the power go, before the answer is out.
        self.close_connection = answer is None or stub.silent
        if not self.close_connection:
            self.reply(*answer)
        return None

    do_GET = do_POST = do_PATCH = do_PUT = _serve

    def _found(self, url, body):
        if (self.command, url.path) == ("GET", "/"):
            return 200, self.server.stub.page, {"Content-Type": "text/html", "Content-Encoding": "gzip"}
        if self.command != "GET" and not self.is_own("application/json"):
            return said(403, {"error": "foreign", "text": "foreign"})
        return self.server.stub.answer(self, url, body)

    def is_own(self, kind):
        """Whether the dongle's own page sends this, and says what it is."""
        own = self.headers["Origin"] == f"http://{self.headers['Host']}"
        return own and self.headers["Content-Type"] == kind

    def reply(self, status, payload, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(payload))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A browser that breaks off is no fault."""


@contextmanager
def served(stub):
    """The stub on a port of its own; gives its address."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.stub = stub
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.socket.close()
        thread.join()
