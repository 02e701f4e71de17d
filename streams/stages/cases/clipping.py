"""Cuts a view down to what its topic takes, counting what was left out; nothing is cut in silence."""

from __future__ import annotations

from pydantic import BaseModel

from schemas.alerts import Alert

_LAST_MATTER = ("answers",)
_LISTS = (
    ("match", "evidence"),
    ("digest", "members"),
    _LAST_MATTER,
    ("incident", "subject", "documents"),
    ("entry", "subject", "documents"),
    ("incident", "subject", "names"),
    ("entry", "subject", "names"),
    ("incident", "subject", "births"),
    ("entry", "subject", "births"),
    ("incident", "subject", "nationalities"),
    ("entry", "subject", "nationalities"),
)
"""What may be shortened. Of each list the first items matter most, of the answers the last."""


def clipped(view: Alert, size: int) -> tuple[Alert, bytes]:
    """`view` with its longest lists halved until it is no longer than `size` bytes, or has nothing left to halve.

    Measured as JSON, which is longer than the Avro that is sent, and returned with it. `clipped` counts the items
    left out.
    """
    while len(text := view.model_dump_json().encode()) > size:
        longest = max(_LISTS, key=lambda path: _length(_at(view, path)))
        items = _at(view, longest)
        if not items:
            break
        kept = len(items) // 2
        rest = items[len(items) - kept :] if longest == _LAST_MATTER else items[:kept]
        shorter = _with(view, longest, rest)
        view = shorter.model_copy(update={"clipped": view.clipped + len(items) - kept})
    return view, text


def _length(items: tuple[object, ...]) -> int:
    return sum(len(item.model_dump_json()) if isinstance(item, BaseModel) else len(str(item)) for item in items)


def _at(value: BaseModel, path: tuple[str, ...]) -> tuple[object, ...]:
    inner = getattr(value, path[0])
    if inner is None:
        return ()
    if len(path) == 1:
        return tuple(inner)
    return _at(inner, path[1:])


def _with(value: Alert, path: tuple[str, ...], items: tuple[object, ...]) -> Alert:
    return value.model_copy(update={path[0]: _replaced(getattr(value, path[0]), path[1:], items)})


def _replaced(value: object, path: tuple[str, ...], items: tuple[object, ...]) -> object:
    if not path or not isinstance(value, BaseModel):
        return items
    return value.model_copy(update={path[0]: _replaced(getattr(value, path[0]), path[1:], items)})
