"""One way to write an Avro schema, so that two spellings of the same schema are equal.

Registries keep a schema in their own spelling: Apicurio leaves out a namespace that is inherited. Names become full
names here; everything else, docs and defaults included, stays.
"""

from __future__ import annotations

from typing import Any

_NAMED = frozenset(("record", "enum", "fixed", "error"))
_PRIMITIVE = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))


def normal_form(schema: Any, namespace: str = "") -> Any:
    """`schema` (parsed JSON) with full names and without `namespace` attributes."""
    if isinstance(schema, str):
        return schema if schema in _PRIMITIVE else _full(schema, namespace)
    if isinstance(schema, list):
        return [normal_form(branch, namespace) for branch in schema]
    kind = schema.get("type")
    made = {key: value for key, value in schema.items() if key != "namespace"}
    if kind in _NAMED:
        made["name"] = _full(schema["name"], schema.get("namespace", namespace))
        namespace = made["name"].rpartition(".")[0]
    if kind in ("record", "error"):
        made["fields"] = [field | {"type": normal_form(field["type"], namespace)} for field in schema["fields"]]
    elif kind == "array":
        made["items"] = normal_form(schema["items"], namespace)
    elif kind == "map":
        made["values"] = normal_form(schema["values"], namespace)
    elif kind not in _NAMED:
        made["type"] = normal_form(kind, namespace)
    return made


def _full(name: str, namespace: str) -> str:
    return f"{namespace}.{name}" if namespace and "." not in name else name
