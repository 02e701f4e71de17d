"""The gate: checks what bureaus publish, decodes it once and routes it. Stateless: the same record, the same answer.

What is wrong goes back to its sender as a Reject with reason, place, digest and the first bytes, and the stream goes
on. Infrastructure that is away (a registry) is no fault of an event: its errors pass through, for the edge to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from itertools import chain

from pydantic import BaseModel

from schemas import topics
from schemas.codes import RejectReason
from schemas.envelope import Envelope
from schemas.errors import InvalidMessage, Undecodable, UnknownSchema
from schemas.events import Incident, Response, WatchlistEntry
from schemas.internal import GatedEntry, GatedIncident, GatedResponse, Source
from schemas.model import LAST
from schemas.model import timestamp as time_of
from schemas.participants import Participants
from schemas.signing import Headers
from streams.stages import checks, checks_events, keys
from streams.stages.checks import Problem, Problems
from streams.stages.checks_fields import fields
from streams.stages.contract import Millis, Send, UnreadBatch
from streams.stages.errors import MalformedKey, UnexpectedMessage
from streams.stages.rejects import HEAD, reject
from streams.stages.rules import GateRules
from streams.stages.signatures import Judged, Signatures

NAME = "gate"
_NOT_CONTENT = {"event_id", "recorded_at", "delegation", "correlation_id"}
_EVENTS: dict[str, type[Envelope]] = {"incidents": Incident, "watchlist": WatchlistEntry, "responses": Response}


class Gate:
    """Checks and routes the records of country topics."""

    def __init__(
        self,
        participants: Participants,
        decode: Callable[[bytes], BaseModel],
        rules: GateRules | None = None,
    ) -> None:
        """`decode` raises the errors of schemas.errors for bad bytes, and others when it cannot decide."""
        self._participants = participants
        self._decode = decode
        self._rules = rules or GateRules()
        self._signatures = Signatures(participants, self._rules)
        self._largest = {
            "incidents": self._rules.incident,
            "watchlist": self._rules.entry,
            "responses": self._rules.response,
        }

    def process(
        self,
        topic: str,
        partition: int,
        offset: int,
        timestamp: Millis,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> list[Send]:
        """What to say about one record of a country topic: the checked event, or a reject to its sender.

        `timestamp` is the broker's append time; of a topic that lets senders set it, one that is no time counts as the
        nearest that is. Raises only what `decode` raises besides errors of schemas.errors.
        """
        data = value or b""
        timestamp = _possible(timestamp)
        source = Source(
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=time_of(timestamp),
            sha256=sha256(data).digest(),
            size=len(data),
            head=data[:HEAD],
        )
        (event, problems) = self.examine(topic, timestamp, key, value, headers)
        problem = next(problems, None)
        if problem is None and event is not None:
            return [self._passed(source, event)]
        if topics.is_roll(key, value):
            return []
        (reason, place, detail) = problem or Problem(RejectReason.UNDECODABLE, "", "empty")
        return [reject(NAME, source, reason, place, detail, getattr(event, "event_id", None))]

    def examine(
        self, topic: str, timestamp: Millis, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> tuple[BaseModel | None, Problems]:
        """The event in a record of a country topic (None: it cannot be read), and what is wrong with it, one by one.

        The first problem is the one that the record is refused for; looking for the others costs nothing until they
        are asked for. Raises only what `decode` raises besides errors of schemas.errors.
        """
        if topics.is_roll(key, value):
            return None, iter(())
        timestamp = _possible(timestamp)
        (kind, country) = topic.rsplit(".", 1)
        data = value or b""
        problem = self._unreadable(kind, value)
        judged = Judged()
        if problem is None:
            judged = self._signatures.judge(topic, timestamp, key, data, headers)
            try:
                event = self._decode(data)
            except UnknownSchema:
                detail = "the schema id is not registered for any of our events; register schemas by provisioning"
                problem = Problem(RejectReason.UNKNOWN_SCHEMA, "", detail)
            except Undecodable:
                detail = "not an Avro event in Confluent wire format as its schema says"
                problem = Problem(RejectReason.UNDECODABLE, "", detail)
            except InvalidMessage as error:
                problem = Problem(RejectReason.INVALID_FIELD, error.place, error.why)
            else:
                problems = self._problems(kind, country, event, key, len(data), timestamp, judged)
                return event, chain(judged.problems, problems)
        return None, iter((*judged.problems, problem))

    def set_aside(
        self, topic: str, partition: int, offset: int, timestamp: Millis, value: bytes | None, fingerprint: str
    ) -> list[Send]:
        """What to say about a record that could not be processed, or whose output no topic takes: a defect of ours.

        The smallest reject there is, so that it always fits; `fingerprint` leads the operator to the trace.
        """
        data = value or b""
        source = Source(
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=time_of(_possible(timestamp)),
            sha256=sha256(data).digest(),
            size=len(data),
        )
        detail = f"it could not be processed, which is a defect of the pipeline; tell its operator {fingerprint}"
        return [reject(NAME, source, RejectReason.NOT_PROCESSED, "", detail)]

    def _unreadable(self, kind: str, value: bytes | None) -> Problem | None:
        if value is None:
            detail = "an empty record says nothing; to take an entry back publish it with a higher version and status"
            return Problem(RejectReason.UNDECODABLE, "", detail)
        if isinstance(value, UnreadBatch):
            which = f"the batch of records from offset {value.first} to {value.last} was not read"
            detail = f"{which}: {value.why}; publish its events again in smaller batches"
            return Problem(RejectReason.TOO_LARGE, "", detail)
        if len(value) > (largest := self._largest[kind]):
            return Problem(RejectReason.TOO_LARGE, "", f"an event of this kind has at most {largest // 1024} KiB")
        return None

    def _problems(
        self,
        kind: str,
        country: str,
        event: BaseModel,
        key: bytes | None,
        size: int,
        appended_at: Millis,
        judged: Judged,
    ) -> Problems:
        if not isinstance(event, Envelope) or not isinstance(event, _EVENTS[kind]):
            yield Problem(
                RejectReason.WRONG_EVENT_TYPE, "", f"this topic carries {_EVENTS[kind].__name__} events alone"
            )
            return
        if event.producer != country:
            yield Problem(RejectReason.WRONG_PRODUCER, "producer", "the producer is not the participant of this topic")
            event = event.model_copy(update={"producer": country})  # what else is wrong, were it the right one
        (name, wanted) = _key_of(event)
        if key != wanted.encode(errors="surrogatepass"):
            yield Problem(RejectReason.WRONG_KEY, name, f"the record's key must be the {name}")
        yield from chain(
            self._signatures.delegation(kind, country, event, judged),
            fields(event),
            checks.envelope(event, appended_at, self._rules.ahead, self._participants),
            self._of_kind(event, size, appended_at),
        )

    def _of_kind(self, event: Envelope, size: int, appended_at: Millis) -> Problems:
        if isinstance(event, Incident):
            yield from checks_events.incident(event, size, appended_at, self._rules, self._participants)
        elif isinstance(event, WatchlistEntry):
            yield from checks_events.entry(event, size, appended_at, self._rules)
        elif isinstance(event, Response):
            yield from checks_events.response(event)
            try:
                keys.read_case_ref(event.case_ref, self._participants.partitions)
            except MalformedKey:
                detail = "no case has this reference; repeat the case_ref of the alert as it is"
                yield Problem(RejectReason.UNKNOWN_CASE, "case_ref", detail)

    def _passed(self, source: Source, event: BaseModel) -> Send:
        if isinstance(event, Incident):
            key = keys.incident_key(event.exercise, event.producer, event.incident_id)
            gated = GatedIncident(source=source, content=content_of(event), incident=event)
            return Send(topics.SIGHTINGS, key, gated)
        if isinstance(event, WatchlistEntry):
            key = keys.entry_key(event.exercise, event.producer, event.entry_id)
            return Send(topics.CASES, key, GatedEntry(source=source, content=content_of(event), entry=event))
        if isinstance(event, Response):
            case = keys.read_case_ref(event.case_ref, self._participants.partitions)
            answer = GatedResponse(source=source, alert_id=case.alert_id, response=event)
            return Send(topics.CASES, case.alert_id, answer, case.partition)
        raise UnexpectedMessage(NAME, event)


def content_of(event: Incident | WatchlistEntry) -> bytes:
    """SHA-256 of what an event says, leaving out what names or carries the message.

    Fields at their defaults are left out, so that a field added to the schema later changes no digest.
    """
    return sha256(event.model_dump_json(exclude=_NOT_CONTENT, exclude_defaults=True).encode()).digest()


def _key_of(event: Envelope) -> tuple[str, str]:
    if isinstance(event, Incident):
        return "incident_id", event.incident_id
    if isinstance(event, WatchlistEntry):
        return "entry_id", event.entry_id
    return "case_ref", getattr(event, "case_ref", "")


def _possible(timestamp: Millis) -> Millis:
    return min(max(timestamp, 0), LAST)
