"""Writes `schemas/golden/`: messages to hold a client of any language against. `python -m schemas.golden_messages`.

One file for each example message, with all that a client must produce: record, bytes, key, partition, what is signed;
and `partitions.json`, keys with their murmur2 and partitions. A test holds the files and the code together. Bytes that
were once published never change: a new version of a schema brings new files.
"""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path
from typing import Any

import fastavro

from schemas.avro import full_name, schema_of
from schemas.example_messages import Example, examples
from schemas.partition import murmur2, partition_of
from schemas.signing import signature_input
from schemas.writing import writer_of

FOLDER = Path(__file__).parent / "golden"
SCHEMA_ID = 1
"""What every golden value names. Ids differ from registry to registry: put in yours."""
COUNTS = (1, 3, 8, 48)
"""Numbers of partitions that partitions are told for."""
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
        "signature_input_hex": signature_input(example.topic, key, value).hex(),
    }


def files() -> dict[str, str]:
    """The golden files by name."""
    made = {f"{example.name}.json": _text(golden(example)) for example in examples()}
    rows = [{"key": key, "murmur2": murmur2(key.encode()), "partitions": _partitions(key)} for key in _KEYS]
    return made | {"partitions.json": _text(rows)}


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
