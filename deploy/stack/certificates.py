"""A certificate authority and server certificates of our own, where nobody else brings some.

Files in one folder: ``ca.pem`` is what clients get; ``ca.key`` signs and goes nowhere; ``server.crt`` and
``server.key`` are one server certificate that names every server, and ``server.pem`` is both, as Kafka wants them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.stack.errors import StackError
from deploy.stack.secret_files import write_private

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Names of this machine to itself."""
CA_DAYS = 3650
SERVER_DAYS = 397
"""What browsers accept at most."""
RENEW_DAYS = 30
"""A server certificate with fewer days left is made anew at the next start."""
_SKEW = timedelta(minutes=5)
"""A certificate begins so long ago: clocks differ."""

_CaKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where they are."""

    folder: Path

    @property
    def ca(self) -> Path:
        """Certificate of the authority, which clients trust."""
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The servers' certificate."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """Its private key (PKCS 8, not encrypted, readable by its owner alone)."""
        return self.folder / "server.key"

    @property
    def both(self) -> Path:
        """Key and certificate in one file."""
        return self.folder / "server.pem"


def ensure(folder: Path, names: Sequence[str] = LOCAL, now: datetime | None = None) -> Certificates:
    """Certificates for servers with these `names` (host names, IP addresses); made where they are not there yet.

    The server certificate is made anew when it names other servers or ends within RENEW_DAYS. The authority is never
    made anew, because every client would have to be told: raises StackError when it is at its end.
    """
    now = now or datetime.now(UTC)
    there = Certificates(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not there.ca.exists():
        _make_ca(there, now)
    try:
        ca = x509.load_pem_x509_certificate(there.ca.read_bytes())
        made = x509.load_pem_x509_certificate(there.certificate.read_bytes()) if there.certificate.exists() else None
    except ValueError as error:
        raise StackError(f"a certificate in {folder} cannot be read ({error}): move the folder away") from error
    if ca.not_valid_after_utc < now + timedelta(days=RENEW_DAYS):
        raise StackError(
            f"the certificate authority in {there.ca} ends on {ca.not_valid_after_utc:%Y-%m-%d}: move the folder away,"
            " start again, and give the new ca.pem to every client"
        )
    if made is None or not there.both.exists() or not _serves(made, ca, names, now):
        _make_server(there, ca, names, now)
    return there


def _serves(made: x509.Certificate, ca: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    san = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        made.issuer == ca.subject
        and list(san) == _general_names(names)
        and made.not_valid_after_utc >= now + timedelta(days=RENEW_DAYS)
    )


def _make_ca(there: Certificates, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # A serial in the name: an authority of another folder is then not taken for this one.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Tocsin certificate authority"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{x509.random_serial_number():x}"),
        ]
    )
    certificate = (
        _builder(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(there.folder / "ca.key", _pem(key))
    there.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(there: Certificates, ca: x509.Certificate, names: Sequence[str], now: datetime) -> None:
    try:
        ca_key = serialization.load_pem_private_key((there.folder / "ca.key").read_bytes(), None)
    except (OSError, ValueError) as error:
        raise StackError(f"the key of the certificate authority cannot be read from {there.folder}: {error}") from error
    if not isinstance(ca_key, _CaKey) or ca_key.public_key() != ca.public_key():
        raise StackError(f"ca.key in {there.folder} is not the key of ca.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    certificate = (
        _builder(subject, ca.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    there.both.unlink(missing_ok=True)  # looked at by `ensure`: whole again only when all three are
    write_private(there.key, _pem(key))
    there.certificate.write_text(text)
    write_private(there.both, _pem(key) + text)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in names]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
