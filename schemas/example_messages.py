"""Messages as bureaus write and read them: the examples of docs/events.md and the golden messages. All in TEST mode.

One story: fr looks for a person and for a stolen passport, bd meets the person, asks, fr confirms. People, numbers and
places of posts are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from schemas import topics
from schemas.alerts import Alert, Answer, EntryView, Evidence, FrontLineView, IncidentView, Match, Reject
from schemas.codes import (
    Action,
    AlertStatus,
    Band,
    Crossing,
    CrossingMode,
    DocumentType,
    EntryStatus,
    FrontLineAction,
    FrontLineTarget,
    IncidentType,
    Instrument,
    LossStatus,
    Mode,
    NameQuality,
    NameType,
    NoticeType,
    Priority,
    ReceiversMode,
    RejectReason,
    ResponseKind,
    Role,
    Scope,
    Sex,
    Threat,
    Verdict,
    Warning,
    WorkflowState,
)
from schemas.envelope import Handling
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.model import Model
from schemas.subjects import BirthDate, Document, Name, Object, Place, Subject, Vehicle

_NOON = datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC)
_ALERT_ID = "0431ecfe-23fb-52c6-8ec1-c79a74db82a0"
_CASE_REF = f"5-{_ALERT_ID}"
_ENCOUNTER = "TEST:bd:check-2026-000017:s1"
_INCIDENT_KEY = "TEST:bd:check-2026-000017"


@dataclass(frozen=True, slots=True)
class Example:
    """One message with where it stands."""

    name: str
    """Of its golden file."""
    about: str
    """What it is an example of."""
    topic: str
    key: str
    message: Model


@cache
def examples() -> tuple[Example, ...]:
    """Every example, in the order of the story."""
    return tuple(_examples())


def _event_id(number: int) -> str:
    return f"019ab5c0-b2{number:02x}-7000-8000-0000000000{number:02x}"


def _after(minutes: int) -> datetime:
    return _NOON + timedelta(minutes=minutes)


def _entry(number: int, minutes: int, **fields: object) -> WatchlistEntry:
    return WatchlistEntry.model_validate(
        {
            "event_id": _event_id(number),
            "producer": "fr",
            "occurred_at": _after(minutes),
            "recorded_at": _after(minutes),
            "exercise": Mode.TEST,
        }
        | fields
    )


def _incident(number: int, minutes: int, **fields: object) -> Incident:
    return Incident.model_validate(
        {
            "event_id": _event_id(number),
            "producer": "bd",
            "occurred_at": _after(minutes),
            "recorded_at": _after(minutes) + timedelta(seconds=3),
            "exercise": Mode.TEST,
            "zone": "Asia/Dhaka",
        }
        | fields
    )


def _response(number: int, minutes: int, producer: str, kind: ResponseKind, **fields: object) -> Response:
    return Response.model_validate(
        {
            "event_id": _event_id(number),
            "producer": producer,
            "occurred_at": _after(minutes),
            "recorded_at": _after(minutes),
            "exercise": Mode.TEST,
            "case_ref": _CASE_REF,
            "kind": kind,
            "revision": 1,
        }
        | fields
    )


def _wanted() -> Subject:
    return Subject(
        subject_id="s1",
        names=(
            Name(full="Karim Uddin Ahmed", given="Karim Uddin", family="Ahmed", type=NameType.BIRTH, script="Latn"),
            Name(full="করিম উদ্দিন আহমেদ", script="Beng"),
            Name(full="Kareem", type=NameType.ALIAS, quality=NameQuality.LOW),
        ),
        births=(BirthDate(year=1980, month=4, day=3), BirthDate(year=1981, approximate=True)),
        sex=Sex.M,
        nationalities=("bd",),
        birth_place=Place(country="bd", text="Sylhet"),
        documents=(Document(type=DocumentType.PASSPORT, number="TA0815472", country="bd"),),
    )


def _met() -> Subject:
    return Subject(
        subject_id="s1",
        names=(Name(full="KARIM UDDIN AHMED", script="Latn"),),
        births=(BirthDate(year=1980, month=4, day=3),),
        sex=Sex.M,
        nationalities=("bd",),
        documents=(Document(type=DocumentType.PASSPORT, number="TA0815472", country="bd"),),
    )


def _examples() -> Iterator[Example]:
    wanted = _entry(
        1,
        -1440,
        entry_id="FR-2026-0815",
        instrument=Instrument.NOTICE,
        notice_type=NoticeType.RED,
        threat=Threat.DRUG_TRAFFICKING,
        list_name="red",
        action=Action.ARREST,
        warnings=(Warning.ARMED,),
        valid_from=_after(-1440),
        expires_at=_after(5 * 365 * 1440),
        subject=_wanted(),
        handling=Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=("np",)),
        remarks="Arrest for extradition.\nInform the bureau at once.",
    )
    yield Example("entry-person", "a person who is wanted", topics.watchlist("fr"), wanted.entry_id, wanted)
    passport = _entry(
        2,
        -1440,
        entry_id="FR-SLTD-77120",
        instrument=Instrument.DOC_RECORD,
        action=Action.SEIZE,
        object=Object(
            object_id="o1",
            document=Document(type=DocumentType.PASSPORT, number="19FV77120", country="fr"),
            loss_status=LossStatus.STOLEN,
        ),
    )
    yield Example("entry-document", "a stolen passport", topics.watchlist("fr"), passport.entry_id, passport)
    met = _incident(
        3,
        0,
        incident_id="check-2026-000017",
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country="bd", point="Benapole", crossing=Crossing.ENTRY, mode=CrossingMode.LAND),
        subjects=(_met(),),
        objects=(
            Object(
                object_id="o1",
                vehicle=Vehicle(vin="MA3ERLF1S00123456", plate="DHAKA-GA 14-2877", country="bd", make="Maruti Swift"),
            ),
        ),
    )
    yield Example("incident", "a traveller and a car at a border", topics.incidents("bd"), met.incident_id, met)
    corrected = _incident(
        4,
        0,
        incident_id="check-2026-000017",
        incident_version=2,
        recorded_at=_after(6),
        supersedes=met.event_id,
        incident_type=IncidentType.BORDER_CHECK,
        location=met.location,
        subjects=(_met(),),
    )
    yield Example(
        "incident-correction",
        "its correction: the car was another's",
        topics.incidents("bd"),
        "check-2026-000017",
        corrected,
    )
    alert = _alert(met, wanted)
    yield Example("alert", "the locator's view of the match", topics.alerts("bd"), _INCIDENT_KEY, alert)
    asked = _response(5, 2, "bd", ResponseKind.REQUEST_CONFIRMATION, text="Held at the post. Is it him?")
    yield Example("response-request", "the locator asks the owner to confirm", topics.responses("bd"), _CASE_REF, asked)
    confirmed = _response(6, 5, "fr", ResponseKind.CONFIRM, revision=2)
    yield Example("response-confirm", "the owner confirms", topics.responses("fr"), _CASE_REF, confirmed)
    withdrawn = wanted.model_copy(
        update={
            "event_id": _event_id(7),
            "occurred_at": _after(300),
            "recorded_at": _after(300),
            "entry_version": 2,
            "status": EntryStatus.WITHDRAWN,
        }
    )
    yield Example("entry-withdrawn", "the entry is withdrawn", topics.watchlist("fr"), withdrawn.entry_id, withdrawn)
    retracted = alert.model_copy(
        update={
            "revision": 4,
            "status": AlertStatus.RETRACTED,
            "revised_at": _after(300),
            "incident": None,
            "entry": None,
            "match": None,
            "front_line": None,
            "workflow": WorkflowState.CONFIRMED,
            "answers": (
                Answer(by="bd", kind=asked.kind, at=_after(2), text=asked.text, event_id=asked.event_id),
                Answer(by="fr", kind=confirmed.kind, at=_after(5), event_id=confirmed.event_id),
            ),
            "allowed_moves": (),
            "requests": 1,
        }
    )
    yield Example("alert-retracted", "the match stands no longer", topics.alerts("bd"), _INCIDENT_KEY, retracted)
    refused = b"\x00\x00\x00\x00\x01not Avro"
    reject = Reject(
        reason=RejectReason.UNDECODABLE,
        place="",
        detail="not an Avro event in Confluent wire format as its schema says",
        stage="gate",
        source_topic=topics.incidents("bd"),
        source_partition=0,
        source_offset=17,
        source_timestamp=_after(7),
        sha256=hashlib.sha256(refused).digest(),
        size=len(refused),
        head=refused,
    )
    yield Example("reject", "what was refused, and why", topics.rejects("bd"), "incidents.bd:0:17", reject)


def _alert(incident: Incident, entry: WatchlistEntry) -> Alert:
    return Alert(
        alert_id=_ALERT_ID,
        revision=1,
        recipient="bd",
        role=Role.LOCATOR,
        scope=Scope.CROSS_BORDER,
        exercise=Mode.TEST,
        status=AlertStatus.LIVE,
        raised_at=_after(1),
        revised_at=_after(1),
        case_ref=_CASE_REF,
        encounter=_ENCOUNTER,
        priority=Priority.SUPPLEMENTARY,
        incident=IncidentView(
            incident_id=incident.incident_id,
            incident_version=incident.incident_version,
            producer=incident.producer,
            incident_type=incident.incident_type,
            occurred_at=incident.occurred_at,
            passed_at=_after(1),
            zone=incident.zone,
            location=incident.location,
            subject=incident.subjects[0],
        ),
        entry=EntryView(
            entry_id=entry.entry_id,
            entry_version=entry.entry_version,
            owner=entry.producer,
            instrument=entry.instrument,
            notice_type=entry.notice_type,
            threat=entry.threat,
            action=entry.action,
            warnings=entry.warnings,
            subject=entry.subject,
            remarks=entry.remarks,
        ),
        match=Match(
            band=Band.EXACT,
            score=52.5,
            evidence=(
                Evidence(
                    feature="document number",
                    left="TA0815472, bd",
                    right="TA0815472, bd",
                    weight=33.0,
                    verdict=Verdict.AGREES,
                    note="number and issuer agree",
                ),
                Evidence(
                    feature="name",
                    left="KARIM UDDIN AHMED",
                    right="Karim Uddin Ahmed",
                    weight=19.5,
                    verdict=Verdict.AGREES,
                ),
            ),
            rarity_version="1",
        ),
        front_line=FrontLineView(
            item_id="s1",
            action=FrontLineAction.ARREST,
            target=FrontLineTarget.PERSON,
            warnings=entry.warnings,
            band=Band.EXACT,
        ),
        allowed_moves=(ResponseKind.ACKNOWLEDGE, ResponseKind.REQUEST_CONFIRMATION, ResponseKind.CLOSE),
        watchlist_age=60_000,
    )
