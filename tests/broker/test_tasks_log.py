"""Kafka keeps the same contract as the log in memory."""

from __future__ import annotations

import itertools
import time
import uuid

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.stack.running import Stack
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Log, Outgoing, Place
from tests.streams.tasks.log_contract import Fresh, LogContract, Unfinished
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker


class TestKafkaLog(LogContract):
    @pytest.fixture
    def log(self, stack: Stack) -> Log:
        return KafkaLog(connect("admin", stack.settings).as_librdkafka(), "log-contract")

    @pytest.fixture
    def fresh(self, stack: Stack) -> Fresh:
        topic, numbers = f"contract-{uuid.uuid4().hex[:8]}", itertools.count()
        admin = AdminClient(connect("admin", stack.settings).as_librdkafka())
        admin.create_topics([NewTopic(topic, 3, 1)])[topic].result(30)
        return lambda: Place(topic, next(numbers))

    @pytest.fixture
    def unfinished(self, stack: Stack) -> Unfinished:
        def leave(transactional_id: str, records: list[Outgoing]) -> None:
            config = connect("admin", stack.settings).as_librdkafka(transactional_id=transactional_id)
            producer = Producer(config)
            producer.init_transactions(30)
            producer.begin_transaction()
            for record in records:
                producer.produce(record.place.topic, record.value, record.key, record.place.partition)
            producer.flush(10)
            self.dead = producer
            time.sleep(0.1)

        return leave
