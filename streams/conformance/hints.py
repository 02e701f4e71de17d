"""What probably went wrong in a client that sent such bytes: the usual mistakes, told by their traces."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidSignature

from schemas.envelope import Envelope
from schemas.events import Incident, Response, WatchlistEntry
from schemas.public_keys import PublicKey
from schemas.signing import CONTEXT, SIGNATURE, SIGNATURE_SIZE, SIGNED_AT, Headers, signature_input

_HEADER = 5
_GUID_HEADER = 17
_RAW_UUID = 16


def schema_id_of(value: bytes | None) -> int | None:
    """The schema id that a value in Confluent wire format names; None where it is in no such format."""
    if value is None or len(value) < _HEADER or value[0] != 0:
        return None
    return int(struct.unpack_from(">I", value, 1)[0])


def about_framing(value: bytes, ids: Mapping[str, int]) -> str | None:
    """Why a value is not in wire format, if it is not."""
    if value[:4] == b"Obj\x01":
        return "it is an Avro container file: send the bare record (binary encoding) behind the five bytes"
    if value[:1] in (b"{", b"["):
        return "it is JSON: send Avro's binary encoding behind the five bytes"
    if value[:1] == b"\x01" and len(value) >= _GUID_HEADER:
        return "it begins with 1, as with a schema GUID: send 0 and the schema id of four bytes"
    if not value or value[0] != 0:
        first = f"the first byte is {value[0]}" if value else "there is no byte"
        return f"{first}: a value is a zero byte, the schema id in four bytes, highest first, and the Avro record"
    if len(value) < _HEADER:
        return "it has fewer than five bytes: a zero byte, the schema id in four bytes, highest first, the Avro record"
    return None


def about_schema_id(value: bytes | None, ids: Mapping[str, int]) -> str:
    """Which schema ids are right in this registry."""
    named = schema_id_of(value) or 0
    known = ", ".join(f"{name} is {number}" for name, number in sorted(ids.items()))
    (swapped,) = struct.unpack("<I", struct.pack(">I", named))
    turned = "; the bytes of this id are in the wrong order: highest first" if swapped in ids.values() else ""
    return f"the message names schema id {named}{turned}; in this registry {known} (ids differ from one to another)"


def about_key(key: bytes | None, event: Envelope | None) -> str | None:
    """How a key differs from what it must be, where that tells the mistake."""
    if key is None:
        return "it has none"
    wanted = _key_of(event)
    text = key.decode("utf-8", "replace")
    if key[:1] == b"\0" and len(key) > _HEADER:
        return "it looks as if a schema serializer had written it: use the plain text serializer for keys"
    if text == f'"{wanted}"':
        return "it stands in quotation marks, as JSON has it: use the plain text serializer for keys"
    if text.strip().casefold() == wanted.casefold():
        return "it differs in case or in spaces alone"
    if event is not None and text == event.event_id:
        return "it is the event_id"
    if text.endswith(f":{wanted}"):
        return "something stands before it, as in keys of alerts: here it is the bare identifier"
    if len(key) == _RAW_UUID and b"-" not in key:
        return "it has 16 bytes, perhaps a UUID in binary: write it as text"
    return None


def about_partitioner(key: bytes, partition: int, count: int) -> str:
    """Which partitioner has a key where it was found, and what to set."""
    if zlib.crc32(key) % count == partition:
        return "it is where librdkafka's own default (CRC32) has it: set partitioner=murmur2_random"
    return "do not name a partition, and set partitioner=murmur2_random (librdkafka) or leave the default (Java)"


def about_signature(topic: str, key: bytes, value: bytes, headers: Headers, public: PublicKey | None) -> str | None:
    """What a signature that is not right seems to be instead, where that tells the mistake; `public`: the key named."""
    said = {name: text or b"" for name, text in headers}
    text, signed_at = said.get(SIGNATURE, b""), said.get(SIGNED_AT, b"")
    if len(text) == SIGNATURE_SIZE:
        return "the header holds the bytes themselves: write them in base64"
    if len(text) == 2 * SIGNATURE_SIZE:
        return "it is in hexadecimal: write it in base64"
    if any(sign in text for sign in b"-_"):
        return "it is in the alphabet of base64url (- and _): use plain base64 (+ and /), with padding"
    try:
        signature = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    if public is None:
        return None
    for words, signed in _signed_otherwise(topic.encode(), key, value, signed_at):
        try:
            public.verifier().verify(signature, signed)
        except InvalidSignature:
            continue
        return words
    return None


def _signed_otherwise(topic: bytes, key: bytes, value: bytes, signed_at: bytes) -> Iterator[tuple[str, bytes]]:
    """What is signed by mistake."""
    parts = (CONTEXT, topic, key, value, signed_at)
    right = signature_input(topic.decode(), key, value, signed_at)
    yield "the value alone was signed", value
    yield "the lengths before the parts are missing", b"".join(parts)
    yield "the lengths have their lowest byte first", b"".join(struct.pack("<I", len(it)) + it for it in parts)
    yield (
        "the value was signed without its first five bytes",
        signature_input(topic.decode(), key, value[_HEADER:], signed_at),
    )
    yield "the context before the topic is missing", right[4 + len(CONTEXT) :]
    yield "the time is missing behind the value", right[: -4 - len(signed_at)]
    yield "the digest of the bytes was signed: sign the bytes", hashlib.sha256(right).digest()
    yield "the digest of the bytes was signed: sign the bytes", hashlib.sha512(right).digest()


def _key_of(event: Envelope | None) -> str:
    match event:
        case Incident():
            return event.incident_id
        case WatchlistEntry():
            return event.entry_id
        case Response():
            return event.case_ref
    return ""
