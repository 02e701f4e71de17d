"""Elements of the UN consolidated list to the terms of a Subject, and the account of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from producers.importers.countries import country_code
from producers.importers.dates import from_hijri, is_possible, read_date, without_impossible, years_in
from producers.importers.documents import NumberText, document_type, read_number
from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.un_names import alias_names, listed_name, squeezed, without_repeats
from schemas.codes import DocumentType, Sex, SubjectKind
from schemas.subjects import BirthDate, Document, Name, Place, Subject

LIST_OF = {"terror": "Al-Qaida"}
"""UN_LIST_TYPE whose subjects carry the warning TERROR_RELATED."""
SUBJECT_ID = "subject"
_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_SEXES = {"Male": Sex.M, "Female": Sex.F}
_NOTE_PASSPORT = re.compile(r"passport (?:no\.?|number):?\s*([A-Z]{0,3}\s?\d{5,9}[A-Z]?)\b", re.IGNORECASE)
_HIJRI = re.compile(r"(\d{1,2})/(\d{1,2})/(1[34]\d\d) \(Hijri")

ELEMENTS = {
    "DATAID": "entry_id",
    "VERSIONNUM": "entry_version",
    "FIRST_NAME": "names: the listed name, with the three below in the order given",
    "SECOND_NAME": "names",
    "THIRD_NAME": "names",
    "FOURTH_NAME": "names",
    "UN_LIST_TYPE": "threat, action, warnings, remarks",
    "REFERENCE_NUMBER": "correlation_id, remarks",
    "LISTED_ON": "occurred_at",
    "GENDER": "sex",
    "COMMENTS1": "remarks",
    "NAME_ORIGINAL_SCRIPT": "names, with the script",
    "NATIONALITY/VALUE": "nationalities",
    "TITLE/VALUE": "remarks",
    "DESIGNATION/VALUE": "remarks",
    "LIST_TYPE/VALUE": "ignored: always `UN List`",
    "LAST_DAY_UPDATED/VALUE": "ignored: the entry is as of the list's dateGenerated",
    "SORT_KEY": "ignored: empty",
    "SORT_KEY_LAST_MOD": "ignored: empty",
    "INDIVIDUAL_ALIAS/QUALITY": "names: type and quality",
    "INDIVIDUAL_ALIAS/ALIAS_NAME": "names",
    "INDIVIDUAL_ALIAS/NOTE": "names: original scripts, former names; documents: passport numbers; the rest is ignored",
    "INDIVIDUAL_ALIAS/DATE_OF_BIRTH": "births: what a document in the alias shows",
    "INDIVIDUAL_ALIAS/CITY_OF_BIRTH": "ignored: a Subject has one place of birth",
    "INDIVIDUAL_ALIAS/COUNTRY_OF_BIRTH": "ignored: a Subject has one place of birth",
    "INDIVIDUAL_ADDRESS/STREET": "remarks",
    "INDIVIDUAL_ADDRESS/CITY": "remarks",
    "INDIVIDUAL_ADDRESS/STATE_PROVINCE": "remarks",
    "INDIVIDUAL_ADDRESS/ZIP_CODE": "remarks",
    "INDIVIDUAL_ADDRESS/COUNTRY": "remarks",
    "INDIVIDUAL_ADDRESS/NOTE": "remarks",
    "INDIVIDUAL_DATE_OF_BIRTH/TYPE_OF_DATE": "births: exact, approximate",
    "INDIVIDUAL_DATE_OF_BIRTH/DATE": "births",
    "INDIVIDUAL_DATE_OF_BIRTH/YEAR": "births",
    "INDIVIDUAL_DATE_OF_BIRTH/FROM_YEAR": "births: a range",
    "INDIVIDUAL_DATE_OF_BIRTH/TO_YEAR": "births: a range",
    "INDIVIDUAL_DATE_OF_BIRTH/NOTE": "births: month and year in words, Hijri dates; approximate",
    "INDIVIDUAL_PLACE_OF_BIRTH/STREET": "birth_place of the first; remarks of others",
    "INDIVIDUAL_PLACE_OF_BIRTH/CITY": "birth_place of the first; remarks of others",
    "INDIVIDUAL_PLACE_OF_BIRTH/STATE_PROVINCE": "birth_place of the first; remarks of others",
    "INDIVIDUAL_PLACE_OF_BIRTH/COUNTRY": "birth_place of the first; remarks of others",
    "INDIVIDUAL_PLACE_OF_BIRTH/NOTE": "birth_place of the first; remarks of others",
    "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT": "documents: type",
    "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT2": "documents: type, and the number where there is no NUMBER",
    "INDIVIDUAL_DOCUMENT/NUMBER": "documents",
    "INDIVIDUAL_DOCUMENT/ISSUING_COUNTRY": "documents: issuer",
    "INDIVIDUAL_DOCUMENT/COUNTRY_OF_ISSUE": "documents: issuer where ISSUING_COUNTRY is absent",
    "INDIVIDUAL_DOCUMENT/CITY_OF_ISSUE": "documents: issuer where it names a country and nothing else does",
    "INDIVIDUAL_DOCUMENT/DATE_OF_ISSUE": "ignored: a Document has no dates",
    "INDIVIDUAL_DOCUMENT/NOTE": "documents: the number where there is no NUMBER; the rest is ignored",
    "ENTITY_ALIAS/QUALITY": "names: type",
    "ENTITY_ALIAS/ALIAS_NAME": "names",
    "ENTITY_ALIAS/NOTE": "names: original scripts",
    "ENTITY_ADDRESS/STREET": "remarks",
    "ENTITY_ADDRESS/CITY": "remarks",
    "ENTITY_ADDRESS/STATE_PROVINCE": "remarks",
    "ENTITY_ADDRESS/ZIP_CODE": "remarks",
    "ENTITY_ADDRESS/COUNTRY": "remarks",
    "ENTITY_ADDRESS/NOTE": "remarks",
}
"""Every element that the list holds below INDIVIDUAL and ENTITY, and what becomes of it. A test compares it."""


def individual_subject(element: Element, notes: list[Note]) -> Subject:
    """The person in an INDIVIDUAL; what could not be used is added to `notes`."""
    row = _row(element)
    births = [birth for source in element.findall("INDIVIDUAL_DATE_OF_BIRTH") for birth in _births(source, row, notes)]
    for alias in element.findall("INDIVIDUAL_ALIAS"):
        births += _dated(_text(alias, "DATE_OF_BIRTH"), False, row, "INDIVIDUAL_ALIAS/DATE_OF_BIRTH", notes)
    documents = [found for source in element.findall("INDIVIDUAL_DOCUMENT") if (found := _document(source, row, notes))]
    documents += _documents_in_aliases(element)
    return Subject(
        subject_id=SUBJECT_ID,
        names=_names(element, "INDIVIDUAL_ALIAS", row, notes, person=True),
        births=tuple(dict.fromkeys(births)),
        sex=_SEXES.get(_text(element, "GENDER"), Sex.U),
        nationalities=tuple(dict.fromkeys(_nationalities(element, row, notes))),
        birth_place=next((place for place, _ in birth_places(element)), None),
        documents=tuple(dict.fromkeys(documents)),
    )


def entity_subject(element: Element, notes: list[Note]) -> Subject:
    """The organisation in an ENTITY; what could not be used is added to `notes`."""
    names = _names(element, "ENTITY_ALIAS", _row(element), notes, person=False)
    return Subject(subject_id=SUBJECT_ID, kind=SubjectKind.ORGANISATION, names=names)


def birth_places(element: Element) -> Iterator[tuple[Place, str]]:
    """Each place of birth and its words."""
    for source in element.findall("INDIVIDUAL_PLACE_OF_BIRTH"):
        words = joined(source, ("STREET", "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE"))
        if words:
            yield Place(country=country_code(_text(source, "COUNTRY")), text=words), words


def joined(element: Element, tags: tuple[str, ...]) -> str:
    """The texts of the children `tags`, in that order, with commas."""
    return ", ".join(text for tag in tags if (text := _text(element, tag)))


def _row(element: Element) -> str:
    return f"DATAID {_text(element, 'DATAID')}"


def _text(element: Element, tag: str) -> str:
    return squeezed(element.findtext(tag))


def _names(element: Element, alias_tag: str, row: str, notes: list[Note], *, person: bool) -> tuple[Name, ...]:
    listed = " ".join(part for tag in _PARTS if (part := _text(element, tag)))
    names = [listed_name(squeezed(part)) for part in ([listed] if person else listed.split(";"))]
    names += [
        listed_name(text) for source in element.findall("NAME_ORIGINAL_SCRIPT") if (text := squeezed(source.text))
    ]
    for alias in element.findall(alias_tag):
        text = squeezed(alias.findtext("ALIAS_NAME"))
        if not text:
            continue
        try:
            names += alias_names(text, _text(alias, "QUALITY"), _text(alias, "NOTE"), person=person)
        except KeyError as error:
            notes.append(Note(row, f"{alias_tag}/QUALITY", f"not known: {error}; the alias is left out"))
    return without_repeats(name for name in names if name.full)


def _nationalities(element: Element, row: str, notes: list[Note]) -> Iterator[str]:
    for source in element.findall("NATIONALITY/VALUE"):
        text = squeezed(source.text)
        code = country_code(text)
        if code:
            yield code
        elif text:
            notes.append(Note(row, "NATIONALITY/VALUE", f"no country of today: {text}"))


def _births(source: Element, row: str, notes: list[Note]) -> Iterator[BirthDate]:
    note, place = _text(source, "NOTE"), "INDIVIDUAL_DATE_OF_BIRTH"
    about = _text(source, "TYPE_OF_DATE") == "APPROXIMATELY" or note.startswith("Approximately")
    first, last = _text(source, "FROM_YEAR"), _text(source, "TO_YEAR")
    if first.isdigit() and last.isdigit():
        yield BirthDate(year=int(first), year_to=int(last), approximate=about)
    elif text := _text(source, "DATE"):
        yield from _dated(text, about, row, f"{place}/DATE", notes)
    elif text := _text(source, "YEAR"):
        in_words = read_date(note) if note else None
        month = in_words.month if in_words else None
        for birth in _dated(text, about, row, f"{place}/YEAR", notes):
            yield birth.model_copy(update={"month": month})
    elif note:
        yield from _births_in_words(note, row, notes)


def _births_in_words(note: str, row: str, notes: list[Note]) -> Iterator[BirthDate]:
    if hijri := _HIJRI.match(note):
        day, month, year = (int(part) for part in hijri.groups())
        found = from_hijri(year, month, day)
        yield BirthDate(year=found.year, month=found.month, day=found.day, approximate=True)
    elif (birth := read_date(note)) and birth.year:
        yield birth
    elif years := years_in(note):
        yield BirthDate(year=years[0], approximate=True)
    else:
        notes.append(Note(row, "INDIVIDUAL_DATE_OF_BIRTH/NOTE", f"no date: {note}"))


def _dated(text: str, about: bool, row: str, field: str, notes: list[Note]) -> list[BirthDate]:
    if not text:
        return []
    read = read_date(text)
    birth = without_impossible(read) if read else None
    if birth is None or not is_possible(read.year if read else None, birth.month, birth.day):
        notes.append(Note(row, field, f"no date: {text}"))
        return []
    if birth != read:
        notes.append(Note(row, field, f"there is no such day: {text}"))
    return [birth.model_copy(update={"approximate": about})]


def _document(source: Element, row: str, notes: list[Note]) -> Document | None:
    stated, second = _text(source, "TYPE_OF_DOCUMENT"), _text(source, "TYPE_OF_DOCUMENT2")
    if not len(source):
        return None
    texts = [text for tag in ("NUMBER", "TYPE_OF_DOCUMENT2", "NOTE") if (text := _text(source, tag))]
    if _text(source, "NUMBER"):
        texts = texts[:1]
    found: NumberText | None = next((number for text in texts if (number := read_number(text))), None)
    if found is None:
        notes.append(Note(row, "INDIVIDUAL_DOCUMENT/NUMBER", f"no usable number: {(texts or [stated])[0]}"))
        return None
    issuers = [_text(source, tag) for tag in ("ISSUING_COUNTRY", "COUNTRY_OF_ISSUE", "CITY_OF_ISSUE")]
    for tag, name in zip(("ISSUING_COUNTRY", "COUNTRY_OF_ISSUE"), issuers, strict=False):
        if name and country_code(name) is None:
            notes.append(Note(row, f"INDIVIDUAL_DOCUMENT/{tag}", f"no country of today: {name}"))
    named = found.country if found.type else None
    code = country_code(issuers[0]) or named or country_code(issuers[1]) or found.country or country_code(issuers[2])
    kind = document_type(second) or found.type or document_type(stated) or DocumentType.UNKNOWN
    return Document(type=kind, number=found.number, country=code)


def _documents_in_aliases(element: Element) -> Iterator[Document]:
    for alias in element.findall("INDIVIDUAL_ALIAS"):
        words = f"{_text(alias, 'ALIAS_NAME')} {_text(alias, 'NOTE')}"
        for number in _NOTE_PASSPORT.findall(words):
            if script_of(words):
                yield Document(type=DocumentType.PASSPORT, number=squeezed(number))
