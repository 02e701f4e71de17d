"""What an importer yields: a model, or why a row was refused, or a remark about a row that was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pydantic import ValidationError

from schemas.events import Incident, WatchlistEntry


@dataclass(frozen=True)
class RefusedRow:
    """A row of which nothing is published. The file goes on."""

    row: str
    """Where: `line 12`, `DATAID 6908402`."""
    field: str
    """Which column, element or field."""
    why: str
    """What is wrong with it; holds no more of the value than is needed to find it."""
    broken: bool = False
    """The file itself is damaged or cut here: it may have held more rows than could be read."""


@dataclass(frozen=True)
class Note:
    """A row that is published without a part that could not be used (one bad document, an impossible day)."""

    row: str
    field: str
    why: str


Result: TypeAlias = Incident | WatchlistEntry | RefusedRow | Note


def refused_by_model(row: str, error: ValidationError) -> RefusedRow:
    """A row whose values the contract does not allow: the first of what pydantic found."""
    first = error.errors(include_url=False, include_input=False)[0]
    return RefusedRow(row, ".".join(str(part) for part in first["loc"]) or "row", first["msg"])
