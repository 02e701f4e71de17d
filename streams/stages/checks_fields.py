"""Checks of the gate on every field of an event by its type: texts, code lists, how many there may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.codes import RejectReason
from schemas.events import Response, WatchlistEntry
from schemas.subjects import Name, Place
from streams.stages.checks import Problem, Problems

LONGEST = 200
LONGEST_OF = {(Name, "full"): 300, (Place, "text"): 500, (WatchlistEntry, "remarks"): 8_000, (Response, "text"): 4_000}
"""Characters of a text field where the usual 200 are not enough."""
_SEVERAL_LINES = {(WatchlistEntry, "remarks"), (Response, "text")}
MOST = 200
MOST_OF = {"subjects": 10_000, "objects": 10_000}
"""Elements of a list; items of an incident have a limit of their own."""

# C0 and C1 controls, line and paragraph separators, overrides of the writing direction (they make a name read as
# another), surrogates, noncharacters. Joiners and direction marks are needed to write some languages, and stay.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufffe\uffff]")
_FORBIDDEN_BUT_LINES = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e\ud800-\udfff\ufffe\uffff]"
)


class Field(NamedTuple):
    """What may be in one field of a model that holds texts, codes or models."""

    name: str
    many: bool
    nested: bool
    is_code: bool
    longest: int
    """Characters of a text."""
    lines: bool
    """A text may have several lines."""
    may_be_unknown: bool


def fields(value: BaseModel, place: str = "") -> Problems:
    """Problems of the texts and codes of `value` and of everything in it.

    A code may be UNKNOWN only where that is its default: there the producer may not know. Elsewhere it stands for a
    code that is newer than this program, on which nothing can be decided.
    """
    for field in fields_of(type(value)):
        held = getattr(value, field.name)
        if held is None or held == ():
            continue
        where = f"{place}{field.name}"
        if not field.many:
            yield from _one(field, held, where)
        elif len(held) > (most := MOST_OF.get(field.name, MOST)):
            yield Problem(RejectReason.INVALID_FIELD, where, f"more than {most} elements")
        else:
            for number, element in enumerate(held):
                yield from _one(field, element, f"{where}.{number}")


def _one(field: Field, held: Any, place: str) -> Iterable[Problem]:
    if field.nested:
        return fields(held, f"{place}.")
    if field.is_code:
        if held != "UNKNOWN" or field.may_be_unknown:
            return ()
        return (Problem(RejectReason.UNKNOWN_CODE, place, "not a code of this list, or newer than this program"),)
    if len(held) > field.longest:
        return (Problem(RejectReason.INVALID_FIELD, place, f"longer than {field.longest} characters"),)
    if held.isprintable() or not (_FORBIDDEN_BUT_LINES if field.lines else _FORBIDDEN).search(held):
        return ()
    return (Problem(RejectReason.INVALID_FIELD, place, "holds control characters; send plain text"),)


@cache
def fields_of(model: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of `model` that are checked here."""
    made = []
    for name, info in model.model_fields.items():
        annotation, many = _plain(info.annotation), False
        if get_origin(annotation) is tuple:
            annotation, many = _plain(get_args(annotation)[0]), True
        if isinstance(annotation, type) and issubclass(annotation, (str, BaseModel)):
            unknown = isinstance(info.default, StrEnum) and info.default.value == "UNKNOWN"
            longest = LONGEST_OF.get((model, name), LONGEST)
            nested, is_code = issubclass(annotation, BaseModel), issubclass(annotation, StrEnum)
            lines = (model, name) in _SEVERAL_LINES
            made.append(Field(name, many, nested, is_code, longest, lines, unknown))
    return tuple(made)


def _plain(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (argument for argument in get_args(annotation) if argument is not NoneType)
    return annotation
