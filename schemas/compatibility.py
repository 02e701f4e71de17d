"""Whether schemas may be published together, told without a registry.

FULL_TRANSITIVE: every version reads what every other version of it wrote. Avro's own check (`avro.compatibility`)
looks only at the shape, so changes that keep the bytes readable and change their meaning pass it; the rules here
catch those too: the unit of a timestamp, scale and precision of a decimal, the name under which a registry and a
reader know the type, an enum without default (a newer symbol would stop an older reader), a dropped symbol, text that
becomes bytes, a renamed field.
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

from schemas.normal_form import normal_form

LEVEL = "FULL_TRANSITIVE"
"""What the registry is told; here it holds without one."""

_FOLDER = re.compile(r"v([1-9][0-9]*)")
_SAME_MEANING = ("logicalType", "scale", "precision")
_NAMED = ("record", "enum", "fixed")


def published(folder: Path = Path(__file__).parent) -> dict[str, tuple[Any, ...]]:
    """Every published schema by full name, oldest version first, as parsed JSON."""
    found: dict[str, tuple[Any, ...]] = {}
    for version in sorted(
        (path for path in folder.iterdir() if _FOLDER.fullmatch(path.name)), key=lambda path: int(path.name[1:])
    ):
        for path in sorted(version.glob("*.avsc")):
            schema = json.loads(path.read_text(encoding="utf-8"))
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
    for place, node in _types(schema).items():
        if node["type"] == "enum" and "default" not in node:
            yield place, "an enum needs a default: an older reader meets newer symbols"


def _meaning(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    before, after = _types(old), _types(new)
    for place in sorted(before.keys() & after.keys()):
        was, now = before[place], after[place]
        for attribute in _SAME_MEANING:
            if was.get(attribute) != now.get(attribute):
                yield (
                    place,
                    f"{attribute} {was.get(attribute)} became {now.get(attribute)}: same bytes, another meaning",
                )
        if was["type"] != now["type"]:
            yield place, f"{was['type']} became {now['type']}: another meaning, even where the bytes can be read"
        elif was["type"] in _NAMED:
            yield from ((place, why) for why in _named_changes(was, now))


def _named_changes(was: Any, now: Any) -> Iterator[str]:
    if was["name"] != now["name"]:
        yield f"{was['name']} became {now['name']}: readers and the registry know it by its name"
    if was["type"] == "enum":
        if was.get("default") != now.get("default"):
            yield f"enum default {was.get('default')} became {now.get('default')}"
        if dropped := [symbol for symbol in was["symbols"] if symbol not in now["symbols"]]:
            yield f"symbols {', '.join(dropped)} were dropped: older events would read as the default"
    if was["type"] == "record":
        known = {field["name"] for field in was["fields"]}
        for field in now["fields"]:
            if field["name"] not in known and (renamed := known.intersection(field.get("aliases", ()))):
                yield f"{', '.join(sorted(renamed))} was renamed to {field['name']}: older readers see its default"


def _types(schema: Any) -> dict[str, dict[str, Any]]:
    """Every type in `schema` by its path of field names, each reference replaced by the type that it names.

    A named type is defined where it is first used. That place may differ from version to version, so paths go through
    references too (a type within itself is followed once). Null is left out: a field keeps its path when it becomes
    optional. The branches of a longer union are told apart by kind.
    """
    whole = normal_form(schema)
    return dict(_walk(whole, "", dict(_definitions(whole)), frozenset()))


def _definitions(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, list):
        for branch in node:
            yield from _definitions(branch)
    elif isinstance(node, dict):
        if node["type"] in _NAMED:
            yield node["name"], node
        for inner in _inside(node).values():
            yield from _definitions(inner)


def _inside(node: Mapping[str, Any]) -> dict[str, Any]:
    """The types directly within a type that is no union, by what they add to the path."""
    kind = node["type"]
    if isinstance(kind, dict | list):
        return {"": kind}
    if kind == "record":
        return {f".{field['name']}": field["type"] for field in node["fields"]}
    return {"[]": node["items"]} if kind == "array" else {"{}": node["values"]} if kind == "map" else {}


def _walk(
    node: Any, place: str, defined: Mapping[str, Any], within: frozenset[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        branches = [branch for branch in node if branch != "null"]
        for branch in branches:
            kind = branch if isinstance(branch, str) else branch["type"]
            yield from _walk(branch, place if len(branches) == 1 else f"{place}<{kind}>", defined, within)
        return
    if isinstance(node, str):
        node = defined.get(node, {"type": node})
    if isinstance(node["type"], str):
        yield place, node
    if node["type"] in _NAMED:
        if node["name"] in within:
            return
        within |= {node["name"]}
    for step, inner in _inside(node).items():
        yield from _walk(inner, f"{place}{step}".lstrip("."), defined, within)
