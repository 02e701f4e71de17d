"""Certificates as clients need them: whom to trust, and until when what is in a file is valid."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from tocsin.runtime.errors import NotConfigured


def expiry(file: Path) -> datetime:
    """When the first of the certificates in a PEM file ends (UTC); a private key beside them does not disturb.

    Raises NotConfigured when the file cannot be read or holds no certificate.
    """
    try:
        return min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(file.read_bytes()))
    except (OSError, ValueError) as error:
        raise NotConfigured(f"no certificate can be read from {file}: {error}") from error


def trusting(ca_file: Path | None) -> ssl.SSLContext | bool:
    """What httpx verifies servers by: the certificates in `ca_file` and no others; without one, those it brings.

    Raises NotConfigured when the file cannot be used.
    """
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # SSLError is one
        raise NotConfigured(f"the certificates to trust cannot be read from {ca_file}: {error}") from error
