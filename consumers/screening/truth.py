"""The truth about a screening, from files: which incident had to find which entry, and which had to find none.

Two formats, told apart by the file's first sign: JSON Lines (what `tocsin simulate` writes beside its traffic, or the
incidents themselves) and CSV with a header, whose rows were published by `tocsin publish incidents`; a row's
incident_id follows from the publishing bureau, the source (the file's name) and the row's number.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.identity import incident_id
from tocsin.runtime.errors import TocsinError

ENTRY_COLUMNS = ("entry_id", "un_dataid")
"""Columns of a CSV that name the entry to be found; empty in a row means that there is none."""
NOT_STATED = "not stated"
_LARGEST_FIELD = 1 << 20


class UnreadableTruth(TocsinError):
    """A truth file is not what it must be; the message says where."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One match that had to be found."""

    incident_id: str
    entry_id: str
    owner: str
    item_id: str | None = None
    """subject_id or object_id within the incident; None where the truth does not say."""
    difficulty: str = NOT_STATED
    row: str = ""
    """Where the truth says so."""


def read_truth(file: Path, *, publisher: str, owner: str, source: str | None = None) -> list[Expected]:
    """The matches that had to be found. Raises UnreadableTruth.

    Of a CSV: `publisher` is the bureau that published it, `source` the name it was published under (default: the
    file's name), `owner` the owner of its entries. JSON Lines say all that themselves; lines of other owners are kept.
    """
    if _is_json(file):
        return [_expected(value, f"line {number}", file) for number, value in _json_lines(file)]
    found = []
    rows = list(_rows(file))
    column = next((name for name in ENTRY_COLUMNS if rows and name in rows[0]), None)
    if column is None:
        raise UnreadableTruth(
            f"{file.name}: no rows with a column {' or '.join(ENTRY_COLUMNS)}: which entry was meant?"
        )
    for number, values in enumerate(rows, 1):
        entry_id = (values.get(column) or "").strip()
        if entry_id:
            incident = incident_id(publisher, source or file.name, str(number))
            difficulty = (values.get("difficulty") or "").strip() or NOT_STATED
            found.append(Expected(incident, entry_id, owner, difficulty=difficulty, row=f"row {number}"))
    return found


def read_incident_ids(file: Path, *, publisher: str, source: str | None = None) -> list[str]:
    """incident_id of each incident of a file that was published. Raises UnreadableTruth."""
    if _is_json(file):
        return [_text(value, "incident_id", f"line {number}", file) for number, value in _json_lines(file)]
    return [incident_id(publisher, source or file.name, str(number)) for number, _ in enumerate(_rows(file), 1)]


def _expected(value: dict[str, Any], row: str, file: Path) -> Expected:
    return Expected(
        incident_id=_text(value, "incident_id", row, file),
        entry_id=_text(value, "entry_id", row, file),
        owner=_text(value, "owner", row, file),
        item_id=value.get("item_id"),
        difficulty=str(value.get("difficulty") or NOT_STATED),
        row=row,
    )


def _text(value: dict[str, Any], field: str, row: str, file: Path) -> str:
    found = value.get(field)
    if not isinstance(found, str) or not found:
        raise UnreadableTruth(f"{file.name}, {row}: {field} is missing")
    return found


def _is_json(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    except OSError as error:
        raise UnreadableTruth(f"{file}: {error.strerror or error}") from error


def _json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise UnreadableTruth(f"{file.name}, line {number}: no JSON ({error})") from error
            if not isinstance(value, dict):
                raise UnreadableTruth(f"{file.name}, line {number}: no JSON object")
            yield number, value


def _rows(file: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_LARGEST_FIELD)
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.DictReader(lines)
        reader.fieldnames = [column.strip().lower() for column in reader.fieldnames or ()]
        try:
            yield from reader
        except csv.Error as error:
            raise UnreadableTruth(f"{file.name}, line {reader.line_num}: {error}") from error
