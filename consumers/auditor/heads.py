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

from consumers.auditor.errors import BadHead
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


def _bytes(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
