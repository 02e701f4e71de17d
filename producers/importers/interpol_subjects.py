"""Whom an INTERPOL notice is about, and what an officer may read beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from producers.importers.countries import country_code
from producers.importers.dates import read_date, without_impossible
from producers.importers.documents import document_type, read_number
from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.usable_names import usable_names
from producers.importers.values import clipped, labelled, objects_of, text_of, texts_of
from schemas.codes import DocumentType, NameQuality, NameType, Sex, SubjectKind
from schemas.subjects import BirthDate, Document, Name, Place, Subject

SUBJECT_ID = "1"
_SEXES = {"M": Sex.M, "F": Sex.F}
_LONGEST_NAME = 300
_LONGEST_PLACE = 500


def notice_subject(notice: Mapping[str, Any], kind: SubjectKind, row: str, notes: list[Note]) -> Subject:
    """The person or organisation; what could not be used is added to `notes`."""
    births = [*_births(notice, "date_of_birth", row, notes)]
    for alias in objects_of(notice.get("aliases")):
        births += _births(alias, "date_of_birth", row, notes)
    documents = [found for one in _documents(notice) if (found := _document(one, row, notes))]
    return Subject(
        subject_id=SUBJECT_ID,
        kind=kind,
        names=usable_names(_names(notice), "name", row, notes),
        births=tuple(dict.fromkeys(births)),
        sex=_SEXES.get(text_of(notice.get("sex_id")), Sex.U),
        nationalities=tuple(dict.fromkeys(_countries(notice, row, notes))),
        birth_place=_birth_place(notice),
        documents=tuple(dict.fromkeys(documents)),
    )


def notice_remarks(notice: Mapping[str, Any]) -> str:
    """Charges, summary, circumstances and description, as one text."""
    return clipped(_lines(notice))


def _names(notice: Mapping[str, Any]) -> Iterator[Name]:
    yield from _name(notice.get("forename"), notice.get("name"), NameType.CURRENT)
    for field in ("birth_name", "name_at_birth"):
        if born := text_of(notice.get(field)):
            yield from _name(notice.get("forename"), born, NameType.BIRTH)
    yield from _original(notice, NameType.CURRENT)
    aliases = notice.get("aliases")
    for alias in aliases if isinstance(aliases, list) else [aliases]:
        if isinstance(alias, dict):
            low = text_of(alias.get("qualification")).casefold() == "low"
            grade = NameQuality.LOW if low else NameQuality.GOOD
            yield from _name(alias.get("forename"), alias.get("name"), NameType.ALIAS, grade)
            yield from _original(alias, NameType.ALIAS, grade)
        else:
            yield from _name(None, alias, NameType.ALIAS)
    for field, type_ in (("also_known_as", NameType.ALIAS), ("formerly_known_as", NameType.PREVIOUS)):
        for text in texts_of(notice.get(field)):
            for part in text.split(";"):
                yield from _name(None, part, type_)


def _original(source: Mapping[str, Any], type_: NameType, grade: NameQuality = NameQuality.GOOD) -> Iterator[Name]:
    yield from _name(source.get("forename_in_original_script"), source.get("name_in_original_script"), type_, grade)


def _name(given: object, family: object, type_: NameType, grade: NameQuality = NameQuality.GOOD) -> Iterator[Name]:
    first, last = text_of(given), text_of(family)
    full = f"{first} {last}".strip()[:_LONGEST_NAME]
    if full:
        yield Name(
            full=full,
            type=type_,
            quality=grade,
            given=first if first and last and len(first) <= 200 else None,
            family=last if first and last and len(last) <= 200 else None,
            script=script_of(full),
        )


def _births(source: Mapping[str, Any], field: str, row: str, notes: list[Note]) -> Iterator[BirthDate]:
    for text in texts_of(source.get(field)):
        read = read_date(text)
        kept = without_impossible(read) if read and read.year else None
        if kept is None:
            notes.append(Note(row, field, f"no date: {text}"))
        else:
            yield kept


def _countries(notice: Mapping[str, Any], row: str, notes: list[Note]) -> Iterator[str]:
    for text in texts_of(notice.get("nationalities")):
        if code := country_code(text):
            yield code
        else:
            notes.append(Note(row, "nationalities", f"no country of today: {text}"))


def _birth_place(notice: Mapping[str, Any]) -> Place | None:
    place, country = text_of(notice.get("place_of_birth")), text_of(notice.get("country_of_birth_id"))
    code = country_code(country) if country else None
    if not place and not code:
        return None
    return Place(country=code, text=place[:_LONGEST_PLACE] or None)


def _documents(notice: Mapping[str, Any]) -> list[Any]:
    found = notice.get("identity_documents")
    return found if isinstance(found, list) else [found] if found else []


def _document(source: object, row: str, notes: list[Note]) -> Document | None:
    said = {key: text for key, value in source.items() if (text := text_of(value))} if isinstance(source, dict) else {}
    number = next((text for key, text in said.items() if "number" in key), "") or text_of(source)
    words = " ".join(text for key, text in said.items() if "type" in key or key == "document") or text_of(source)
    issuer = next((text for key, text in said.items() if "country" in key), "")
    found = read_number(number)
    if found is None:
        notes.append(Note(row, "identity_documents", f"no usable number: {number}"))
        return None
    kind = document_type(words) or found.type or DocumentType.UNKNOWN
    return Document(type=kind, number=found.number, country=(country_code(issuer) if issuer else None) or found.country)


def _lines(notice: Mapping[str, Any]) -> Iterator[str]:
    yield labelled("UN resolution", texts_of(notice.get("un_resolution")))
    for warrant in objects_of(notice.get("arrest_warrants")):
        charge = text_of(warrant.get("charge_translation")) or text_of(warrant.get("charge"))
        by = text_of(warrant.get("issuing_country_id"))
        yield labelled("Wanted by " + by if by else "Wanted for", [charge])
    yield text_of(notice.get("summary"))
    missing = (text_of(notice.get(field)) for field in ("date_of_event", "place", "country"))
    yield labelled("Missing since", [", ".join(part for part in missing if part)])
    for label, field in (
        ("Distinguishing marks", "distinguishing_marks"),
        ("Profession", "profession"),
        ("Main activity", "main_activity"),
        ("Further", "additional_information"),
        ("Legal form", "legal_form"),
        ("Registration number", "registration_number"),
        ("Chamber of commerce", "from_chamber_of_commerce"),
        ("Address", "adresses"),
        ("Purposes", "purposes"),
    ):
        yield labelled(label, texts_of(notice.get(field)))
    for label, field in (("Administrators", "administrators"), ("Associates", "associates")):
        yield labelled(label, [*texts_of(notice.get(field)), *_people(notice, field)])
    for label, side in (("Father", "father"), ("Mother", "mother")):
        parents = (text_of(notice.get(f"{side}_forename")), text_of(notice.get(f"{side}_name")))
        yield labelled(label, [" ".join(part for part in parents if part)])
    yield labelled("Height", (_height(text) for text in texts_of(notice.get("height"))))
    yield labelled("Weight", (f"{text} kg" for text in texts_of(notice.get("weight"))))
    yield labelled("Eyes", texts_of(notice.get("eyes_colors_id")))
    yield labelled("Hair", texts_of(notice.get("hairs_id")))
    yield labelled("Speaks", texts_of(notice.get("languages_spoken_ids")))


def _height(text: str) -> str:
    """The service gives metres (1.68) or centimetres (168), without saying which."""
    return f"{text} m" if text.startswith(("0.", "1.", "2.")) or text in ("1", "2") else f"{text} cm"


def _people(notice: Mapping[str, Any], field: str) -> Iterator[str]:
    for one in objects_of(notice.get(field)):
        yield " ".join(part for field in ("forename", "name") if (part := text_of(one.get(field))))
