"""What a bureau's credentials cannot do, whatever client asks: Kafka's own protocol, groups, transactions, settings."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from deploy.stack.local import Stack
from tests.broker.authorizer import admin_of, with_groups
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
QUIET = {"log_level": 0}


def config(stack: Stack, principal: str, **more: Any) -> dict[str, Any]:
    return connect(principal, stack.settings).as_librdkafka(**more) | QUIET


def one(futures: dict[Any, Future[Any]]) -> Future[Any]:
    (future,) = futures.values()
    return future


def grant(principal: str) -> AclBinding:
    return AclBinding(
        ResourceType.TOPIC,
        "alerts.fr",
        ResourcePatternType.LITERAL,
        f"User:{principal}",
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )


EVERY_ACL = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)
RETENTION = ConfigResource(
    ResourceType.TOPIC,
    "incidents.bd",
    incremental_configs=[ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)],
)
ADMINISTRATION: dict[str, Callable[[AdminClient], Future[Any]]] = {
    "create a topic": lambda admin: one(admin.create_topics([NewTopic("bd.private", 1, 1)])),
    "create a topic of its own shape": lambda admin: one(admin.create_topics([NewTopic("incidents.zz", 1, 1)])),
    "add partitions to its own topic": lambda admin: one(admin.create_partitions([NewPartitions("incidents.bd", 9)])),
    "delete its own topic": lambda admin: one(admin.delete_topics(["incidents.bd"])),
    "delete another's topic": lambda admin: one(admin.delete_topics(["incidents.fr"])),
    "empty its own topic": lambda admin: one(admin.delete_records([TopicPartition("alerts.bd", 0, 0)])),
    "change its topic's settings": lambda admin: one(admin.incremental_alter_configs([RETENTION])),
    "read another's settings": lambda admin: one(
        admin.describe_configs([ConfigResource(ResourceType.TOPIC, "incidents.fr")])
    ),
    "read the broker's settings": lambda admin: one(admin.describe_configs([ConfigResource(ResourceType.BROKER, "1")])),
    "grant itself a right": lambda admin: one(admin.create_acls([grant("bd")])),
    "take a right away": lambda admin: one(admin.delete_acls([EVERY_ACL])),
}


@pytest.mark.parametrize("what", ADMINISTRATION)
@pytest.mark.parametrize("principal", ["bd", "worker-cases"])
def test_administration_is_refused(provisioned: Stack, principal: str, what: str) -> None:
    admin = admin_of(provisioned, principal)
    with pytest.raises(KafkaException) as refused:
        ADMINISTRATION[what](admin).result(20)

    assert refused.value.args[0].name() in {
        "TOPIC_AUTHORIZATION_FAILED",
        "CLUSTER_AUTHORIZATION_FAILED",
    }


GROUPS = [
    ("bd", "bd-watch", True),
    ("bd", "bd-", True),
    ("bd", "bd", False),
    ("bd", "fr-watch", False),
    ("bd", "gate", False),
    ("bd", "consumer-metrics", False),
    ("in", "incidents", False),
    ("ccc", "cc-watch", False),
    ("worker-gate", "gate", True),
    ("worker-gate", "gate-2", False),
    ("worker-gate", "cases", False),
    ("worker-joins", "joins", True),
    ("worker-cases", "cases", True),
    ("consumer-metrics", "consumer-metrics", True),
    ("consumer-metrics", "consumer-metrics-2", True),
    ("consumer-metrics", "ccc-watch", False),
    ("auditor", "auditor", True),
]


@pytest.fixture(scope="module")
def grouped(provisioned: Stack) -> Stack:
    """A stack on which two bureaus have consumer groups."""
    with_groups(provisioned, ["fr", "bd"])
    return provisioned


@pytest.mark.parametrize(("principal", "group", "allowed"), GROUPS)
def test_consumer_groups_are_kept_apart(grouped: Stack, principal: str, group: str, allowed: bool) -> None:
    admin = admin_of(grouped, principal)
    asked = one(admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
    if allowed:
        asked.result(20)
    else:
        with pytest.raises(KafkaException) as refused:
            asked.result(20)
        assert refused.value.args[0].name() == "GROUP_AUTHORIZATION_FAILED"


def test_groups_of_others_are_not_even_listed(grouped: Stack) -> None:
    listed = admin_of(grouped, "bd").list_consumer_groups().result(20)

    names = {group.group_id for group in listed.valid}
    assert "bd-watch" in names
    assert {name[:3] for name in names} == {"bd-"}


TRANSACTIONS = [
    ("worker-joins", "joins-sightings-0", True),
    ("worker-joins", "joins-identifiers-7", True),
    ("worker-cases", "cases-cases-0", True),
    ("worker-joins", "cases-cases-0", False),
    ("worker-cases", "joins-sightings-0", False),
    ("worker-gate", "gate-incidents.bd-0", False),
    ("bd", "joins-sightings-0", False),
    ("bd", "bd-anything", False),
]


@pytest.mark.parametrize(("principal", "transactional_id", "allowed"), TRANSACTIONS)
def test_nobody_can_fence_anothers_task(
    provisioned: Stack, principal: str, transactional_id: str, allowed: bool
) -> None:
    producer = Producer(config(provisioned, principal, transactional_id=transactional_id))
    if allowed:
        producer.init_transactions(20)
    else:
        with pytest.raises(KafkaException) as refused:
            producer.init_transactions(20)
        assert refused.value.args[0].name() == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"


def test_an_idempotent_producer_needs_no_right_beyond_its_topic(provisioned: Stack) -> None:
    outcome: list[str | None] = []
    producer = Producer(config(provisioned, "bd", enable_idempotence=True, acks="all"))
    producer.produce(
        "incidents.bd", b"x", key=b"k", on_delivery=lambda error, _: outcome.append(error.name() if error else None)
    )
    producer.flush(20)

    assert outcome == [None]


@pytest.mark.parametrize("user", ["np", "nobody-at-all", "admin"])
def test_a_guessed_password_is_refused(provisioned: Stack, user: str) -> None:
    client = AdminClient(config(provisioned, "bd") | {"sasl.username": user, "sasl.password": "guessed"})
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)


def test_a_connection_without_credentials_is_refused(provisioned: Stack) -> None:
    client = AdminClient({"bootstrap.servers": provisioned.bootstrap} | QUIET)
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)
