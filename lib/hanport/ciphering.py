"""General-glo-ciphering, the envelope of encrypted pushes (Green Book 9.2.7, 9.5): AES-128-GCM, security suite 0.

    DB | 08 | system title 8 | length | security control 1 | invocation counter 4 | ciphertext | tag 12, if
    authenticated

With the authentication key the tag is verified before anything is read. Without it, only what the plaintext looks
like tells whether the key is right. A counter that does not rise is refused only under a verified tag, for anybody
could make one up; and meters are reset, so a new system title, or three verified frames that rise, start the count
anew.

Grid companies have many names for the two keys, and owners enter them the wrong way round: as long as no frame has
been opened, the first ones are tried with the keys swapped, too.
"""

from .codes import MALFORMED, REPLAYED, UNKNOWN_APDU, WRONG_KEY, WRONG_TAG
from .const import const
from .dlms import DATA_NOTIFICATION, TITLE_SIZE, length_size
from .gcm import Gcm
from .loops import copy, differ, length

KEY_SIZE = const(16)
_COUNTER_SIZE = const(4)
_TAG_SIZE = const(12)
_BLOCK = const(16)
# Security control: bits 0-3 the suite (1 is seen where 0 is meant), 4 authenticated, 5 encrypted, 7 compressed.
_NOT_OURS = const(0x8E)
_AUTHENTICATED = const(0x10)
_ENCRYPTED = const(0x20)
_RISES_TO_RESTART = const(3)
_SWAPS = const(3)  # frames that are tried with the keys swapped


class Ciphering:
    """Opens envelopes in place. `stop` is the end of the plaintext, `is_verified` tells whether its tag was.

    `replayed` counts counters that did not rise in frames that were read all the same, having no verified tag.
    """

    def __init__(self, key, auth_key=None):
        """Keys of 16 bytes. ValueError when they are not; ImportError on a CPython without `cryptography`."""
        for one in (key, auth_key):
            if one is not None and len(one) != KEY_SIZE:
                raise ValueError("a key must have 16 bytes")
        self._has_auth_key = auth_key is not None
        # Additional data: security control, authentication key, and of a payload in the clear its first bytes.
        self._additional = bytearray(2 * _BLOCK)
        self._keys = (key, auth_key)
        self._use(Gcm(key), auth_key)
        self._swaps = _SWAPS if self._has_auth_key else 0
        self.stop = self.replayed = 0
        self.is_verified = False
        self._title = bytearray(TITLE_SIZE)
        self._last = bytearray(_COUNTER_SIZE)
        self._refused = bytearray(_COUNTER_SIZE)  # the last counter that did not rise, under a verified tag
        self._rises = 0

    def _use(self, gcm, auth_key):
        self._gcm = gcm
        if self._has_auth_key:
            copy(auth_key, 0, self._additional, 1, KEY_SIZE)

    def open(self, buffer, start, end):
        """Decrypt the envelope in buffer[start:end]; the place of its plaintext, or a negative reason."""
        at = start + 2 + TITLE_SIZE
        size = length(buffer, at, end)
        if end - start < 12 or buffer[start + 1] != TITLE_SIZE or size < 0:
            return -MALFORMED
        body = at + length_size(buffer, at)
        if body + size != end or size < 2 + _COUNTER_SIZE:
            return -MALFORMED
        control = buffer[body]
        if control & _NOT_OURS or not control & (_AUTHENTICATED | _ENCRYPTED):
            return -UNKNOWN_APDU
        if control & _AUTHENTICATED:
            end -= _TAG_SIZE
        self.stop = end
        reason = self._decrypt(buffer, control, start + 2, body + 1)
        if not reason:
            self._swaps = 0
        elif self._swaps:
            reason = self._decrypt_swapped(buffer, control, start + 2, body + 1) and reason
        if not reason and not self._may_pass(buffer, start + 2, body + 1):
            reason = REPLAYED
        return -reason if reason else body + 1 + _COUNTER_SIZE

    def _decrypt_swapped(self, buffer, control, title, counter):
        """As _decrypt(), of what has just been decrypted in vain; when that helps, the keys stay so."""
        self._swaps -= 1
        if control & _ENCRYPTED:
            self._gcm.begin(buffer, title, buffer, counter)
            self._gcm.crypt(buffer, counter + _COUNTER_SIZE, self.stop)  # which undoes it
        key, auth_key = self._keys
        before = self._gcm
        try:
            self._use(Gcm(auth_key), key)
        except MemoryError:
            return WRONG_KEY
        reason = self._decrypt(buffer, control, title, counter)
        if reason:
            self._use(before, auth_key)
        else:
            self._swaps = 0
        return reason

    def _decrypt(self, buffer, control, title, counter):
        """Decrypt what is behind the counter, up to `stop`; 0, or the reason why it may not be read."""
        self._gcm.begin(buffer, title, buffer, counter)
        text = counter + _COUNTER_SIZE
        is_checked = self._has_auth_key and control & _AUTHENTICATED
        is_wrong = is_checked and text < self.stop and self._verify(buffer, control, text, self.stop)
        if control & _ENCRYPTED:
            self._gcm.crypt(buffer, text, self.stop)
        if not _is_plausible(buffer, text, self.stop):
            return WRONG_KEY
        self.is_verified = bool(is_checked)
        return WRONG_TAG if is_wrong else 0

    def _verify(self, buffer, control, text, tag):
        """0 when the tag is right. In the clear, the payload is additional data too."""
        gcm = self._gcm
        additional = self._additional
        additional[0] = control
        size = 1 + KEY_SIZE
        for i in range(size, 2 * _BLOCK):
            additional[i] = 0
        if control & _ENCRYPTED:
            gcm.hash(additional, 0, size)
            gcm.hash(buffer, text, tag)
            return gcm.tag_differs(size, tag - text, buffer, tag, _TAG_SIZE)
        first = 2 * _BLOCK - size
        if first > tag - text:
            first = tag - text
        copy(buffer, text, additional, size, first)
        gcm.hash(additional, 0, 2 * _BLOCK)
        gcm.hash(buffer, text + first, tag)
        return gcm.tag_differs(size + tag - text, 0, buffer, tag, _TAG_SIZE)

    def _may_pass(self, buffer, title, counter):
        """Does the invocation counter rise? If not: may the frame be read all the same?"""
        if self._has_auth_key and not self.is_verified:
            return True  # anybody may have made it: it tells nothing about the verified ones
        if differ(buffer, title, self._title, 0, TITLE_SIZE):
            copy(buffer, title, self._title, 0, TITLE_SIZE)
        elif not _is_above(buffer, counter, self._last):
            if not self.is_verified:
                self.replayed += 1
                return True
            self._rises = self._rises + 1 if self._rises and _is_above(buffer, counter, self._refused) else 1
            copy(buffer, counter, self._refused, 0, _COUNTER_SIZE)
            if self._rises < _RISES_TO_RESTART:
                return False
        self._rises = 0
        copy(buffer, counter, self._last, 0, _COUNTER_SIZE)
        return True


def _is_above(buffer, pos, counter):
    """True when the four bytes at buffer[pos] are a higher number than the counter's; as bytes they take no heap."""
    for i in range(_COUNTER_SIZE):
        if buffer[pos + i] != counter[i]:
            return buffer[pos + i] > counter[i]
    return False


def _is_plausible(buffer, pos, end):
    """True when this may be a plaintext: a Data-Notification with a sound date-time, a P1 telegram, or its lines."""
    if end - pos < 8:
        return False
    if buffer[pos] == DATA_NOTIFICATION:
        head = buffer[pos + 5]
        return head == 0 or head == 0x0C or (head == 0x09 and buffer[pos + 6] == 0x0C)
    if 0x30 <= buffer[pos] <= 0x39:
        return buffer[pos + 1] == 0x2D and 0x30 <= buffer[pos + 2] <= 0x39 and buffer[pos + 3] == 0x3A
    return buffer[pos] == 0x2F and buffer[pos + 1] | 0x20 >= 97
