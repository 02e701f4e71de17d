"""JSON Lines in the models' own shape: one WatchlistEntry or Incident a line, every kind of domain.md.

What a line leaves out of the envelope is filled in: event_id (a new UUIDv7), producer, occurred_at, recorded_at,
exercise; of an incident also incident_id (as for imported rows) and the location's country.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producers.identity import new_event_id
from producers.importers.results import RefusedRow, Result, refused_by_model
from schemas.codes import Mode
from schemas.events import Incident, WatchlistEntry
from schemas.identity import incident_id

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes: what the broker takes at most (schemas.topics)."""


@dataclass(frozen=True)
class EnvelopeDefaults:
    """What a line may leave out."""

    producer: str
    at: datetime
    exercise: Mode = Mode.ACTUAL
    list_name: str | None = None
    """Of watchlist entries without one."""


def read_entries_jsonl(
    file: Path, defaults: EnvelopeDefaults, *, event_id: Callable[[], str] = new_event_id
) -> Iterator[Result]:
    """A watchlist entry for each line that is not blank."""
    for _, row, value in json_lines(file):
        if isinstance(value, RefusedRow):
            yield value
            continue
        try:
            filled = _envelope(defaults, event_id) | {"list_name": defaults.list_name} | value
            yield WatchlistEntry.model_validate_json(json.dumps(filled))
        except ValidationError as error:
            yield refused_by_model(row, error)


def read_incidents_jsonl(
    file: Path,
    defaults: EnvelopeDefaults,
    *,
    source: str | None = None,
    happened: Callable[[int], datetime] | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An incident for each line that is not blank.

    `happened` says when that of a line happened that does not say so itself (default: `defaults.at`).
    """
    for number, row, value in json_lines(file):
        if isinstance(value, RefusedRow):
            yield value
            continue
        here = {"country": defaults.producer}
        place = value.get("location", here)
        mine = replace(defaults, at=happened(number)) if happened and "occurred_at" not in value else defaults
        filled = (
            _envelope(mine, event_id)
            | {"incident_id": incident_id(defaults.producer, source or file.name, str(number))}
            | value
            | {"location": here | place if isinstance(place, dict) else place}
        )
        try:
            yield Incident.model_validate_json(json.dumps(filled))
        except ValidationError as error:
            yield refused_by_model(row, error)


def _envelope(defaults: EnvelopeDefaults, event_id: Callable[[], str]) -> dict[str, Any]:
    at = defaults.at.isoformat()
    return {
        "event_id": event_id(),
        "producer": defaults.producer,
        "occurred_at": at,
        "recorded_at": at,
        "exercise": defaults.exercise.value,
    }


def json_lines(file: Path) -> Iterator[tuple[int, str, dict[str, Any] | RefusedRow]]:
    """Each line that is not blank: its number, where it stands, and the object in it or why there is none."""
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(LONGEST_LINE + 1):
            number += 1
            row = f"line {number}"
            if len(line) > LONGEST_LINE:
                while line and not line.endswith(b"\n"):
                    line = lines.readline(LONGEST_LINE)
                yield number, row, RefusedRow(row, "line", f"longer than {LONGEST_LINE} bytes", broken=True)
            elif line.strip():
                yield number, row, _parsed(line, row)


def _parsed(line: bytes, row: str) -> dict[str, Any] | RefusedRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RefusedRow(row, "line", f"no JSON: {error}", broken=True)
    if not isinstance(value, dict):
        return RefusedRow(row, "line", "no JSON object")
    return value
