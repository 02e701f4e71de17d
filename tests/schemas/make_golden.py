"""Golden bytes: what each message looked like on the wire when its version was published.

    python -m tests.schemas.make_golden

writes `golden/v<current version>/<Message>.json` for messages that have none yet, and never touches one that exists:
bytes that were once published stay readable for ever, and a file that differs is a break, not something to renew.
Run it once for a new version (after `python -m schemas.avro`) or a new message, and commit what it wrote.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import fastavro
from pydantic import BaseModel

from schemas.avro import EXTERNAL, INTERNAL, VERSION, folder

GOLDEN = Path(__file__).parent / "golden"
_NOON = datetime(2026, 11, 24, 12, 0, 0, 123_000, tzinfo=UTC)
_TEXTS = ("Benapole", "বেনাপোল", "حسین موسوی", "Łódź – Ōsaka", "𐎠𐎼𐎫", "")


class Filler:
    """Makes one message with every field set (or only those that must be), the same one every time."""

    def __init__(self, whole: bool) -> None:
        self._whole = whole
        self._count = 0

    def message(self, model: type[BaseModel]) -> BaseModel:
        """A message of `model`."""
        fields = {
            name: self._value(field.annotation)
            for name, field in model.model_fields.items()
            if self._whole or field.is_required()
        }
        return model.model_validate(fields)

    def _value(self, annotation: Any) -> Any:
        self._count += 1
        n = self._count
        if get_origin(annotation) is tuple:
            return tuple(self._value(get_args(annotation)[0]) for _ in range(2))
        if arguments := [argument for argument in get_args(annotation) if argument is not type(None)]:
            return self._value(arguments[0])
        if issubclass(annotation, StrEnum):
            codes = list(annotation)
            return codes[n % len(codes)]
        if issubclass(annotation, BaseModel):
            return self.message(annotation)
        if issubclass(annotation, datetime):
            return _NOON + timedelta(milliseconds=n * 86_400_001)
        return {
            str: f"{_TEXTS[n % len(_TEXTS)]} {n}",
            int: (n * 7_919) ** 3 % 2**40 * (-1) ** n,
            float: n / 7,
            bool: n % 2 == 0,
            bytes: bytes(range(n % 256)),
        }[annotation]


def avro_bytes(schema: Any, message: BaseModel) -> bytes:
    """Bare Avro of `message`, without the header of the wire format (ids differ from registry to registry)."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), message.model_dump())
    return out.getvalue()


def write_missing() -> list[Path]:
    """Write golden files of the current version that are not there yet; returns them."""
    written = []
    for model in EXTERNAL + INTERNAL:
        path = GOLDEN / f"v{VERSION}" / f"{model.__name__}.json"
        if path.exists():
            continue
        schema = json.loads((folder() / f"{model.__name__}.avsc").read_text(encoding="utf-8"))
        cases = {name: Filler(whole).message(model) for name, whole in (("least", False), ("whole", True))}
        content = {
            name: {"message": message.model_dump(mode="json"), "hex": avro_bytes(schema, message).hex()}
            for name, message in cases.items()
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        written.append(path)
    return written


if __name__ == "__main__":
    for made in write_missing():
        sys.stdout.write(f"{made.parent.name}/{made.name}\n")
