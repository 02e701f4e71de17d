"""Who may do what, judged as Kafka judges it: for every principal, topic and operation."""

from __future__ import annotations

from pathlib import Path

import pytest

import deploy
from deploy.provision.cluster import Acl, Operation, Resource
from deploy.provision.rights import principals, rights
from schemas.participants import Participant, Participants, load_participants
from schemas.topics import all_topics, internal_topics

SHIPPED = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
WITH_SERVICE = SHIPPED.model_copy(
    update={
        "members": SHIPPED.members
        | {
            "bd": Participant.model_validate(
                {"code": "bd", "name": "Bangladesh", "services": {"console": {"events": ["responses"]}}}
            )
        }
    }
)
TOPICS = all_topics(WITH_SERVICE)
ACLS = rights(WITH_SERVICE, TOPICS)
_IMPLIED = {Operation.DESCRIBE: {Operation.READ, Operation.WRITE, Operation.DELETE, Operation.ALTER}}


def allowed(principal: str, resource: Resource, name: str, operation: Operation, acls: frozenset[Acl] = ACLS) -> bool:
    """Kafka's rule: an allowing ACL of the principal, by whole name or prefix; some operations imply DESCRIBE."""
    enough = {operation, Operation.ALL} | _IMPLIED.get(operation, set())
    return any(
        acl.principal == principal
        and acl.resource is resource
        and acl.operation in enough
        and (name.startswith(acl.name) if acl.prefixed else name == acl.name)
        for acl in acls
    )


@pytest.mark.parametrize("principal", principals(WITH_SERVICE))
def test_rights_on_topics_are_those_of_the_table(principal: str) -> None:
    for topic in TOPICS:
        for operation in Operation:
            granted = allowed(principal, Resource.TOPIC, topic.name, operation)
            reads, writes = principal in topic.readers, principal in topic.writers
            wanted = {Operation.READ: reads, Operation.WRITE: writes, Operation.DESCRIBE: reads or writes}
            assert granted is wanted.get(operation, False), (principal, topic.name, operation)


@pytest.mark.parametrize("code", SHIPPED.codes)
def test_a_participant_writes_three_topics_and_reads_its_own_alone(code: str) -> None:
    mine = {(acl.operation.value, acl.name) for acl in ACLS if acl.principal == code and acl.resource is Resource.TOPIC}

    assert mine == {
        ("WRITE", f"incidents.{code}"),
        ("WRITE", f"watchlist.{code}"),
        ("WRITE", f"responses.{code}"),
        ("READ", f"alerts.{code}"),
        ("READ", f"rejects.{code}"),
        ("READ", f"incidents.{code}"),
        ("READ", f"watchlist.{code}"),
        ("READ", f"responses.{code}"),
    }


def test_no_participant_comes_near_an_internal_topic() -> None:
    for code in WITH_SERVICE.codes:
        for topic in internal_topics(WITH_SERVICE.partitions):
            for operation in Operation:
                assert not allowed(code, Resource.TOPIC, topic.name, operation)


def test_the_gate_alone_reads_what_others_publish_and_only_cases_writes_alerts() -> None:
    for code in WITH_SERVICE.codes:
        readers = {who for who in principals(WITH_SERVICE) if allowed(who, Resource.TOPIC, f"incidents.{code}", READ)}
        assert readers == {"worker-gate", code}
        writers = {who for who in principals(WITH_SERVICE) if allowed(who, Resource.TOPIC, f"alerts.{code}", WRITE)}
        assert writers == {"worker-cases"}


READ, WRITE = Operation.READ, Operation.WRITE


def test_a_service_publishes_what_its_bureau_lets_it_and_reads_nothing() -> None:
    mine = {(acl.operation, acl.resource, acl.name) for acl in ACLS if acl.principal == "bd-console"}

    assert mine == {(WRITE, Resource.TOPIC, "responses.bd")}


def test_nobody_holds_a_right_on_the_cluster_or_to_create_alter_or_delete() -> None:
    assert {acl.resource for acl in ACLS} == {Resource.TOPIC, Resource.GROUP, Resource.TRANSACTIONAL_ID}
    assert {acl.operation for acl in ACLS} == {Operation.READ, Operation.WRITE, Operation.DESCRIBE}
    assert {acl.host for acl in ACLS} == {"*"}
    assert all(acl.allow for acl in ACLS)


def test_no_two_principals_share_a_consumer_group_or_a_transactional_id() -> None:
    for resource in (Resource.GROUP, Resource.TRANSACTIONAL_ID):
        held = [(acl.principal, acl.name) for acl in ACLS if acl.resource is resource]
        for who, name in held:
            others = {other for other, theirs in held if other != who and (theirs.startswith(name))}
            assert not others, (who, name, others)


def test_transactional_ids_belong_to_the_two_apps_whose_tasks_write_in_transactions() -> None:
    assert {(acl.principal, acl.name) for acl in ACLS if acl.resource is Resource.TRANSACTIONAL_ID} == {
        ("worker-joins", "joins-"),
        ("worker-cases", "cases-"),
    }


def test_a_declaration_without_participants_grants_workers_their_internal_topics_alone() -> None:
    empty = Participants(members={}, partitions=2)
    names = {acl.name for acl in rights(empty, all_topics(empty)) if acl.resource is Resource.TOPIC}

    assert names == {topic.name for topic in internal_topics(2)}
