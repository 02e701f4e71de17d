"""Judges one published message as the gate would, and beyond: the partitioner, the headers, the mode.

Nothing here says what an event must be: that is said by the gate, whose checks run here to their end, where the gate
stops at the first problem. What is added is what no stage needs and every sender must get right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel

from schemas.avro import full_name
from schemas.codes import Mode, RejectReason
from schemas.envelope import Envelope
from schemas.errors import SchemaError
from schemas.events import Incident, Response, WatchlistEntry
from schemas.participants import Participants
from schemas.partition import partition_of
from schemas.public_keys import PublicKey
from schemas.signing import HEADERS, KEY_ID
from schemas.topics import country_of
from streams.conformance import hints
from streams.stages.checks import Problem
from streams.stages.contract import Millis
from streams.stages.gate import Gate
from streams.stages.rules import GateRules

WRONG_PARTITION = "WRONG_PARTITION"
"""Not where murmur2 of the key has it: two clients disagree, and the order of an incident's versions is lost."""
NOT_IN_MODE = "NOT_IN_MODE"
"""Right or wrong, it is not the trial that it was meant to be."""
SCHEMA_ID_IN_HEADER = "SCHEMA_ID_IN_HEADER"
"""The client says the schema where nobody looks for it."""

_SCHEMA_HEADERS = ("__key_schema_id", "__value_schema_id")
_SHOWN_HEADERS = 5


@dataclass(frozen=True, slots=True)
class Published:
    """One record of a participant's own topic (incidents, watchlist or responses), as the broker keeps it."""

    topic: str
    partition: int
    offset: int
    timestamp: Millis
    """When the broker appended it."""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


class Finding(NamedTuple):
    """One thing that is wrong with a message."""

    reason: str
    """A RejectReason (the pipeline refuses it for this), or one of the codes above."""
    place: str
    """Path of the field, `key`, `partition` or `headers`; empty for the whole event."""
    detail: str
    """What is wrong and what to do. Holds no value of the event."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said about one message."""

    published: Published
    findings: tuple[Finding, ...] = ()
    """All that is wrong; the pipeline's reason for refusing it comes first."""
    notes: tuple[str, ...] = ()
    """What is not wrong and worth knowing."""
    event: Envelope | None = None
    """The event, where it can be read."""
    schema_id: int | None = None
    """Id of the schema that the message names."""
    belongs_to: int | None = None
    """The partition that its key belongs to; None without a key."""

    @property
    def is_right(self) -> bool:
        """Nothing is wrong with it."""
        return not self.findings


class Judge:
    """Judges messages of one cluster. Pure: the same message, the same verdict."""

    def __init__(
        self,
        participants: Participants,
        decode: Callable[[bytes], BaseModel],
        ids: Mapping[str, int],
        *,
        mode: Mode | None = Mode.TEST,
        rules: GateRules | None = None,
    ) -> None:
        """`decode` as the gate's; `ids`: the registry's ids of the events' schemas, by full name.

        `mode`: what every message is expected to be; None: any.
        """
        self._participants = participants
        self._gate = Gate(participants, decode, rules)
        self._decode = decode
        self._ids = dict(ids)
        self._mode = mode

    def judge(self, published: Published, partitions: int) -> Verdict:
        """The verdict on a message in a topic of so many partitions. Raises only what `decode` raises as the gate's."""
        it = published
        (event, problems) = self._gate.examine(it.topic, it.timestamp, it.key, it.value, it.headers)
        envelope = event if isinstance(event, Envelope) else None
        findings = [self._finding(problem, published, envelope) for problem in problems]
        findings += self._partition(published, partitions)
        findings += _headers(published)
        if envelope is not None and self._mode is not None and envelope.exercise is not self._mode:
            detail = f"its mode is not {self._mode}: trials are published in {self._mode}, which meets nothing real"
            findings.append(Finding(NOT_IN_MODE, "exercise", detail))
        return Verdict(
            published,
            tuple(findings),
            tuple(self._notes(published, event)),
            envelope,
            hints.schema_id_of(published.value),
            None if published.key is None else partition_of(published.key, partitions),
        )

    def _finding(self, problem: Problem, published: Published, event: Envelope | None) -> Finding:
        hint, place = None, problem.place
        if problem.reason is RejectReason.WRONG_KEY:
            hint, place = hints.about_key(published.key, event), "key"
        elif problem.reason is RejectReason.UNKNOWN_SCHEMA:
            hint = hints.about_schema_id(published.value, self._ids)
        elif problem.reason is RejectReason.UNDECODABLE and published.value is not None:
            hint = hints.about_framing(published.value, self._ids) or self._unread(published.value)
        elif problem.reason is RejectReason.BAD_SIGNATURE:
            hint = self._signed(published)
        elif problem.reason is RejectReason.UNKNOWN_KEY:
            ids = ", ".join(name for name, _ in self._keys(published.topic)) or "none"
            hint = f"declared are: {ids}"
        detail = problem.detail if hint is None else f"{problem.detail}; {hint}"
        return Finding(problem.reason, place, detail)

    def _keys(self, topic: str) -> Iterator[tuple[str, PublicKey]]:
        for _, keys in self._participants.members[country_of(topic)].signers:
            yield from keys.items()

    def _signed(self, published: Published) -> str | None:
        """What was signed instead."""
        named = {(value or b"").decode("ascii", "replace") for name, value in published.headers if name == KEY_ID}
        public = next((key for name, key in self._keys(published.topic) if name in named), None)
        it = published
        return hints.about_signature(it.topic, it.key or b"", it.value or b"", it.headers, public)

    def _unread(self, value: bytes) -> str | None:
        """What the decoder says: how far it came with which schema."""
        try:
            self._decode(value)
        except SchemaError as error:
            return f"{error}; write every field in the order of the schema file, null and default ones too"
        return None

    def _partition(self, published: Published, partitions: int) -> Iterator[Finding]:
        if published.key is None:
            return
        wanted = partition_of(published.key, partitions)
        if wanted == published.partition:
            return
        detail = f"this key belongs to partition {wanted} of {partitions}: murmur2 of its bytes, as Kafka's Java client"
        hint = hints.about_partitioner(published.key, published.partition, partitions)
        yield Finding(WRONG_PARTITION, "partition", f"{detail} has it; {hint}")

    def _notes(self, published: Published, event: BaseModel | None) -> Iterator[str]:
        others = [name for name, _ in published.headers if name not in (*_SCHEMA_HEADERS, *HEADERS)]
        if others:
            more = ", ..." if len(others) > _SHOWN_HEADERS else ""
            yield f"these headers are not read ({', '.join(others[:_SHOWN_HEADERS])}{more}); put nothing personal there"
        code = country_of(published.topic)
        if any(name in HEADERS for name, _ in published.headers) and not self._participants.must_sign(code):
            yield "the signature was not checked: no key of this participant is declared, and it may publish unsigned"
        schema_id = hints.schema_id_of(published.value)
        ours = None if event is None else self._ids.get(full_name(type(event)))
        if ours is not None and schema_id != ours:
            yield f"written with another version of the schema (id {schema_id}; Tocsin itself writes id {ours})"


def _headers(published: Published) -> Iterator[Finding]:
    for name, _ in published.headers:
        if name in _SCHEMA_HEADERS:
            detail = "the schema id stands in a header, which is not read; have the serializer put it before the value"
            yield Finding(SCHEMA_ID_IN_HEADER, f"headers.{name}", detail)


def named(event: Envelope | None) -> str:
    """An event in a few words for its sender: what it is, its identifier, its version."""
    match event:
        case Incident():
            return f"Incident {event.incident_id} version {event.incident_version}"
        case WatchlistEntry():
            return f"WatchlistEntry {event.entry_id} version {event.entry_version}"
        case Response():
            return f"Response {event.kind} to {event.case_ref}"
    return "cannot be read" if event is None else type(event).__name__
