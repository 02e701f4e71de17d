"""Incidents from CSV: one person a row, in the columns of `travellers_csv`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from producers.identity import new_event_id
from producers.importers.csv_table import CsvTable
from producers.importers.results import Result, refused_by_model
from producers.importers.travellers_csv import COLUMNS, Traveller, read_travellers
from schemas.codes import CrossingMode, IncidentType, Mode
from schemas.events import Incident, Location
from schemas.identity import incident_id


@dataclass(frozen=True)
class IncidentDefaults:
    """What the file does not say of its incidents."""

    producer: str
    at: datetime
    """occurred_at and recorded_at."""
    type: IncidentType = IncidentType.BORDER_CHECK
    point: str | None = None
    mode: CrossingMode = CrossingMode.UNKNOWN
    zone: str = "UTC"
    exercise: Mode = Mode.ACTUAL
    incident_version: int = 1


def read_incidents_csv(
    file: Path,
    defaults: IncidentDefaults,
    *,
    source: str | None = None,
    columns: Mapping[str, str] | None = None,
    happened: Callable[[int], datetime] | None = None,
    delimiter: str | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An incident for each row. `source` (default: the file's name) and the row's number give incident_id.

    `columns` says which column of the file is which of ours, `happened` when that of a row happened (default:
    `defaults.at`). Raises UnknownColumn, and UnreadableFile when there is no header with a column to read.
    """
    with CsvTable(file, known=(*COLUMNS, *(columns or {}).values()), delimiter=delimiter) as table:
        for read in read_travellers(table, columns):
            if not isinstance(read, Traveller):
                yield read
                continue
            mine = defaults if happened is None else replace(defaults, at=happened(read.row))
            try:
                yield incident_about(
                    read, mine, incident_id(defaults.producer, source or file.name, str(read.row)), event_id()
                )
            except ValidationError as error:
                yield refused_by_model(f"row {read.row}", error)


def incident_about(met: Traveller, defaults: IncidentDefaults, incident_id: str, event_id: str) -> Incident:
    """The incident in which a traveller was met. Raises ValidationError for values that the contract does not allow."""
    return Incident(
        event_id=event_id,
        producer=defaults.producer,
        occurred_at=defaults.at,
        recorded_at=defaults.at,
        exercise=defaults.exercise,
        correlation_id=met.correlation_id,
        incident_id=incident_id,
        incident_version=defaults.incident_version,
        incident_type=defaults.type,
        location=Location(country=defaults.producer, point=defaults.point, mode=defaults.mode),
        zone=defaults.zone,
        subjects=(met.subject,),
    )
