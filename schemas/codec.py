"""Messages to bytes and back: Confluent wire format (a zero byte, the schema id, Avro).

Read with fastavro, which meets bytes from outside; written by code made from the models (`schemas.writing`).

State values are written without an id: a format byte, then Avro with the writer's schema known by that byte. Those of
earlier formats are read by streams.tasks.state_formats, which has the schemas of each.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.types import Schema
from pydantic import BaseModel, ValidationError

from schemas.avro import EXTERNAL, INTERNAL, full_name, schema_of
from schemas.construction import maker_of
from schemas.errors import InvalidMessage, NotProvisioned, SchemaError, Undecodable, UnknownSchema
from schemas.normal_form import normal_form
from schemas.writing import writer_of

_HEADER = struct.Struct(">bI")
HEADER_SIZE = _HEADER.size
"""Bytes before the Avro of a message: zero, schema id."""
Models = Mapping[str, type[BaseModel]]
"""Messages of one release by their full names."""
_MODELS: Models = {full_name(model): model for model in EXTERNAL + INTERNAL}
STATE_FORMAT = 1
"""Format of state values. Raise it with every change of a state model that a release has written."""

_UNREADABLE = (
    *(EOFError, ValueError, IndexError, TypeError, OverflowError, KeyError, MemoryError),
    SchemaResolutionError,  # registered under the name of one of our messages, and no version of it
)

M = TypeVar("M", bound=BaseModel)


class SchemaIds(Protocol):
    """What the codec asks of a registry. Both may raise Unavailable (of tocsin.runtime): wait, nothing is wrong."""

    def id_of(self, name: str) -> int:
        """Id of our current schema with this full name. Raises NotProvisioned."""
        ...

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        """The schema registered under an id, as parsed JSON. Raises UnknownSchema."""
        ...


class LocalSchemaIds:
    """Ids without a registry, numbered in a fixed order: for tests and in-memory runs."""

    def __init__(self) -> None:
        self._ids = {name: number for number, name in enumerate(_MODELS, 1)}
        self._names = {number: name for name, number in self._ids.items()}

    def id_of(self, name: str) -> int:
        """Id of our current schema with this full name."""
        if name not in self._ids:
            raise NotProvisioned(f"{name} is no schema of ours")
        return self._ids[name]

    def schema_with(self, schema_id: int) -> dict[str, Any]:
        """The schema under an id."""
        if schema_id not in self._names:
            raise UnknownSchema(schema_id)
        return schema_of(_MODELS[self._names[schema_id]])


class Codec:
    """Encodes and decodes messages; keeps what it learned of the registry, so each id is asked for once."""

    def __init__(self, ids: SchemaIds, models: Models = _MODELS) -> None:
        """`models` are those of this release; others only where a test plays another release."""
        self._ids, self._models = ids, models
        self._headers: dict[type[BaseModel], bytes] = {}
        self._writers: dict[int, tuple[type[BaseModel], Schema, Schema | None]] = {}

    def encode(self, message: BaseModel) -> bytes:
        """Bytes of `message`. Raises NotProvisioned when the registry has no id for its schema."""
        model = type(message)
        header = self._headers.get(model)
        if header is None:
            header = self._headers[model] = _HEADER.pack(0, self._ids.id_of(full_name(model)))
        out = bytearray(header)
        writer_of(model)(message, out)
        return bytes(out)

    def decode(self, data: bytes) -> BaseModel:
        """The message in `data`.

        Raises Undecodable (not wire format, or not what its schema says), UnknownSchema (of the id), InvalidMessage
        (decoded, but a value is not allowed), and whatever the registry raises while it is away.
        """
        if len(data) < _HEADER.size or data[0] != 0:
            raise Undecodable("not Confluent wire format: the first byte is not 0 or there are fewer than five bytes")
        (_, schema_id) = _HEADER.unpack_from(data)
        known = self._writers.get(schema_id)
        if known is None:
            known = self._writers[schema_id] = self._writer(schema_id)
        model, writer, reader = known
        body = io.BytesIO(data)
        body.seek(_HEADER.size)
        try:
            value = fastavro.schemaless_reader(body, writer, reader)
        except _UNREADABLE as error:
            raise Undecodable(f"not a {model.__name__} as schema {schema_id} has it: {type(error).__name__}") from error
        if body.tell() != len(data):
            raise Undecodable(f"{len(data) - body.tell()} bytes left over after the {model.__name__}")
        return maker_of(model)(value) if reader is None else _validated(model, value)

    def readable(self, data: bytes | None) -> BaseModel | None:
        """The message in `data`; None where it holds none that can be read.

        Raises NotProvisioned, and whatever the registry raises while it is away: then nobody can tell.
        """
        if not data:
            return None
        try:
            return self.decode(data)
        except NotProvisioned:
            raise
        except SchemaError:
            return None

    def _writer(self, schema_id: int) -> tuple[type[BaseModel], Schema, Schema | None]:
        raw = normal_form(self._ids.schema_with(schema_id))
        name = raw.get("name") if isinstance(raw, Mapping) else None
        model = self._models.get(str(name))
        if model is None:
            raise UnknownSchema(schema_id, "it is the schema of none of our messages")
        same = raw == normal_form(schema_of(model))
        writer = parsed_schema(model) if same else fastavro.parse_schema(dict(raw))
        return model, writer, None if same else parsed_schema(model)


def _validated(model: type[M], value: Any) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidMessage(".".join(str(part) for part in first["loc"]), first["msg"]) from error


@cache
def parsed_schema(model: type[BaseModel]) -> Schema:
    """The Avro schema of `model`, parsed once."""
    return fastavro.parse_schema(schema_of(model))


def body_of(message: BaseModel) -> bytes:
    """What stands behind the header of the wire format: `message` in Avro, by this program's own schema."""
    out = bytearray()
    writer_of(type(message))(message, out)
    return bytes(out)


def encode_state(value: BaseModel, number: int = STATE_FORMAT) -> bytes:
    """Bytes of a state value: `number`, the format of its model, then Avro."""
    out = bytearray((number,))
    writer_of(type(value))(value, out)
    return bytes(out)


def decode_state(model: type[M], data: bytes, number: int = STATE_FORMAT) -> M:
    """The state value in `data`, of the format `number` of its model. Raises Undecodable for another."""
    if not data or data[0] != number:
        raise Undecodable(f"state format {data[:1].hex() or 'none'}: that of today is {number}")
    body = io.BytesIO(data)
    body.seek(1)
    made: M = maker_of(model)(fastavro.schemaless_reader(body, parsed_schema(model), None))
    return made
