"""A head: how many records each chain had at a time, and the link of the last, signed by the auditor (Ed25519).

Whoever may write to the broker could write all chains anew. He cannot do so for the days of which a signed head is
kept elsewhere. The signed bytes are the JSON of the head without `signature`, keys sorted, no blanks, in UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from consumers.auditor.errors import BadHead, BadKey
from consumers.auditor.verifying import Link

VERSION = 1


def signed(heads: Mapping[str, Link], at: datetime, key: Ed25519PrivateKey) -> str:
    """The head as text, ready to be kept."""
    head: dict[str, Any] = {
        "version": VERSION,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "chains": {chain: {"number": one.number, "link": one.link.hex()} for chain, one in sorted(heads.items())},
    }
    head["signature"] = key.sign(_bytes(head)).hex()
    return json.dumps(head, indent=1, sort_keys=True) + "\n"


def believed(path: Path, key: Ed25519PublicKey) -> dict[str, Link]:
    """What the head in this file says of each chain. Raises BadHead when it was not signed with `key`."""
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        signature = bytes.fromhex(head.pop("signature"))
        key.verify(signature, _bytes(head))
        if head["version"] != VERSION:
            raise BadHead(path, f"version {head['version']}; this program reads {VERSION}")
        return {chain: Link(int(one["number"]), bytes.fromhex(one["link"])) for chain, one in head["chains"].items()}
    except InvalidSignature:
        raise BadHead(path, "its signature is not that of this key: changed, or signed by somebody else") from None
    except OSError as error:
        raise BadHead(path, f"cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadHead(path, "is no signed head") from error


def new_key(path: Path) -> Path:
    """Make a pair of keys: the private one at `path` (mode 0600), the public one beside it as `.pub`.

    Raises BadKey when there is something already.
    """
    public = path.with_name(path.name + ".pub")
    for one in (path, public):
        if one.exists():
            raise BadKey(one, "is there already and is not written over")
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public


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


def _bytes(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
