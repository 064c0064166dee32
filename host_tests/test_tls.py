"""Tier 3: TLS to a real mosquitto, with certificates made here: what is believed, and what is said of the rest."""

import json
import socket
import ssl
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from alone import Alone
from broker import Broker
from identity import DER, PEM, Identity
from scripted import SUBSCRIBE, ScriptedBroker, publish
from stage import WIFI, Stage

pytestmark = [pytest.mark.tier3, pytest.mark.mosquitto]

_HERE = ("localhost", "127.0.0.1")


class Hall:
    """The certificates, a broker with a TLS listener for each, and a place where links start."""

    def __init__(self, folder):
        self.folder = folder
        self.ca = Identity("CA")
        self.other_ca = Identity("another CA")
        self.client = Identity("a dongle", self.ca)
        big_ca = Identity("a CA with RSA", key=rsa.generate_private_key(65537, 2048))
        self.big_ca = big_ca
        listeners = {
            "good": self.listener("good", Identity("localhost", self.ca, _HERE)),
            "rsa": self.listener(
                "rsa", Identity("localhost", big_ca, _HERE, key=rsa.generate_private_key(65537, 2048))
            ),
            "elsewhere": self.listener("elsewhere", Identity("elsewhere", self.ca, ("elsewhere", "127.0.0.2"))),
            "expired": self.listener("expired", Identity("localhost", self.ca, _HERE, (-30, -1))),
            "future": self.listener("future", Identity("localhost", self.ca, _HERE, (1, 30))),
            "mutual": self.listener(
                "mutual", Identity("localhost", self.ca, _HERE), cafile=self.put("ca.pem", self.ca.pem())
            ),
        }
        listeners["mutual"]["require_certificate"] = "true"
        self.broker = Broker(folder, tls=listeners).start()
        self.ports = self.broker.tls_ports
        self._number = 0
        self._links = []
        self._scripted = []

    def put(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def listener(self, name, identity, **words):
        return {
            "certfile": self.put(f"{name}.pem", identity.pem()),
            "keyfile": self.put(f"{name}.key", identity.key_in(PEM)),
            **words,
        }

    def link(self, port, ca=None, host="localhost", cert=None, key=None, ntp_down=False, **settings):
        """A link that has these files, of bytes, beside its settings; None for a file that is not named."""
        self._number += 1
        folder = self.folder / f"link{self._number}"
        folder.mkdir()
        for name, content in (("ca", ca), ("cert", cert), ("key", key)):
            if content is not None:
                settings[name + "_file"] = name + ".crt"
                (folder / (name + ".crt")).write_bytes(content)
        if ntp_down:
            (folder / "ntp-down").touch()
        settings = {"host": host, "port": port, "tls": True, "time.server": "time.example", **settings}
        # No two of one name: the broker would put out the one before.
        link = Alone(folder, settings, device=f"han-{self._number:06x}")
        link.folder = folder
        self._links.append(link)
        return link

    def scripted(self, manner):
        self._scripted.append(ScriptedBroker(0, manner))
        return self._scripted[-1]

    def clear(self):
        """End everything but the broker."""
        for link in self._links:
            link.close()
        for broker in self._scripted:
            broker.stop()
        self._links.clear()
        self._scripted.clear()


@pytest.fixture(scope="module")
def whole_hall(tmp_path_factory, compiled):
    hall = Hall(tmp_path_factory.mktemp("tls"))
    yield hall
    hall.broker.stop()


@pytest.fixture
def hall(whole_hall):
    yield whole_hall
    whole_hall.clear()


def _connects(link, tls="verified"):
    link.wait(8, fault="ok", connections=1, tls=tls)


def _says(link, word, text):
    link.wait(8, fault=word)
    link.wait(1, lambda: any(f"] mqtt: {text}" in line for line in link.log))
    assert link.state["connections"] == 0


def test_a_broker_with_a_certificate_from_the_ca_is_believed_in_pem_or_der(hall):
    windows = hall.ca.pem().replace(b"\n", b"\r\n")
    links = [
        hall.link(hall.ports["good"], ca)
        for ca in (hall.ca.pem(), hall.ca.der(), b"# ours\n" + hall.other_ca.pem() + windows + b"\n")
    ]
    links.append(hall.link(hall.ports["rsa"], hall.big_ca.pem()))
    for link in links:
        _connects(link)


def test_the_certificate_of_a_broker_that_is_known_by_its_address_must_have_the_address(hall):
    ca = hall.ca.pem()
    good = hall.link(hall.ports["good"], ca, host="127.0.0.1")
    wrong = hall.link(hall.ports["elsewhere"], ca, host="127.0.0.1")
    _connects(good)
    _says(wrong, "cert_name", "the broker's certificate is not for mqtt.host")


def test_a_broker_that_is_not_what_it_should_be_is_refused_with_the_reason(hall):
    ca = hall.ca.pem()
    ports = hall.ports
    for link, word, text in [
        (hall.link(ports["good"], hall.other_ca.pem()), "cert_untrusted", "the broker's certificate is not from"),
        (hall.link(ports["elsewhere"], ca), "cert_name", "the broker's certificate is not for mqtt.host"),
        (hall.link(ports["expired"], ca), "cert_expired", "the broker's certificate has expired"),
        (hall.link(ports["future"], ca), "cert_not_yet", "the broker's certificate is not valid yet"),
        (hall.link(hall.broker.port, ca), "tls_failed", "no TLS with the broker (another port?"),
    ]:
        _says(link, word, text)


class _Ear:
    """A port that accepts, says nothing, and notes what it is told."""

    def __init__(self):
        self.heard = b""
        self.accepted = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _address = self._server.accept()
                self.accepted += 1
                with connection:
                    while part := connection.recv(1000):
                        self.heard += part
            except OSError:
                return

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture
def ear():
    ear = _Ear()
    yield ear
    ear.close()


def test_without_a_ca_nothing_is_sent_to_the_broker(hall, ear):
    for link, word, text in [
        (hall.link(ear.port), "ca_missing", "TLS needs mqtt.ca_file"),
        (hall.link(ear.port, ca_file="not there"), "ca_unusable", "no certificate in mqtt.ca_file"),
        (hall.link(ear.port, b""), "ca_unusable", "no certificate in mqtt.ca_file"),
        (hall.link(ear.port, hall.client.key_in(PEM)), "ca_unusable", "no certificate in mqtt.ca_file"),
        (hall.link(ear.port, hall.ca.der()[:-9]), "ca_unusable", "no certificate in mqtt.ca_file"),
        (hall.link(ear.port, b"\x00\xff\r\n" * 4000), "ca_unusable", "no certificate in mqtt.ca_file"),
        (hall.link(ear.port, b"-----BEGIN CERTIFICATE-----\n" + b"QUJD" * 9000), "ca_unusable", "no certificate"),
    ]:
        _says(link, word, text)
    assert not ear.accepted


def test_with_verification_off_any_certificate_will_do_and_it_is_said(hall):
    # Nor is the time needed.
    off = {"verify": False, "time.server": ""}
    links = [hall.link(hall.ports[name], **off) for name in ("good", "elsewhere", "expired")]
    for link in links:
        _connects(link, tls="unverified")


def test_a_server_that_is_silent_in_the_handshake_is_left_and_costs_no_processor(hall, ear):
    link = hall.link(ear.port, hall.ca.pem())
    link.wait(5, lambda: ear.accepted)
    before_s = link.cpu_s()
    link.wait(13, fault="no_answer")
    assert link.cpu_s() - before_s < 3
    assert link.state["reader_delay_ms"] < 100
    assert ear.heard[:2] == b"\x16\x03"


def test_a_broker_that_wants_a_certificate_gets_it_in_pem_or_der(hall):
    ca, client = hall.ca.pem(), hall.client
    old = client.key_in(PEM, serialization.PrivateFormat.TraditionalOpenSSL)
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    port = hall.ports["mutual"]
    for link in [
        hall.link(port, ca, cert=client.pem(), key=client.key_in(PEM)),
        hall.link(port, ca, cert=client.der(), key=client.key_in(DER)),
        hall.link(port, ca, cert=client.pem(), key=parameters + old),
    ]:
        _connects(link)


def test_what_is_wrong_with_the_clients_certificate_is_said(hall):
    ca, client = hall.ca.pem(), hall.client
    port = hall.ports["mutual"]
    locked = client.key_in(PEM, lock=serialization.BestAvailableEncryption(b"secret"))
    old_locked = client.key_in(
        PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.BestAvailableEncryption(b"secret")
    )
    for link, word, text in [
        (hall.link(port, ca), "tls_refused", "the broker refuses TLS: it may want a client certificate"),
        (hall.link(port, ca, cert=client.pem()), "client_cert_unusable", "no certificate in mqtt.cert_file"),
        (hall.link(port, ca, cert=client.pem(), key=locked), "client_cert_unusable", "no certificate in"),
        (hall.link(port, ca, cert=client.pem(), key=old_locked), "client_cert_unusable", "no certificate in"),
        (hall.link(port, ca, cert=b"", key=client.key_in(PEM)), "client_cert_unusable", "no certificate in"),
    ]:
        _says(link, word, text)


def _older_tls(hall, name, client_ca=None):
    """A manner of a scripted broker: TLS 1.2, all that many an ESP32 speaks, with a listener's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(hall.folder / f"{name}.pem", hall.folder / f"{name}.key")
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca.decode())

    def manner(peer):
        with context.wrap_socket(peer.connection, server_side=True) as peer.connection:
            peer.serve(until=lambda: len(peer.came(SUBSCRIBE)) == 2)
            topic = peer.came(SUBSCRIBE)[0][4:-1]
            # Both in one record: the second is there when the socket has nothing more.
            peer.send(publish(topic, b"first") + publish(topic, b"second", qos=1))
            peer.serve()

    return manner


def test_an_older_tls_is_judged_alike(hall):
    ca, client = hall.ca.pem(), hall.client
    port = hall.scripted(_older_tls(hall, "good", client_ca=ca)).port
    for link in [
        hall.link(hall.scripted(_older_tls(hall, "good")).port, ca),
        hall.link(port, ca, cert=client.pem(), key=client.key_in(PEM)),
    ]:
        _connects(link)
        link.wait(5, lambda link=link: [payload for _topic, payload, _retained in link.taken] == ["first", "second"])
    for name, word, text in [
        ("elsewhere", "cert_name", "the broker's certificate is not for mqtt.host"),
        ("expired", "cert_expired", "the broker's certificate has expired"),
    ]:
        _says(hall.link(hall.scripted(_older_tls(hall, name)).port, ca), word, text)
    # Whether the reason is read before the end of the connection is a matter of chance.
    unknown = hall.link(hall.scripted(_older_tls(hall, "good", client_ca=ca)).port, ca)
    unknown.wait(8, lambda: unknown.state.get("fault") in ("tls_refused", "tls_failed"))
    unknown.wait(1, lambda: any("want a client certificate" in line for line in unknown.log))


def test_a_parcel_is_acknowledged_over_tls(hall):
    link = hall.link(hall.ports["good"], hall.ca.pem())
    _connects(link)
    for ticket, size in ((1, 2048), (2, 0)):
        link.tell("send", "han/x/hour", "x" * size, False, 1)
        link.wait(5, delivered=ticket)
    assert link.state["connections"] == 1


def test_no_certificate_is_judged_before_the_time_is_known(hall, ear, monkeypatch):
    monkeypatch.setenv("HAN_SPEED", "20")  # a minute between two questions to the time server
    link = hall.link(ear.port, hall.ca.pem(), ntp_down=True)
    _says(link, "clock_not_set", "certificates wait for the time to be known")
    assert not ear.accepted
    (link.folder / "ntp-down").unlink()
    link.wait(8, lambda: ear.accepted)


def test_the_whole_firmware_publishes_over_tls(tmp_path, compiled):
    hall = Hall(tmp_path)
    stage = Stage(tmp_path)
    stage.broker = hall.broker
    stage.listen()
    stage.start_meter("kaifa", "--speed", "4")
    (tmp_path / "ca.pem").write_bytes(hall.ca.pem())
    mqtt = {"host": "localhost", "port": hall.ports["good"], "tls": True, "ca_file": "ca.pem"}
    stage.start_firmware_with(json.dumps({"wifi": WIFI, "mqtt": mqtt}))
    stage.wait(lambda: stage.named("power"), 15, "a power")
    reports = stage.wait(lambda: [r for r in stage.named("diagnosis") if r["mqtt"] == "ok"], 15, "a diagnosis")
    report = reports[-1]
    assert report["tls"] == "verified"
    assert report["reader_delay_ms"] < 100
    stage.close()
