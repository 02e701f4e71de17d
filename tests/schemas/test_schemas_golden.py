"""Bytes that were once published read as the same message for ever (golden files: see make_golden.py)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest
from pydantic import BaseModel

from schemas.avro import EXTERNAL, INTERNAL, VERSION, folder, full_name
from schemas.codec import Codec, LocalSchemaIds, parsed_schema
from tests.schemas.make_golden import GOLDEN, write_missing

MODELS = {model.__name__: model for model in EXTERNAL + INTERNAL}
HEADER = 5
CASES = [
    pytest.param(int(path.parent.name[1:]), MODELS[path.stem], case, id=f"{path.parent.name}-{path.stem}-{name}")
    for path in sorted(GOLDEN.glob("v*/*.json"))
    for name, case in json.loads(path.read_text(encoding="utf-8")).items()
]
CURRENT = [case for case in CASES if case.values[0] == VERSION]


class Published(LocalSchemaIds):
    """A registry that knows one schema, that of a version's file, under the id 7."""

    def __init__(self, schema: Any) -> None:
        super().__init__()
        self._schema = schema

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        schema: dict[str, Any] = self._schema
        return schema


def file_of(version: int, model: type[BaseModel]) -> Any:
    return json.loads((folder(version) / f"{model.__name__}.avsc").read_text(encoding="utf-8"))


def message_of(model: type[BaseModel], case: Any) -> BaseModel:
    return model.model_validate_json(json.dumps(case["message"]))


@pytest.mark.parametrize(("version", "model", "case"), CASES)
def test_published_bytes_read_as_the_published_message(version: int, model: type[BaseModel], case: Any) -> None:
    data, schema = bytes.fromhex(case["hex"]), fastavro.parse_schema(file_of(version, model))
    value = fastavro.schemaless_reader(io.BytesIO(data), schema, parsed_schema(model))

    assert model.model_validate(value) == message_of(model, case)


@pytest.mark.parametrize(("version", "model", "case"), CASES)
def test_the_codec_reads_published_bytes(version: int, model: type[BaseModel], case: Any) -> None:
    codec = Codec(Published(file_of(version, model)))

    assert codec.decode(b"\0\0\0\0\7" + bytes.fromhex(case["hex"])) == message_of(model, case)


@pytest.mark.parametrize(("version", "model", "case"), CURRENT)
def test_the_current_version_writes_the_published_bytes(version: int, model: type[BaseModel], case: Any) -> None:
    assert Codec(LocalSchemaIds()).encode(message_of(model, case))[HEADER:].hex() == case["hex"]


@pytest.mark.parametrize(("version", "model", "case"), CASES)
def test_another_avro_library_reads_the_same(version: int, model: type[BaseModel], case: Any) -> None:
    schema, data = avro.schema.parse(json.dumps(file_of(version, model))), bytes.fromhex(case["hex"])
    value = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(io.BytesIO(data)))

    assert value == fastavro.schemaless_reader(io.BytesIO(data), fastavro.parse_schema(file_of(version, model)), None)


def test_every_message_of_the_current_version_has_golden_bytes() -> None:
    golden = {path.stem for path in (GOLDEN / f"v{VERSION}").glob("*.json")}

    assert {full_name(MODELS[name]) for name in golden} == {full_name(model) for model in MODELS.values()}


def test_making_golden_bytes_never_touches_existing_ones() -> None:
    before = {path: path.read_bytes() for path in GOLDEN.glob("v*/*.json")}

    assert write_missing() == []
    assert {path: path.read_bytes() for path in GOLDEN.glob("v*/*.json")} == before


def test_a_whole_example_sets_every_field_and_a_least_one_only_what_must_be() -> None:
    for path in (Path(GOLDEN) / f"v{VERSION}").glob("*.json"):
        content, model = json.loads(path.read_text(encoding="utf-8")), MODELS[path.stem]
        assert all(value not in (None, [], "") for value in content["whole"]["message"].values())
        least = message_of(model, content["least"])
        for name, field in model.model_fields.items():
            assert field.is_required() or getattr(least, name) == field.get_default()
