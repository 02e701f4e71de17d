"""What participants hear: every alert and reject, read with read_committed while things go wrong and afterwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.stack.running import Stack
from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codec import Codec
from schemas.codes import AlertStatus
from streams.tasks.log import Place, Record
from tests.chaos.publishing import Version
from tests.schedules.oracle import Live
from tests.schedules.world import counted_by, live_of
from tocsin.runtime.message_headers import headers_of
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection, connect

OURS = re.compile(r"I\d+").fullmatch
"""Ids of incidents as tests.schedules.histories has them: on a stack that is shared there are others."""
_AT_ONCE = 5_000


class Reading:
    """Reads whole topics, committed records only, each record once, in the order of its partition."""

    def __init__(self, connection: Connection, names: Sequence[str]) -> None:
        config = connection.as_librdkafka(
            group_id="chaos",
            isolation_level="read_committed",
            enable_auto_commit=False,
            enable_partition_eof=True,
            auto_offset_reset="error",
            reconnect_backoff_max_ms=1000,
        )
        config |= {"log_level": 0}
        listed = AdminClient(config).list_topics(timeout=30).topics
        self._places = [TopicPartition(name, it, OFFSET_BEGINNING) for name in names for it in listed[name].partitions]
        self._consumer = Consumer(config)
        self._consumer.assign(self._places)
        self._seen: dict[Place, int] = {}

    def new(self, seconds: float) -> Iterator[Record]:
        """What there is now, or comes within `seconds`."""
        for message in self._consumer.consume(_AT_ONCE, seconds):
            if message.error() is None:
                place = Place(message.topic(), message.partition())
                assert message.offset() > self._seen.get(place, -1), f"{place} was read back"
                self._seen[place] = message.offset()
                headers = headers_of(message)
                yield Record(place, message.offset(), message.timestamp()[1], message.key(), message.value(), headers)

    def all(self) -> Iterator[Record]:
        """Everything to the end of each partition; for topics in which nobody writes any more."""
        open_places = {Place(it.topic, it.partition) for it in self._places}
        while open_places:
            for message in self._consumer.consume(_AT_ONCE, 0.2):
                error = message.error()
                place = Place(message.topic(), message.partition())
                if error is None:
                    headers = headers_of(message)
                    yield Record(
                        place, message.offset(), message.timestamp()[1], message.key(), message.value(), headers
                    )
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_places.discard(place)

    def close(self) -> None:
        self._consumer.close()


class Hearing:
    """Everybody's alerts and rejects."""

    def __init__(self, stack: Stack, codes: Sequence[str]) -> None:
        self._codec = Codec(RegistrySchemaIds(stack.registry, ca_file=stack.ca_file))
        names = [topic(code) for code in codes for topic in (topics.alerts, topics.rejects)]
        self._reading = Reading(connect("admin", stack.settings), names)
        self.alerts: dict[tuple[str, str], Alert] = {}
        """The newest revision by recipient and alert_id."""
        self.times: Counter[tuple[str, str, int]] = Counter()
        """How often each revision of an alert was sent to a recipient."""
        self.rejects: list[Reject] = []
        self.heard: list[tuple[float, Version, Version]] = []
        """Of each live alert: when it was appended, and the versions of incident and entry that it is about."""

    def listen(self, seconds: float) -> list[Alert | Reject]:
        """Take in what is new, and return it."""
        new: list[Alert | Reject] = []
        for record in list(self._reading.new(seconds)):
            assert record.value is not None
            match self._codec.decode(record.value):
                case Alert() as alert:
                    new.append(alert)
                    self._hear(alert, record.timestamp / 1000)
                case Reject() as reject:
                    new.append(reject)
                    self.rejects.append(reject)
        return new

    def _hear(self, alert: Alert, at: float) -> None:
        place = (alert.recipient, alert.alert_id)
        self.times[*place, alert.revision] += 1
        if (before := self.alerts.get(place)) is None or before.revision < alert.revision:
            self.alerts[place] = alert
        incident, entry = alert.incident, alert.entry
        unanswered = alert.status is AlertStatus.LIVE and not alert.answers  # later revisions are told of answers
        if unanswered and incident is not None and entry is not None:
            mode = alert.exercise.value
            self.heard.append(
                (
                    at,
                    (mode, incident.producer, incident.incident_id, incident.incident_version),
                    (mode, entry.owner, entry.entry_id, entry.entry_version),
                )
            )

    def live(self) -> Live:
        """The alerts about incidents of the run that their recipients hold as live."""
        ours = {place: it for place, it in self.alerts.items() if it.incident and OURS(it.incident.incident_id)}
        return live_of(ours)

    def counted(self) -> Counter[tuple[str, str]]:
        """What digests count instead of its being sent, by recipient and alert_id."""
        return counted_by(self.alerts)

    def doubled(self) -> list[tuple[str, str, int]]:
        """Revisions of alerts that a recipient was sent more than once."""
        return [place for place, times in self.times.items() if times > 1]

    def close(self) -> None:
        self._reading.close()
