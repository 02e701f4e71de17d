"""Events to hand to the gate and the joins, each right unless a test changes it."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas.alerts import Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, DocumentType, IncidentType, Instrument, RejectReason, ResponseKind
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.internal import GatedIncident, Source
from schemas.model import timestamp
from schemas.participants import Participants, load_participants
from schemas.subjects import Document, Name, Object, Subject
from streams.stages import keys
from streams.stages.contract import Received, Send
from streams.stages.gate import Gate, content_of

T0 = 1_780_000_000_000
PARTICIPANTS = load_participants(Path(__file__).parents[3] / "deploy" / "bureaus.toml").without_signatures()
CODEC = Codec(LocalSchemaIds())


def event_id(number: int = 1) -> str:
    return f"01890000-0000-7000-8000-{number:012x}"


def now() -> datetime:
    return timestamp(T0)


def person(*names: str, item_id: str = "s1", numbers: tuple[str, ...] = (), **more: Any) -> Subject:
    made = tuple(Document(type=DocumentType.PASSPORT, number=number, country="fr") for number in numbers)
    return Subject(**{"subject_id": item_id, "names": tuple(Name(full=it) for it in names), "documents": made} | more)


def passport(number: str = "12AB34567", item_id: str = "o1") -> Object:
    return Object(object_id=item_id, document=Document(type=DocumentType.PASSPORT, number=number, country="fr"))


def incident(**more: Any) -> Incident:
    return Incident(
        **{
            "event_id": event_id(),
            "producer": "bd",
            "occurred_at": now(),
            "recorded_at": now(),
            "incident_id": "I1",
            "incident_type": IncidentType.BORDER_CHECK,
            "location": Location(country="bd"),
            "subjects": (person("Jeanne Durand"),),
        }
        | more
    )


def entry(**more: Any) -> WatchlistEntry:
    return WatchlistEntry(
        **{
            "event_id": event_id(),
            "producer": "fr",
            "occurred_at": now(),
            "recorded_at": now(),
            "entry_id": "E1",
            "instrument": Instrument.NATIONAL,
            "action": Action.INFORM,
            "subject": person("Jeanne Durand"),
        }
        | more
    )


def response(**more: Any) -> Response:
    case = keys.case_ref("ACTUAL:fr:E1", keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1"), PARTICIPANTS.partitions)
    return Response(
        **{
            "event_id": event_id(),
            "producer": "bd",
            "occurred_at": now(),
            "recorded_at": now(),
            "case_ref": case,
            "kind": ResponseKind.ACKNOWLEDGE,
        }
        | more
    )


def publish(
    event: BaseModel,
    topic: str | None = None,
    key: bytes | None = None,
    participants: Participants = PARTICIPANTS,
    **record: Any,
) -> list[Send]:
    """What the gate says of an event, by default under its own topic and key."""
    kinds = {Incident: ("incidents", "incident_id"), WatchlistEntry: ("watchlist", "entry_id")}
    (kind, name) = kinds.get(type(event), ("responses", "case_ref"))
    topic = topic or f"{kind}.{getattr(event, 'producer', 'bd')}"
    key = getattr(event, name, "").encode() if key is None else key
    gate = Gate(participants, lambda _: event)
    place = {"partition": 0, "offset": 7, "timestamp": T0, "value": b"\x00\x00\x00\x00\x01"} | record
    return gate.process(topic, place["partition"], place["offset"], place["timestamp"], key, place["value"])


def refusal(event: BaseModel, **how: Any) -> tuple[RejectReason, str] | None:
    """Reason and place for which the gate refuses an event; None when it lets it through."""
    (said,) = publish(event, **how)
    return (said.message.reason, said.message.place) if isinstance(said.message, Reject) else None


def gated(event: Incident, offset: int = 0, partition: int = 0) -> GatedIncident:
    source = Source(
        topic=f"incidents.{event.producer}",
        partition=partition,
        offset=offset,
        timestamp=now(),
        sha256=sha256(event.model_dump_json().encode()).digest(),
        size=10,
    )
    return GatedIncident(source=source, content=content_of(event), incident=event)


def received(message: BaseModel, key: str = "", at: int = T0, offset: int = 0) -> Received:
    return Received("sightings", 0, offset, at, key, message)
