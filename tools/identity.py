"""A certificate and its key, made on the spot: of a CA, a broker, a client."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PLAIN = serialization.NoEncryption()


class Identity:
    """A key and a certificate for it, signed by another identity or by itself; days are counted from now."""

    def __init__(self, name, signer=None, hosts=(), days=(-1, 30), key=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder(issuer_name=signer.certificate.subject if signer else own, subject_name=own)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days[0]))
            .not_valid_after(now + datetime.timedelta(days[1]))
            .add_extension(x509.BasicConstraints(signer is None, None), True)
        )
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_general_name(host) for host in hosts]), False
            )
        self.certificate = builder.sign((signer or self).key, hashes.SHA256())

    def pem(self):
        return self.certificate.public_bytes(PEM)

    def der(self):
        return self.certificate.public_bytes(DER)

    def key_in(self, encoding, layout=serialization.PrivateFormat.PKCS8, lock=PLAIN):
        return self.key.private_bytes(encoding, layout, lock)


def _general_name(host):
    return x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
