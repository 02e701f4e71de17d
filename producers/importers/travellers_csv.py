"""Travellers from CSV: one person a row, the columns of a border system's export or of a screening test.

Columns read: full_name (or first_name, middle_name, last_name), gender, date_of_birth (whole or partial),
place_of_birth, nationality (name, code or demonym), document_number, document_type, document_country; un_dataid and
list_name are carried along alone, so that results can be judged, and never to what is matched (and of entry_id nothing
is read here). Other columns are left out, with a note.

A person is not refused for a bad detail: a nationality, date or number that cannot be used is left out with a note,
because a traveller who is not screened is worse than one who is screened with less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from producers.errors import UnreadableFile
from producers.importers.columns import located
from producers.importers.countries import country_code
from producers.importers.csv_table import CsvRow, CsvTable, normal
from producers.importers.dates import read_date, without_impossible
from producers.importers.documents import document_type, read_number
from producers.importers.results import Note, RefusedRow
from producers.importers.scripts import script_of
from schemas.codes import DocumentType, Sex
from schemas.subjects import BirthDate, Document, Name, Place, Subject

SUBJECT_ID = "1"
NAMES = ("full_name", "first_name", "middle_name", "last_name")
_DETAILS = (
    "gender",
    "date_of_birth",
    "place_of_birth",
    "nationality",
    "document_number",
    "document_type",
    "document_country",
)
TRUTH = ("entry_id", "un_dataid")
"""Columns that may name the entry to be found."""
_CORRELATION = ("un_dataid", "list_name")
COLUMNS = NAMES + _DETAILS + TRUTH + ("list_name",)
_LONGEST_NAME, _LONGEST_PART = 300, 200
"""Characters that the gate takes."""
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


@dataclass(frozen=True, slots=True)
class Traveller:
    """One row's person."""

    row: int
    """From 1."""
    subject: Subject
    correlation_id: str | None


def read_travellers(
    table: CsvTable, mapping: Mapping[str, str] | None = None
) -> Iterator[Traveller | RefusedRow | Note]:
    """A traveller or a refusal for each row; a traveller's notes come behind it. Raises as traveller_columns does."""
    places = traveller_columns(table.header, mapping or {})
    yield from unread(table.header, places)
    for row in table:
        yield from traveller(row, places, len(table.header))


def traveller_columns(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The place of each of COLUMNS that the header has; `mapping` says which column of the file is which of ours.

    Raises UnknownColumn, and UnreadableFile when there is neither a name column nor one of document numbers.
    """
    places = located(header, COLUMNS, mapping)
    if not {*NAMES, "document_number"} & places.keys():
        raise UnreadableFile(
            f"no header with one of the columns {', '.join(NAMES)} (--columns says which of the file's they are);"
            f" the file has: {', '.join(header)}"
        )
    return places


def unread(header: Sequence[str], places: Mapping[str, int]) -> Iterator[Note]:
    """A note for each column of the file that nothing is read from."""
    for place, column in enumerate(header):
        if place not in places.values():
            yield Note("header", normal(column), "not read")


def traveller(row: CsvRow, places: Mapping[str, int], width: int) -> Iterator[Traveller | RefusedRow | Note]:
    """The traveller in a row of a table with `width` columns and the notes about it, or why there is none."""
    where = f"row {row.number}"
    if len(row.fields) > width:
        yield RefusedRow(where, "row", "more fields than the header has columns")
        return
    text = {column: row.text(place) for column, place in places.items()}
    notes = [Note(where, "row", row.problem)] if row.problem else []
    name, document = name_of(text), document_of(text, where, notes)
    if name is None and document is None:
        yield RefusedRow(where, "full_name", "no name")
        return
    place = text.get("place_of_birth", "")
    country = country_of(text.get("nationality", ""), "nationality", where, notes)
    birth = birth_of(text.get("date_of_birth", ""), "date_of_birth", where, notes)
    subject = Subject(
        subject_id=SUBJECT_ID,
        names=(name,) if name else (),
        births=(birth,) if birth else (),
        sex=sex_of(text.get("gender", ""), where, notes),
        nationalities=(country,) if country else (),
        birth_place=Place(country=country_code(place.rpartition(",")[2]), text=place) if place else None,
        documents=(document,) if document else (),
    )
    yield Traveller(row.number, subject, " ".join(text[c] for c in _CORRELATION if text.get(c)) or None)
    yield from notes


def name_of(text: Mapping[str, str]) -> Name | None:
    """The name in full_name, or in first_name, middle_name and last_name; None where all are empty."""
    given = " ".join(part for column in ("first_name", "middle_name") if (part := text.get(column, "")))
    family = text.get("last_name", "")
    full = text.get("full_name") or " ".join(part for part in (given, family) if part)
    if not full:
        return None
    return Name(
        full=full[:_LONGEST_NAME],
        given=given[:_LONGEST_PART] or None,
        family=family[:_LONGEST_PART] or None,
        script=script_of(full),
        truncated=len(full) > _LONGEST_NAME,
    )


def birth_of(text: str, column: str, row: str, notes: list[Note]) -> BirthDate | None:
    """The date of birth in `text`; what of it cannot be is noted."""
    if not text:
        return None
    read = read_date(text)
    kept = without_impossible(read) if read and read.year else None
    if kept != read or kept is None:
        notes.append(Note(row, column, f"there is no such day: {text}; {'the rest is' if kept else 'not'} used"))
    return kept


def sex_of(text: str, row: str, notes: list[Note]) -> Sex:
    """The sex in `text`; noted where it is none."""
    sex = _SEXES.get(text.lower())
    if sex is None:
        notes.append(Note(row, "gender", f"not known: {text}"))
    return sex or Sex.U


def country_of(text: str, column: str, row: str, notes: list[Note]) -> str | None:
    """The code of the country in `text` (name, code or demonym); noted where it is none."""
    code = country_code(text) if text else None
    if text and code is None:
        notes.append(Note(row, column, f"no country: {text}"))
    return code


def document_of(text: Mapping[str, str], row: str, notes: list[Note]) -> Document | None:
    """The document in document_number, document_type and document_country; None, noted, without a usable number."""
    written = text.get("document_number", "")
    if not written:
        return None
    found = read_number(written)
    if found is None:
        notes.append(Note(row, "document_number", f"no usable number: {written}"))
        return None
    issuer = country_of(text.get("document_country", ""), "document_country", row, notes)
    kind = text.get("document_type", "")
    known = DocumentType.__members__.get(kind.upper().replace(" ", "_")) or document_type(kind)
    return Document(
        type=known or found.type or DocumentType.UNKNOWN, number=found.number, country=issuer or found.country
    )
