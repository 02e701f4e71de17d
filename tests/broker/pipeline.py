"""The whole pipeline on a real broker, and what a test says to it and hears from it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import uuid_utils
from confluent_kafka import Producer
from pydantic import BaseModel

import deploy
from consumers.reading import Got, Step, messages
from deploy.provision import fingerprint, provision
from deploy.stack.local import Stack, running_stack
from deploy.stack.processes import workers
from producers import CountryProducer
from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codec import Codec
from schemas.codes import Action, DocumentType, EntryStatus, IncidentType, Instrument, LossStatus, NoticeType
from schemas.events import Incident, Location, WatchlistEntry
from schemas.participants import Participants, load_participants
from schemas.signing import Headers, SigningKey
from schemas.subjects import BirthDate, Document, Name, Object, Subject
from tocsin.runtime.consuming import TopicReader
from tocsin.runtime.key_files import private_key
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

M = TypeVar("M", bound=BaseModel)
PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


@dataclass
class Pipeline:
    """A running stack with every stage, spoken to only as bureaus speak to it."""

    stack: Stack
    participants: Participants = field(default_factory=lambda: PARTICIPANTS)

    @cached_property
    def _codec(self) -> Codec:
        """Knows every schema of ours from its first use on, also while the registry is away."""
        ids = RegistrySchemaIds(self.stack.registry, ca_file=self.stack.ca_file)
        ids.load()
        return Codec(ids)

    def publish(self, *events: Incident | WatchlistEntry) -> None:
        """Publish events in order, each as its producer."""
        for event in events:
            with CountryProducer(event.producer, connect(event.producer, self.stack.settings)) as producer:
                if isinstance(event, Incident):
                    producer.publish_incident(event)
                else:
                    producer.publish_entry(event)
            assert producer.delivered == 1, producer.refused

    def publish_bytes(
        self, code: str, topic: str, key: bytes | None, value: bytes | None, headers: Headers | None = None
    ) -> None:
        """Publish raw bytes with a bureau's own credentials, signed with its key unless `headers` are given."""
        connection = connect(code, self.stack.settings)
        producer = Producer(connection.as_librdkafka(message_max_bytes=5_000_000))
        if headers is None:
            headers = self.signing_key(code).headers(topic, key or b"", value or b"", round(time.time() * 1000))
        producer.produce(topic, value, key, headers=list(headers))
        assert producer.flush(30) == 0

    def signing_key(self, user: str) -> SigningKey:
        """What a user signs with."""
        path = connect(user, self.stack.settings).signing_key
        assert path is not None
        return SigningKey(private_key(path))

    def read(self, user: str, topic: str, model: type[M], until_idle: float) -> list[M]:
        """Everything in a topic, read from its beginning with read_committed by a fresh consumer."""
        connection = connect(user, self.stack.settings)
        with TopicReader(connection, [topic], purpose="test", from_beginning=True) as reader:
            steps = messages(reader, self._codec.decode, model, until_idle=until_idle)
            return [step.message for step in steps if isinstance(step, Got)]

    @contextmanager
    def following(self, user: str, topic: str, model: type[M]) -> Iterator[Iterator[Step[M]]]:
        """What a topic has, from its beginning, and then what comes: for ever, a moment's quiet is a step, too."""
        connection = connect(user, self.stack.settings)
        with TopicReader(connection, [topic], purpose="test", from_beginning=True) as reader:
            yield messages(reader, self._codec.decode, model)

    def alerts(self, code: str, until_idle: float = 0.3) -> list[Alert]:
        """Every alert record of a participant, oldest first."""
        return self.read(code, topics.alerts(code), Alert, until_idle)

    def rejects(self, code: str, until_idle: float = 0.3) -> list[Reject]:
        """Everything refused of a participant."""
        return self.read(code, topics.rejects(code), Reject, until_idle)

    def eventually(
        self, look: Callable[[], Sequence[M]], wanted: Callable[[M], bool], count: int = 1, within: float = 120
    ) -> list[M]:
        """What fulfils `wanted`, once there are `count` of them; fails when there are not `within` so many seconds."""
        deadline = time.monotonic() + within
        while True:
            found = [one for one in look() if wanted(one)]
            if len(found) >= count or time.monotonic() > deadline:
                assert len(found) >= count, f"{len(found)} of {count} after {within:.0f} s"
                return found


@contextmanager
def running_pipeline(state: Path, joins: int = 1, **options: Any) -> Iterator[Pipeline]:
    """The pipeline for the length of the block, provisioned from the declaration that ships."""
    with running_stack(
        state,
        workers=workers(joins),
        provision=lambda stack: _provisioned(stack),
        provisioned_as=fingerprint(PARTICIPANTS),
        **options,
    ) as stack:
        yield Pipeline(stack)


def _provisioned(stack: Stack) -> None:
    provision(PARTICIPANTS, connect("admin", stack.settings), stack.registry, stack.state)


def fresh(prefix: str) -> str:
    """An identifier that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def event_id() -> str:
    """The name of a new message."""
    return str(uuid_utils.uuid7())


def fresh_number() -> str:
    """A document number that no other test uses and that folding leaves alone."""
    letters = str.maketrans("0123456789abcdef", "ACDEFGHJKLMNPQRT")
    return uuid.uuid4().hex[:10].translate(letters) + "7"


def passport(number: str, country: str | None = "fr") -> Document:
    return Document(type=DocumentType.PASSPORT, number=number, country=country)


def document_record(owner: str, entry_id: str, number: str, version: int = 1, **changes: Any) -> WatchlistEntry:
    """A stolen passport on a participant's list."""
    values: dict[str, Any] = {
        "instrument": Instrument.DOC_RECORD,
        "action": Action.SEIZE,
        "object": Object(object_id="o1", document=passport(number), loss_status=LossStatus.STOLEN),
    }
    return _entry(owner, entry_id, version, values | changes)


def person_notice(owner: str, entry_id: str, name: str, year: int, version: int = 1, **changes: Any) -> WatchlistEntry:
    """A wanted person on a participant's list."""
    values: dict[str, Any] = {
        "instrument": Instrument.NOTICE,
        "notice_type": NoticeType.RED,
        "action": Action.ARREST,
        "subject": Subject(subject_id="s1", names=(Name(full=name),), births=(BirthDate(year=year, month=3, day=9),)),
    }
    return _entry(owner, entry_id, version, values | changes)


def _entry(owner: str, entry_id: str, version: int, values: dict[str, Any]) -> WatchlistEntry:
    now = datetime.now(UTC)
    common = {"event_id": event_id(), "producer": owner, "occurred_at": now, "recorded_at": now}
    return WatchlistEntry(**common | {"entry_id": entry_id, "entry_version": version} | values)


def border_check(country: str, incident_id: str, subject: Subject, version: int = 1, **changes: Any) -> Incident:
    """A person met at a border."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "event_id": event_id(),
        "producer": country,
        "occurred_at": now,
        "recorded_at": now,
        "incident_id": incident_id,
        "incident_version": version,
        "incident_type": IncidentType.BORDER_CHECK,
        "location": Location(country=country, point="Benapole"),
        "subjects": (subject,),
    }
    return Incident(**values | changes)


def traveller(name: str, number: str | None = None, year: int = 1990) -> Subject:
    """A person at a border, with a passport if a number is given."""
    return Subject(
        subject_id="s1",
        names=(Name(full=name),),
        births=(BirthDate(year=year, month=3, day=9),),
        documents=(passport(number),) if number else (),
    )


def withdrawn(entry: WatchlistEntry) -> WatchlistEntry:
    """The next version of an entry: withdrawn."""
    return entry.model_copy(
        update={
            "event_id": event_id(),
            "entry_version": entry.entry_version + 1,
            "status": EntryStatus.WITHDRAWN,
        }
    )
