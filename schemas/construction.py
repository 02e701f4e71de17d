"""Models from records that fastavro read with our own schema of them, without validating what Avro has checked.

Every type of a model has an Avro type that admits nothing more, and times come as UTC in whole milliseconds; so
pydantic would find nothing. A model that had rules beyond its types would be validated (`_has_rules`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.field_types import compiled, is_model, items_of, unwrapped
from schemas.model import whole_milliseconds

Make = Callable[[Any], Any]


@cache
def maker_of(model: type[BaseModel]) -> Make:
    """The function that makes a `model` of a record (and takes the record's dict for its own)."""
    if _has_rules(model):
        return model.model_validate
    names: dict[str, Any] = {
        "model": model,
        "new": model.__new__,
        "put": object.__setattr__,
        "fields": frozenset(model.model_fields),
    }
    lines = ["def make(d):"]
    for name, field in model.model_fields.items():
        kind, optional = unwrapped(field.annotation)
        convert = _conversion(kind)
        if convert is not None:
            function = f"f{len(names)}"
            names[function] = convert
            lines.append(
                f" if (v := d[{name!r}]) is not None: d[{name!r}] = {function}(v)"
                if optional
                else f" d[{name!r}] = {function}(d[{name!r}])"
            )
    lines += (
        " m = new(model)",
        " put(m, '__dict__', d)",
        " put(m, '__pydantic_fields_set__', set(fields))",
        " put(m, '__pydantic_extra__', None)",
        " put(m, '__pydantic_private__', None)",
        " return m",
    )
    return compiled("make", "\n".join(lines), names)


def _conversion(annotation: Any) -> Make | None:
    """What turns a value as fastavro reads it into the model's; None when they are the same."""
    kind, optional = unwrapped(annotation)
    if (item := items_of(kind)) is not None:
        inner = _conversion(item)
        return tuple if inner is None else lambda values: tuple([inner(value) for value in values])
    made: Make | None = None
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        made = {member.value: member for member in kind}.__getitem__
    elif is_model(kind):
        made = maker_of(kind)
    if made is not None and optional:
        present = made
        return lambda value: None if value is None else present(value)
    return made


def _has_rules(model: type[BaseModel]) -> bool:
    decorators = model.__pydantic_decorators__
    return (
        bool(decorators.validators or decorators.field_validators or decorators.model_validators)
        or bool(decorators.root_validators)
        or bool(model.__private_attributes__)
        or not all(rule is whole_milliseconds for field in model.model_fields.values() for rule in _rules(field))
    )


def _rules(field: FieldInfo) -> Iterator[Any]:
    """What a field asks of its value beyond the type, wherever in the annotation it stands."""
    yield from (getattr(rule, "func", rule) for rule in field.metadata)
    left = [field.annotation]
    while left:
        kind: Any = left.pop()
        yield from (getattr(rule, "func", rule) for rule in getattr(kind, "__metadata__", ()))
        left += [argument for argument in get_args(kind) if argument is not Ellipsis]
