"""The owner's password, of which only a salted hash is kept."""

import binascii
import hashlib
import os

SHORTEST, LONGEST = 8, 64  # characters
# As many as an ESP32 makes in less than 0.1 s, in which nothing else runs.
_ROUNDS = 400
_SALT = 16


def wrong(password):
    """Why a new password may not be so, in a word of formfaults.txt; None when it may."""
    if not isinstance(password, str):
        return "nonsense"
    if len(password) > LONGEST:
        return "password_long"
    return "password_short" if len(password) < SHORTEST else None


def hashed(password, salt=None):
    """What is kept of a password: its salt and hash, as text."""
    salt = salt or os.urandom(_SALT)
    digest = salt + password.encode()
    for _ in range(_ROUNDS):
        digest = hashlib.sha256(salt + digest).digest()
    return (binascii.hexlify(salt) + b"$" + binascii.hexlify(digest)).decode()


def is_right(password, kept):
    """Whether this is the password of which hashed() made `kept`. Takes as long for any wrong one."""
    salt = kept.split("$")[0]
    try:
        made = hashed(password, binascii.unhexlify(salt))
    except ValueError:
        return False
    return is_same(made, kept)


def is_same(one, other):
    """Whether two texts are the same. Takes as long wherever they differ first."""
    difference = len(one) ^ len(other)
    for ours, theirs in zip(one, other):
        difference |= ord(ours) ^ ord(theirs)
    return difference == 0
