"""Who may ask: a browser that has logged in, by its cookie, or a script that sends the password with each request."""

import binascii
import hashlib

from app import clock, label, passwords

COOKIE = "han"
LASTS_S = 30 * 86400
_TOO_MANY, _WRONG = "too_many", "wrong_password"
_LONGEST_WAIT = 5  # powers of two, of seconds
_MOST_SENDERS = 8
_FORGOTTEN_S = 900
_SCHEME = "Basic "


class Login:
    """Checks passwords and cookies.

    The password is the owner's, the label's as long as there is none. A cookie is the time until which it is good,
    signed; what it is signed with hangs on the password, so that it survives a restart and no change of password.
    """

    def __init__(self, settings, life):
        """`life` is a text that no other start of the dongle has. Raises OSError when the label can be neither read
        nor written: then nobody could log in."""
        self._settings = settings
        self._life = life
        self._label = label.secret()
        self._wrong = {}  # {sender's address: (wrong passwords, until when no other one is looked at, by uptime)}
        self._next_s = 0
        self._known = b""  # the hash of the last header that was right: hashing the password takes long

    def cookie(self):
        """A new one's value: until when it is good, signed. Without a clock it is good in this life."""
        now_s = clock.now_s()
        text = self._life if now_s is None else str(now_s + LASTS_S)
        return text + "." + self._signature(text)

    def is_cookie_good(self, cookie):
        """Whether cookie() has made it, and its time is not over."""
        text, _, signature = cookie.partition(".")
        if not passwords.is_same(signature, self._signature(text)):
            return False
        if text == self._life:
            return True
        now_s = clock.now_s()
        return text.isdigit() and (now_s is None or now_s < int(text))

    def _signature(self, text):
        key = hashlib.sha256((self._label + self._settings["owner.password"]).encode()).digest()
        inner = hashlib.sha256(key + text.encode()).digest()
        # Twice, as an HMAC: nothing can be added to what was signed.
        return binascii.hexlify(hashlib.sha256(key + inner).digest()).decode()

    def fault(self, request):
        """None when who asks may; else the word for why not, and the seconds to wait."""
        cookie = request.cookie(COOKIE)
        if cookie and self.is_cookie_good(cookie):
            return None
        header = request.header("authorization")
        if not header.startswith(_SCHEME):
            return "login", 0
        known = hashlib.sha256((self._label + self._settings["owner.password"] + header).encode()).digest()
        if known == self._known:
            return None
        try:
            password = binascii.a2b_base64(header[len(_SCHEME) :]).decode().split(":", 1)[1]
        except (ValueError, IndexError):
            return "login", 0
        fault = self.check(request.client.address, password)
        if not fault:
            self._known = known
        return fault

    def check(self, sender, password):
        """None when this is the password; else the word for why it is not taken, and the seconds to wait."""
        now_s = clock.uptime_s()
        wrong, until_s = self._wrong.get(sender, (0, 0))
        # Whoever asks: one a second, since the hash holds up everything.
        wait_s = max(until_s, self._next_s) - now_s
        if wait_s > 0:
            return _TOO_MANY, wait_s
        self._next_s = now_s + 1
        if self.is_right(password):
            self._wrong.pop(sender, None)
            return None
        if now_s - until_s > _FORGOTTEN_S:
            wrong = 0
        if len(self._wrong) >= _MOST_SENDERS and sender not in self._wrong:
            self._wrong.pop(min(self._wrong, key=self._until_s))
        wait_s = 1 << min(wrong, _LONGEST_WAIT)
        self._wrong[sender] = wrong + 1, now_s + wait_s
        return _WRONG, wait_s

    def _until_s(self, sender):
        return self._wrong[sender][1]

    def is_right(self, password):
        """Whether this is the password."""
        if not isinstance(password, str) or len(password) > passwords.LONGEST:
            return False
        kept = self._settings["owner.password"]
        return passwords.is_right(password, kept) if kept else passwords.is_same(password, self._label)
