"""The secret on the label, for which the setup network asks: made by chance on the dongle itself, once, and kept."""

import os

from app import storage

FILE = "label"
_LENGTH = 12
# No letters that are taken for others; 12 of these 31 are 59 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def secret():
    """The password, as text. Raises OSError when it can be neither read nor kept."""
    kept = storage.read_file(FILE, 64)
    if kept and len(kept) == _LENGTH and all(chr(octet) in _LETTERS for octet in kept):
        return kept.decode()
    made = ""
    while len(made) < _LENGTH:
        octet = os.urandom(1)[0]
        if octet < 256 // len(_LETTERS) * len(_LETTERS):  # else the first letters would come more often
            made += _LETTERS[octet % len(_LETTERS)]
    storage.write_file(FILE, made.encode())
    return made


def network_name(device):
    """The setup network's name: "HAN-A1B2C3" of "han-a1b2c3"."""
    return device.upper()
