"""What goes wrong between dongle and broker: a word for programs and pages, and its sentence for the log."""

from umqtt.simple import MQTTException

from app.wire import HANDSHAKE, NAME

# One text, since thirty small ones take twice the heap. The word; what says so: a CONNACK's code after a c (MQTT
# 3.1.1, table 3.1), an OSError's number on Linux or the ESP32 (where 113 is a connection that was given up), or
# mbedtls's; the sentence, to which the error itself belongs where it ends in a colon.
_TABLE = """
no_network, there is no network
clock_not_set, certificates wait for the time to be known
name_unknown, the broker's name is not known
no_name_server, no name server answers for the broker's name
refused,111, nothing listens at the broker's address and port
no_way,101,113,114,118, no way to the broker
no_answer,110,115,116, the broker does not answer
closed,32,103,104,107,128,-29312, the broker closed the connection
nonsense, the broker's answer makes no sense
wrong_version,c1, the broker speaks another MQTT
device_refused,c2, the broker refuses this device's name
unavailable,c3, the broker is not available
wrong_login,c4, wrong user or password
not_authorised,c5, wrong user or password, or this user may not connect
rejected, the broker refused:
no_commands, this user may not subscribe, so there are no commands
ca_missing, TLS needs mqtt.ca_file, or mqtt.verify false
ca_unusable, no certificate in mqtt.ca_file
client_cert_unusable, no certificate in mqtt.cert_file, or not its key in mqtt.key_file
cert_untrusted, the broker's certificate is not from the CA in mqtt.ca_file
cert_name, the broker's certificate is not for mqtt.host
cert_expired, the broker's certificate has expired
cert_not_yet, the broker's certificate is not valid yet
cert_refused, the broker's certificate is not accepted:
tls_refused,-30592, the broker refuses TLS: it may want a client certificate
tls_failed, the broker does not speak TLS at this port:
no_memory,12,105,-32512, not enough memory to connect
network_error, network error:
internal, a fault of the firmware's own:
"""

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
    at = _TABLE.find(f",{sign},")
    begin = _TABLE.rfind("\n", 0, at) + 1
    return _TABLE[begin : _TABLE.find(",", begin)] if at > 0 else None


def sentence(word, error=None):
    """The word's sentence, in English."""
    begin = _TABLE.find(" ", _TABLE.find(f"\n{word},")) + 1
    text = _TABLE[begin : _TABLE.find("\n", begin)]
    return f"{text} {error!r}" if text[-1] == ":" else text
