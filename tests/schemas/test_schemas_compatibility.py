"""Every version of every message reads every other, and what the Avro rules let pass is noticed all the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas.avro import EXTERNAL, INTERNAL, schema_of
from schemas.compatibility import conflicts
from schemas.events import Incident

FOLDERS = sorted(Path(schemas.__file__).parent.glob("v*"), key=lambda path: int(path.name[1:]))
Change = Callable[[dict[str, Any]], None]


def breaks(schema: dict[str, Any], earlier: Sequence[dict[str, Any]]) -> list[str]:
    """What keeps `schema` from following `earlier`."""
    return conflicts([*earlier, schema])


def versions_of(name: str) -> list[dict[str, Any]]:
    files = [folder / f"{name}.avsc" for folder in FOLDERS if (folder / f"{name}.avsc").exists()]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@pytest.mark.parametrize("name", [model.__name__ for model in EXTERNAL + INTERNAL])
def test_every_version_is_compatible_with_all_before_it_and_so_is_the_model(name: str) -> None:
    published = versions_of(name)
    model = next(model for model in EXTERNAL + INTERNAL if model.__name__ == name)

    for number, schema in enumerate(published):
        assert breaks(schema, published[:number]) == []
    assert breaks(schema_of(model), published) == []


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in schema["fields"] if one["name"] == name)


def micros(schema: dict[str, Any]) -> None:
    field(schema, "occurred_at")["type"]["logicalType"] = "timestamp-micros"


def no_logical_type(schema: dict[str, Any]) -> None:
    field(schema, "occurred_at")["type"] = "long"


def other_namespace(schema: dict[str, Any]) -> None:
    schema["namespace"] = "tocsin.v2"


def other_inner_name(schema: dict[str, Any]) -> None:
    field(schema, "location")["type"]["name"] = "Where"


def field_without_default(schema: dict[str, Any]) -> None:
    schema["fields"].append({"name": "weather", "type": "string", "doc": "Weather."})


def field_dropped(schema: dict[str, Any]) -> None:
    schema["fields"].remove(field(schema, "incident_id"))


def other_type(schema: dict[str, Any]) -> None:
    field(schema, "incident_version")["type"] = "string"


def no_longer_null(schema: dict[str, Any]) -> None:
    field(schema, "language").update(type="string", default="")


def enum_without_default(schema: dict[str, Any]) -> None:
    del field(schema, "exercise")["type"]["default"]


@pytest.mark.parametrize(
    "change",
    [
        micros,
        no_logical_type,
        other_namespace,
        other_inner_name,
        field_without_default,
        field_dropped,
        other_type,
        no_longer_null,
        enum_without_default,
    ],
)
def test_a_bad_next_version_is_named(change: Change) -> None:
    published = versions_of("Incident")
    following = copy.deepcopy(published[-1])
    change(following)

    assert breaks(following, published)


def a_field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def a_record(*fields: dict[str, Any], name: str = "Seizure") -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "tocsin", "fields": list(fields)}


def a_time(unit: str) -> dict[str, Any]:
    return {"type": "long", "logicalType": f"timestamp-{unit}"}


def codes(*symbols: str) -> dict[str, Any]:
    return {"type": "enum", "name": "Kind", "namespace": "tocsin", "symbols": list(symbols), "default": symbols[0]}


def visit(unit: str) -> dict[str, Any]:
    return a_record(a_field("at", a_time(unit)), name="Visit")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The new first field defines the type, and the old one now refers to it by name.
        (
            a_record(a_field("seen", visit("millis"))),
            a_record(a_field("first", ["null", visit("micros")], default=None), a_field("seen", "tocsin.Visit")),
        ),
        (
            a_record(a_field("seen", ["null", a_time("millis"), "string"])),
            a_record(a_field("seen", ["null", a_time("micros"), "string"])),
        ),
        (
            a_record(a_field("seen", {"type": "array", "items": a_time("millis")})),
            a_record(a_field("seen", {"type": "array", "items": a_time("micros")})),
        ),
        (
            a_record(a_field("seen", {"type": "map", "values": a_time("millis")})),
            a_record(a_field("seen", {"type": "map", "values": a_time("micros")})),
        ),
        (a_record(a_field("name", "string")), a_record(a_field("name", "bytes"))),
        (
            a_record(a_field("name", "string", default="")),
            a_record(a_field("full", "string", default="", aliases=["name"])),
        ),
        (a_record(a_field("kind", codes("A", "B"))), a_record(a_field("kind", codes("A")))),
        (a_record(a_field("kind", codes("A", "B"))), a_record(a_field("kind", codes("B", "A")))),
    ],
    ids=[
        *("moved definition", "in a union", "in an array", "in a map"),
        *("text to bytes", "renamed", "symbol dropped", "enum default"),
    ],
)
def test_a_change_that_avro_lets_pass_is_named(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks(new, [old])


def test_the_versions_in_between_are_judged_too() -> None:
    first, second, third = (
        a_record(a_field("id", "string"), *more)
        for more in ([a_field("size", "long", default=0)], [], [a_field("size", "string", default="")])
    )

    assert breaks(second, [first]) == []
    assert breaks(third, [second]) == []
    assert breaks(third, [first, second])


def test_a_definition_that_moves_and_an_inherited_namespace_change_nothing() -> None:
    old = a_record(a_field("seen", visit("millis")))
    bare = {key: value for key, value in visit("millis").items() if key != "namespace"}
    new = a_record(a_field("first", ["null", bare], default=None), a_field("seen", "Visit"))

    assert breaks(new, [old]) == []


def test_a_type_within_itself_is_judged() -> None:
    def chain(unit: str) -> dict[str, Any]:
        return a_record(a_field("at", a_time(unit)), a_field("next", ["null", "tocsin.Seizure"], default=None))

    assert breaks(chain("millis"), [chain("millis")]) == []
    assert breaks(chain("micros"), [chain("millis")])


def test_a_decimal_keeps_its_precision_and_scale() -> None:
    def priced(precision: int, scale: int) -> dict[str, Any]:
        amount = {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
        return {
            "type": "record",
            "name": "Seizure",
            "namespace": "tocsin",
            "fields": [{"name": "value", "type": amount}],
        }

    assert breaks(priced(10, 2), [priced(10, 2)]) == []
    assert breaks(priced(10, 3), [priced(10, 2)])
    assert breaks(priced(12, 2), [priced(10, 2)])


def test_a_new_field_with_a_default_and_a_new_symbol_are_welcome() -> None:
    published = versions_of("Incident")
    following = copy.deepcopy(published[-1])
    following["fields"].append({"name": "weather", "type": ["null", "string"], "default": None, "doc": "Weather."})
    field(following, "incident_type")["type"]["symbols"].append("PIRACY")

    assert breaks(following, published) == []
    assert following != schema_of(Incident)
