"""Certificates and keys that were pasted on a page, kept as files beside the settings."""

from app import storage
from app.log import log

_LARGEST = 4096
# What each of mqtt's files must hold (RFC 7468).
_LABELS = {"ca": "CERTIFICATE-----", "cert": "CERTIFICATE-----", "key": "PRIVATE KEY-----"}


def is_wrong(kind, text):
    """Whether this is no certificate ("ca", "cert"), no key ("key"), or too long to be kept."""
    if not isinstance(text, str) or len(text.encode()) > _LARGEST:
        return True
    begin = text.find("-----BEGIN ")
    return begin < 0 or _LABELS[kind] not in text[begin : text.find("\n", begin)]


def keep(name, text):
    """Write it to a file; False when the flash refuses."""
    try:
        storage.write_file(name, text.encode())
    except OSError as error:
        log("settings", f"the flash refuses: {error}")
        return False
    return True
