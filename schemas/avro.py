"""Avro schemas made from the models: one record a model, one file a version under `schemas/v1`.

The files are the contract; this module writes them (`python -m schemas.avro`) and a test holds file and model
together. A published version is never edited: a change is a new version, FULL_TRANSITIVE with all before it.
"""

from __future__ import annotations

import json
import sys
import types
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

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

NAMESPACE = "tocsin"
VERSION = 1
EXTERNAL: tuple[type[BaseModel], ...] = (Incident, WatchlistEntry, Response, Alert, Reject, AuditRecord)
"""What bureaus and the auditor see."""
INTERNAL: tuple[type[BaseModel], ...] = (
    GatedIncident,
    GatedEntry,
    GatedResponse,
    Reference,
    Found,
    Probe,
    Tick,
    Continue,
    Candidate,
    Link,
    Ending,
    ListedPerson,
)
"""What the stages say to each other."""

_PRIMITIVES = {str: "string", int: "long", float: "double", bool: "boolean", bytes: "bytes"}


def full_name(model: type[BaseModel]) -> str:
    """The Avro full name of a model: its subject in the registry (RecordNameStrategy)."""
    return f"{NAMESPACE}.{model.__name__}"


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The Avro schema of `model`, self-contained: a nested type is defined where it is first used.

    Raises TypeError for a field whose type has no Avro counterpart here.
    """
    made: dict[str, Any] = _record(model, set())
    return made


def _record(model: type[BaseModel], defined: set[str]) -> Any:
    if model.__name__ in defined:
        return full_name(model)
    defined.add(model.__name__)
    return {
        "type": "record",
        "name": model.__name__,
        "namespace": NAMESPACE,
        "doc": _first_paragraph(model.__doc__),
        "fields": [_field(name, field, defined) for name, field in model.model_fields.items()],
    }


def _field(name: str, field: FieldInfo, defined: set[str]) -> dict[str, Any]:
    if not field.description:
        raise TypeError(f"field {name} has no docstring, so its Avro doc would be empty")
    made = {"name": name, "doc": " ".join(field.description.split()), "type": _type(field.annotation, defined)}
    if not field.is_required():
        made["default"] = _default(field.default)
    return made


def _type(annotation: Any, defined: set[str]) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return ["null", _type(inner, defined)]
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0], defined)}
    if annotation in _PRIMITIVES:
        return _PRIMITIVES[annotation]
    if hasattr(annotation, "__metadata__"):  # Annotated inside a container
        return _type(annotation.__origin__, defined)
    if isinstance(annotation, type):
        if issubclass(annotation, datetime):
            return {"type": "long", "logicalType": "timestamp-millis"}
        if issubclass(annotation, StrEnum):
            return _enum(annotation, defined)
        if issubclass(annotation, BaseModel):
            return _record(annotation, defined)
    raise TypeError(f"no Avro type for {annotation!r}")


def _enum(codes: type[StrEnum], defined: set[str]) -> Any:
    if codes.__name__ in defined:
        return f"{NAMESPACE}.{codes.__name__}"
    defined.add(codes.__name__)
    symbols = [code.value for code in codes]
    return {
        "type": "enum",
        "name": codes.__name__,
        "namespace": NAMESPACE,
        "doc": _first_paragraph(codes.__doc__),
        "symbols": symbols,
        "default": symbols[0],
    }


def _default(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return {name: _default(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple):
        return [_default(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, StrEnum) else value


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def folder(version: int = VERSION) -> Path:
    """Where the schema files of `version` are."""
    return Path(__file__).parent / f"v{version}"


def write_files() -> list[Path]:
    """Write the schema files of the current version; returns those that changed."""
    folder().mkdir(exist_ok=True)
    changed = []
    for model in EXTERNAL + INTERNAL:
        path = folder() / f"{model.__name__}.avsc"
        text = json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(path)
    return changed


if __name__ == "__main__":
    for written in write_files():
        sys.stdout.write(f"{written.name}\n")
