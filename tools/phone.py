"""Who asks for one of the dongle's pages: HTTP as it is on the wire, one connection for each request."""

import base64
import json
import socket


def basic(password):
    """The Authorization header of the owner."""
    return "Basic " + base64.b64encode(f"owner:{password}".encode()).decode()


class Answer:
    """What came back: `status` (0 when nothing did), `headers` with names in lower case, `body`."""

    def __init__(self, octets):
        self.octets = octets
        head, _, self.body = octets.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split(" ")[1]) if first else 0
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    @property
    def json(self):
        assert self.headers["content-type"].lower() == "application/json; charset=utf-8", self.octets
        return json.loads(self.body)


class Phone:
    """Asks at a port of this computer; keeps all that was answered in `heard`."""

    def __init__(self, port):
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.heard = []

    def connect(self, source="127.0.0.1", timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout, (source, 0))

    def send(self, octets, source="127.0.0.1", timeout=10):
        """Send these bytes, and read until the other side closes."""
        with self.connect(source, timeout) as connection:
            connection.sendall(octets)
            return self.read(connection)

    def read(self, connection):
        answer = b""
        try:
            while True:
                piece = connection.recv(4096)
                if not piece:
                    break
                answer += piece
        except ConnectionResetError:
            pass
        self.heard.append(answer)
        return Answer(answer)

    def ask(self, method, path, body=b"", **headers):
        """`headers` with _ for -; None takes one away."""
        return self.send(self._request(method, path, body, headers))

    def events(self, timeout=10, **headers):
        """A connection on which the page's stream of readings has been asked for; nothing of it is read."""
        connection = self.connect(timeout=timeout)
        connection.sendall(self._request("GET", "/api/v1/events", b"", headers))
        return connection

    def _request(self, method, path, body, headers):
        headers = {"Host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body:
            headers.setdefault("Content-Length", len(body))
        lines = [f"{method} {path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, form, method="POST", **headers):
        """As the page does."""
        body = form if isinstance(form, bytes) else json.dumps(form, ensure_ascii=False).encode()
        headers = {"Content_Type": "application/json", "Origin": "http://" + self.host, **headers}
        return self.ask(method, path, body, **headers)

    def state(self, language="en"):
        return self.get("/api/setup?lang=" + language).json
