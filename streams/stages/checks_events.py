"""Checks of the gate on incidents, watchlist entries and responses as wholes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from schemas.codes import DetentionBasis, EntryStatus, IncidentType, Instrument, NoticeType, RejectReason, ResponseKind
from schemas.events import LAST_VERSION, Incident, Response, WatchlistEntry
from schemas.participants import Kind, Participants
from schemas.subjects import Object, Subject
from streams.matching import reference_numbers
from streams.stages import checks_items
from streams.stages.checks import Problem, Problems, usable_id, version
from streams.stages.contract import Millis
from streams.stages.rules import GateRules
from streams.stages.weak_names import too_weak

_OBJECT_OF = {
    Instrument.DOC_RECORD: "document",
    Instrument.VEHICLE_RECORD: "vehicle",
    Instrument.FIREARM_RECORD: "firearm",
    Instrument.ART_RECORD: "artwork",
    Instrument.VESSEL_RECORD: "vessel",
}
_REPORTS = (Kind.BUREAU, Kind.CANARY)


def incident(
    event: Incident, bytes_in_all: int, appended_at: Millis, rules: GateRules, known: Participants
) -> Problems:
    """Who reports it, where, and each item. A correction may take back every item, and a THREAT needs none."""
    yield from usable_id(event.incident_id, "incident_id")
    yield from version(event.incident_version, "incident_version")
    if known.members[event.producer].kind not in _REPORTS:
        yield Problem(RejectReason.WRONG_PRODUCER, "producer", "only bureaus report incidents")
    if event.location.country != event.producer:
        detail = "a bureau reports what happened in its own country"
        yield Problem(RejectReason.WRONG_COUNTRY, "location.country", detail)
    if _zones() and event.zone not in _zones():
        yield Problem(RejectReason.INVALID_FIELD, "zone", "no IANA time zone has this name")
    if event.detention_basis in (DetentionBasis.HIT_ONLY, DetentionBasis.OTHER) and not event.detained:
        detail = "a reason for holding somebody is given, but nobody is held"
        yield Problem(RejectReason.INVALID_FIELD, "detention_basis", detail)
    count = len(event.subjects) + len(event.objects)
    if not count and event.incident_version == 1 and event.incident_type is not IncidentType.THREAT:
        detail = "name at least one subject or object (a THREAT needs none)"
        yield Problem(RejectReason.MISSING_SUBJECT, "subjects", detail)
    if count > rules.items:
        yield Problem(RejectReason.TOO_LARGE, "subjects", f"an incident has at most {rules.items} items; divide it")
    seen: set[str] = set()
    for place, item in _items(event):
        yield from _item(item, place, bytes_in_all, appended_at, rules)
        (item_id, where) = (
            (item.subject_id, "subject_id") if isinstance(item, Subject) else (item.object_id, "object_id")
        )
        if item_id in seen:
            detail = "another subject or object of this incident has the same id"
            yield Problem(RejectReason.DUPLICATE_ID, place + where, detail)
        seen.add(item_id)


def entry(event: WatchlistEntry, bytes_in_all: int, appended_at: Millis, rules: GateRules) -> Problems:
    """Whom or what it is about, by which instrument, and whether it can be found at all."""
    yield from usable_id(event.entry_id, "entry_id")
    yield from version(event.entry_version, "entry_version")
    if event.linked_entry is not None:
        yield from usable_id(event.linked_entry, "linked_entry")
    if event.instrument is Instrument.NOTICE and event.notice_type is None:
        yield Problem(RejectReason.INVALID_FIELD, "notice_type", "a notice has a colour")
    if event.valid_from and event.expires_at and event.expires_at <= event.valid_from:
        yield Problem(RejectReason.IMPOSSIBLE_DATE, "expires_at", "it expires before it becomes valid")
    if event.subject is not None and event.object is not None:
        detail = "an entry is about a subject or an object; make two entries and link them"
        yield Problem(RejectReason.INVALID_FIELD, "object", detail)
    for place, item in (("subject.", event.subject), ("object.", event.object)):
        if item is not None:
            yield from _item(item, place, bytes_in_all, appended_at, rules)
    if event.status is EntryStatus.DELETED:
        yield from _bare(event)
        return
    if event.entry_version == LAST_VERSION:
        detail = "the highest version is for the deletion, which nothing may stand in the way of; use a lower one"
        yield Problem(RejectReason.INVALID_FIELD, "entry_version", detail)
    if event.subject is None and event.object is None:
        yield Problem(RejectReason.MISSING_SUBJECT, "subject", "only a DELETED entry has neither subject nor object")
        return
    yield from _instrument(event)
    yield from _weak(event)


def response(event: Response) -> Problems:
    """An answer as such; whether it may be given now is asked by the stage that holds the case."""
    if event.delegation is not None and event.delegation.officer is None and event.kind is not ResponseKind.RECEIPT:
        detail = "an officer answers, and a service that publishes it says who: the officer's pseudonym in the bureau"
        yield Problem(RejectReason.INVALID_FIELD, "delegation.officer", detail)
    if event.kind is ResponseKind.CONFIRM_LATER and event.eta is None:
        yield Problem(RejectReason.INVALID_FIELD, "eta", "CONFIRM_LATER says when")
    if event.revision is not None and event.revision < 1:
        yield Problem(RejectReason.INVALID_FIELD, "revision", "revisions count from 1")


def _items(event: Incident) -> Iterator[tuple[str, Subject | Object]]:
    yield from ((f"subjects.{number}.", item) for number, item in enumerate(event.subjects))
    yield from ((f"objects.{number}.", item) for number, item in enumerate(event.objects))


def _item(item: Subject | Object, place: str, bytes_in_all: int, appended_at: Millis, rules: GateRules) -> Problems:
    if bytes_in_all > rules.item:  # else no item can be too large
        yield from checks_items.size(item, place, rules.item)
    if isinstance(item, Subject):
        yield from checks_items.subject(item, place, appended_at)
    else:
        yield from checks_items.thing(item, place)


def _bare(event: WatchlistEntry) -> Problems:
    """Nothing removes the last record of an entry from its owner's topic: a deletion must not keep a name there."""
    for place in ("subject", "object", "remarks"):
        if getattr(event, place) is not None:
            yield Problem(RejectReason.INVALID_FIELD, place, "a DELETED entry says no more whom or what it was about")


def _instrument(event: WatchlistEntry) -> Problems:
    """A record is about the thing that its instrument names, and holds nobody's name (SLTD rule)."""
    wanted = _OBJECT_OF.get(event.instrument)
    if wanted is None:
        return
    if event.subject is not None:
        detail = "a record of things carries no person; make a notice, or link an entry"
        yield Problem(RejectReason.INVALID_FIELD, "subject", detail)
    elif event.object is not None and getattr(event.object, wanted) is None:
        yield Problem(RejectReason.MISSING_SUBJECT, f"object.{wanted}", f"this instrument is about a {wanted}")


def _weak(event: WatchlistEntry) -> Problems:
    if event.object is not None and not reference_numbers(event.exercise, event.object):
        detail = "without a number (document, VIN, plate, serial, IMO, MMSI, reference) it can never be found"
        yield Problem(RejectReason.TOO_WEAK, "object", detail)
    unidentified = event.notice_type is NoticeType.BLACK
    if event.subject is not None and not unidentified and too_weak(event.subject):
        detail = "a common name of one word needs a year of birth, a number or another name beside it (rule TOO_WEAK)"
        yield Problem(RejectReason.TOO_WEAK, "subject.names", detail)


@cache
def _zones() -> frozenset[str]:
    """Every IANA zone known here; empty where the system has no time zone data, and then none is refused."""
    return frozenset(available_timezones())
