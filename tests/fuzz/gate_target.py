"""The gate of a declaration in which everybody signs: one answer to each record, and nothing that is forged passes."""

from __future__ import annotations

from collections import Counter

from schemas import topics
from schemas.alerts import Reject
from schemas.participants import Participants
from streams.stages.gate import Gate
from streams.tasks.outbox import Outbox
from streams.tasks.sequences import Sent
from tests.fuzz.hostile import CODEC
from tests.fuzz.records import Record, participants, unpacked

_MAY_PASS = ("right", "service", "many")


def outbox(declared: Participants) -> Outbox:
    """Encodes what stages say, and refuses what its topic would: as their tasks do."""
    made = topics.all_topics(declared)
    largest = {topic.name: int(topic.config["max.message.bytes"]) for topic in made}
    return Outbox(Sent("fuzz", {}), {topic.name: topic.partitions for topic in made}, largest, CODEC.encode)


class GateTarget:
    """Bytes that say one record; see tests/fuzz/records.py."""

    def __init__(self) -> None:
        declared = participants()
        self._gate = Gate(declared, CODEC.decode)
        self._outbox = outbox(declared)
        self._offset = 0
        self._signed: Counter[str] = Counter()
        self.shares: dict[str, object] = {"signed": self._signed}
        """What became of the records, by whether they were signed rightly."""

    def __call__(self, data: bytes) -> str | None:
        """Why the record is refused."""
        return self.answered(unpacked(data))

    def answered(self, record: Record) -> str | None:
        """Why a record is refused; None: it is let through. Raises AssertionError."""
        self._offset += 1
        said = self._gate.process(
            record.topic, 0, self._offset, record.timestamp, record.key, record.value, record.headers
        )
        for send in said:
            self._outbox.encoded(send)
        right = record.signed in _MAY_PASS
        if topics.is_roll(record.key, record.value):
            assert not said, "a roll is no message"
            return "a roll"
        (answer,) = said
        message = answer.message
        if not isinstance(message, Reject):
            assert right, f"let through, signed: {record.signed}"
            self._signed["rightly, let through"] += 1
            return None
        assert answer.topic == topics.rejects(topics.country_of(record.topic)), "a reject went to somebody else"
        assert message.size == len(record.value or b"")
        assert message.reason
        read = "an event" if message.event_id is not None else "no event"
        self._signed[f"{'rightly' if right else 'wrongly'}, {read}, refused"] += 1
        return message.reason.value
