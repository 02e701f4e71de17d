"""What Kafka does not forget by itself: run by the operator as the super user, as often as forgetting may wait.

Two things stand in the way of `what is DELETED is gone`:

- Compaction never touches the newest segment of a partition, and a new one is only begun when a record is appended. A
  list that nobody changes would keep a name beside its deletion for ever. So every partition of the lists gets a record
  that says nothing (`schemas.topics.ROLL`).
- Internal topics are kept for weeks, for a stage that stands still. What was processed long enough ago is of no use to
  anybody: it is deleted up to where the stages are.

What bureaus were sent and sent themselves stays until its time, unless it is said that all before a time shall go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import OffsetSpec

from deploy.administering import REQUEST_S, Administrator
from deploy.provision.rights import APPS
from schemas.model import millis
from schemas.participants import Participants
from schemas.partition import partition_of
from schemas.topics import (
    CASES,
    CASES_USER,
    GATE_USER,
    IDENTIFIERS,
    JOINS_USER,
    PERSONS,
    QUARANTINE,
    ROLL,
    SIGHTINGS,
    Topic,
    alerts,
    all_topics,
    incidents,
    rejects,
    responses,
    watchlist,
)
from tocsin.runtime.errors import TocsinError, Unavailable
from tocsin.runtime.settings import Connection
from tocsin.runtime.told_offsets import told_offset

OFFSETS = "__consumer_offsets"
"""The broker's own topic of group offsets: asked before it is there, librdkafka's admin client crashes."""
_PROCESSED = {SIGHTINGS: APPS[JOINS_USER], IDENTIFIERS: APPS[JOINS_USER], CASES: APPS[CASES_USER]}
"""Internal topics that are done with once they are processed, and the group that says how far that is."""


class NotForgotten(TocsinError):
    """The broker refused to delete, or to take a record. Nothing else was harmed; run it again."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done."""

    rolled: int
    """Partitions of lists that got a record by which their newest segment ends."""
    deleted: Mapping[str, int]
    """Records deleted, by topic; markers of transactions are among them."""


class Forgetting:
    """Makes the broker forget. Raises Unavailable, NotConfigured and NotForgotten."""

    def __init__(self, participants: Participants, connection: Connection) -> None:
        """`connection`: that of the super user."""
        self._participants = participants
        self._topics = {topic.name: topic for topic in all_topics(participants)}
        self._connection = connection
        self._administrator = Administrator(
            connection, lambda said: NotForgotten(f"{said} ({connection.user!r} must be the super user)")
        )
        self._admin = self._administrator.client

    def forget(self, now: datetime, processed_age: timedelta, before: datetime | None = None) -> Forgotten:
        """Close the newest segments of the lists, delete what was processed longer than `processed_age` ago.

        `before`: also delete what participants were sent and sent themselves, and what was set aside, before this time;
        events that the gate has not read stay.
        """
        ends: dict[TopicPartition, int] = {}
        if OFFSETS not in self._listed():
            return Forgotten(self._roll(), {})  # no group has ever committed: nothing was processed
        for topic, group in _PROCESSED.items():
            ends |= self._processed_until(topic, group, now - processed_age)
        if before is not None:
            for code in self._participants.codes:
                for topic in (incidents(code), responses(code)):
                    ends |= self._processed_until(topic, APPS[GATE_USER], before)
                for topic in (alerts(code), rejects(code)):
                    ends |= self._appended_until(topic, before)
            ends |= self._appended_until(QUARANTINE, before)
        deleted = self._delete(ends)
        return Forgotten(self._roll(), deleted)

    def _listed(self) -> frozenset[str]:
        return frozenset(self._administrator.ask(lambda: self._admin.list_topics(timeout=10).topics))

    def _roll(self) -> int:
        lists = [self._topics[PERSONS], *(self._topics[watchlist(code)] for code in self._participants.codes)]
        filled = [place for topic in lists for place in self._filled(topic)]
        failed: list[KafkaError] = []
        producer = Producer(
            self._connection.as_librdkafka(enable_idempotence=True, message_timeout_ms=30_000) | {"log_level": 0}
        )
        for place in filled:
            key = _key_for(place.partition, self._topics[place.topic].partitions)
            producer.produce(
                place.topic,
                None,
                key.encode(),
                place.partition,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
        if producer.flush(REQUEST_S):
            raise Unavailable(f"the broker at {self._connection.bootstrap} does not answer")
        if failed:
            raise NotForgotten(f"the broker refuses a record that closes a segment: {failed[0].str()}")
        return len(filled)

    def _filled(self, topic: Topic) -> list[TopicPartition]:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        first, last = self._offsets(places, OffsetSpec.earliest()), self._offsets(places, OffsetSpec.latest())
        return [place for place in places if last[place] > first[place]]

    def _processed_until(self, topic: str, group: str, before: datetime) -> dict[TopicPartition, int]:
        """Offsets up to which records were appended before a time and `group` has processed them."""
        appended = self._appended_until(topic, before)
        answer = self._admin.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, list(appended))],
            request_timeout=REQUEST_S,
        )
        (found,) = (self._result(future) for future in answer.values())
        done = {(one.topic, one.partition): one.offset for one in found.topic_partitions if one.error is None}
        return {place: min(offset, done.get((place.topic, place.partition), -1)) for place, offset in appended.items()}

    def _appended_until(self, topic: str, before: datetime) -> dict[TopicPartition, int]:
        """Offsets of the first records that were not appended before a time, the end where there is none."""
        places = [TopicPartition(topic, number) for number in range(self._topics[topic].partitions)]
        ends = self._offsets(places, OffsetSpec.latest())
        found = self._offsets(places, OffsetSpec.for_timestamp(millis(before)))
        return {place: found[place] if found[place] >= 0 else ends[place] for place in places}

    def _delete(self, ends: Mapping[TopicPartition, int]) -> dict[str, int]:
        places = list(ends)
        first = self._offsets(places, OffsetSpec.earliest())
        wanted = [place for place in places if ends[place] > first[place]]
        deleted: dict[str, int] = {}
        if wanted:
            asked = [TopicPartition(place.topic, place.partition, ends[place]) for place in wanted]
            answers = self._admin.delete_records(asked, request_timeout=REQUEST_S)
            for future in answers.values():
                self._result(future)
        for place in wanted:
            deleted[place.topic] = deleted.get(place.topic, 0) + ends[place] - first[place]
        return deleted

    def _offsets(self, places: Iterable[TopicPartition], which: OffsetSpec) -> dict[TopicPartition, int]:
        asked = dict.fromkeys(places, which)
        if not asked:
            return {}
        answers: Mapping[TopicPartition, Future[Any]] = self._admin.list_offsets(asked, request_timeout=REQUEST_S)
        found = {(place.topic, place.partition): self._told(answer) for place, answer in answers.items()}
        return {place: found[place.topic, place.partition] for place in asked}

    def _told(self, answer: Future[Any]) -> int:
        return self._administrator.ask(lambda: told_offset(self._result(answer)))

    def _result(self, future: Future[Any]) -> Any:
        return self._administrator.result(future)


def _key_for(partition: int, partitions: int) -> str:
    """A key that says nothing and belongs to `partition`."""
    return next(key for number in count() if partition_of(key := f"{ROLL}{number}", partitions) == partition)
