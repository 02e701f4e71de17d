"""The published Avro files and the models say the same, field by field.

Written against the files and the models alone, not against the generator: what the generator gets wrong in both
places at once shows here.
"""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import avro.schema
import fastavro
import pytest
from pydantic import BaseModel

import schemas
import schemas.avro as generator
from schemas.alerts import Alert, AuditRecord, Reject
from schemas.events import Incident, Response, WatchlistEntry
from schemas.internal import (
    Candidate,
    Continue,
    Ending,
    Found,
    GatedEntry,
    GatedIncident,
    GatedResponse,
    Link,
    ListedPerson,
    Probe,
    Reference,
    Tick,
)

FILES = Path(schemas.__file__).parent / f"v{generator.VERSION}"
MESSAGES: tuple[type[BaseModel], ...] = (
    *(Incident, WatchlistEntry, Response, Alert, Reject, AuditRecord),
    *(GatedIncident, GatedEntry, GatedResponse, Reference, Found, Probe, Tick, Continue, Candidate, ListedPerson),
    *(Link, Ending),
)
PLAIN = {str: "string", int: "long", float: "double", bool: "boolean", bytes: "bytes"}

each_message = pytest.mark.parametrize("model", MESSAGES, ids=lambda model: model.__name__)


def published(model: type[BaseModel]) -> dict[str, Any]:
    """The committed schema of a message, as parsed JSON."""
    schema: dict[str, Any] = json.loads((FILES / f"{model.__name__}.avsc").read_text(encoding="utf-8"))
    return schema


def differences(schema: Any, model: type[BaseModel]) -> list[str]:
    """Every place where a schema and a model say different things."""
    return list(Comparison().record(model.__name__, schema, model))


class Comparison:
    """Walks a schema and a model side by side; remembers the named types that the schema has defined so far."""

    def __init__(self) -> None:
        self.defined: dict[str, tuple[Any, type]] = {}

    def record(self, place: str, schema: Any, model: type[BaseModel]) -> Iterator[str]:
        if isinstance(schema, str):
            yield from self.named(place, schema, model)
            return
        yield from self.naming(place, schema, model, "record")
        hints = get_type_hints(model)
        fields = [field["name"] for field in schema["fields"]]
        if fields != list(model.model_fields):
            yield f"{place}: fields {fields} are not {list(model.model_fields)}"
            return
        for field in schema["fields"]:
            declared, where = model.model_fields[field["name"]], f"{place}.{field['name']}"
            if not field.get("doc", "").strip():
                yield f"{where}: no doc"
            if ("default" not in field) != declared.is_required():
                yield f"{where}: a default in one of the two only"
            elif not declared.is_required():
                yield from self.default(where, field, declared.get_default(call_default_factory=True))
            yield from self.value(where, field["type"], hints[field["name"]])

    def value(self, place: str, schema: Any, hint: Any) -> Iterator[str]:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            if not (isinstance(schema, list) and len(schema) == 2 and schema[0] == "null"):
                yield f"{place}: may be None, but is no union with null first: {schema}"
                return
            (inner,) = (argument for argument in arguments if argument is not type(None))
            yield from self.value(place, schema[1], inner)
        elif isinstance(schema, list):
            yield f"{place}: a union, but never None"
        elif origin is tuple:
            if arguments[1:] != (Ellipsis,) or not isinstance(schema, dict) or schema.get("type") != "array":
                yield f"{place}: no array of any length: {schema}"
                return
            yield from self.value(f"{place}[]", schema["items"], arguments[0])
        elif hint is datetime:
            if schema != {"type": "long", "logicalType": "timestamp-millis"}:
                yield f"{place}: a time is a long with logicalType timestamp-millis, not {schema}"
        elif issubclass(hint, StrEnum):
            yield from self.enum(place, schema, hint)
        elif issubclass(hint, BaseModel):
            yield from self.record(place, schema, hint)
        elif schema != PLAIN[hint]:
            yield f"{place}: {hint.__name__} is not {schema}"

    def enum(self, place: str, schema: Any, codes: type[StrEnum]) -> Iterator[str]:
        if isinstance(schema, str):
            yield from self.named(place, schema, codes)
            return
        yield from self.naming(place, schema, codes, "enum")
        if schema.get("symbols") != [code.value for code in codes]:
            yield f"{place}: symbols {schema.get('symbols')}"
        unknown = "U" if codes.__name__ == "Sex" else "UNKNOWN"
        if schema.get("default") != unknown:
            yield f"{place}: the default of an enum says that it is not known, not {schema.get('default')}"

    def naming(self, place: str, schema: Any, python: type, kind: str) -> Iterator[str]:
        if schema.get("type") != kind:
            yield f"{place}: {schema.get('type')} is not {kind}"
        if (schema.get("namespace"), schema.get("name")) != ("tocsin", python.__name__):
            yield f"{place}: {schema.get('namespace')}.{schema.get('name')} is not tocsin.{python.__name__}"
        if not schema.get("doc", "").strip():
            yield f"{place}: no doc"
        if python.__name__ in self.defined:
            yield f"{place}: {python.__name__} is defined twice"
        self.defined[python.__name__] = (schema, python)

    def named(self, place: str, name: str, python: type) -> Iterator[str]:
        if name != f"tocsin.{python.__name__}" or self.defined.get(python.__name__, (None, object))[1] is not python:
            yield f"{place}: {name} is not {python.__name__} as it was defined before"

    def default(self, place: str, field: dict[str, Any], value: Any) -> Iterator[str]:
        said = field["default"]
        if isinstance(value, BaseModel):
            # Every field of a default record stands in it: readers of other languages need the whole record.
            if set(said) != set(type(value).model_fields) or type(value).model_validate(said) != value:
                yield f"{place}: default {said} is not {value!r}"
        elif isinstance(value, tuple | StrEnum):
            if said != (list(value) if isinstance(value, tuple) else value.value):
                yield f"{place}: default {said} is not {value!r}"
        elif isinstance(value, bytes):
            if said.encode("latin-1") != value:
                yield f"{place}: default {said} is not {value!r}"
        elif type(said) is not type(value) or said != value:
            yield f"{place}: default {said!r} is not {value!r}"


def test_every_message_has_a_file_and_every_file_is_a_message() -> None:
    assert {path.name for path in FILES.iterdir()} == {f"{model.__name__}.avsc" for model in MESSAGES}
    assert set(generator.EXTERNAL + generator.INTERNAL) == set(MESSAGES)


@each_message
def test_file_and_model_agree_field_by_field(model: type[BaseModel]) -> None:
    assert differences(published(model), model) == []


@each_message
def test_two_avro_libraries_take_the_file(model: type[BaseModel]) -> None:
    schema = published(model)

    avro.schema.parse(json.dumps(schema))
    fastavro.parse_schema(schema)


def test_a_type_that_several_messages_use_is_the_same_in_each() -> None:
    found: dict[str, Any] = {}
    for model in MESSAGES:
        comparison = Comparison()
        list(comparison.record(model.__name__, published(model), model))
        for name, (schema, _) in comparison.defined.items():
            # The first use in a message defines a nested type, so compare what each type says of itself.
            own = [schema.get("doc"), schema.get("symbols"), [f["name"] for f in schema.get("fields", ())]]
            assert found.setdefault(name, own) == own


def test_the_files_are_what_the_generator_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / FILES.name
    copies.mkdir()
    for path in FILES.iterdir():
        (copies / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(generator, "folder", lambda version=generator.VERSION: copies)

    assert generator.write_files() == []


def _field(schema: Any, name: str) -> Any:
    return next(field for field in schema["fields"] if field["name"] == name)


def _without_doc(schema: Any) -> None:
    _field(schema, "zone")["doc"] = " "


def _without_default(schema: Any) -> None:
    del _field(schema, "zone")["default"]


def _other_default(schema: Any) -> None:
    _field(schema, "detained")["default"] = True


def _default_record_in_part(schema: Any) -> None:
    del _field(schema, "handling")["default"]["tlp"]


def _narrower(schema: Any) -> None:
    _field(schema, "incident_version")["type"] = "int"


def _nullable(schema: Any) -> None:
    _field(schema, "producer")["type"] = ["null", "string"]


def _never_null(schema: Any) -> None:
    _field(schema, "language")["type"] = "string"


def _micros(schema: Any) -> None:
    _field(schema, "occurred_at")["type"]["logicalType"] = "timestamp-micros"


def _bare_long(schema: Any) -> None:
    _field(schema, "occurred_at")["type"] = "long"


def _enum_without_default(schema: Any) -> None:
    del _field(schema, "exercise")["type"]["default"]


def _symbol_missing(schema: Any) -> None:
    _field(schema, "exercise")["type"]["symbols"].remove("TEST")


def _other_namespace(schema: Any) -> None:
    schema["namespace"] = "tocsin.v2"


def _order(schema: Any) -> None:
    schema["fields"].reverse()


def _nested(schema: Any) -> None:
    _field(_field(schema, "location")["type"], "country")["type"] = "bytes"


@pytest.mark.parametrize(
    "change",
    [
        *(_without_doc, _without_default, _other_default, _default_record_in_part, _narrower, _nullable, _never_null),
        *(_micros, _bare_long, _enum_without_default, _symbol_missing, _other_namespace, _order, _nested),
    ],
)
def test_a_disagreement_is_noticed(change: Callable[[Any], None]) -> None:
    schema = copy.deepcopy(published(Incident))
    change(schema)

    assert differences(schema, Incident)
