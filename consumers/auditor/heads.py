"""A head: how many records each chain had at a time, and the link of the last, signed by the auditor (Ed25519).

Whoever may write to the broker could write all chains anew. He cannot do so for the days of which a signed head is
kept elsewhere. The signed bytes are the JSON of the head without `signature`, keys sorted, no blanks, in UTF-8. Each
head holds the SHA-256 of the file of the head before it, so that none can be taken out of a folder or exchanged for an
older one without the next one showing it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from consumers.auditor.errors import BadHead
from consumers.auditor.verifying import Link

VERSION = 2
_READ = (1, VERSION)
"""Heads of version 1 name none before them."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head that is believed."""

    path: Path
    at: datetime
    chains: Mapping[str, Link]
    before: str | None
    """SHA-256 (hexadecimal) of the file of the head before it; None: it is the first, or of version 1."""
    digest: str
    """That of its own file."""


def file_of(folder: Path, at: datetime) -> Path:
    """The file of the head of that day (UTC)."""
    return folder / f"{at.astimezone(UTC):%Y-%m-%d}.json"


def signed(heads: Mapping[str, Link], at: datetime, key: Ed25519PrivateKey, before: Head | None = None) -> str:
    """The head as text, ready to be kept."""
    head: dict[str, Any] = {
        "version": VERSION,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "before": before.digest if before else None,
        "chains": {chain: {"number": one.number, "link": one.link.hex()} for chain, one in sorted(heads.items())},
    }
    head["signature"] = key.sign(_bytes(head)).hex()
    return json.dumps(head, indent=1, sort_keys=True) + "\n"


def believed(path: Path, keys: Sequence[Ed25519PublicKey]) -> Head:
    """The head in this file. Raises BadHead when it was not signed with one of `keys`."""
    try:
        text = path.read_bytes()
        head = json.loads(text)
        signature = bytes.fromhex(head.pop("signature"))
        if not any(_signed_by(key, signature, _bytes(head)) for key in keys):
            raise BadHead(path, "its signature is not that of this key: changed, or signed by somebody else")
        if head["version"] not in _READ:
            raise BadHead(path, f"version {head['version']}; this program reads {VERSION}")
        chains = {chain: Link(int(one["number"]), bytes.fromhex(one["link"])) for chain, one in head["chains"].items()}
        at = datetime.fromisoformat(head["at"])
        return Head(path, at, chains, head.get("before"), hashlib.sha256(text).hexdigest())
    except OSError as error:
        raise BadHead(path, f"cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadHead(path, "is no signed head") from error


def in_turn(paths: Iterable[Path], keys: Sequence[Ed25519PublicKey]) -> list[Head]:
    """The heads of a folder, oldest first.

    Raises BadHead when one is not believed, stands under another day's name, or does not follow the one before it.
    """
    heads = sorted((believed(path, keys) for path in paths), key=lambda head: head.at)
    for number, head in enumerate(heads):
        if head.path != file_of(head.path.parent, head.at):
            raise BadHead(head.path, f"is the head of {head.at:%Y-%m-%d}: its file was renamed")
        # Of the oldest here the one before may be kept elsewhere.
        if number and head.before is not None and head.before != heads[number - 1].digest:
            raise BadHead(head.path, "does not follow the head before it here: one was taken out, or exchanged")
    return heads


def _signed_by(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _bytes(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
