"""Persons, things and places in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consumers.watch.wording import CROSSINGS, INCIDENTS, MEANS, words
from schemas.alerts import IncidentView
from schemas.codes import LossStatus, NameQuality, NameType, Sex, SubjectKind
from schemas.events import Location
from schemas.subjects import BirthDate, Document, Name, Object, Subject

NAMES_SHOWN = 6
DOCUMENTS_SHOWN = 6


def subject_line(subject: Subject) -> str:
    """A person or organisation: names, birth, sex, nationalities, documents. What is not known is left out."""
    parts = [_some([_name(name) for name in subject.names], NAMES_SHOWN, " / ") or "(no name)"]
    if subject.kind is SubjectKind.ORGANISATION:
        parts.append("organisation")
    if subject.births:
        parts.append("born " + " or ".join(_birth(birth) for birth in subject.births))
    if subject.sex is not Sex.U:
        parts.append(f"sex {subject.sex}")
    if subject.nationalities:
        parts.append("nationality " + ", ".join(subject.nationalities))
    if subject.birth_place:
        parts.append(
            "birthplace " + ", ".join(part for part in (subject.birth_place.text, subject.birth_place.country) if part)
        )
    if subject.documents:
        parts.append(_some([_document(document) for document in subject.documents], DOCUMENTS_SHOWN, ", "))
    return "; ".join(parts)


def object_line(thing: Object) -> str:
    """A thing by what identifies it."""
    found = ", ".join(_thing(thing)) or "(nothing known of it)"
    return found if thing.loss_status is LossStatus.UNKNOWN else f"{found}; {words(thing.loss_status)}"


def who_line(view_subject: Subject | None, view_object: Object | None) -> str:
    """Whichever of the two is there."""
    if view_subject is not None:
        return subject_line(view_subject)
    if view_object is not None:
        return object_line(view_object)
    return "(not shown to you)"


def place_line(incident: IncidentView) -> str:
    """Where, by whom, and in what kind of incident."""
    crossing = " ".join(part for part in (CROSSINGS[incident.location.crossing], MEANS[incident.location.mode]) if part)
    return ", ".join(part for part in (_place(incident.location), INCIDENTS[incident.incident_type], crossing) if part)


def _place(location: Location) -> str:
    return f"{location.point} ({location.country})" if location.point else location.country


def _name(name: Name) -> str:
    remarks = []
    if name.type not in (NameType.CURRENT, NameType.UNKNOWN):
        remarks.append("misused by somebody else" if name.type is NameType.MISUSED else words(name.type))
    if name.quality is NameQuality.LOW:
        remarks.append("low quality")
    if name.truncated:
        remarks.append("may be cut")
    return f"{name.full} ({', '.join(remarks)})" if remarks else name.full


def _birth(birth: BirthDate) -> str:
    about = "about " if birth.approximate else ""
    if birth.year_to is not None:
        return f"{about}{birth.year or '????'} to {birth.year_to}"
    year = "????" if birth.year is None else f"{birth.year:04d}"
    month = "??" if birth.month is None else f"{birth.month:02d}"
    day = "??" if birth.day is None else f"{birth.day:02d}"
    return about + (year if (month, day) == ("??", "??") else f"{year}-{month}-{day}")


def _document(document: Document) -> str:
    return f"{words(document.type)} {document.number or '(no number)'} ({document.country or 'issuer not known'})"


def _thing(thing: Object) -> Iterator[str]:
    if thing.document is not None:
        yield _document(thing.document)
    if (vehicle := thing.vehicle) is not None:
        yield from _labelled((("vehicle", vehicle.make), ("VIN", vehicle.vin)))
        if vehicle.plate:
            yield f"plate {vehicle.plate} ({vehicle.country or 'country not known'})"
    if (firearm := thing.firearm) is not None:
        pairs = (("firearm", firearm.make), ("model", firearm.model), ("calibre", firearm.calibre))
        yield from _labelled((*pairs, ("serial", firearm.serial)))
    if (vessel := thing.vessel) is not None:
        pairs = (("vessel", vessel.name), ("IMO", vessel.imo), ("MMSI", vessel.mmsi))
        yield from _labelled((*pairs, ("flag", vessel.flag)))
    if (artwork := thing.artwork) is not None:
        pairs = (("artwork", artwork.title), ("by", artwork.artist), ("reference", artwork.reference))
        yield from _labelled(pairs)


def _labelled(pairs: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    return (f"{label} {value}" for label, value in pairs if value)


def _some(values: list[str], most: int, separator: str) -> str:
    more = len(values) - most
    return separator.join(values[:most]) + (f"{separator}and {more} more" if more > 0 else "")
