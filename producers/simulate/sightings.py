"""A listed person or thing as a border post meets it, at a level of difficulty."""

from __future__ import annotations

from random import Random

from producers.simulate.numbers import misread, spaced
from producers.simulate.plan import Difficulty
from producers.simulate.travellers import Strangers
from producers.simulate.variations import can_be_misspelt, varied
from schemas.codes import DocumentType, EntryStatus, NameQuality, NameType, SubjectKind
from schemas.events import WatchlistEntry
from schemas.subjects import BirthDate, Document, Name, Object, Subject

_DOCUMENT_SHOWN = 0.3
"""Share of listed persons, met exactly as listed, who also show a document that is listed with them."""


def difficulties_of(entry: WatchlistEntry) -> tuple[Difficulty, ...]:
    """At which levels the entry can be met so that the match is a true one; none for what is not met at borders.

    Persons need a listed name of two words and a year of birth, or nobody could tell them from their namesakes.
    """
    if entry.status is not EntryStatus.ACTIVE:
        return ()
    if entry.object is not None:
        numbered = (Difficulty.EXACT, Difficulty.REORDERED, Difficulty.MISSPELT)
        return numbered if entry.object.artwork is None else (Difficulty.EXACT,)
    subject = entry.subject
    if subject is None or subject.kind is not SubjectKind.PERSON or not _dated(subject):
        return ()
    name = _listed(subject)
    if name is None:
        return ()
    misspelt = (Difficulty.MISSPELT,) if can_be_misspelt(name.full) else ()
    other_script = () if _original(subject) is None else (Difficulty.OTHER_SCRIPT,)
    return (Difficulty.EXACT, Difficulty.REORDERED, *misspelt, *other_script)


def met_person(
    random: Random, listed: Subject, difficulty: Difficulty, strangers: Strangers, country: str, subject_id: str
) -> Subject:
    """The person of an entry, who travels on a document of their own that is on no list."""
    name = _original(listed) if difficulty is Difficulty.OTHER_SCRIPT else _listed(listed)
    assert name is not None  # difficulties_of said so
    nationality = listed.nationalities[0] if listed.nationalities else None
    passport = Document(type=DocumentType.PASSPORT, number=strangers.number(), country=nationality or country)
    if difficulty is Difficulty.EXACT and listed.documents and random.random() < _DOCUMENT_SHOWN:
        passport = random.choice(listed.documents)
    return Subject(
        subject_id=subject_id,
        names=(Name(full=varied(random, name.full, difficulty), script=name.script),),
        births=(_shown(random, random.choice(_dated(listed))),),
        sex=listed.sex,
        nationalities=(nationality,) if nationality else (),
        documents=(passport,),
    )


def met_object(random: Random, listed: Object, difficulty: Difficulty, object_id: str) -> Object:
    """The thing of an entry, its number as it was typed."""

    def typed(number: str | None) -> str | None:
        if number is None or difficulty is Difficulty.EXACT:
            return number
        return misread(random, number) if difficulty is Difficulty.MISSPELT else spaced(random, number)

    changed: dict[str, object] = {"object_id": object_id, "loss_status": "UNKNOWN"}
    if listed.document:
        number = typed(listed.document.number)
        changed["document"] = listed.document.model_copy(update={"number": number})
    elif listed.vehicle:
        changed["vehicle"] = listed.vehicle.model_copy(
            update={"vin": typed(listed.vehicle.vin), "plate": typed(listed.vehicle.plate)}
        )
    elif listed.firearm:
        changed["firearm"] = listed.firearm.model_copy(update={"serial": typed(listed.firearm.serial)})
    elif listed.vessel:
        changed["vessel"] = listed.vessel.model_copy(
            update={"imo": typed(listed.vessel.imo), "mmsi": typed(listed.vessel.mmsi)}
        )
    else:
        changed["artwork"] = listed.artwork
    return Object.model_validate(changed)


def _listed(subject: Subject) -> Name | None:
    first = subject.names[0] if subject.names else None
    return first if first and len(first.full.split()) > 1 else None


def _original(subject: Subject) -> Name | None:
    listed = _listed(subject)
    for name in subject.names:
        other = listed is not None and name.script not in (None, listed.script)
        if other and name.type is NameType.CURRENT and name.quality is NameQuality.GOOD and " " in name.full:
            return name
    return None


def _dated(subject: Subject) -> list[BirthDate]:
    return [birth for birth in subject.births if birth.year is not None]


def _shown(random: Random, birth: BirthDate) -> BirthDate:
    """What a passport shows of a listed date: a day within it where the list has a year or a range."""
    assert birth.year is not None
    return BirthDate(
        year=random.randint(birth.year, birth.year_to or birth.year),
        month=birth.month or random.randrange(1, 13),
        day=birth.day or random.randrange(2, 29),
    )
