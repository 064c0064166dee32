"""The captive portal: every phone that joins the setup network is shown the setup page, and nothing else."""

from app import webparts
from app.log import log
from app.nameserver import NameServer
from app.overview import Overview
from app.portalapi import PortalApi
from app.webserver import WebServer

_MOST_AT_ONCE = 3
# Browsers ask for these unasked. Anything else is a phone's question whether the internet is there (Android's
# /generate_204, Apple's /hotspot-detect.html, Windows' /connecttest.txt, Firefox' /canonical.html), whose answer is
# the way to the page: then it opens by itself.
_NOT_HERE = ("/favicon.ico", "/wpad.dat", "/robots.txt")


class Portal:
    """Web server and name server of the setup network, from start() on."""

    def __init__(self, about, settings, wifi, setup, dongle):
        """`about` has the address and the ports: {"address": "4.3.2.1", "http_port": 80, "dns_port": 53}."""
        self._about = about
        port = about["http_port"]
        self._host = about["address"] + ("" if port == 80 else f":{port}")
        self._api = PortalApi(settings, wifi, setup, Overview(dongle))
        self._names = NameServer(about["address"])
        self._web = WebServer(self, _MOST_AT_ONCE)

    async def start(self):
        """Raises OSError when the page's port is taken."""
        await self._web.start(self._about["http_port"])
        try:
            self._names.start(self._about["dns_port"])
        except OSError as error:
            # Without it the page does not open by itself, but can be opened.
            log("setup", f"no name server: {error}")

    def answer(self, request):
        """As WebServer wants it. Who asks for another host is shown the way here; who is not in the setup network is
        not let in."""
        near = self._about["address"].rsplit(".", 1)[0] + "."
        if not request.client.address.startswith(near):
            return webparts.sealed("", 403)
        if request.header("host").lower() != self._host:
            return self._way_here()
        if request.path == "/":
            return webparts.sealed(*(webparts.page("setup.html.gz") if request.method == "GET" else ("", 405)))
        found = self._api.answer(request)
        if found:
            return webparts.sealed(*found)
        return webparts.sealed("", 404) if request.path in _NOT_HERE else self._way_here()

    def _way_here(self):
        return webparts.sealed("", 302, [("Location", f"http://{self._host}/")])

    def sink(self, request):
        """As WebServer wants it."""
        return None, self.fault(request, "too_large", 413)

    def fault(self, request, word, status):
        """As WebServer wants it. What is too large is the certificate, perhaps a chain of them."""
        return webparts.sealed(*self._api.fault(request, "mqtt.ca" if word == "too_large" else word, status))
