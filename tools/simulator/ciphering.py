"""General-glo-ciphering: how meters encrypt their pushes (DLMS Green Book 9.2.7, security suites 0 and 1).

AES-128-GCM with the system title and the frame counter as its initialization vector. Only throw-away keys.
"""

import hashlib
from typing import NamedTuple

from simulator.encoding import length

GENERAL_GLO_CIPHERING = 0xDB
AUTHENTICATED = 0x10
ENCRYPTED = 0x20
TAG_SIZE = 12
KEY_SIZE = 16
# Encrypted and authenticated; encrypted, in suite 0 and as Tyrol's and Vorarlberg's meters say it; authenticated.
SECURITY_CONTROLS = (0x30, 0x20, 0x21, 0x10)


def derived_key(seed, purpose):
    """A key that the seed makes: the same in every run, and nobody's."""
    return hashlib.sha256(f"{seed}/{purpose}".encode()).digest()[:KEY_SIZE]


class Cipher(NamedTuple):
    """What a meter encrypts with; `length_size` is that of encoding.length."""

    system_title: bytes
    length_size: int
    security_control: int
    key: bytes
    authentication_key: bytes

    @property
    def has_tag(self):
        return bool(self.security_control & AUTHENTICATED)

    def encrypt(self, apdu, counter):
        """The APDU that carries this one."""
        control = bytes((self.security_control,))
        invocation = counter.to_bytes(4, "big")
        content = control + invocation + self._protected(apdu, control, self.system_title + invocation)
        title = bytes((GENERAL_GLO_CIPHERING, len(self.system_title))) + self.system_title
        return title + length(len(content), self.length_size) + content

    def _protected(self, apdu, control, vector):
        """The ciphertext, its tag, or both. Without a tag, GCM is counter mode from 2 on."""
        try:
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise OSError("encryption needs cryptography: pip install cryptography") from None
        extra = control + self.authentication_key
        if not self.security_control & ENCRYPTED:
            return apdu + AESGCM(self.key).encrypt(vector, b"", extra + apdu)[:TAG_SIZE]
        if self.has_tag:
            whole = AESGCM(self.key).encrypt(vector, apdu, extra)
            return whole[: len(apdu) + TAG_SIZE]
        return Cipher(algorithms.AES(self.key), modes.CTR(vector + b"\0\0\0\2")).encryptor().update(apdu)
