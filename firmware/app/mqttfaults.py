"""What goes wrong between dongle and broker: a word for programs and pages, and its sentence for the log."""

from umqtt.simple import MQTTException

import textfile
from app.wire import HANDSHAKE, NAME

# A file beside this one, read when something has gone wrong: it would fill the heap of a dongle whose broker is well.
# The word; what says so: a CONNACK's code after a c (MQTT 3.1.1, table 3.1), an OSError's number on Linux or the
# ESP32 (where 113 is a connection that was given up), or mbedtls's; the sentence, to which the error itself belongs
# where it ends in a colon.
_TABLE = "mqttfaults.txt"

# What mbedtls says of a certificate.
_CERTIFICATE = (
    ("trusted", "cert_untrusted"),
    ("expected CN", "cert_name"),
    ("expired", "cert_expired"),
    ("future", "cert_not_yet"),
)


class Fault(Exception):
    """A failure that has its word already."""


def word_for(error, stage):
    """The word for what was raised when a connection had come to this stage (one of app.wire's)."""
    if isinstance(error, Fault):
        return error.args[0]
    if isinstance(error, MemoryError):
        return "no_memory"
    if isinstance(error, MQTTException):
        return _word(f"c{error.args[0]}") or "rejected"
    if isinstance(error, OSError):
        return _network_word(error.args[0], stage)
    if isinstance(error, ValueError) and stage == HANDSHAKE:
        for part, word in _CERTIFICATE:
            if part in str(error):
                return word
        return "cert_refused"
    # umqtt asserts what it expects.
    return "nonsense" if isinstance(error, (ValueError, AssertionError)) else "internal"


def _network_word(number, stage):
    if stage == NAME:
        # The unix port has the resolver's number in a text; the ESP32 has one number for all its failures.
        return "no_name_server" if "-3" in str(number) else "name_unknown"
    if -256 < number < 0:  # a socket's error that came through mbedtls
        number = -number
    word = _word(number) or "network_error"
    return "tls_failed" if stage == HANDSHAKE and word in ("closed", "network_error") else word


def _word(sign):
    row = _row(sign)
    return row.split(",", 2)[1] if row else None


def _row(name):
    """The table's row with this word or sign; empty when there is none, or when the table cannot be read now."""
    sign = f",{name},"
    try:
        found = [row for row in textfile.lines(__file__, _TABLE) if sign in row]
    except (OSError, MemoryError):
        return ""
    return found[0] if found else ""


def sentence(word, error=None):
    """The word's sentence, in English; the word alone when there is no reading it."""
    row = _row(word)
    text = row[row.find(" ") + 1 :] or word
    return f"{text} {error!r}" if text[-1] == ":" else text
