"""Every role against every topic, group, transactional id and the cluster, in every operation, on the real broker.

What each role may do stands here in words of its own: nothing of it is taken from the code that provisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from deploy.provision import provision
from deploy.stack.local import Stack
from schemas.participants import Participants, Service
from tests.broker.authorizer import CLUSTER, Allowed, Resources, admin_of, allowed, with_groups
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
QUIET = {"log_level": 0}

# r: reads, w: writes. own: the participant that the topic is named after. desk: a service of it, declared for
# incidents and responses. Whoever is not named in a line (other participants and their services too) may do nothing.
TOPICS = """
incidents.           own rw    desk w    worker-gate r
watchlist.           own rw              worker-gate r
responses.           own rw    desk w    worker-gate r
rejects.             own r     worker-gate w    worker-joins w    worker-cases w
alerts.              own r     worker-cases w   consumer-forwarder r (not of canaries)   consumer-metrics r (of ccc)
sightings            worker-gate w    worker-joins rw    worker-cases w
identifiers          worker-joins rw  worker-cases w
persons              worker-joins r   worker-cases w
cases                worker-gate w    worker-joins w     worker-cases rw
sightings-changelog  worker-joins rw
identifiers-changelog  worker-joins rw
cases-changelog      worker-cases rw
quarantine           worker-joins w   worker-cases w     operator r
audit                worker-cases w   auditor r
"""
BUREAUS = ("bd", "in", "np", "bt", "lk", "mv", "pk", "af", "mm", "th", "fr")
CANARIES = ("xa", "xb")
PARTICIPANTS = (*BUREAUS, "un", "ccc", *CANARIES)
SERVING = "bd"
"""The participant that has a service."""
SERVICE = f"{SERVING}-desk"
WORKERS = {"worker-gate": "gate", "worker-joins": "joins", "worker-cases": "cases"}
"""With the names of their apps: the consumer group, and the first part of the transactional ids of the two that write
in transactions."""
READING = ("consumer-metrics", "consumer-forwarder", "auditor", "operator")
USERS = (*PARTICIPANTS, SERVICE, *WORKERS, *READING)

GROUPS = (*(f"{user}-x" for user in USERS), *USERS, *WORKERS.values(), "gate-2", "joins-2", "cases-2", "b", "incidents")
TRANSACTIONAL_IDS = (
    *(f"{user}-x" for user in USERS),
    *("joins-sightings-0", "joins-identifiers-7", "cases-cases-0", "gate-incidents.bd-0", "joins", "cases", "x"),
)
NOT_THERE = ("bd.private", "incidents.zz", "alerts.zz")
KAFKAS_OWN = ("__consumer_offsets", "__transaction_state")
READS, WRITES = {"READ", "DESCRIBE"}, {"WRITE", "DESCRIBE"}


@cache
def lines() -> dict[str, str]:
    """The words of each line of the table, by its first."""
    return {words[0]: " ".join(words[1:]) for words in map(str.split, TOPICS.strip().splitlines())}


def may(user: str, topic: str) -> str:
    """Letters of what a user may do with a topic, from the table."""
    kind, dot, code = topic.partition(".")
    role = {code: "own", f"{code}-desk": "desk"}.get(user, user) if dot else user
    words = lines()[kind + dot].replace("(not of canaries)", "" if code not in CANARIES else "NOT")
    words = words.replace("(of ccc)", "" if code == "ccc" else "NOT")
    cells = words.split()
    at = cells.index(role) if role in cells else None
    return "" if at is None or cells[at + 2 : at + 3] == ["NOT"] else cells[at + 1]


def topics_of(user: str, letter: str, topics: Iterable[str]) -> set[str]:
    """Those of `topics` that a user may read (r) or write (w)."""
    return {topic for topic in topics if letter in may(user, topic)}


def own_group(user: str, group: str) -> bool:
    """Whether a consumer group is the user's to join."""
    if user in WORKERS:
        return group == WORKERS[user]
    if user in PARTICIPANTS:
        return group.startswith(f"{user}-")  # a service's name begins so, too; services join none
    return user in READING and group.startswith(user)


def own_transactional_id(user: str, name: str) -> bool:
    """Whether a transactional id is the user's to write with."""
    return user in ("worker-joins", "worker-cases") and name.startswith(f"{WORKERS[user]}-")


def expected(user: str, topics: Iterable[str]) -> Allowed:
    """Everything that a user may do, and nothing else."""
    found: Allowed = {}
    for topic in topics:
        letters = may(user, topic)
        if letters:
            found["topic", topic] = frozenset().union(*({"r": READS, "w": WRITES}[letter] for letter in letters))
            if "w" in letters:
                found[CLUSTER] = frozenset({"IDEMPOTENT_WRITE"})
    found |= {("group", name): frozenset(READS) for name in GROUPS if own_group(user, name)}
    return found | {
        ("transactional id", name): frozenset(WRITES) for name in TRANSACTIONAL_IDS if own_transactional_id(user, name)
    }


@pytest.fixture(scope="module")
def served(provisioned: Stack, participants: Participants) -> Iterator[Stack]:
    """The stack with a service that publishes for a participant; without it again afterwards."""
    desk = participants.members[SERVING].model_copy(
        update={"services": {"desk": Service(events=("incidents", "responses"))}}
    )
    serving = participants.model_copy(update={"members": participants.members | {SERVING: desk}})
    admin = connect("admin", provisioned.settings)
    provision(serving, admin, provisioned.registry, provisioned.state)
    with_groups(provisioned, [SERVING])
    yield provisioned
    provision(participants, admin, provisioned.registry, provisioned.state)


@pytest.fixture(scope="module")
def topics(served: Stack) -> list[str]:
    """Every topic that the broker has, its own apart."""
    listed = admin_of(served, "admin").list_topics(timeout=20).topics
    return sorted(name for name in listed if not name.startswith("__"))


def test_the_table_has_every_topic_and_every_user_that_the_broker_has(served: Stack, topics: list[str]) -> None:
    named = {name for line in lines() for name in ([line + code for code in PARTICIPANTS] if "." in line else [line])}

    assert set(topics) == named
    users = admin_of(served, "admin").describe_user_scram_credentials().result(20)
    assert set(users) == {*USERS, "admin"}


@pytest.mark.parametrize("user", USERS)
def test_a_user_may_do_what_its_role_needs_and_nothing_else(served: Stack, topics: list[str], user: str) -> None:
    asked = Resources([*topics, *NOT_THERE, *KAFKAS_OWN], GROUPS, TRANSACTIONAL_IDS)

    assert allowed(served, user, asked) == expected(user, topics)


def test_the_answers_show_a_right_where_there_is_one(served: Stack, topics: list[str]) -> None:
    shown = allowed(served, "admin", Resources(topics, GROUPS, TRANSACTIONAL_IDS))

    configs = {"DESCRIBE_CONFIGS", "ALTER_CONFIGS"}
    of_a_topic = {"READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE"} | configs
    of_the_cluster = {"CREATE", "CLUSTER_ACTION", "IDEMPOTENT_WRITE", "ALTER", "DESCRIBE"} | configs
    assert shown == {
        CLUSTER: of_the_cluster,
        **{("topic", name): of_a_topic for name in topics},
        **{("group", name): {"READ", "DESCRIBE", "DELETE"} | configs for name in GROUPS},
        **{("transactional id", name): WRITES for name in TRANSACTIONAL_IDS},
    }


@pytest.mark.parametrize("user", USERS)
def test_a_user_writes_the_topics_that_the_table_gives_it_and_no_other(
    served: Stack, topics: list[str], user: str
) -> None:
    outcome = written(served, user, topics)

    assert {name for name, error in outcome.items() if error is None} == topics_of(user, "w", topics)
    assert {error for error in outcome.values() if error} <= {"TOPIC_AUTHORIZATION_FAILED"}


@pytest.mark.parametrize("user", USERS)
def test_a_user_reads_the_topics_that_the_table_gives_it_and_no_other(
    served: Stack, topics: list[str], user: str
) -> None:
    outcome = read(served, user, topics)

    assert {name for name, error in outcome.items() if error is None} == topics_of(user, "r", topics)
    assert {error for error in outcome.values() if error} <= {"TOPIC_AUTHORIZATION_FAILED"}


@pytest.mark.parametrize("user", USERS)
def test_a_user_sees_the_names_of_its_own_topics_alone(served: Stack, topics: list[str], user: str) -> None:
    producer = Producer(connect(user, served.settings).as_librdkafka() | QUIET)

    assert set(producer.list_topics(timeout=20).topics) == {name for name in topics if may(user, name)}


def written(stack: Stack, user: str, topics: Iterable[str]) -> dict[str, str | None]:
    """What became of one record written to each topic: None, or the error's name."""
    outcome: dict[str, str | None] = {}
    producer = Producer(connect(user, stack.settings).as_librdkafka(message_timeout_ms=15_000) | QUIET)
    for topic in topics:

        def done(error: KafkaError | None, _: object, topic: str = topic) -> None:
            outcome[topic] = error.name() if error else None

        producer.produce(topic, b"probe", key=b"probe", on_delivery=done)
    producer.flush(30)
    return outcome


def read(stack: Stack, user: str, topics: list[str]) -> dict[str, str | None]:
    """What a reader of partition 0 of each topic gets first: None for a record or the end, else the error's name."""
    consumer = Consumer(
        connect(user, stack.settings).as_librdkafka(
            group_id=WORKERS.get(user, f"{user}-x"), enable_partition_eof=True, enable_auto_commit=False
        )
        | QUIET
    )
    outcome: dict[str, str | None] = {}
    try:
        for topic in topics:  # READ implies DESCRIBE: a topic whose description is refused cannot be read either
            refused = consumer.list_topics(topic, timeout=20).topics[topic].error
            if refused is not None:
                outcome[topic] = refused.name()
        consumer.assign([TopicPartition(topic, 0, 0) for topic in topics if topic not in outcome])
        while len(outcome) < len(topics):
            message = consumer.poll(20)
            assert message is not None, f"no word about {sorted(set(topics) - outcome.keys())}"
            error = message.error()
            if error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                continue  # a service has no group; it may still try to read without
            good = error is None or error.code() == KafkaError._PARTITION_EOF
            outcome.setdefault(str(message.topic()), None if good else error.name())
    finally:
        consumer.close()
    return outcome
