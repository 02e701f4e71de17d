"""Incidents from machine-readable zones: the lines that a document reader gives, one zone after another.

Blank lines may stand between zones; a zone may also stand on one line. What becomes of every field stands in FIELDS.
A wrong check digit refuses nobody: a date of birth that is known to be misread is left out, and a number that is known
to be misread goes without its issuer, so that it can be POSSIBLE and never EXACT; both with a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from producers.errors import UnreadableFile
from producers.identity import new_event_id
from producers.importers.countries import country_code
from producers.importers.dates import is_possible
from producers.importers.documents import is_number
from producers.importers.incidents_csv import IncidentDefaults, incident_about
from producers.importers.mrz import LINES, Mrz, NoMrz, Size, read_mrz
from producers.importers.results import Note, RefusedRow, Result, refused_by_model
from producers.importers.travellers_csv import SUBJECT_ID, Traveller
from schemas.codes import DocumentType, Sex
from schemas.identity import incident_id
from schemas.subjects import BirthDate, Document, Name, Subject

FIELDS = {
    "code": "documents: type",
    "issuer": "documents: issuer",
    "number": "documents: number",
    "birth": "births, in each century that is possible",
    "sex": "sex",
    "expiry": "ignored: a Document has no dates",
    "nationality": "nationalities",
    "primary": "names: family",
    "secondary": "names: given",
    "truncated": "names: truncated",
    "optional": "documents: NATIONAL_ID (the personal number of a passport, if its check digit is right)",
    "wrong": "notes",
    "size": "whether the optional data is a personal number",
}
"""Every field of a zone, and what becomes of it. A test compares it with what a zone has."""

_OLDEST = 110
"""Years: nobody older travels, so most two-digit years have one century."""
_KINDS = {"P": DocumentType.PASSPORT, "V": DocumentType.VISA} | dict.fromkeys("IAC", DocumentType.ID_CARD)
_SEXES = {"M": Sex.M, "F": Sex.F, "X": Sex.X, "<": Sex.X}
_NOBODY = re.compile("XX[A-Z]|UTO|")
"""Stateless, refugees, unspecified, specimen: no country."""
_ORGANISATIONS = frozenset(
    {"EUE", "XBA", "XCC", "XCE", "XCO", "XCT", "XDC", "XEC", "XES", "XIM", "XMP", "XMS", "XOM", "XPO"}
)
"""Issuers that are no states (Doc 9303 part 3, section 5). A misread code is nobody's: it would hide a match."""
_LENGTHS = dict(LINES.values())


def read_mrz_incidents(
    file: Path,
    defaults: IncidentDefaults,
    *,
    source: str | None = None,
    happened: Callable[[int], datetime] | None = None,
    event_id: Callable[[], str] = new_event_id,
) -> Iterator[Result]:
    """An incident for each zone. `source` (default: the file's name) and the zone's number give incident_id.

    `happened` says when the person of a zone was met (default: `defaults.at`). Raises UnreadableFile when the file
    cannot be opened.
    """
    for number, where, found in _zones(file):
        if isinstance(found, RefusedRow):
            yield found
            continue
        notes: list[Note] = []
        met = Traveller(number, subject_of(found, defaults.at.year, where, notes), None)
        mine = defaults if happened is None else replace(defaults, at=happened(number))
        try:
            yield incident_about(
                met, mine, incident_id(defaults.producer, source or file.name, str(number)), event_id()
            )
        except ValidationError as error:
            yield refused_by_model(where, error)
            continue
        yield from notes


def subject_of(zone: Mrz, this_year: int, row: str, notes: list[Note]) -> Subject:
    """The person whom a zone describes; what could not be used is added to `notes`."""
    notes += [Note(row, name, "the check digit is wrong") for name in zone.wrong]
    full = f"{zone.primary} {zone.secondary}".strip()
    name = Name(
        full=full,
        family=zone.primary if zone.secondary else None,
        given=zone.secondary or None,
        script="Latn",
        truncated=zone.truncated,
    )
    nationality = country_code(zone.nationality) if zone.nationality else None
    return Subject(
        subject_id=SUBJECT_ID,
        names=(name,) if full else (),
        births=() if "birth" in zone.wrong else _births(zone.birth, this_year, row, notes),
        sex=_SEXES.get(zone.sex, Sex.U),
        nationalities=(nationality,) if nationality else (),
        documents=tuple(_documents(zone, row, notes)),
    )


def _births(text: str, this_year: int, row: str, notes: list[Note]) -> tuple[BirthDate, ...]:
    year, month, day = (_part(text[at : at + 2]) for at in (0, 2, 4))
    if year is None:
        return ()
    found = []
    for century in (this_year // 100 * 100, this_year // 100 * 100 - 100):
        whole = century + year
        if whole <= this_year and this_year - whole <= _OLDEST:
            if not is_possible(whole, month or None, day or None):
                notes.append(Note(row, "birth", "there is no such day"))
                month = day = None
            found.append(BirthDate(year=whole, month=month or None, day=day or None))
    return tuple(found)


def _part(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _documents(zone: Mrz, row: str, notes: list[Note]) -> Iterator[Document]:
    issuer = country_code(zone.issuer) or (zone.issuer.lower() if zone.issuer in _ORGANISATIONS else None)
    if issuer is None and not _NOBODY.fullmatch(zone.issuer):
        notes.append(Note(row, "issuer", f"no issuer of Doc 9303: {zone.issuer}"))
    kind = _KINDS.get(zone.code[:1], DocumentType.UNKNOWN)
    if kind is DocumentType.ID_CARD and zone.code[1:2] == "R":
        kind = DocumentType.RESIDENCE_PERMIT
    if is_number(zone.number):
        yield Document(type=kind, number=zone.number, country=None if "number" in zone.wrong else issuer)
    else:
        notes.append(Note(row, "number", "no usable number"))
    if zone.size is Size.TD3 and "personal number" not in zone.wrong:
        for number in zone.optional:
            if is_number(number):
                yield Document(type=DocumentType.NATIONAL_ID, number=number, country=issuer)


def _zones(file: Path) -> Iterator[tuple[int, str, Mrz | RefusedRow]]:
    try:
        text = file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror or error}") from error
    lines = [(at, line.strip()) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    number = place = 0
    while place < len(lines):
        number += 1
        at, line = lines[place]
        count = _LENGTHS.get(len(line), 1)
        taken = [text for _, text in lines[place : place + count]]
        where = f"line {at}"
        try:
            yield number, where, read_mrz(taken)
            place += count
        except NoMrz as error:
            yield number, where, RefusedRow(where, "mrz", str(error))
            place += 1
