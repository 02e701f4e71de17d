"""Reads what a participant may read of itself: its rejects, and what it published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from producers.repairs.collecting import Collected, Position, position_of
from producers.repairs.refused_event import RefusedEvent
from producers.repairs.replaying import OwnTopics
from schemas import topics
from schemas.alerts import Reject
from schemas.codec import Codec
from schemas.envelope import Envelope
from tocsin.runtime.consuming import Record, TopicReader
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection
from tocsin.runtime.to_end import records_to_end


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """One participant's way to its own topics. Broker and registry away are waited for, `patience` seconds at most."""

    code: str
    connection: Connection
    patience: float | None = None
    on_waiting: Callable[[str], None] = lambda why: None
    on_record: Callable[[], None] = lambda: None

    def collected(self) -> tuple[Collected, Codec]:
        """Its rejects with the bytes that they are about, and what reads these."""
        codec = self.codec()
        rejects = [
            message
            for record in self.records([topics.rejects(self.code)])
            if isinstance(message := codec.readable(record.value), Reject)
        ]
        found = Collected(rejects)
        if found.topics:
            for record in self.records(found.topics, found.since):
                event = codec.readable(record.value)
                found.take(record, event.event_id if isinstance(event, Envelope) else None)
        return found, codec

    def own(self, lines: Sequence[RefusedEvent]) -> OwnTopics:
        """What its topics hold about the events of a file.

        From their beginning: what was refused may be a copy of what was said long before.
        """
        codec = self.codec()
        found = OwnTopics(lines)
        for record in self.records(sorted({line.topic for line in lines})):
            event = codec.readable(record.value)
            if event is not None:
                found.take((record.topic, record.partition, record.offset), event)
        for record in self.records([topics.rejects(self.code)]):
            reject = codec.readable(record.value)
            if isinstance(reject, Reject):
                found.refused(position_of(reject))
        return found

    def refused(self, topic: str) -> frozenset[Position]:
        """Where in one of its topics events stand that were refused, as far as its rejects reach back."""
        codec = self.codec()
        rejects = (codec.readable(record.value) for record in self.records([topics.rejects(self.code)]))
        return frozenset(
            position_of(reject) for reject in rejects if isinstance(reject, Reject) and reject.source_topic == topic
        )

    def codec(self) -> Codec:
        """What reads the records; waits for the registry as for the broker."""
        ids = RegistrySchemaIds(
            self.connection.registry, self.patience, ca_file=self.connection.ca_file, on_waiting=self.on_waiting
        )
        return Codec(ids)

    def records(self, names: Sequence[str], since: int | None = None) -> Iterator[Record]:
        """What these topics hold as of now, appended since then (milliseconds). Raises Unavailable, NotAllowed."""
        if not names:
            return
        with TopicReader(self.connection, names, purpose="repairs", from_beginning=True, since=since) as reader:
            for record in records_to_end(reader, patience=self.patience, on_waiting=self.on_waiting):
                self.on_record()
                yield record
