"""Whatever a model can hold comes back as it was, in the bytes that fastavro writes, checked as pydantic checks."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel

from schemas.avro import EXTERNAL, INTERNAL, full_name, schema_of
from schemas.codec import Codec, LocalSchemaIds, decode_state, encode_state, parsed_schema
from schemas.construction import maker_of
from schemas.errors import SchemaError, Undecodable, UnknownSchema
from schemas.events import Incident
from schemas.field_types import is_model, items_of, unwrapped
from schemas.internal import Continue, Probe, Tick
from schemas.model import Model, Timestamp

MODELS = EXTERNAL + INTERNAL
CODEC = Codec(LocalSchemaIds())
TIMES = st.datetimes(
    min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59, 999_000), timezones=st.just(UTC)
).map(lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000))
TEXT = st.text(max_size=12) | st.sampled_from(["", "\x00", "مُحَمَّد", "মোহাম্মদ", "😀" * 20, "x" * 63, "x" * 64, "é" * 32])
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.sampled_from([0, 63, 64, -1, -64, -65, 1 << 62, -(1 << 63)])


@cache
def values(annotation: Any) -> st.SearchStrategy[Any]:
    kind, optional = unwrapped(annotation)
    if (item := items_of(kind)) is not None:
        made: st.SearchStrategy[Any] = st.lists(values(item), max_size=2).map(tuple)
    elif is_model(kind):
        made = messages(kind)
    elif issubclass(kind, datetime):
        made = TIMES
    elif issubclass(kind, StrEnum):
        made = st.sampled_from(list(kind))
    else:
        made = {
            str: TEXT,
            int: NUMBERS,
            bool: st.booleans(),
            bytes: st.binary(max_size=80),
            float: st.floats(allow_nan=False),
        }[kind]
    return st.none() | made if optional else made


@cache
def messages(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    return st.builds(model, **{name: values(field.annotation) for name, field in model.model_fields.items()})


def as_fastavro_writes(message: BaseModel) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema_of(type(message))), message.model_dump())
    return out.getvalue()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_message_comes_back_as_it_was_and_its_bytes_are_plain_avro(
    model: type[BaseModel], data: st.DataObject
) -> None:
    message = data.draw(messages(model))
    encoded = CODEC.encode(message)
    back = CODEC.decode(encoded)

    assert back == message
    assert type(back) is model
    assert encoded[5:] == as_fastavro_writes(message)
    assert decode_state(model, encode_state(message)) == message


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_made_without_validation_is_what_validation_makes(model: type[BaseModel], data: st.DataObject) -> None:
    message = data.draw(messages(model))
    record = fastavro.schemaless_reader(io.BytesIO(as_fastavro_writes(message)), parsed_schema(model), None)
    validated = model.model_validate(record)
    made = maker_of(model)(record)

    assert made == validated
    assert made.model_dump() == validated.model_dump()
    assert made.model_dump_json() == validated.model_dump_json()
    assert made.model_fields_set == validated.model_fields_set
    assert repr(made) == repr(validated)
    assert made.model_copy(update={}) == validated


def test_a_made_message_is_as_frozen_as_any_other() -> None:
    back = CODEC.decode(CODEC.encode(Tick(at=datetime(2026, 3, 1, tzinfo=UTC))))
    with pytest.raises(ValueError, match="frozen"):
        back.at = datetime(2026, 3, 2, tzinfo=UTC)  # type: ignore[attr-defined]


@settings(max_examples=300, deadline=None)
@given(number=st.integers(1, len(MODELS)), body=st.binary(max_size=200))
def test_arbitrary_bytes_end_in_a_message_or_in_an_error_of_the_contract(number: int, body: bytes) -> None:
    data = b"\x00" + number.to_bytes(4, "big") + body
    try:
        message = CODEC.decode(data)
    except SchemaError:
        return
    assert type(message).model_validate(message.model_dump()) == message


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_message_ends_in_a_message_or_in_an_error_of_the_contract(data: st.DataObject) -> None:
    whole = bytearray(CODEC.encode(data.draw(messages(Incident))))
    place = data.draw(st.integers(5, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    for damaged in (bytes(whole), bytes(whole[:place])):
        try:
            message = CODEC.decode(damaged)
        except SchemaError:
            continue
        assert Incident.model_validate(message.model_dump()) == message


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Undecodable),
        (b"\x00\x00\x00\x00", Undecodable),
        (b"\x01\x00\x00\x00\x01", Undecodable),
        (b'{"incident_id": "1"}', Undecodable),
        (b"\x00\x00\x00\x27\x0f", UnknownSchema),
        (CODEC.encode(Tick(at=datetime(2026, 3, 1, tzinfo=UTC))) + b"\x00", Undecodable),
        (CODEC.encode(Probe(entries=()))[:-1], Undecodable),
    ],
    ids=["empty", "short", "other magic", "json", "unknown id", "left over", "cut off"],
)
def test_bytes_that_are_no_message_are_told_apart(data: bytes, error: type[SchemaError]) -> None:
    with pytest.raises(error):
        CODEC.decode(data)


class OtherIds(LocalSchemaIds):
    """A registry where id 99 is what a test says."""

    def __init__(self, schema: Any) -> None:
        super().__init__()
        self.schema = schema

    def schema_with(self, schema_id: int) -> Any:
        return self.schema if schema_id == 99 else super().schema_with(schema_id)


def written_as(schema: Any, record: dict[str, Any]) -> bytes:
    out = io.BytesIO(b"\x00\x00\x00\x00\x63")
    out.seek(5)
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), record)
    return out.getvalue()


def test_a_schema_that_is_none_of_ours_is_unknown() -> None:
    schema = {"type": "record", "name": "Other", "namespace": "elsewhere", "fields": []}
    with pytest.raises(UnknownSchema, match="none of our messages"):
        Codec(OtherIds(schema)).decode(written_as(schema, {}))


def test_a_schema_of_our_name_that_is_no_version_of_ours_is_undecodable() -> None:
    schema = schema_of(Tick) | {"fields": [{"name": "at", "type": "string"}]}
    with pytest.raises(Undecodable):
        Codec(OtherIds(schema)).decode(written_as(schema, {"at": "noon"}))


def test_a_newer_schema_is_read_by_ours() -> None:
    newer = schema_of(Continue)
    newer["fields"].append({"name": "later", "type": "string", "default": ""})
    data = written_as(newer, {"work": "w", "key": "k", "later": "unknown to us"})

    assert Codec(OtherIds(newer)).decode(data) == Continue(work="w", key="k")


def test_a_spelling_that_leaves_out_inherited_namespaces_is_the_same_schema() -> None:
    def spelt(schema: Any, nested: bool = False) -> Any:
        if isinstance(schema, list):
            return [spelt(one, nested) for one in schema]
        if not isinstance(schema, dict):
            return schema
        return {key: spelt(value, True) for key, value in schema.items() if not (nested and key == "namespace")}

    codec = Codec(OtherIds(spelt(schema_of(Incident))))
    message = Incident.model_validate(
        {
            "event_id": "e",
            "producer": "bd",
            "occurred_at": datetime(2026, 3, 1, tzinfo=UTC),
            "recorded_at": datetime(2026, 3, 1, tzinfo=UTC),
            "incident_id": "1",
            "incident_type": "BORDER_CHECK",
            "location": {"country": "bd"},
        }
    )
    assert codec.decode(b"\x00\x00\x00\x00\x63" + CODEC.encode(message)[5:]) == message


def test_an_unknown_id_is_asked_for_again_because_it_may_be_registered_a_moment_later() -> None:
    asked: list[int] = []

    class Late(LocalSchemaIds):
        def schema_with(self, schema_id: int) -> Any:
            asked.append(schema_id)
            if len(asked) < 3:
                raise UnknownSchema(schema_id)
            return schema_of(Tick)

    codec, message = Codec(Late()), Tick(at=datetime(2026, 3, 1, tzinfo=UTC))
    data = b"\x00\x00\x00\x00\x63" + CODEC.encode(message)[5:]
    for _ in range(2):
        with pytest.raises(UnknownSchema):
            codec.decode(data)
    assert [codec.decode(data) for _ in range(3)] == [message] * 3
    assert asked == [99, 99, 99]


def _short(value: str) -> str:
    if len(value) > 3:
        raise ValueError("too long")
    return value


def test_a_model_with_rules_of_its_own_is_validated_although_its_bytes_are_avro() -> None:
    class Ruled(Model):
        """A model with a rule inside of an optional type."""

        name: Annotated[str, AfterValidator(_short)] | None = None
        """A short name."""
        at: Timestamp | None = None
        """A time."""

    assert maker_of(Ruled)({"name": "abc", "at": None}).name == "abc"
    with pytest.raises(ValueError, match="too long"):
        maker_of(Ruled)({"name": "abcd", "at": None})


def test_a_number_beyond_64_bits_is_refused_when_written() -> None:
    with pytest.raises(OverflowError):
        CODEC.encode(Continue(work="w", key="k", version=1 << 63))


def test_schemas_are_named_as_the_registry_knows_them() -> None:
    assert [full_name(model) for model in MODELS[:2]] == ["tocsin.Incident", "tocsin.WatchlistEntry"]
