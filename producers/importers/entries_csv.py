"""Watchlist entries from CSV: a person, organisation, document, vehicle, firearm, vessel or work of art a row.

What becomes of every column stands in COLUMNS; other columns are left out, with a note. What a row is about is said by
its column `kind`, else by what it fills (a document is a thing if the row says that it was lost or if there is no
name); a row that fills the columns of several things without saying which it is about is refused. Several values of a
cell are divided by `;`. Countries are understood by name, code or demonym.

A cell that says what is to be done (action, warnings, status, dates of validity, receivers, instrument) refuses its row
when it cannot be understood: an entry that asks for something else than its owner meant is worse than none. A detail of
the subject that cannot be used is left out with a note.

An entry without entry_id gets one from what identifies it (uuid5), so that the same row is the same entry next time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producers.errors import UnreadableFile
from producers.identity import new_event_id
from producers.importers.columns import located
from producers.importers.csv_table import CsvRow, CsvTable
from producers.importers.entry_cells import CellRefused, demands
from producers.importers.entry_items import Kind, kind_of, notes_on_others, subject_of, thing_of
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.travellers_csv import unread
from schemas.codes import Action, Instrument, Mode, NoticeType
from schemas.events import WatchlistEntry

COLUMNS = {
    "entry_id": "entry_id",
    "entry_version": "entry_version",
    "kind": "subject or object",
    "instrument": "instrument",
    "notice_type": "notice_type",
    "threat": "threat",
    "operation": "operation",
    "list_name": "list_name",
    "action": "action",
    "warnings": "warnings",
    "status": "status",
    "valid_from": "valid_from",
    "expires_at": "expires_at",
    "review_by": "review_by",
    "linked_entry": "linked_entry",
    "remarks": "remarks",
    "reference": "correlation_id",
    "language": "language",
    "handling_code": "handling: code",
    "tlp": "handling: tlp",
    "receivers_mode": "handling: receivers_mode",
    "receivers": "handling: receivers",
    "full_name": "names",
    "first_name": "names",
    "middle_name": "names",
    "last_name": "names",
    "birth_name": "names: BIRTH",
    "aliases": "names: ALIAS",
    "low_quality_aliases": "names: ALIAS, LOW",
    "previous_names": "names: PREVIOUS",
    "misused_names": "names: MISUSED",
    "gender": "sex",
    "date_of_birth": "births",
    "place_of_birth": "birth_place",
    "country_of_birth": "birth_place",
    "nationality": "nationalities",
    "document_number": "documents, or the document",
    "document_type": "documents, or the document",
    "document_country": "documents, or the document",
    "vin": "vehicle: vin",
    "plate": "vehicle: plate",
    "vehicle_country": "vehicle: country",
    "vehicle_make": "vehicle: make",
    "serial": "firearm: serial",
    "firearm_make": "firearm: make",
    "firearm_model": "firearm: model",
    "calibre": "firearm: calibre",
    "imo": "vessel: imo",
    "mmsi": "vessel: mmsi",
    "vessel_name": "vessel: name",
    "flag": "vessel: flag",
    "artwork_reference": "artwork: reference",
    "artwork_title": "artwork: title",
    "artist": "artwork: artist",
    "loss_status": "object: loss_status",
}
"""Every column that is read, and what becomes of it. A test compares it with a file that has them all."""

_IDENTITIES = uuid.UUID("5b3a6a34-6f1c-5d0e-9e0b-0c1b6b6e4f57")
_IDENTIFYING = (
    *("kind", "full_name", "first_name", "middle_name", "last_name", "date_of_birth", "nationality"),
    *("document_number", "document_type", "document_country", "vin", "plate", "vehicle_country"),
    *(
        "serial",
        "firearm_make",
        "firearm_model",
        "imo",
        "mmsi",
        "vessel_name",
        "artwork_reference",
        "artwork_title",
        "artist",
    ),
)
_INSTRUMENTS = {
    Kind.PERSON: Instrument.NATIONAL,
    Kind.ORGANISATION: Instrument.NATIONAL,
    Kind.DOCUMENT: Instrument.DOC_RECORD,
    Kind.VEHICLE: Instrument.VEHICLE_RECORD,
    Kind.FIREARM: Instrument.FIREARM_RECORD,
    Kind.VESSEL: Instrument.VESSEL_RECORD,
    Kind.ARTWORK: Instrument.ART_RECORD,
}
_ACTIONS = {
    Kind.PERSON: Action.INFORM,
    Kind.ORGANISATION: Action.INFORM,
    Kind.VESSEL: Action.INFORM,
}


def read_entries_csv(
    file: Path,
    *,
    producer: str,
    at: datetime,
    exercise: Mode = Mode.ACTUAL,
    list_name: str | None = None,
    entry_version: int | None = None,
    kind: Kind | None = None,
    action: Action | None = None,
    notice_type: NoticeType | None = None,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An entry for each row. The options fill what a row does not say; `columns` says which column is which of ours.

    Raises UnknownColumn, and UnreadableFile when the file has no column that identifies anything.
    """
    mapping = columns or {}
    defaults: dict[str, Any] = {
        "kind": kind,
        "action": action,
        "notice_type": notice_type,
        "list_name": list_name,
        "entry_version": entry_version,
    }
    common = {"producer": producer, "exercise": exercise, "occurred_at": at, "recorded_at": at}
    with CsvTable(file, known=(*COLUMNS, *mapping.values()), delimiter=delimiter) as table:
        places = located(table.header, COLUMNS, mapping)
        if not places.keys() & set(_IDENTIFYING):
            raise UnreadableFile(
                f"{file.name}: no column of {', '.join(_IDENTIFYING)} (--columns says which of the file's they are);"
                f" it has: {', '.join(table.header)}"
            )
        yield from unread(table.header, places)
        if "entry_id" not in places:
            yield Note("header", "entry_id", "absent: made from what identifies the row")
        for row in table:
            yield from _entry(row, places, len(table.header), defaults, common | {"event_id": event_id()})


def _entry(
    row: CsvRow, places: Mapping[str, int], width: int, defaults: Mapping[str, Any], common: dict[str, Any]
) -> Iterator[Result]:
    where = f"row {row.number}"
    if len(row.fields) > width:
        yield RefusedRow(where, "row", "more fields than the header has columns")
        return
    if row.cut:
        yield RefusedRow(where, "row", "the file ends in the middle of this row", broken=True)
        return
    text = {column: found for column, place in places.items() if (found := row.text(place))}
    notes = [Note(where, "row", row.problem)] if row.problem else []
    try:
        kind = kind_of(text, defaults["kind"])
        notes += notes_on_others(text, kind, where)
        subject = subject_of(text, kind, where, notes) if kind in (Kind.PERSON, Kind.ORGANISATION) else None
        values = demands(text)
        notice = values.get("notice_type") or (defaults["notice_type"] if subject else None)
        own = {
            "entry_id": text.get("entry_id") or _identity(text, common["producer"]),
            "entry_version": defaults["entry_version"] or 1,
            "list_name": defaults["list_name"],
            "instrument": Instrument.NOTICE if notice else _INSTRUMENTS[kind],
            "notice_type": notice,
            "action": defaults["action"] or _ACTIONS.get(kind, Action.SEIZE),
            "subject": subject,
            "object": None if subject else thing_of(text, kind, where, notes),
        }
        yield WatchlistEntry(**common | own | values)
    except CellRefused as error:
        yield RefusedRow(where, error.column, error.why)
        return
    except ValidationError as error:
        yield refused_by_model(where, error)
        return
    yield from notes


def _identity(text: Mapping[str, str], producer: str) -> str:
    said = "\x1f".join(text.get(column, "").casefold() for column in _IDENTIFYING)
    return str(uuid.uuid5(_IDENTITIES, f"{producer}\x1f{said}"))
