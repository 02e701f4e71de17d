"""Pairs of persons from CSV: two names a row, with dates of birth and countries where they are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from producers.errors import UnknownColumn
from producers.importers.columns import located
from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.travellers_csv import SUBJECT_ID, birth_of, country_of
from schemas.subjects import Name, Subject

COLUMNS = ("left_name", "right_name", "left_dob", "right_dob", "left_country", "right_country")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons as one row describes them, and what of the row could not be used."""

    left: Subject
    right: Subject
    notes: tuple[Note, ...]


def pair_columns(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The place of each of COLUMNS that the header has. Raises UnknownColumn when a name column is not there."""
    places = located(header, COLUMNS, mapping)
    for column in COLUMNS[:2]:
        if column not in places:
            raise UnknownColumn(
                f"no column {column} (--columns {column}=... says which of the file's it is); the file has:"
                f" {', '.join(header)}"
            )
    return places


def read_pair(text: Mapping[str, str], row: str) -> Pair:
    """The two persons of a row; `text` are its fields by COLUMNS, `row` says where it stands."""
    notes: list[Note] = []
    left, right = (_person(text, side, row, notes) for side in ("left", "right"))
    return Pair(left, right, tuple(notes))


def _person(text: Mapping[str, str], side: str, row: str, notes: list[Note]) -> Subject:
    name = text.get(f"{side}_name", "")
    birth = birth_of(text.get(f"{side}_dob", ""), f"{side}_dob", row, notes)
    country = country_of(text.get(f"{side}_country", ""), f"{side}_country", row, notes)
    if not name:
        notes.append(Note(row, f"{side}_name", "empty"))
    return Subject(
        subject_id=SUBJECT_ID,
        names=(Name(full=name, script=script_of(name)),) if name else (),
        births=(birth,) if birth else (),
        nationalities=(country,) if country else (),
    )
