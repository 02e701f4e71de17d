"""FULL_TRANSITIVE without a registry: may this schema follow those, so that everybody reads everybody?

`avro.compatibility` judges readers and writers by the Avro specification. It lets some things pass that change what a
number or a name means to every reader; `breaks` names these too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

_Named = dict[str, Any]


def breaks(schema: dict[str, Any], earlier: Sequence[dict[str, Any]]) -> list[str]:
    """Why `schema` may not follow `earlier` (all versions of the same message), in sentences; empty when it may."""
    found = list(_without_enum_default(schema, schema.get("name", "")))
    for number, old in enumerate(earlier, 1):
        found += [f"version {number}: {why}" for why in (*_by_specification(schema, old), *_by_meaning(schema, old))]
    return found


def _by_specification(new: dict[str, Any], old: dict[str, Any]) -> Iterator[str]:
    for reader, writer, what in ((new, old, "what it wrote cannot be read"), (old, new, "it cannot read what follows")):
        judged = ReaderWriterCompatibilityChecker().get_compatibility(_parsed(reader), _parsed(writer))
        if judged.compatibility is not SchemaCompatibilityType.compatible:
            yield f"{what}: {'; '.join(sorted(judged.messages))}"


def _by_meaning(new: dict[str, Any], old: dict[str, Any]) -> Iterator[str]:
    """Changes that Avro resolves in silence: a unit, a scale, a namespace."""
    if (new.get("namespace"), new.get("name")) != (old.get("namespace"), old.get("name")):
        yield f"the full name was {old.get('namespace')}.{old.get('name')}"
    before, after = dict(_leaves(old, "", {})), dict(_leaves(new, "", {}))
    for place in sorted(before.keys() & after.keys()):
        if before[place] != after[place]:
            yield f"{place}: {_said(before[place])} became {_said(after[place])}"


def _leaves(schema: Any, place: str, named: _Named) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Each place in a schema with what its values mean: logical type, precision, scale, name of a named type."""
    if isinstance(schema, list):
        for branch in schema:
            if branch != "null":
                yield from _leaves(branch, place, named)
        return
    if isinstance(schema, str):
        if schema not in named:
            yield place, (None, None, None, None)
        return  # a named type again: its places were seen where it was defined
    kind = schema["type"]
    if kind in ("record", "enum", "fixed"):
        full = f"{schema.get('namespace', '')}.{schema['name']}"
        named[full] = named[schema["name"]] = schema
        yield f"{place}#", (full, None, None, None)
        for field in schema.get("fields", ()):
            yield from _leaves(field["type"], f"{place}.{field['name']}", named)
    elif kind == "array":
        yield from _leaves(schema["items"], f"{place}[]", named)
    elif kind == "map":
        yield from _leaves(schema["values"], f"{place}{{}}", named)
    else:
        yield place, (None, schema.get("logicalType"), schema.get("precision"), schema.get("scale"))


def _said(meaning: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in meaning if part is not None) or "a plain value"


def _without_enum_default(schema: Any, place: str) -> Iterator[str]:
    """An enum without a default makes each new symbol a break for every reader of today."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _without_enum_default(branch, place)
    elif isinstance(schema, dict):
        kind = schema.get("type")
        if kind == "enum" and schema.get("default") not in schema.get("symbols", ()):
            yield f"{place}: the enum {schema.get('name')} has no default among its symbols"
        for field in schema.get("fields", ()):
            yield from _without_enum_default(field["type"], f"{place}.{field['name']}")
        for inner in ("items", "values"):
            if inner in schema:
                yield from _without_enum_default(schema[inner], place)
        if isinstance(kind, dict | list):
            yield from _without_enum_default(kind, place)


def _parsed(schema: dict[str, Any]) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(schema))
