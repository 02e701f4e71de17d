"""What the broker's own authorizer answers a user, asked as that user: every operation on every resource it is given.

No ACL is read for it. Where Kafka tells a user what it may do (topics, groups), one question is enough; but it tells
only who may DESCRIBE the resource, so operations that do not imply DESCRIBE are tried: settings are described and
altered, topics created (both validated only), a replica's fetch sent, producer ids and coordinators asked for. Rights
on delegation tokens are left out: the brokers have no key for tokens, so there are none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import (
    AlterConfigsRequest,
    CreateTopicsRequest,
    DescribeConfigsRequest,
    DescribeGroupsRequest,
    DescribeGroupsRequest_v3,
    DescribeGroupsResponse_v3,
)
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from confluent_kafka import Consumer, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AclOperation, AdminClient

from deploy.stack.local import Stack
from tocsin.runtime.settings import Connection, connect

CLUSTER = ("cluster", "")
"""The cluster as a resource."""
Allowed = dict[tuple[str, str], frozenset[str]]
"""By kind (topic, group, transactional id, cluster) and name: the operations that are allowed, if any is."""
_TOPIC, _BROKER, _GROUP = 2, 4, 32
"""Kinds of resources that have settings, by Kafka's numbers."""
_REFUSED = {29, 30, 31, 53}
"""TOPIC_, GROUP_, CLUSTER_ and TRANSACTIONAL_ID_AUTHORIZATION_FAILED."""
_NOT_YET = {14, 15, 16}
"""Coordinator is loading, not there yet, elsewhere."""
_GRANTED = {0, 14, 15, 16, 36, 37, 40, 42, 51}
"""None, coordinator is loading, not there yet or elsewhere, topic exists or would have wrong partitions, settings or
request are wrong, transactions at once: all of them are found out after the right was."""


@dataclass(frozen=True)
class Resources:
    """What is asked about."""

    topics: Sequence[str]
    groups: Sequence[str]
    transactional_ids: Sequence[str]


def allowed(stack: Stack, user: str, asked: Resources) -> Allowed:
    """What `user` may do with the resources and the cluster. Changes nothing but the epochs of transactional ids."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind, name, operation in (
        *_topics(admin_of(stack, user), asked.topics),
        *asyncio.run(_on_the_wire(connect(user, stack.settings), asked)),
    ):
        found.setdefault((kind, name), set()).add(operation)
    return {resource: frozenset(operations) for resource, operations in found.items()}


_ADMINS: dict[tuple[str, str], AdminClient] = {}


def admin_of(stack: Stack, user: str) -> AdminClient:
    """An admin client that lives to the end: one that is thrown away right after a refusal can crash the process."""
    key = (stack.bootstrap, user)
    if key not in _ADMINS:
        _ADMINS[key] = AdminClient(connect(user, stack.settings).as_librdkafka() | {"log_level": 0})
    return _ADMINS[key]


def with_groups(stack: Stack, codes: Iterable[str]) -> None:
    """Have a group of each participant, and the broker's own topic of group offsets: nothing is said of any group
    before, and librdkafka's admin client crashes when it asks then."""
    for code in codes:
        config = connect(code, stack.settings).as_librdkafka(group_id=f"{code}-watch", enable_auto_commit=False)
        consumer = Consumer(config | {"log_level": 0})
        consumer.commit(offsets=[TopicPartition(f"alerts.{code}", 0, 0)], asynchronous=False)
        consumer.close()


Right = tuple[str, str, str]
"""Kind and name of a resource, operation."""


def _topics(admin: AdminClient, topics: Sequence[str]) -> Iterator[Right]:
    described = admin.describe_topics(TopicCollection(list(topics)), include_authorized_operations=True)
    for name, future in described.items():
        try:
            operations = future.result(20).authorized_operations
        except KafkaException as error:
            if error.args[0].name() != "TOPIC_AUTHORIZATION_FAILED":
                raise
            continue
        yield from (("topic", name, one.name) for one in operations)
    cluster = admin.describe_cluster(include_authorized_operations=True).result(20)
    yield from ((*CLUSTER, one.name) for one in cluster.authorized_operations or ())


async def _on_the_wire(connection: Connection, asked: Resources) -> list[Right]:
    client = AIOKafkaClient(
        bootstrap_servers=connection.bootstrap,
        security_protocol=connection.security_protocol,
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=connection.user,
        sasl_plain_password=connection.password.get_secret_value(),
    )
    await client.bootstrap()
    try:
        (node,) = {broker.nodeId for broker in client.cluster.brokers()}
        return [right async for right in _asked(_Wire(client, node), str(node), asked)]
    finally:
        await client.close()


@dataclass(frozen=True)
class _Wire:
    client: AIOKafkaClient
    node: int

    async def send(self, request: Any) -> Any:
        return await self.client.send(self.node, request)


async def _asked(wire: _Wire, broker: str, asked: Resources) -> Any:
    for right in await _groups(wire, asked.groups):
        yield right
    for right in await _settings(wire, broker, asked):
        yield right
    made = await wire.send(CreateTopicsRequest([(name, 1, 1, [], []) for name in asked.topics], 10_000, True))
    for name, code, _ in made.topic_errors:
        if _granted(code):
            yield "topic", name, "CREATE"
    if await _fetches_as_a_replica(wire, asked.topics):
        yield (*CLUSTER, "CLUSTER_ACTION")
    # Idempotent writes go with the right to write any topic (KIP-679), too.
    if _granted((await wire.send(InitProducerIdRequest(None, 10_000))).error_code):  # type: ignore[arg-type]
        yield (*CLUSTER, "IDEMPOTENT_WRITE")
    for name in asked.transactional_ids:
        if _granted((await wire.send(FindCoordinatorRequest(name, 1))).error_code):
            yield "transactional id", name, "DESCRIBE"
        if _granted((await wire.send(InitProducerIdRequest(name, 10_000))).error_code):
            yield "transactional id", name, "WRITE"


class _GroupsV3(DescribeGroupsRequest_v3):
    """aiokafka 0.14 reads the answer to this version as if it were that of the second."""

    RESPONSE_TYPE = DescribeGroupsResponse_v3


class _GroupsWithRights(DescribeGroupsRequest):
    API_KEY = 15

    def build(self, request_struct_class: Any) -> Any:
        return _GroupsV3(self._groups, True)


async def _groups(wire: _Wire, groups: Iterable[str]) -> list[Right]:
    said = await wire.send(_GroupsWithRights(list(groups)))
    while {group[0] for group in said.groups} & _NOT_YET:
        await asyncio.sleep(0.1)
        said = await wire.send(_GroupsWithRights(list(groups)))
    return [
        ("group", group[1], operation)
        for group in said.groups
        if _granted(group[0])
        for operation in _operations(group[-1])
    ]


def _operations(bits: int) -> Iterator[str]:
    return (one.name for one in AclOperation if one.value > AclOperation.ALL.value and bits >> one.value & 1)


async def _settings(wire: _Wire, broker: str, asked: Resources) -> list[Right]:
    """Whether settings can be read, and be set back (which is only validated)."""
    resources = [
        *((_TOPIC, name) for name in asked.topics),
        *((_GROUP, name) for name in asked.groups),
        (_BROKER, broker),
    ]
    read = await wire.send(DescribeConfigsRequest([(kind, name, None) for kind, name in resources]))
    set_back = await wire.send(AlterConfigsRequest([(kind, name, []) for kind, name in resources], validate_only=True))
    of = {_TOPIC: "topic", _GROUP: "group", _BROKER: "cluster"}
    return [
        (of[kind], "" if kind == _BROKER else name, operation)
        for operation, said in (("DESCRIBE_CONFIGS", read), ("ALTER_CONFIGS", set_back))
        for code, _, kind, name, *_ in said.resources
        if _granted(code, unknown=3)
    ]


class _ReplicaFetch(FetchRequest):
    """A fetch as the brokers' own followers send it, for which a right to read the topic does not count."""

    API_KEY = 1

    def build(self, request_struct_class: Any) -> Any:
        made = super().build(request_struct_class)
        made.replica_id = 99
        return made


async def _fetches_as_a_replica(wire: _Wire, topics: Iterable[str]) -> bool:
    said = await wire.send(_ReplicaFetch(0, 0, 1, 0, [(name, [(0, 0, 1)]) for name in topics]))
    codes = {partition[1] for _, partitions in said.topics for partition in partitions}
    assert codes
    return bool(codes - _REFUSED)


def _granted(code: int, unknown: int = 0) -> bool:
    """Whether an error code means that the right is there. `unknown`: a code that says so in this request alone."""
    assert code in _REFUSED | _GRANTED | {unknown}, f"error {code} says nothing about the right"
    return code not in _REFUSED
