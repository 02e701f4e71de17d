"""Cells of a watchlist's row that say what is asked for: understood exactly, or the row is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from producers.importers.countries import country_code
from producers.importers.dates import is_possible, read_date
from schemas.codes import (
    Action,
    EntryStatus,
    HandlingCode,
    Instrument,
    NoticeType,
    ReceiversMode,
    Threat,
    Tlp,
    Warning,
)
from schemas.envelope import Handling

C = TypeVar("C", bound=StrEnum)

_CODES: dict[str, type[StrEnum]] = {
    "instrument": Instrument,
    "notice_type": NoticeType,
    "threat": Threat,
    "action": Action,
    "status": EntryStatus,
}
_TEXTS = {
    "operation": "operation",
    "list_name": "list_name",
    "linked_entry": "linked_entry",
    "remarks": "remarks",
    "reference": "correlation_id",
    "language": "language",
}
_TIMES = {"valid_from": False, "expires_at": True, "review_by": False}
"""Columns of times; whether a day without a time means its end."""


class CellRefused(ValueError):
    """A cell that cannot be understood; the row is refused."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"{column}: {why}")
        self.column = column
        self.why = why


def demands(text: Mapping[str, str]) -> dict[str, Any]:
    """Fields of WatchlistEntry that the row states. Raises CellRefused."""
    values: dict[str, Any] = {
        column: code(codes, column, text[column]) for column, codes in _CODES.items() if column in text
    }
    values |= {field: text[column] for column, field in _TEXTS.items() if column in text}
    values |= {column: _time(column, text[column], last) for column, last in _TIMES.items() if column in text}
    if "warnings" in text:
        values["warnings"] = tuple(code(Warning, "warnings", part) for part in several(text["warnings"]))
    if "entry_version" in text:
        if not text["entry_version"].isdecimal() or int(text["entry_version"]) < 1:
            raise CellRefused("entry_version", "not a whole number from 1")
        values["entry_version"] = int(text["entry_version"])
    if handling := _handling(text):
        values["handling"] = Handling(**handling)
    return values


def code(codes: type[C], column: str, text: str) -> C:
    """The code that `text` names, whatever its case and however its words are divided. Raises CellRefused."""
    name = "_".join(text.upper().replace("+", " ").replace("-", " ").split())
    found = codes.__members__.get(name)
    if found is None or found.value == "UNKNOWN":
        known = ", ".join(code for code in codes.__members__ if code != "UNKNOWN")
        raise CellRefused(column, f"not one of {known}")
    return found


def several(text: str) -> list[str]:
    """The values of a cell that may hold several, divided by `;`."""
    return [part for piece in text.split(";") if (part := piece.strip())]


def _handling(text: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, field, codes in (
        ("handling_code", "code", HandlingCode),
        ("tlp", "tlp", Tlp),
        ("receivers_mode", "receivers_mode", ReceiversMode),
    ):
        if column in text:
            found[field] = code(codes, column, text[column])
    if "receivers" in text:
        found["receivers"] = tuple(_participant(part) for part in several(text["receivers"]))
    return found


def _participant(text: str) -> str:
    """A participant's code; a country may be named in words."""
    if len(text) <= 3 and text.isascii() and text.isalpha():
        return text.lower()
    found = country_code(text)
    if found is None:
        raise CellRefused("receivers", "neither a participant's code nor a country")
    return found


def _time(column: str, text: str, last: bool) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        read = read_date(text)
        if (
            read is None
            or not (read.year and read.month and read.day)
            or not is_possible(read.year, read.month, read.day)
        ):
            raise CellRefused(column, "neither a time (2026-03-01T12:00:00Z) nor a day (2026-03-01)") from None
        value = datetime(read.year, read.month, read.day)
        text = ""
    if last and "T" not in text and " " not in text and value.time() == datetime.min.time():
        value += timedelta(days=1)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
