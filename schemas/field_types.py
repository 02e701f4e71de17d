"""What kind of value a field of a model holds, as the code made from models asks it."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel


def unwrapped(annotation: Any) -> tuple[Any, bool]:
    """The type behind `| None` and Annotated, and whether None is allowed."""
    optional = get_origin(annotation) in (Union, types.UnionType)
    if optional:
        (annotation,) = (kind for kind in get_args(annotation) if kind is not type(None))
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    return annotation, optional


def items_of(kind: Any) -> Any:
    """The type of the items when `kind` is a tuple of any length, else None."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def is_model(kind: Any) -> bool:
    """Whether `kind` is a model of its own."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def compiled(name: str, source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `source` defines, with `names` as its globals.

    For source made from our own models alone, never from anything that was received.
    """
    exec(source, names)
    made: Callable[..., Any] = names[name]
    return made
