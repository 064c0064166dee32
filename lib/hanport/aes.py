"""AES-128 by what the machine has: cryptolib on MicroPython, the package cryptography on CPython.

Electronic code book alone: it is all that an ESP32's MicroPython offers, and GCM's counter mode is built on it.
"""

try:
    from cryptolib import aes as _aes

    def ecb(key):
        """A cipher with encrypt(blocks, into), for whole blocks of 16 bytes."""
        return _aes(key, 1)

except ImportError:

    class _Ecb:
        def __init__(self, key):
            from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

            self._encryptor = Cipher(algorithms.AES(bytes(key)), modes.ECB()).encryptor()

        def encrypt(self, blocks, into):
            into[:] = self._encryptor.update(bytes(blocks))

    def ecb(key):
        """A cipher with encrypt(blocks, into), for whole blocks of 16 bytes. ImportError without `cryptography`."""
        return _Ecb(key)
