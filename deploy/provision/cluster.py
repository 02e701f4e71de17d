"""What a broker and a registry hold, as far as provisioning cares: the same shape for what is and what shall be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

WRITE, READ, REQUESTS = "producer_byte_rate", "consumer_byte_rate", "request_percentage"
"""Limits of a user: bytes a second written and read, and percent of one of a broker's threads. Kafka counts each per
broker."""


class Resource(StrEnum):
    """What an ACL is about."""

    TOPIC = "topic"
    GROUP = "group"
    TRANSACTIONAL_ID = "transactional-id"
    CLUSTER = "cluster"


class Operation(StrEnum):
    """What an ACL allows, by Kafka's names."""

    ALL = "ALL"
    READ = "READ"
    WRITE = "WRITE"
    CREATE = "CREATE"
    DELETE = "DELETE"
    ALTER = "ALTER"
    DESCRIBE = "DESCRIBE"
    CLUSTER_ACTION = "CLUSTER_ACTION"
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    ALTER_CONFIGS = "ALTER_CONFIGS"
    IDEMPOTENT_WRITE = "IDEMPOTENT_WRITE"


@dataclass(frozen=True, order=True)
class Acl:
    """One right of one principal (a Kafka user without `User:`)."""

    principal: str
    resource: Resource
    name: str
    operation: Operation
    prefixed: bool = False
    """Whether `name` is a prefix."""
    host: str = "*"
    allow: bool = True

    def __str__(self) -> str:
        verb = "may" if self.allow else "must not"
        star = "*" if self.prefixed else ""
        place = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal} {verb} {self.operation} {self.resource} {self.name}{star}{place}"


@dataclass(frozen=True)
class TopicState:
    """One topic."""

    partitions: int
    replicas: int
    config: Mapping[str, str]
    """Of what is there: settings of the topic itself, without the broker's defaults."""
    may_grow: bool = False
    """Of what shall be: whether partitions may be added. Internal topics share keys with state, so theirs may not."""


@dataclass(frozen=True)
class Cluster:
    """Broker and registry."""

    topics: Mapping[str, TopicState] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    """Principals with a SCRAM-SHA-512 credential."""
    secrets: frozenset[str] = frozenset()
    """Principals whose password lies in the state folder."""
    made: frozenset[str] = frozenset()
    """Of what is there: users that were made from this state folder, by its record."""
    keys: frozenset[str] = frozenset()
    """Principals that a public key is declared for; of what shall be: that a pair is made for here."""
    acls: frozenset[Acl] = frozenset()
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """How fast a user may write and read, by user and what: WRITE, READ, REQUESTS."""
    compatibility: Mapping[str, str | None] = field(default_factory=dict)
    """Compatibility level by subject; the registry's own is under the empty name."""
    schemas: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Schemas by subject, oldest version first, as parsed JSON; of what is there in normal form."""
