"""Whom or what a row of a watchlist is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from producers.importers.countries import country_code
from producers.importers.documents import identifies
from producers.importers.entry_cells import CellRefused, code, several
from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.travellers_csv import SUBJECT_ID, birth_of, country_of, document_of, name_of, sex_of
from producers.importers.usable_names import usable_names
from schemas.codes import LossStatus, NameQuality, NameType, SubjectKind
from schemas.subjects import (
    Artwork,
    BirthDate,
    Document,
    Firearm,
    Name,
    Object,
    Place,
    Subject,
    Vehicle,
    Vessel,
)


class Kind(StrEnum):
    """What a row can be about."""

    PERSON = "person"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    VEHICLE = "vehicle"
    FIREARM = "firearm"
    VESSEL = "vessel"
    ARTWORK = "artwork"


_FILLED_BY = {
    Kind.FIREARM: ("serial", "calibre", "firearm_make", "firearm_model"),
    Kind.VESSEL: ("imo", "mmsi", "vessel_name"),
    Kind.ARTWORK: ("artwork_reference", "artwork_title", "artist"),
    Kind.VEHICLE: ("vin", "plate"),
    Kind.PERSON: (
        *("full_name", "first_name", "middle_name", "last_name", "birth_name", "aliases", "previous_names"),
        *("low_quality_aliases", "date_of_birth", "gender"),
    ),
}
_WORDS = {
    "organization": Kind.ORGANISATION,
    "entity": Kind.ORGANISATION,
    "individual": Kind.PERSON,
    "art": Kind.ARTWORK,
}
_NUMBERS = frozenset({"vin", "plate", "serial", "imo", "mmsi", "artwork_reference"})
_OTHER_NAMES = (
    ("birth_name", NameType.BIRTH, NameQuality.GOOD),
    ("previous_names", NameType.PREVIOUS, NameQuality.GOOD),
    ("aliases", NameType.ALIAS, NameQuality.GOOD),
    ("low_quality_aliases", NameType.ALIAS, NameQuality.LOW),
    ("misused_names", NameType.MISUSED, NameQuality.GOOD),
)


def kind_of(text: Mapping[str, str], stated: Kind | None) -> Kind:
    """What the row is about: what it says, what was stated for the file, else what it fills. Raises CellRefused."""
    if written := text.get("kind"):
        word = written.casefold()
        if word in _WORDS:
            return _WORDS[word]
        if word not in list(Kind):
            raise CellRefused("kind", f"not one of {', '.join(Kind)}")
        return Kind(word)
    if stated is not None:
        return stated
    kinds = [kind for kind, columns in _FILLED_BY.items() if any(column in text for column in columns)]
    if len(kinds) > 1:
        raise CellRefused("kind", f"it may be a {' or a '.join(kinds)}: say which (column kind, or --type)")
    if "document_number" in text and (not kinds or (kinds == [Kind.PERSON] and "loss_status" in text)):
        return Kind.DOCUMENT
    if not kinds:
        raise CellRefused("full_name", "nothing that the row could be about: no name and no number")
    return kinds[0]


def notes_on_others(text: Mapping[str, str], kind: Kind, row: str) -> Iterator[Note]:
    """A note for each filled column that says nothing about a thing of this kind."""
    own = Kind.PERSON if kind is Kind.ORGANISATION else kind
    for other, columns in _FILLED_BY.items():
        if other is not own:
            why = "a record of a document carries no name" if kind is Kind.DOCUMENT else f"not of a {kind}: not used"
            yield from (Note(row, column, why) for column in columns if column in text)


def subject_of(text: Mapping[str, str], kind: Kind, row: str, notes: list[Note]) -> Subject:
    """The person or organisation; what could not be used is added to `notes`. Raises CellRefused without a name."""
    person = kind is Kind.PERSON
    document = document_of(text, row, notes)
    names = usable_names(_names(text), "full_name", row, notes)
    if not names and document is None:
        raise CellRefused("full_name", "no name")
    return Subject(
        subject_id=SUBJECT_ID,
        kind=SubjectKind.PERSON if person else SubjectKind.ORGANISATION,
        names=names,
        births=tuple(_births(text, row, notes)) if person else (),
        sex=sex_of(text.get("gender", ""), row, notes),
        nationalities=tuple(dict.fromkeys(_nationalities(text, row, notes))),
        birth_place=_birth_place(text, row, notes) if person else None,
        documents=(document,) if document else (),
    )


def thing_of(text: Mapping[str, str], kind: Kind, row: str, notes: list[Note]) -> Object:
    """The thing. Raises CellRefused."""
    text = {column: found for column, found in text.items() if _usable(column, found, row, notes)}
    loss = text.get("loss_status")
    status = code(LossStatus, "loss_status", loss) if loss else LossStatus.UNKNOWN
    match kind:
        case Kind.DOCUMENT:
            thing = Object(object_id=SUBJECT_ID, document=_record(text, row, notes))
        case Kind.VEHICLE:
            country = country_of(text.get("vehicle_country", ""), "vehicle_country", row, notes)
            vehicle = Vehicle(
                vin=text.get("vin"), plate=text.get("plate"), country=country, make=text.get("vehicle_make")
            )
            thing = Object(object_id=SUBJECT_ID, vehicle=vehicle)
        case Kind.FIREARM:
            firearm = Firearm(
                serial=text.get("serial"),
                make=text.get("firearm_make"),
                model=text.get("firearm_model"),
                calibre=text.get("calibre"),
            )
            thing = Object(object_id=SUBJECT_ID, firearm=firearm)
        case Kind.VESSEL:
            flag = country_of(text.get("flag", ""), "flag", row, notes)
            vessel = Vessel(imo=text.get("imo"), mmsi=text.get("mmsi"), name=text.get("vessel_name"), flag=flag)
            thing = Object(object_id=SUBJECT_ID, vessel=vessel)
        case _:
            artwork = Artwork(
                reference=text.get("artwork_reference"), title=text.get("artwork_title"), artist=text.get("artist")
            )
            thing = Object(object_id=SUBJECT_ID, artwork=artwork)
    return thing.model_copy(update={"loss_status": status})


def _usable(column: str, found: str, row: str, notes: list[Note]) -> bool:
    if column not in _NUMBERS or identifies(found):
        return True
    notes.append(Note(row, column, f"no usable number: {found}"))
    return False


def _record(text: Mapping[str, str], row: str, notes: list[Note]) -> Document:
    found = document_of(text, row, notes)
    if found is None:
        raise CellRefused("document_number", "no usable number")
    return found


def _names(text: Mapping[str, str]) -> Iterator[Name]:
    listed = name_of(text)
    if listed is not None:
        yield listed
    for column, type_, grade in _OTHER_NAMES:
        for full in several(text.get(column, "")):
            yield Name(full=full, type=type_, quality=grade, script=script_of(full))


def _births(text: Mapping[str, str], row: str, notes: list[Note]) -> Iterator[BirthDate]:
    for part in several(text.get("date_of_birth", "")):
        first, dash, last = part.partition(" to ") if " to " in part else ("", "", "")
        if dash and first.strip().isdecimal() and last.strip().isdecimal():
            yield BirthDate(year=int(first), year_to=int(last))
        elif birth := birth_of(part, "date_of_birth", row, notes):
            yield birth


def _nationalities(text: Mapping[str, str], row: str, notes: list[Note]) -> Iterator[str]:
    for part in several(text.get("nationality", "")):
        if found := country_of(part, "nationality", row, notes):
            yield found


def _birth_place(text: Mapping[str, str], row: str, notes: list[Note]) -> Place | None:
    place = text.get("place_of_birth")
    country = country_of(text.get("country_of_birth", ""), "country_of_birth", row, notes)
    if not place and not country:
        return None
    return Place(country=country or country_code((place or "").rpartition(",")[2]), text=place)
