"""AES-128-GCM (NIST SP 800-38D) in place, with a nonce of 12 bytes, on an AES that has nothing but single blocks.

Everything is allocated once, with the key.
"""

from .aes import ecb
from .const import const
from .loops import copy, counters, differ, ghash, ghash_table, xor

_BLOCK = const(16)
_AT_ONCE = const(4)  # blocks of keystream
_NONCE = const(12)


def _multiples(h):
    """0 to 15 times the hash key, in GCM's order of bits: the highest bit of the factor is the lowest power."""
    found = [0] * 16
    for factor in (8, 4, 2, 1):
        found[factor] = h
        h = h >> 1 ^ (0xE1 << 120 if h & 1 else 0)
    for factor in range(3, 16):
        lowest = factor & -factor
        found[factor] = found[lowest] ^ found[factor ^ lowest]
    return found


class Gcm:
    """One key. begin() with each message's nonce; then additional() and hash_ciphertext(), tag_differs(), crypt()."""

    def __init__(self, key):
        self._aes = ecb(key)
        self._blocks = bytearray(_BLOCK * _AT_ONCE)
        self._stream = bytearray(_BLOCK * _AT_ONCE)
        self._nonce = bytearray(_NONCE)
        self._hash = bytearray(_BLOCK)
        self._aes.encrypt(self._blocks, self._stream)
        h = 0
        for i in range(_BLOCK):
            h = h << 8 | self._stream[i]
        self._table = ghash_table(_multiples(h))

    def begin(self, title, title_pos, counter, counter_pos):
        """Start a message: the nonce is 8 bytes of system title and 4 of invocation counter."""
        copy(title, title_pos, self._nonce, 0, 8)
        copy(counter, counter_pos, self._nonce, 8, 4)
        state = self._hash
        for i in range(_BLOCK):
            state[i] = 0

    def hash(self, buffer, start, stop):
        """Take buffer[start:stop] into the hash, padded with zeros to whole blocks."""
        ghash(self._table, self._hash, buffer, start, stop)

    def tag_differs(self, additional, ciphertext, buffer, tag, size):
        """0 when the `size` bytes at buffer[tag] are the tag over so many bytes of additional data and ciphertext."""
        blocks = self._blocks
        for i in range(_BLOCK):
            blocks[i] = 0
        _put_bits(blocks, 4, additional)
        _put_bits(blocks, 12, ciphertext)
        ghash(self._table, self._hash, blocks, 0, _BLOCK)
        counters(blocks, self._nonce, 1, _AT_ONCE)
        self._aes.encrypt(blocks, self._stream)
        xor(self._hash, 0, self._stream, _BLOCK)
        return differ(self._hash, 0, buffer, tag, size)

    def crypt(self, buffer, start, stop):
        """Encrypt or decrypt buffer[start:stop]."""
        number = 2  # the first counter is the tag's
        while start < stop:
            counters(self._blocks, self._nonce, number, _AT_ONCE)
            self._aes.encrypt(self._blocks, self._stream)
            n = stop - start
            if n > _BLOCK * _AT_ONCE:
                n = _BLOCK * _AT_ONCE
            xor(buffer, start, self._stream, n)
            start += n
            number += _AT_ONCE


def _put_bits(block, pos, size):
    """The number of bits that `size` bytes have, in four bytes."""
    block[pos + 1] = size >> 13 & 0xFF
    block[pos + 2] = size >> 5 & 0xFF
    block[pos + 3] = size << 3 & 0xFF
