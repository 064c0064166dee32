"""The unix port as a board, its `network`: the host's own, which is always there."""

STA_IF = 0
AP_IF = 1


def hostname(name=None):
    return name


class WLAN:
    """A station that is connected as soon as it tries."""

    def __init__(self, interface):
        self._active = self._connected = False

    def active(self, on=None):
        if on is not None:
            self._active = on
        return self._active

    def connect(self, ssid, password=None):
        self._connected = self._active

    def disconnect(self):
        self._connected = False

    def isconnected(self):
        return self._connected

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
