"""Certificates of our own: made once, renewed in time, strict enough for every client, keys for their owner alone."""

from __future__ import annotations

import shutil
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.stack import certificates
from deploy.stack.errors import StackError
from tocsin.runtime.certificates import expiry, trusting
from tocsin.runtime.errors import NotConfigured

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def handshake(trust: Path, server: certificates.Certificates, name: str) -> None:
    """A TLS handshake in memory, as strict as Python's newest default."""
    client_side = trusting(trust)
    assert isinstance(client_side, ssl.SSLContext)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(server.certificate, server.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client_side.wrap_bio(to_client, to_server, server_hostname=name),
        server_side.wrap_bio(to_server, to_client, server_side=True),
    ]
    while sides:
        for side in tuple(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)


def test_a_client_with_the_authority_takes_every_name_and_no_other(tmp_path: Path) -> None:
    made = certificates.ensure(tmp_path / "tls", ("broker", "127.0.0.1", "::1"))

    for name in ("broker", "127.0.0.1", "::1"):
        handshake(made.ca, made, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(made.ca, made, "registry")


def test_a_client_with_another_authority_refuses(tmp_path: Path) -> None:
    made = certificates.ensure(tmp_path / "tls")
    other = certificates.ensure(tmp_path / "other")

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(other.ca, made, "localhost")


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    made = certificates.ensure(tmp_path / "tls")

    private = (made.key, made.both, made.folder / "ca.key")
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert "PRIVATE KEY" not in made.ca.read_text() + made.certificate.read_text()


def test_nothing_is_made_anew_without_need_and_the_server_certificate_in_time(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    made = certificates.ensure(folder, now=NOW)
    ca, first = made.ca.read_bytes(), made.certificate.read_bytes()

    certificates.ensure(folder, now=NOW + timedelta(days=300))
    assert made.certificate.read_bytes() == first
    certificates.ensure(folder, now=NOW + timedelta(days=380))
    assert made.certificate.read_bytes() != first
    assert expiry(made.certificate) == NOW + timedelta(days=380 + certificates.SERVER_DAYS)
    assert expiry(made.both) == expiry(made.certificate)
    second = made.certificate.read_bytes()
    certificates.ensure(folder, ("elsewhere",), now=NOW + timedelta(days=380))
    assert made.certificate.read_bytes() != second
    assert made.ca.read_bytes() == ca


def test_an_authority_at_its_end_is_said_and_not_replaced_in_silence(tmp_path: Path) -> None:
    certificates.ensure(tmp_path, now=NOW)

    with pytest.raises(StackError, match=r"ends on 2036-11-21: move the folder away"):
        certificates.ensure(tmp_path, now=NOW + timedelta(days=certificates.CA_DAYS - 1))


def test_a_key_that_is_not_the_authoritys_is_refused(tmp_path: Path) -> None:
    made, other = certificates.ensure(tmp_path / "tls"), certificates.ensure(tmp_path / "other")
    shutil.copy(other.folder / "ca.key", made.folder / "ca.key")

    with pytest.raises(StackError, match="not the key of"):
        certificates.ensure(made.folder, ("other-name",))


def test_files_without_a_certificate_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")

    with pytest.raises(NotConfigured, match=r"empty\.pem"):
        expiry(tmp_path / "empty.pem")
    with pytest.raises(NotConfigured, match=r"absent\.pem"):
        expiry(tmp_path / "absent.pem")
    with pytest.raises(NotConfigured, match=r"empty\.pem"):
        trusting(tmp_path / "empty.pem")
