"""A partition of `cases` to talk to, and events to say to it. The matcher is a stand-in: equal names or numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from schemas.alerts import Alert, AuditRecord, Evidence, Match, Reject
from schemas.codes import (
    Action,
    Band,
    DetentionBasis,
    DocumentType,
    IncidentType,
    Instrument,
    Mode,
    ReceiversMode,
    ResponseKind,
    Verdict,
)
from schemas.envelope import Handling
from schemas.events import Location, Response, WatchlistEntry
from schemas.internal import Candidate, Continue, GatedEntry, GatedResponse, IncidentContext, Source, Tick
from schemas.model import timestamp
from schemas.participants import Participants, load_participants
from schemas.subjects import Document, Name, Object, Subject
from schemas.topics import CASES, DAY
from streams.stages import keys
from streams.stages.cases import Cases, CasesRules
from streams.stages.contract import Millis, Received, Send
from streams.stages.memory import MemoryState

T0: Millis = 1_780_000_000_000
PARTITIONS = 2
PARTICIPANTS: Participants = load_participants(Path(__file__).parents[4] / "deploy" / "bureaus.toml")


def names_of(item: Subject | Object) -> set[str]:
    return {name.full for name in item.names} if isinstance(item, Subject) else set()


def numbers_of(mode: Mode, item: Subject | Object) -> frozenset[str]:
    documents = item.documents if isinstance(item, Subject) else [item.document] if item.document else []
    return frozenset(f"{mode}|document|{document.number}" for document in documents)


def decide(item: Subject | Object, entry: WatchlistEntry) -> Match | None:
    """A match by equal name (POSSIBLE) or equal number (EXACT)."""
    listed: Subject | Object | None = entry.subject or entry.object
    if listed is None:
        return None
    shared = sorted(names_of(item) & names_of(listed))
    numbers = sorted(numbers_of(entry.exercise, item) & numbers_of(entry.exercise, listed))
    if not shared and not numbers:
        return None
    found = tuple(
        Evidence(feature="same", left=value, right=value, weight=10.0, verdict=Verdict.AGREES)
        for value in [*numbers, *shared]
    )
    return Match(band=Band.EXACT if numbers else Band.POSSIBLE, score=10.0 * len(found), evidence=found)


def person(*names: str, documents: Iterable[str] = (), **more: Any) -> Subject:
    made = tuple(Document(type=DocumentType.PASSPORT, number=number, country="fr") for number in documents)
    return Subject(**{"subject_id": "s1", "names": tuple(Name(full=name) for name in names), "documents": made} | more)


def passport(number: str) -> Object:
    return Object(object_id="o1", document=Document(type=DocumentType.PASSPORT, number=number, country="fr"))


def except_(*codes: str, **more: Any) -> Handling:
    return Handling(receivers_mode=ReceiversMode.EXCEPT, receivers=codes, **more)


def only(*codes: str, **more: Any) -> Handling:
    return Handling(receivers_mode=ReceiversMode.ONLY, receivers=codes, **more)


def entry(version: int = 1, **more: Any) -> WatchlistEntry:
    given = {
        "event_id": f"entry-event-{version}-{more.get('entry_id', 'E1')}",
        "producer": "fr",
        "occurred_at": timestamp(T0 - DAY),
        "recorded_at": timestamp(T0 - DAY),
        "entry_id": "E1",
        "entry_version": version,
        "instrument": Instrument.NOTICE,
        "action": Action.ARREST,
        "subject": person("ANNA ONE", documents=["P1"]),
        "remarks": "may be armed",
    }
    return WatchlistEntry(**given | more)


def context(version: int = 1, **more: Any) -> IncidentContext:
    given = {
        "producer": "bd",
        "incident_id": "I1",
        "incident_version": version,
        "exercise": Mode.ACTUAL,
        "incident_type": IncidentType.BORDER_CHECK,
        "occurred_at": timestamp(T0),
        "zone": "Asia/Dhaka",
        "location": Location(country=more.get("producer", "bd")),
        "detained": False,
        "detention_basis": DetentionBasis.NONE,
        "handling": Handling(),
        "passed_at": timestamp(T0 + 1_000),
    }
    return IncidentContext(**given | more)


def candidate(
    item: Subject | Object | None,
    version: int = 1,
    *,
    entry_key: str = "ACTUAL:fr:E1",
    item_id: str = "s1",
    **more: Any,
) -> Candidate:
    made = context(version, **more)
    return Candidate(
        entry_key=entry_key,
        incident_key=keys.incident_key(made.exercise, made.producer, made.incident_id),
        item_id=item_id,
        context=made,
        subject=item if isinstance(item, Subject) else None,
        object=item if isinstance(item, Object) else None,
    )


class World:
    """One partition of the stage with its state, fed record by record; Continue records are followed."""

    def __init__(self, rules: CasesRules | None = None, *, matcher: Any = decide, participants: Any = None) -> None:
        self.participants = participants or PARTICIPANTS
        self.stage = Cases(0, self.participants, PARTITIONS, rules, decide=matcher, reference_numbers=numbers_of)
        self.state = MemoryState()
        self.stage.restore(self.state)
        self.now = T0
        self.offset = 0
        self.said: list[Send] = []
        self.largest_step = 0
        self.topics: dict[str, int] = {}
        self.appended: dict[tuple[str, int], Millis] = {}
        """When each position was appended: what the gate says again of it has that time again."""

    def one(self, message: BaseModel, *, after: int = 1_000) -> list[Send]:
        """Process one record `after` milliseconds later; returns what was said."""
        self.now += after
        self.offset += 1
        received = Received(CASES, 0, self.offset, self.now, None, message)
        said = list(self.stage.step(self.state, received, self.now))
        self.largest_step = max(self.largest_step, len(said))
        self.said += said
        return said

    def say(self, message: BaseModel, *, after: int = 1_000) -> list[Send]:
        """Process one record and the Continue records that follow from it."""
        said = self.one(message, after=after)
        waiting = [send.message for send in said if isinstance(send.message, Continue)]
        while waiting:
            more = self.one(waiting.pop(0), after=0)
            said += more
            waiting += [send.message for send in more if isinstance(send.message, Continue)]
        return said

    def source(self, topic: str, event: BaseModel, offset: int | None = None) -> Source:
        if offset is None:
            offset = self.topics[topic] = self.topics.get(topic, -1) + 1
        data = event.model_dump_json().encode()
        return Source(
            topic=topic,
            partition=0,
            offset=offset,
            timestamp=timestamp(self.appended.setdefault((topic, offset), self.now)),
            sha256=sha256(data).digest(),
            size=len(data),
            head=data[:100],
        )

    def make_anew(self, topic: str) -> None:
        """Somebody deletes a country topic and makes it again."""
        self.topics.pop(topic, None)
        self.appended = {(name, at): when for (name, at), when in self.appended.items() if name != topic}

    def publish(self, event: WatchlistEntry, *, offset: int | None = None, after: int = 1_000) -> list[Send]:
        """An entry passes the gate."""
        return self.say(self.gated(event, offset), after=after)

    def gated(self, event: WatchlistEntry, offset: int | None = None) -> GatedEntry:
        content = sha256(event.model_dump_json(exclude={"event_id", "recorded_at"}).encode()).digest()
        source = self.source(f"watchlist.{event.producer}", event, offset)
        return GatedEntry(source=source, content=content, entry=event)

    def meet(self, item: Subject | Object | None, version: int = 1, *, after: int = 1_000, **more: Any) -> list[Send]:
        """Sightings announces an item of an incident for an entry."""
        return self.say(candidate(item, version, **more), after=after)

    def answer(
        self, by: str, kind: ResponseKind, alert_id: str, *, offset: int | None = None, **more: Any
    ) -> list[Send]:
        """An answer passes the gate."""
        given = {
            "event_id": f"answer-{by}-{kind}-{self.offset}",
            "producer": by,
            "occurred_at": timestamp(self.now),
            "recorded_at": timestamp(self.now),
            "case_ref": f"0-{alert_id}",
            "kind": kind,
        }
        response = Response(**given | more)
        source = self.source(f"responses.{by}", response, offset)
        return self.say(GatedResponse(source=source, alert_id=alert_id, response=response))

    def tick(self, *, after: int = 1_000) -> list[Send]:
        return self.say(Tick(at=timestamp(self.now + after)), after=after)


def alerts_in(said: Iterable[Send]) -> list[Alert]:
    return [send.message for send in said if isinstance(send.message, Alert)]


def told(said: Iterable[Send]) -> dict[str, str]:
    """Recipient and status of the alerts said, by recipient."""
    return {alert.recipient: str(alert.status) for alert in alerts_in(said)}


def rejects_in(said: Iterable[Send]) -> list[Reject]:
    return [send.message for send in said if isinstance(send.message, Reject)]


def audits_in(said: Iterable[Send]) -> list[AuditRecord]:
    return [send.message for send in said if isinstance(send.message, AuditRecord)]


def held(world: World) -> dict[str, dict[str, Alert]]:
    """By recipient and alert_id, the last alert sent."""
    result: dict[str, dict[str, Alert]] = {}
    for alert in alerts_in(world.said):
        result.setdefault(alert.recipient, {})[alert.alert_id] = alert
    return result


MINUTE = timedelta(minutes=1)
