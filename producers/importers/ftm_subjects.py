"""The subject or object of a FollowTheMoney entity, and what an officer may read beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from producers.importers.countries import country_code
from producers.importers.dates import read_date, without_impossible
from producers.importers.documents import document_type, identifies, is_number
from producers.importers.ftm_properties import PERSONS, VESSELS
from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.usable_names import usable_names
from producers.importers.values import clipped, labelled, text_of, texts_of
from schemas.codes import DocumentType, LossStatus, NameQuality, NameType, Sex, SubjectKind
from schemas.subjects import BirthDate, Document, Name, Object, Place, Subject, Vehicle, Vessel

Properties: TypeAlias = Mapping[str, Any]

ITEM_ID = "1"
_LONGEST_NAME = 300
_LONGEST = 200
_SEXES = {"male": Sex.M, "m": Sex.M, "female": Sex.F, "f": Sex.F, "other": Sex.X}
_NAMES = (
    ("name", NameType.CURRENT, NameQuality.GOOD),
    ("previousName", NameType.PREVIOUS, NameQuality.GOOD),
    ("alias", NameType.ALIAS, NameQuality.GOOD),
    ("weakAlias", NameType.ALIAS, NameQuality.LOW),
    ("abbreviation", NameType.ALIAS, NameQuality.LOW),
)
_GIVEN = ("firstName", "secondName", "middleName")
_NUMBERS = (
    ("passportNumber", DocumentType.PASSPORT, None),
    ("idNumber", DocumentType.UNKNOWN, None),
    ("socialSecurityNumber", DocumentType.NATIONAL_ID, None),
    ("taxNumber", DocumentType.NATIONAL_ID, None),
    ("innCode", DocumentType.NATIONAL_ID, "ru"),
)
_REMARKS = (
    ("Title", "title"),
    ("Position", "position"),
    ("Profession", "profession"),
    ("Programme", "program"),
    ("Country", "country"),
    ("Jurisdiction", "jurisdiction"),
    ("Main country", "mainCountry"),
    ("Legal form", "legalForm"),
    ("Incorporated", "incorporationDate"),
    ("Registration number", "registrationNumber"),
    ("Mother", "motherName"),
    ("Died", "deathDate"),
    ("Height", "height"),
    ("Weight", "weight"),
    ("Eyes", "eyeColor"),
    ("Hair", "hairColor"),
    ("Appearance", "appearance"),
    ("Speaks", "spokenLanguage"),
    ("Telephone", "phone"),
    ("E-mail", "email"),
    ("Website", "website"),
    ("Name", "name"),
    ("Other names", "alias"),
    ("Former names", "previousName"),
    ("Weak names", "weakAlias"),
    ("Call sign", "callSign"),
    ("Type", "type"),
    ("Model", "model"),
    ("Past types", "pastTypes"),
    ("Past flags", "pastFlags"),
    ("Port", "registrationPort"),
    ("CRS number", "crsNumber"),
    ("Tonnage", "tonnage"),
    ("Gross registered tonnage", "grossRegisteredTonnage"),
    ("Deadweight tonnage", "deadweightTonnage"),
    ("Built", "buildDate"),
    ("Registered", "registrationDate"),
    ("Deregistered", "deregistrationDate"),
    ("Keywords", "keywords"),
    ("Summary", "summary"),
    ("Description", "description"),
    ("Notes", "notes"),
    ("Address", "address"),
)
_ELSEWHERE = {
    "subject": frozenset({"name", "alias", "previousName", "weakAlias"}),
    "vessel": frozenset({"name"}),
    "vehicle": frozenset({"registrationNumber", "type", "model", "country"}),
}
"""Properties that are remarks of some schemas and have a field of their own in these."""
_SANCTION = (
    ("by", "authority"),
    ("number", "authorityId"),
    ("UN", "unscId"),
    ("programme", "program"),
    ("scope", "provisions"),
    ("status", "status"),
    ("country", "country"),
    ("until", "endDate"),
    ("days", "duration"),
    ("because", "reason"),
)


def entity_subject(
    kind: SubjectKind,
    caption: str,
    properties: Properties,
    documents: Sequence[tuple[str, Properties]],
    row: str,
    notes: list[Note],
) -> Subject:
    """The person or organisation; what could not be used is added to `notes`. Raises ValidationError."""
    person = kind is SubjectKind.PERSON
    names = usable_names(_names(properties, caption, person=person), "name", row, notes)
    numbers = [*_documents(documents, row, notes), *(_numbers(properties, row, notes) if person else ())]
    known = {number.number for number in numbers if number.country}
    return Subject(
        subject_id=ITEM_ID,
        kind=kind,
        names=names,
        births=tuple(dict.fromkeys(_births(properties, row, notes))) if person else (),
        sex=next((sex for text in _texts(properties, "gender") if (sex := _SEXES.get(text.lower()))), Sex.U),
        nationalities=tuple(dict.fromkeys(_nationalities(properties, row, notes))) if person else (),
        birth_place=_birth_place(properties) if person else None,
        documents=tuple(dict.fromkeys(n for n in numbers if n.country or n.number not in known)),
    )


def entity_thing(schema: str, properties: Properties, row: str, notes: list[Note]) -> Object:
    """The vessel or vehicle. Raises ValidationError."""
    if schema in VESSELS:
        vessel = Vessel(
            imo=_identifying(properties, "imoNumber", row, notes),
            mmsi=_identifying(properties, "mmsi", row, notes),
            name=_only(properties, "name", row, notes),
            flag=_country(_only(properties, "flag", row, notes), "flag", row, notes),
        )
        return Object(object_id=ITEM_ID, vessel=vessel, loss_status=LossStatus.UNKNOWN)
    makes = [text for name in ("type", "model") for text in _texts(properties, name)]
    vehicle = Vehicle(
        plate=_identifying(properties, "registrationNumber", row, notes),
        country=_country(_only(properties, "country", row, notes), "country", row, notes),
        make=" ".join(makes)[:_LONGEST] or None,
    )
    return Object(object_id=ITEM_ID, vehicle=vehicle, loss_status=LossStatus.UNKNOWN)


def entity_remarks(
    schema: str, properties: Properties, sanctions: Sequence[Properties], addresses: Mapping[str, Properties]
) -> str:
    """Sanctions, position, addresses and the rest that has no field of its own, as one text."""
    return clipped(_lines(schema, properties, sanctions, addresses))


def _texts(properties: Properties, field: str) -> list[str]:
    """The values of a property, each once and sorted: their order says nothing, and differs from file to file."""
    return sorted(set(texts_of(properties.get(field))))


def _names(properties: Properties, caption: str, *, person: bool) -> Iterator[Name]:
    given = [text for name in _GIVEN for text in _texts(properties, name)]
    family = _texts(properties, "lastName")
    one = len(_texts(properties, "firstName")) <= 1 and len(family) <= 1
    first = " ".join(given) if person and one else ""
    last = family[0] if person and one and family else ""
    found = False
    for field, type_, grade in _NAMES:
        for number, full in enumerate(sorted(_texts(properties, field), key=lambda text: (text != caption, text))):
            own = field == "name" and number == 0
            yield _name(full, type_, grade, first if own else "", last if own else "")
            found = True
    if found:
        return
    parts = [*given, *_texts(properties, "fatherName"), *family, *_texts(properties, "nameSuffix")] if person else []
    if full := " ".join(parts) or caption:
        yield _name(full, NameType.CURRENT, NameQuality.GOOD, first, last)


def _name(full: str, type_: NameType, grade: NameQuality, first: str, last: str) -> Name:
    return Name(
        full=full[:_LONGEST_NAME],
        type=type_,
        quality=grade,
        given=first[:_LONGEST] or None,
        family=last[:_LONGEST] or None,
        script=script_of(full),
    )


def _births(properties: Properties, row: str, notes: list[Note]) -> Iterator[BirthDate]:
    for text in _texts(properties, "birthDate"):
        read = read_date(text)
        kept = without_impossible(read) if read and read.year else None
        if kept is None:
            notes.append(Note(row, "birthDate", f"no date: {text}"))
        else:
            yield kept


def _nationalities(properties: Properties, row: str, notes: list[Note]) -> Iterator[str]:
    for field in ("nationality", "citizenship"):
        for text in _texts(properties, field):
            if code := _country(text, field, row, notes):
                yield code


def _country(text: str | None, field: str, row: str, notes: list[Note]) -> str | None:
    """Codes of parts of a country (gb-sct) are that country's; states that are no longer have none."""
    if not text:
        return None
    head, dash, _ = text.partition("-")
    code = country_code(text) or (country_code(head) if dash and len(head) == 2 else None)
    if code is None:
        notes.append(Note(row, field, f"no country of today: {text}"))
    return code


def _birth_place(properties: Properties) -> Place | None:
    places, countries = _texts(properties, "birthPlace"), _texts(properties, "birthCountry")
    code = next((code for text in countries if (code := country_code(text))), None)
    if not places and not code:
        return None
    return Place(country=code, text=places[0][:500] if places else None)


def _documents(documents: Sequence[tuple[str, Properties]], row: str, notes: list[Note]) -> Iterator[Document]:
    for schema, properties in sorted(documents, key=lambda one: (one[0], _texts(one[1], "number"))):
        country = _country(next(iter(_texts(properties, "country")), None), f"{schema}:country", row, notes)
        named = next((kind for text in _texts(properties, "type") if (kind := document_type(text))), None)
        kind = DocumentType.PASSPORT if schema == "Passport" else DocumentType.UNKNOWN
        numbers = _texts(properties, "number") or _texts(properties, "passportNumber")
        yield from _usable(numbers, named or kind, country, f"{schema}:number", row, notes)
        personal = _texts(properties, "personalNumber")
        yield from _usable(personal, DocumentType.NATIONAL_ID, country, f"{schema}:personalNumber", row, notes)


def _numbers(properties: Properties, row: str, notes: list[Note]) -> Iterator[Document]:
    for field, kind, country in _NUMBERS:
        yield from _usable(_texts(properties, field), kind, country, field, row, notes)


def _usable(
    numbers: Sequence[str], kind: DocumentType, country: str | None, field: str, row: str, notes: list[Note]
) -> Iterator[Document]:
    for number in numbers:
        if is_number(number) and len(number) <= _LONGEST:
            yield Document(type=kind, number=number, country=country)
        else:
            notes.append(Note(row, field, f"no usable number: {number[:_LONGEST]}"))


def _identifying(properties: Properties, field: str, row: str, notes: list[Note]) -> str | None:
    number = _only(properties, field, row, notes)
    if number is not None and not identifies(number):
        notes.append(Note(row, field, f"no usable number: {number}"))
        return None
    return number


def _only(properties: Properties, field: str, row: str, notes: list[Note]) -> str | None:
    texts = _texts(properties, field)
    if len(texts) > 1:
        notes.append(Note(row, field, f"{len(texts)} values, of which the first is taken"))
    return texts[0][:_LONGEST] if texts else None


def _lines(
    schema: str, properties: Properties, sanctions: Sequence[Properties], addresses: Mapping[str, Properties]
) -> Iterator[str]:
    yield from sorted(
        labelled("Sanctioned", [", ".join(f"{word} {t}" for word, field in _SANCTION for t in _texts(sanction, field))])
        for sanction in sanctions
    )
    person = schema in PERSONS
    kind = "vessel" if schema in VESSELS else "vehicle" if schema == "Vehicle" else "subject"
    for label, field in _REMARKS:
        of_company = person and field in ("jurisdiction", "mainCountry", "legalForm", "incorporationDate")
        if field not in _ELSEWHERE[kind] and not of_company and not (person and field == "registrationNumber"):
            yield labelled(label, _texts(properties, field))
    linked = [addresses.get(text_of(one), {}) for one in _references(properties, "addressEntity")]
    yield labelled("Address", sorted(text for address in linked for text in _texts(address, "full")))


def _references(properties: Properties, field: str) -> Iterator[object]:
    found = properties.get(field)
    for one in found if isinstance(found, list) else [found]:
        yield one.get("id") if isinstance(one, dict) else one
