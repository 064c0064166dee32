"""HTTP for the dongle's own pages, with deadlines and limits for those who ask slowly, too much, or nonsense.

Of a web framework the pages would use a tenth; without it 17 KB more of the heap are free (firmware/README.md).
"""

import asyncio
import json

from app import clock
from app.log import log
from app.tasks import keep

_REQUEST_S = 15  # for the whole of a request and its answer; of an endless answer, for each piece
_MOST_WAITING = 5  # to be accepted, which is done at once
_LARGEST_BODY = 6144  # a certificate in PEM, and the rest of the form
_LARGEST_REQUEST = _LARGEST_BODY + 4096
_MOST_SKIPPED = 65536
_LONGEST_FILE_S = 600  # for a body that is a file; each piece has _REQUEST_S
_LONGEST_LINE = 1024
_MOST_LINES = 60  # each header takes many times its size of the heap
_PIECE = 256
_FILE_PIECE = 512
_RESET = 104  # ECONNRESET
_JSON = "application/json; charset=utf-8"
# Made beforehand: it is for when nothing can be made.
_NO_ROOM = (
    b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    b'{"error": "busy", "text": "There is no room at this moment: try again."}'
)


class _Client:
    """A connection: lines and bodies, so long and no longer. MicroPython's own readline() collects for as long as no
    line ends."""

    def __init__(self, stream):
        self._stream = stream
        self._ahead = b""
        self._left = _LARGEST_REQUEST
        self._lines = 0
        self._task = asyncio.current_task()
        self._is_waiting = True
        self._is_endless = self._has_begun = False
        self._began_s = clock.uptime_s()
        self.is_open = True

    @property
    def address(self):
        """IPv4, as text. The ESP32 has a tuple, the unix port a struct sockaddr_in."""
        address = self._stream.get_extra_info("peername")
        return address[0] if isinstance(address, tuple) else ".".join([str(octet) for octet in address[4:8]])

    async def write(self, octets):
        self._has_begun = True
        if self._is_endless:
            self._began_s = clock.uptime_s()
        self._stream.write(octets)
        await self._stream.drain()

    async def refuse(self):
        """Say that there is no room, unless an answer has begun."""
        if not self._has_begun:
            try:
                await self.write(_NO_ROOM)
            except (OSError, MemoryError):
                pass  # it will ask again

    def endless(self):
        """From now on each piece of the answer has the time that else the whole has."""
        self._is_endless = True

    def end_if_late(self, now_s):
        """End the connection when its time is over."""
        if now_s - self._began_s > _REQUEST_S:
            self._task.cancel()

    def cut_off(self):
        """End the connection if its client has not yet asked; whether that was so."""
        if self._is_waiting:
            self._is_waiting = False
            self._task.cancel()
            return True
        return False

    async def readline(self):
        self._lines += 1
        while True:
            end = self._ahead.find(b"\n") + 1
            if end:
                return self._take(end)
            if len(self._ahead) > _LONGEST_LINE or self._lines > _MOST_LINES:
                raise OSError(_RESET)
            await self._more()

    async def read(self, n):
        while len(self._ahead) < n:
            await self._more()
        return self._take(n)

    async def skip(self, n):
        """Read so much, and forget it."""
        n -= len(self._ahead)
        while n > 0:
            n -= len(await self._stream.read(min(n, _PIECE))) or n

    async def pour(self, n, write):
        """Read so much, a piece at a time, for write(piece)."""
        until_s = clock.uptime_s() + _LONGEST_FILE_S
        piece = self._take(min(n, len(self._ahead)))
        while True:
            write(piece)
            n -= len(piece)
            self._began_s = clock.uptime_s()
            if not n:
                return
            piece = await self._stream.read(min(n, _FILE_PIECE))
            if not piece or self._began_s > until_s:
                raise OSError(_RESET)

    def _take(self, n):
        taken, self._ahead = self._ahead[:n], self._ahead[n:]
        return taken

    async def _more(self):
        self._is_waiting = True
        piece = await self._stream.read(min(self._left, _PIECE))
        self._is_waiting = False
        if not piece:
            raise OSError(_RESET)
        self._left -= len(piece)
        self._ahead += piece


class Request:
    """What a client asks for: `method` in capitals, `path`, `args` of its query, `body`, and the `client` itself.

    A HEAD is a GET whose answer `is_bare`. `body` is None when it is too large to be read; `length` says how large.
    """

    def __init__(self, client, method, target):
        self.client = client
        self.is_bare = method == "HEAD"
        self.method = "GET" if self.is_bare else method.upper()
        self.path, _, query = target.partition("?")
        self.args = {}
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            self.args[name] = value
        self._headers = {}
        self.body = b""
        self.length = 0

    def header(self, name, default=""):
        """A header's value by its name in small letters."""
        return self._headers.get(name, default)

    def cookie(self, name):
        """A cookie's value, "" when it was not sent."""
        for pair in self.header("cookie").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return ""

    async def read_rest(self):
        """Read headers and body (RFC 9112). Raises ValueError for what is none."""
        while True:
            line = (await self.client.readline()).decode().strip()
            if not line:
                break
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError("header")
            self._headers[name.lower()] = value.strip()
        self.length = int(self.header("content-length") or 0)
        if self.length < 0:
            raise ValueError("length")
        self.body = await self.client.read(self.length) if self.length <= _LARGEST_BODY else None


async def _read_request(client):
    line = (await client.readline()).decode().strip()
    method, target, version = line.split(" ")
    if version[:7] != "HTTP/1." or target[:1] != "/":
        raise ValueError("version")
    request = Request(client, method, target)
    await request.read_rest()
    return request


async def _send(client, is_bare, content, status=200, headers=()):
    """Send an answer, or its head alone. The content may be JSON (a dict), text, bytes, a file, or what yields bytes
    (__anext__)."""
    kind = None
    if isinstance(content, dict):
        content, kind = json.dumps(content).encode(), _JSON
    elif isinstance(content, str):
        content, kind = content.encode(), "text/plain; charset=utf-8"
    lines = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'No'}", "Connection: close"]
    if kind and not any(name == "Content-Type" for name, _value in headers):
        lines.append("Content-Type: " + kind)
    if isinstance(content, bytes):
        lines.append(f"Content-Length: {len(content)}")
    for name, value in headers:
        lines.append(f"{name}: {value}")
    await client.write("\r\n".join(lines + ["", ""]).encode())
    if is_bare:
        return
    if isinstance(content, bytes):
        if content:
            await client.write(content)
    elif hasattr(content, "__anext__"):
        async for piece in content:
            await client.write(piece)
    else:
        await _send_file(client, content)


async def _send_file(client, file):
    piece = memoryview(bytearray(_FILE_PIECE))
    with file:
        while True:
            n = file.readinto(piece)
            if not n:
                return
            await client.write(piece[:n])


class WebServer:
    """Serves a site to so many clients at once.

    `site.answer(request)` gives (content, status, headers), the last a list of pairs; `site.fault(request, word,
    status)` the same for what goes wrong before and while it does, where the request may be None.
    `site.sink(request)` is asked about a body that does not fit into the heap: (what takes it by write(piece) and
    close(), None) or (None, the answer that refuses it).
    """

    def __init__(self, site, most):
        self._site = site
        self._most = most
        self._open = []

    async def start(self, port):
        """Listen, and keep the deadlines. Raises OSError when the port is taken."""
        await asyncio.start_server(self.serve, "0.0.0.0", port, _MOST_WAITING)
        asyncio.create_task(keep(self._sweep))

    async def _sweep(self):
        while True:
            await asyncio.sleep(1)
            self.sweep()

    def sweep(self):
        """Once a second, where nobody has called start(): keep the deadlines. True while somebody is there."""
        now_s = clock.uptime_s()
        for client in self._open:
            client.end_if_late(now_s)
        return bool(self._open)

    async def serve(self, stream, _stream=None):
        """Serve whoever is at the other end of this, and close it."""
        client = _Client(stream)
        try:
            if self._has_room():
                self._open.append(client)
                await self._exchange(client)
        except (OSError, asyncio.CancelledError):
            pass  # the other side has gone, is too slow, or is cut off
        except MemoryError:
            log("web", "no room for a request")
            await client.refuse()
        finally:
            client.is_open = False
            if client in self._open:
                self._open.remove(client)
            await _end(stream)

    async def _exchange(self, client):
        request = None
        try:
            request = await _read_request(client)
        except ValueError as error:
            log("web", f"not understood: {error!r}")
        if request is None:
            answer = self._site.fault(None, "nonsense", 400)
        elif request.body is None:
            answer = await self._receive(client, request)
        else:
            answer = self._answer(request)
        await _send(client, bool(request and request.is_bare), *answer)

    async def _receive(self, client, request):
        sink, answer = self._site.sink(request)
        if sink:
            try:
                await client.pour(request.length, sink.write)
            finally:
                sink.close()
            return self._answer(request)
        # What is not read resets the connection, and the answer is lost.
        if request.length <= _MOST_SKIPPED:
            await client.skip(request.length)
        return answer

    def _answer(self, request):
        try:
            return self._site.answer(request)
        except MemoryError:
            return self._site.fault(request, "busy", 503)
        except Exception as error:
            log("fault", f"{request.method} {request.path}: {error!r}")
            return self._site.fault(request, "internal", 500)

    def _has_room(self):
        """For one more; of those that have not yet asked, who came first must go. Browsers connect ahead of need, and
        others to keep us busy."""
        if len(self._open) < self._most:
            return True
        for client in self._open:
            if client.cut_off():
                self._open.remove(client)
                return True
        return False


async def _end(stream):
    try:
        await stream.wait_closed()
    except OSError:
        pass
