"""Short ways to write the two sides of a match."""

from __future__ import annotations

from schemas.codes import Action, DocumentType, Instrument, NameType, Sex, SubjectKind
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document, Name, Object, Subject


def birth(text: str) -> BirthDate:
    """1971-03-05, 1971-03, 1971, ~1971, 1970..1973."""
    approximate = text.startswith("~")
    text = text.removeprefix("~")
    if ".." in text:
        first, last = text.split("..")
        return BirthDate(year=int(first), year_to=int(last), approximate=approximate)
    parts = [int(part) for part in text.split("-")]
    parts += [None] * (3 - len(parts))  # type: ignore[list-item]
    return BirthDate(year=parts[0], month=parts[1], day=parts[2], approximate=approximate)


def person(
    *names: str | Name,
    born: str | tuple[str, ...] = (),
    sex: Sex = Sex.U,
    nationality: str | None = None,
    documents: tuple[Document, ...] = (),
    kind: SubjectKind = SubjectKind.PERSON,
) -> Subject:
    dates = (born,) if isinstance(born, str) else born
    return Subject(
        subject_id="1",
        kind=kind,
        names=tuple(Name(full=name) if isinstance(name, str) else name for name in names),
        births=tuple(birth(text) for text in dates),
        sex=sex,
        nationalities=(nationality,) if nationality else (),
        documents=documents,
    )


def misused(full: str) -> Name:
    return Name(full=full, type=NameType.MISUSED)


def passport(number: str, country: str | None = "fr", type: DocumentType = DocumentType.PASSPORT) -> Document:
    return Document(type=type, number=number, country=country)


def thing(**parts: object) -> Object:
    return Object.model_validate({"object_id": "o1", **parts})


def entry(listed: Subject | Object) -> WatchlistEntry:
    sides = {"subject": listed} if isinstance(listed, Subject) else {"object": listed}
    return WatchlistEntry.model_construct(
        entry_id="e1",
        entry_version=1,
        instrument=Instrument.NOTICE,
        action=Action.LOCATE,
        **{"subject": None, "object": None, **sides},
    )
