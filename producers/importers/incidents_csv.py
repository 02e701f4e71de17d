"""Incidents from CSV: one person a row, the columns of a border system's export or of a screening test.

Columns read: full_name (or first_name, middle_name, last_name), gender, date_of_birth (whole or partial),
place_of_birth, nationality (name, code or demonym), document_number, document_type, document_country; un_dataid and
list_name go to correlation_id alone, so that results can be judged, and never to what is matched. Other columns are
left out, with a note.

A person is not refused for a bad detail: a nationality, date or number that cannot be used is left out with a note,
because a traveller who is not screened is worse than one who is screened with less.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from producers.errors import UnreadableFile
from producers.identity import new_event_id
from producers.importers.countries import country_code
from producers.importers.dates import read_date, without_impossible
from producers.importers.documents import document_type, read_number
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.scripts import script_of
from schemas.codes import CrossingMode, DocumentType, IncidentType, Mode, Sex
from schemas.events import Incident, Location
from schemas.identity import incident_id
from schemas.subjects import BirthDate, Document, Name, Place, Subject

SUBJECT_ID = "1"
_NAMES = ("full_name", "first_name", "middle_name", "last_name")
_DETAILS = (
    "gender",
    "date_of_birth",
    "place_of_birth",
    "nationality",
    "document_number",
    "document_type",
    "document_country",
)
_CORRELATION = ("un_dataid", "list_name")
COLUMNS = _NAMES + _DETAILS + _CORRELATION
_SEXES = {
    "m": Sex.M,
    "male": Sex.M,
    "f": Sex.F,
    "female": Sex.F,
    "x": Sex.X,
    "other": Sex.X,
    "u": Sex.U,
    "unknown": Sex.U,
    "": Sex.U,
}
_LARGEST_FIELD = 1 << 20


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
    file: Path, defaults: IncidentDefaults, *, source: str | None = None, event_id: Callable[[], str] = new_event_id
) -> Iterator[Result]:
    """An incident for each row. `source` (default: the file's name) and the row's number give incident_id.

    Raises UnreadableFile when there is no header with a name column. Bytes that are not UTF-8 are shown as U+FFFD.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = [column.strip().lower() for column in reader.fieldnames or ()]
        if not set(columns) & set(_NAMES):
            raise UnreadableFile(f"{file.name}: no header with one of the columns {', '.join(_NAMES)}")
        reader.fieldnames = columns
        for column in columns:
            if column not in COLUMNS:
                yield Note("header", column, "not read")
        number = 0
        while True:
            number += 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield RefusedRow(f"row {number}", "row", str(error))
                continue
            yield from _incident(values, number, source or file.name, defaults, event_id)


def _incident(
    values: dict[str, str | None], number: int, source: str, defaults: IncidentDefaults, event_id: Callable[[], str]
) -> Iterator[Result]:
    row = f"row {number}"
    if None in values:
        yield RefusedRow(row, "row", "more fields than the header has columns")
        return
    text = {column: " ".join((value or "").split()) for column, value in values.items()}
    name = _name(text)
    if name is None:
        yield RefusedRow(row, "full_name", "no name")
        return
    notes: list[Note] = []
    country = _country(text.get("nationality", ""), "nationality", row, notes)
    place = text.get("place_of_birth", "")
    number_shown = _document(text, row, notes)
    birth = _birth(text.get("date_of_birth", ""), row, notes)
    try:
        yield Incident(
            event_id=event_id(),
            producer=defaults.producer,
            occurred_at=defaults.at,
            recorded_at=defaults.at,
            exercise=defaults.exercise,
            correlation_id=" ".join(text[c] for c in _CORRELATION if text.get(c)) or None,
            incident_id=incident_id(defaults.producer, source, str(number)),
            incident_version=defaults.incident_version,
            incident_type=defaults.type,
            location=Location(country=defaults.producer, point=defaults.point, mode=defaults.mode),
            zone=defaults.zone,
            subjects=(
                Subject(
                    subject_id=SUBJECT_ID,
                    names=(name,),
                    births=(birth,) if birth else (),
                    sex=_sex(text.get("gender", ""), row, notes),
                    nationalities=(country,) if country else (),
                    birth_place=Place(country=country_code(place.rpartition(",")[2]), text=place) if place else None,
                    documents=(number_shown,) if number_shown else (),
                ),
            ),
        )
    except ValidationError as error:
        yield refused_by_model(row, error)
        return
    yield from notes


def _name(text: dict[str, str]) -> Name | None:
    given = " ".join(part for column in ("first_name", "middle_name") if (part := text.get(column, "")))
    family = text.get("last_name", "")
    full = text.get("full_name") or " ".join(part for part in (given, family) if part)
    if not full:
        return None
    return Name(full=full, given=given or None, family=family or None, script=script_of(full))


def _birth(text: str, row: str, notes: list[Note]) -> BirthDate | None:
    if not text:
        return None
    read = read_date(text)
    kept = without_impossible(read) if read and read.year else None
    if kept != read or kept is None:
        notes.append(
            Note(row, "date_of_birth", f"there is no such day: {text}; {'the rest is' if kept else 'not'} used")
        )
    return kept


def _sex(text: str, row: str, notes: list[Note]) -> Sex:
    sex = _SEXES.get(text.lower())
    if sex is None:
        notes.append(Note(row, "gender", f"not known: {text}"))
    return sex or Sex.U


def _country(text: str, column: str, row: str, notes: list[Note]) -> str | None:
    code = country_code(text) if text else None
    if text and code is None:
        notes.append(Note(row, column, f"no country: {text}"))
    return code


def _document(text: dict[str, str], row: str, notes: list[Note]) -> Document | None:
    written = text.get("document_number", "")
    if not written:
        return None
    found = read_number(written)
    if found is None:
        notes.append(Note(row, "document_number", f"no usable number: {written}"))
        return None
    issuer = _country(text.get("document_country", ""), "document_country", row, notes)
    kind = text.get("document_type", "")
    known = DocumentType.__members__.get(kind.upper().replace(" ", "_")) or document_type(kind)
    return Document(
        type=known or found.type or DocumentType.UNKNOWN, number=found.number, country=issuer or found.country
    )
