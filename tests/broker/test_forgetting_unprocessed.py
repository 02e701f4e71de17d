"""`tocsin forget` deletes what a stage has processed, and never a record more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from deploy.forgetting import Forgetting
from deploy.stack.local import Stack
from schemas.participants import Participants
from schemas.topics import CASES_USER, IDENTIFIERS, JOINS_USER
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

PLACE = TopicPartition(IDENTIFIERS, 5)


def test_what_no_stage_has_processed_is_never_deleted(provisioned: Stack, participants: Participants) -> None:
    producer = Producer(connect(CASES_USER, provisioned.settings).as_librdkafka())
    for _ in range(5):
        producer.produce(IDENTIFIERS, b"x", b"k", PLACE.partition)
    assert producer.flush(20) == 0
    stage = Consumer(connect(JOINS_USER, provisioned.settings).as_librdkafka(group_id="joins"))
    first, end = stage.get_watermark_offsets(PLACE, timeout=20)
    stage.commit(offsets=[TopicPartition(IDENTIFIERS, PLACE.partition, end - 3)], asynchronous=False)
    forgetting = Forgetting(participants, connect("admin", provisioned.settings))

    kept = forgetting.forget(datetime.now(UTC), timedelta(hours=1))  # processed, but not so long ago
    assert stage.get_watermark_offsets(PLACE, timeout=20) == (first, end)
    assert IDENTIFIERS not in kept.deleted
    gone = forgetting.forget(datetime.now(UTC) + timedelta(seconds=1), timedelta())
    assert stage.get_watermark_offsets(PLACE, timeout=20) == (end - 3, end)
    assert gone.deleted == {IDENTIFIERS: end - 3 - first}
    stage.close()
