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
