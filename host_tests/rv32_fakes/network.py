"""A radio that hears nothing."""

STA_IF, AP_IF = 0, 1
STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP = 1000, 1001, 1010
STAT_BEACON_TIMEOUT, STAT_NO_AP_FOUND, STAT_WRONG_PASSWORD, STAT_ASSOC_FAIL = 200, 201, 202, 203
STAT_HANDSHAKE_TIMEOUT, STAT_NO_AP_FOUND_IN_AUTHMODE_THRESHOLD = 204, 211
AUTH_OPEN, AUTH_WPA2_PSK = 0, 3


def hostname(_name=None):
    return "han"


def country(_code=None):
    return "XX"


def ipconfig(_name=None, **_settings):
    return "0.0.0.0"


class WLAN:
    PM_NONE, PM_PERFORMANCE, PM_POWERSAVE = 0, 1, 2

    def __init__(self, interface=STA_IF):
        self._is_active = False

    def active(self, is_active=None):
        if is_active is not None:
            self._is_active = is_active
        return self._is_active

    def config(self, *_names, **_settings):
        return 0

    def connect(self, *_words, **_more):
        pass

    def disconnect(self):
        pass

    def isconnected(self):
        return False

    def status(self, _name=None):
        return STAT_NO_AP_FOUND if _name is None else 0

    def ifconfig(self, *_words):
        return ("0.0.0.0",) * 4

    def ipconfig(self, *_names, **_settings):
        return ("0.0.0.0", "0.0.0.0")

    def scan(self):
        return []
