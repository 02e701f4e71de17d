"""The chain of audit records: each carries the hash of all before it, so that none can be changed, taken out or put in.

Every partition of the stage that audits keeps a chain of its own, named `<stage>-<partition>`. A record's link is

    SHA-256(link before || number || length of key || key || body)

with the link before as 32 bytes (zeroes before the first), number (from 1) and length as 8 bytes, most significant
first, key as UTF-8 and body the Avro behind the header of the wire format, so that it does not depend on a registry's
ids. Chain, number and link (hexadecimal) stand in the record's headers.
"""

from __future__ import annotations

import hashlib
import struct

CHAIN, NUMBER, LINK = "audit-chain", "audit-number", "audit-link"
"""The headers."""
START = bytes(32)
"""The link before the first record."""
_LONG = struct.Struct(">Q")


def chain_of(stage: str, partition: int) -> str:
    """The name of the chain of a partition of `stage`."""
    return f"{stage}-{partition}"


def link(before: bytes, number: int, key: str, body: bytes) -> bytes:
    """The link of the record with this key and body that comes after `before`: 32 bytes."""
    name = key.encode()
    return hashlib.sha256(b"".join((before, _LONG.pack(number), _LONG.pack(len(name)), name, body))).digest()
