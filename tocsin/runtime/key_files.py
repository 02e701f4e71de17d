"""Pairs of Ed25519 keys in files: the private half in PKCS 8, the public one beside it, both PEM."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tocsin.runtime.errors import TocsinError


class BadKey(TocsinError):
    """A file that should hold an Ed25519 key in PEM, and does not, or that should not be there and is."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why} (a pair of keys is made by: tocsin key new, for the auditor tocsin audit key)")


def new_pair(path: Path) -> Path:
    """Make a pair of keys: the private one at `path` (mode 0600), the public one beside it as `.pub`.

    Raises BadKey when there is something already, or nothing can be written there.
    """
    public = path.with_name(path.name + ".pub")
    for one in (path, public):
        if one.exists():
            raise BadKey(one, "is there already and is not written over")
    key = Ed25519PrivateKey.generate()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(private_pem(key))
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except OSError as error:
        raise BadKey(path, f"cannot be written: {error.strerror or error}") from error
    return public


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """The text of a private key's file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in this file. Raises BadKey."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(path, "holds no private key that can be read") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(path, "holds no Ed25519 key")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The public key in this file. Raises BadKey."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadKey(path, "holds no public key that can be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(path, "holds no Ed25519 key")
    return key
