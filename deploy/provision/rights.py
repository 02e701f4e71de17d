"""Who may do what: users and ACLs, computed from the topic table.

READ and WRITE each imply DESCRIBE of the same topic, so nobody is granted more to see what it uses, and a listing of
topics shows a bureau nothing but its own. An idempotent producer needs no right of its own since Kafka 2.8 (KIP-679):
WRITE on one topic is enough. Nobody but the super user may create, alter or delete anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploy.provision.cluster import Acl, Operation, Resource
from schemas.participants import Participants
from schemas.topics import (
    AUDITOR_USER,
    CASES_USER,
    FORWARDER_USER,
    GATE_USER,
    JOINS_USER,
    METRICS_USER,
    OPERATOR_USER,
    Topic,
    service_user,
)

APPS: dict[str, str] = {GATE_USER: "gate", JOINS_USER: "joins", CASES_USER: "cases"}
"""Faust app of each worker: the name of its consumer group, and the first part of its transactional ids."""
TRANSACTIONAL = (JOINS_USER, CASES_USER)
"""Workers whose tasks write in transactions."""
READERS = (METRICS_USER, FORWARDER_USER, AUDITOR_USER, OPERATOR_USER)
"""Principals that only read; their consumer groups begin with their own name."""


def principals(participants: Participants) -> tuple[str, ...]:
    """Every Kafka user of a declaration: participants, the services that publish for them, workers, readers."""
    services = tuple(
        service_user(member.code, name) for member in participants.members.values() for name in member.services
    )
    return (*participants.codes, *services, *APPS, *READERS)


def rights(participants: Participants, topics: Iterable[Topic]) -> frozenset[Acl]:
    """Every ACL of a declaration."""
    return frozenset((*_of_topics(topics), *_of_groups(participants), *_of_transactions()))


def _of_topics(topics: Iterable[Topic]) -> Iterator[Acl]:
    for topic in topics:
        for principal in topic.writers:
            yield Acl(principal, Resource.TOPIC, topic.name, Operation.WRITE)
        for principal in topic.readers:
            yield Acl(principal, Resource.TOPIC, topic.name, Operation.READ)


def _of_groups(participants: Participants) -> Iterator[Acl]:
    for code in participants.codes:
        yield Acl(code, Resource.GROUP, f"{code}-", Operation.READ, prefixed=True)
    for principal, app in APPS.items():
        yield Acl(principal, Resource.GROUP, app, Operation.READ)
    for principal in READERS:
        yield Acl(principal, Resource.GROUP, principal, Operation.READ, prefixed=True)


def _of_transactions() -> Iterator[Acl]:
    for principal in TRANSACTIONAL:
        for operation in (Operation.WRITE, Operation.DESCRIBE):
            yield Acl(principal, Resource.TRANSACTIONAL_ID, f"{APPS[principal]}-", operation, prefixed=True)
