"""What shall be there, from the declaration of the participants and the schema files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from deploy.provision.cluster import READ, REQUESTS, WRITE, Cluster, TopicState
from deploy.provision.rights import principals, rights
from deploy.provision.signing_keys import holders
from schemas.compatibility import LEVEL, published
from schemas.participants import Participants
from schemas.topics import MIB, all_topics, internal_topics, service_user


@dataclass(frozen=True)
class Durability:
    """How many brokers hold each record, and how many must have it before it counts as written."""

    replicas: int = 1
    min_in_sync: int = 1


REQUEST_SHARE = 100.0
"""Percent of one of a broker's threads that a participant's requests may take: enough for its rates, and no more."""
LOCAL = Durability()
"""One broker."""
PRODUCTION = Durability(replicas=3, min_in_sync=2)
"""Three brokers or more: one may be away without anybody noticing."""


def durability_on(brokers: int) -> Durability:
    """What so many brokers can give."""
    return PRODUCTION if brokers >= PRODUCTION.replicas else LOCAL


def desired(
    participants: Participants,
    durability: Durability = LOCAL,
    *,
    shared_registry: bool = False,
    signing_keys: bool = True,
) -> Cluster:
    """The cluster that a declaration asks for; with `signing_keys` everybody who may publish has a key.

    A registry that holds subjects of others (`shared_registry`) keeps its own compatibility level; ours are set one by
    one.
    """
    topics = all_topics(participants)
    internal = {topic.name for topic in internal_topics(participants.partitions)}
    users = frozenset(principals(participants))
    schemas = published()
    return Cluster(
        topics={
            topic.name: TopicState(
                partitions=topic.partitions,
                replicas=durability.replicas,
                config=topic.config | {"min.insync.replicas": str(durability.min_in_sync)},
                may_grow=topic.name not in internal,
            )
            for topic in topics
        },
        users=users,
        secrets=users,
        keys=frozenset(holder.user for holder in holders(participants)) if signing_keys else frozenset(),
        acls=rights(participants, topics),
        quotas=limits(participants),
        compatibility=({} if shared_registry else {"": LEVEL}) | dict.fromkeys(schemas, LEVEL),
        schemas=schemas,
    )


def limits(participants: Participants) -> dict[str, dict[str, float]]:
    """How fast each participant, and each service of it, may write and read: none can keep the broker from others."""
    return {
        user: {WRITE: _whole(member.write_rate), READ: _whole(member.read_rate), REQUESTS: REQUEST_SHARE}
        for member in participants.members.values()
        for user in (member.code, *(service_user(member.code, name) for name in member.services))
    }


def _whole(rate: float) -> float:
    """Bytes a second of a rate in MiB: the broker takes no fraction of a byte, and none is meant to be 0."""
    return float(max(1, round(rate * MIB)))


def fingerprint(participants: Participants, durability: Durability = LOCAL) -> str:
    """Text that changes when a declaration (or the program) asks for something else than before."""
    wanted = desired(participants, durability)
    parts: list[Any] = [
        sorted((name, vars(topic) | {"config": dict(topic.config)}) for name, topic in wanted.topics.items()),
        sorted(map(str, wanted.acls)),
        sorted(wanted.users),
        sorted(wanted.keys),
        sorted((user, sorted(values.items())) for user, values in wanted.quotas.items()),
        sorted(wanted.schemas.items()),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
