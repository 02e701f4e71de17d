"""Writes `schemas/golden/`: messages to hold a client of any language against. `python -m schemas.golden_messages`.

One file for each example message, with all that a client must produce: record, bytes, key, partition, what is signed,
and the headers; `partitions.json`, keys with their murmur2 and partitions; `signing.json`, the key that signs here,
both halves of it, and more vectors. A test holds the files and the code together. Bytes that were once published never
change: a new version of a schema brings new files.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import sys
from pathlib import Path
from typing import Any

import fastavro
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.avro import full_name, schema_of
from schemas.envelope import Envelope
from schemas.example_messages import Example, examples
from schemas.partition import murmur2, partition_of
from schemas.signing import HEADERS, SigningKey, signature_input
from schemas.writing import writer_of

FOLDER = Path(__file__).parent / "golden"
SCHEMA_ID = 1
"""What every golden value names. Ids differ from registry to registry: put in yours."""
COUNTS = (1, 3, 8, 48)
"""Numbers of partitions that partitions are told for."""
SEED = bytes(range(32))
"""The private half of the key that signs the golden messages. Everybody knows it: no declaration takes it."""
SIGNED_AT = 1_795_521_604_000
"""When they are signed, in milliseconds."""
_VECTORS = (("incidents.bd", b"", b""), ("watchlist.un", "Łódź-৭".encode(), bytes(range(256))), ("a", b"bc", b"d"))
"""Topic, key and value of what `signing.json` signs beside them."""
_KEYS = (
    *("a", "ab", "abc", "abcd", "abcde"),
    *("check-2026-000017", "FR-2026-0815", "BD/DHK/2026.11.24_0001", "x" * 128),
    "019ab5c0-b203-7000-8000-000000000003",
    "5-0431ecfe-23fb-52c6-8ec1-c79a74db82a0",
)


def golden(example: Example) -> dict[str, Any]:
    """What a client must produce for an example, as plain JSON."""
    message, model = example.message, type(example.message)
    body = bytearray()
    writer_of(model)(message, body)
    value = struct.pack(">bI", 0, SCHEMA_ID) + bytes(body)
    key = example.key.encode()
    return {
        "about": example.about,
        "topic": example.topic,
        "schema": full_name(model),
        "schema_file": f"schemas/v1/{model.__name__}.avsc",
        "key": example.key,
        "key_hex": key.hex(),
        "partitions": _partitions(example.key),
        "message": message.model_dump(mode="json"),
        "avro_json": _avro_json(example),
        "avro_hex": body.hex(),
        "schema_id": SCHEMA_ID,
        "value_hex": value.hex(),
        **({"signed_at": SIGNED_AT} | _signed(example.topic, key, value) if isinstance(message, Envelope) else {}),
    }


def files() -> dict[str, str]:
    """The golden files by name."""
    made = {f"{example.name}.json": _text(golden(example)) for example in examples()}
    rows = [{"key": key, "murmur2": murmur2(key.encode()), "partitions": _partitions(key)} for key in _KEYS]
    return made | {"partitions.json": _text(rows), "signing.json": _text(_signing())}


def signing_key() -> SigningKey:
    """The key that signs here."""
    return SigningKey(Ed25519PrivateKey.from_private_bytes(SEED))


def _signing() -> dict[str, Any]:
    key = signing_key()
    vectors = [
        {"topic": topic, "key_hex": name.hex(), "value_hex": value.hex(), "signed_at": SIGNED_AT}
        | _signed(topic, name, value)
        for topic, name, value in _VECTORS
    ]
    return {
        "private_seed_hex": SEED.hex(),
        "public_hex": key.public.hex(),
        "public_base64": base64.b64encode(key.public).decode(),
        "key_id": key.key_id,
        "vectors": vectors,
    }


def _signed(topic: str, key: bytes, value: bytes) -> dict[str, Any]:
    headers = {name: text.decode() for name, text in signing_key().headers(topic, key, value, SIGNED_AT)}
    signed = signature_input(topic, key, value, str(SIGNED_AT).encode())
    return {"signature_input_hex": signed.hex(), "headers": {name: headers[name] for name in HEADERS}}


def _partitions(key: str) -> dict[str, int]:
    return {str(count): partition_of(key, count) for count in COUNTS}


def _avro_json(example: Example) -> Any:
    """The record in Avro's own JSON encoding, in which a union says which branch it is."""
    out = io.StringIO()
    schema = fastavro.parse_schema(schema_of(type(example.message)))
    fastavro.json_writer(out, schema, [example.message.model_dump()])
    return json.loads(out.getvalue())


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files; says which changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"golden/{name}\n")


if __name__ == "__main__":
    main()
