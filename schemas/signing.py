"""How a producer signs: the bytes, the three headers that carry the signature, the id of a key.

What is signed is the message as the broker gets it, and when it was signed. So a message that is moved to another
topic, put under another key, altered, or kept for later has no signature. The golden messages hold test vectors.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CONTEXT = b"tocsin message 1"
"""Begins what is signed, so that a signature made for anything else is none for a message."""
KEY_ID = "tocsin-key-id"
"""Header: the id of the key that signed, as text."""
SIGNED_AT = "tocsin-signed-at"
"""Header: when it was signed, milliseconds since 1970-01-01 UTC in decimal digits."""
SIGNATURE = "tocsin-signature"
"""Header: the 64 bytes of the Ed25519 signature in base64 (RFC 4648, with padding)."""
HEADERS = (KEY_ID, SIGNED_AT, SIGNATURE)
"""The headers that the gate reads; each stands there once."""
PUBLIC_SIZE = 32
"""Bytes of a public key."""
SIGNATURE_SIZE = 64
"""Bytes of a signature."""
_ID_DIGITS = 16

Headers = Sequence[tuple[str, bytes | None]]
"""Headers of a record, as Kafka has them: in order, and a name may stand there twice."""


def signature_input(topic: str, key: bytes, value: bytes, signed_at: bytes) -> bytes:
    """What is signed: CONTEXT, topic (UTF-8), key, value and signed_at, before each its length in four bytes, highest
    first.

    `key` and `value` are those of the record as the broker gets it, the five bytes of the wire format included, and
    `signed_at` is that of the header.
    """
    parts = (CONTEXT, topic.encode(), key, value, signed_at)
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def key_id_of(public: bytes) -> str:
    """The id of a public key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes.

    Made from the key, so that nobody can mean another key by it.
    """
    return hashlib.sha256(public).hexdigest()[:_ID_DIGITS]


class SigningKey:
    """The private half of a producer's key. Its text forms never show it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id_of(self.public)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"

    def headers(self, topic: str, key: bytes, value: bytes, at: int) -> list[tuple[str, bytes]]:
        """The headers of a message that is signed at `at` (milliseconds)."""
        signed_at = str(at).encode()
        signature = self._private.sign(signature_input(topic, key, value, signed_at))
        return [(KEY_ID, self.key_id.encode()), (SIGNED_AT, signed_at), (SIGNATURE, base64.b64encode(signature))]
