"""What TLS needs of the owner's files: an SSLContext from certificates and keys in PEM or DER.

Imported only where TLS is wanted. PEM is made DER here: the ESP32's MicroPython takes it only from 1.29 on.
"""

import binascii
import gc

import tls

from app import storage
from app.mqttfaults import Fault

# Far above any certificate or key in DER; a file of several is read one after the other.
_LARGEST = 4096
# read(n) and readline(n) take n bytes of heap in one piece, however little there is to read. A line of PEM has 64
# characters (RFC 7468); a longer one is read in pieces, which can be decoded one by one, being a multiple of 4.
_PIECE = 128
_DER = b"\x30"  # how both begin
_CERTIFICATE = b"CERTIFICATE"
_KEY = b"PRIVATE KEY"


def context(settings):
    """An SSLContext as the settings of mqtt want it. Raises Fault when one is missing or a file is no good."""
    gc.collect()  # what the one before holds lies outside the heap, and is given back only so
    made = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    word = "ca_unusable"
    try:
        if not settings["mqtt.verify"]:
            made.verify_mode = tls.CERT_NONE
        elif settings["mqtt.ca_file"]:
            _each(settings["mqtt.ca_file"], _CERTIFICATE, made.load_verify_locations)
        else:
            raise Fault("ca_missing")
        word = "client_cert_unusable"
        if settings["mqtt.cert_file"]:
            found = []
            _each(settings["mqtt.cert_file"], _CERTIFICATE, found.append)
            _each(settings["mqtt.key_file"], _KEY, found.append)
            made.load_cert_chain(found[0], found[-1])
        return made
    except (OSError, ValueError):
        pass
    raise Fault(word)


def _each(path, kind, take):
    """take(der) for everything of this kind in the file. Raises OSError or ValueError, also when there is none."""
    with open(path, "rb") as file:
        if file.read(1) == _DER:
            take(storage.read_file(path, _LARGEST) or b"")
            return
        file.seek(0)
        line = file.readline(_PIECE)
        der = None
        found = False
        while line:
            if line.startswith(b"-----"):
                if der:
                    take(bytes(der))
                    found = True
                # A word may stand before the kind: "RSA PRIVATE KEY". A locked key cannot be opened here.
                wanted = line.startswith(b"-----BEGIN") and kind in line and b"ENCRYPTED" not in line
                der = bytearray() if wanted else None
            elif der is not None:
                der.extend(binascii.a2b_base64(line))
                if len(der) > _LARGEST:
                    break
            line = file.readline(_PIECE)
    if not found:
        raise ValueError
