"""Whether schemas may be published together, told without a registry.

FULL_TRANSITIVE: every version reads what every other version of it wrote. Avro's own check (`avro.compatibility`)
looks only at the shape, so changes that keep the bytes readable and change their meaning pass it; the rules here
catch those too: the unit of a timestamp, scale and precision of a decimal, the name under which a registry and a
reader know the type, an enum without default (a newer symbol would stop an older reader), a dropped symbol.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

LEVEL = "FULL_TRANSITIVE"
"""What the registry is told; here it holds without one."""

_FOLDER = re.compile(r"v([1-9][0-9]*)")
_SAME_MEANING = ("logicalType", "scale", "precision")


def published(folder: Path = Path(__file__).parent) -> dict[str, tuple[Any, ...]]:
    """Every published schema by full name, oldest version first, as parsed JSON."""
    found: dict[str, tuple[Any, ...]] = {}
    for version in sorted(
        (path for path in folder.iterdir() if _FOLDER.fullmatch(path.name)), key=lambda path: int(path.name[1:])
    ):
        for path in sorted(version.glob("*.avsc")):
            schema = json.loads(path.read_text())
            name = f"{schema['namespace']}.{schema['name']}"
            known = found.get(name, ())
            if schema not in known:
                found[name] = (*known, schema)
    return found


def conflicts(versions: Sequence[Any]) -> list[str]:
    """What keeps `versions` of one schema from being FULL_TRANSITIVE: nothing, for those that may be published.

    Parsed JSON, oldest first. Each conflict names the two versions, the field and the reason.
    """
    found = [f"{place}: {why}" for schema in versions for place, why in _alone(schema)]
    for (i, old), (j, new) in combinations(enumerate(versions, 1), 2):
        pair = f"v{i} and v{j}"
        found += [f"{pair}: {why}" for why in _shape(old, new)]
        found += [f"{pair}: {place}: {why}" for place, why in _meaning(old, new)]
    return list(dict.fromkeys(found))


def _shape(old: Any, new: Any) -> Iterator[str]:
    """What Avro's own rules say, in both directions."""
    for reader, writer, direction in ((new, old, "newer cannot read older"), (old, new, "older cannot read newer")):
        result = ReaderWriterCompatibilityChecker().get_compatibility(_parse(reader), _parse(writer))
        if result.compatibility is not SchemaCompatibilityType.compatible:
            reasons = "; ".join(sorted({str(message) for message in result.messages})) or "incompatible"
            places = ", ".join(sorted({str(place) for place in result.locations}))
            yield f"{direction}: {reasons}" + (f" at {places}" if places else "")


def _parse(schema: Any) -> Any:
    return avro.schema.parse(json.dumps(schema))


def _alone(schema: Any) -> Iterator[tuple[str, str]]:
    for place, node in _named_and_annotated(schema):
        if node.get("type") == "enum" and "default" not in node:
            yield place, "an enum needs a default: an older reader meets newer symbols"


def _meaning(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if full_name(old) != full_name(new):
        yield "", f"{full_name(old)} became {full_name(new)}: readers and the registry know it by its name"
    before, after = dict(_named_and_annotated(old)), dict(_named_and_annotated(new))
    for place in sorted(before.keys() & after.keys()):
        was, now = before[place], after[place]
        for attribute in _SAME_MEANING:
            if was.get(attribute) != now.get(attribute):
                yield (
                    place,
                    f"{attribute} {was.get(attribute)} became {now.get(attribute)}: same bytes, another meaning",
                )
        if was.get("type") == now.get("type") and was.get("type") in ("enum", "record", "fixed"):
            if full_name(was) != full_name(now):
                yield place, f"{full_name(was)} became {full_name(now)}"
            if was.get("type") == "enum":
                if was.get("default") != now.get("default"):
                    yield place, f"enum default {was.get('default')} became {now.get('default')}"
                if dropped := [symbol for symbol in was["symbols"] if symbol not in now["symbols"]]:
                    yield place, f"symbols {', '.join(dropped)} were dropped: older events would read as the default"


def full_name(schema: Mapping[str, Any]) -> str:
    """Full name of a named Avro type whose namespace stands in it."""
    return f"{schema.get('namespace', '')}.{schema.get('name', '')}".lstrip(".")


def _named_and_annotated(schema: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every type in `schema` that is written as an object, by its path of field names."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _named_and_annotated(branch, place)
        return
    if not isinstance(schema, dict):
        # A plain primitive has no annotation: its place still counts, so that one that gains or loses a logical
        # type is seen. Null branches and references to named types do not.
        if schema in ("int", "long", "bytes", "string"):
            yield place, {"type": schema}
        return
    if isinstance(schema.get("type"), dict | list):
        yield from _named_and_annotated(schema["type"], place)
        return
    yield place, schema
    if schema["type"] == "record":
        for field in schema["fields"]:
            yield from _named_and_annotated(field["type"], f"{place}.{field['name']}".lstrip("."))
    elif schema["type"] == "array":
        yield from _named_and_annotated(schema["items"], f"{place}[]")
    elif schema["type"] == "map":
        yield from _named_and_annotated(schema["values"], f"{place}{{}}")
