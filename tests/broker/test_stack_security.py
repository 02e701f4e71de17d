"""The local stack lets in whom it must and nobody else."""

from __future__ import annotations

import stat
import uuid
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from deploy.stack import kafka
from deploy.stack.artifacts import obtain
from deploy.stack.running import Stack
from tocsin.runtime.settings import Connection, connect

pytestmark = pytest.mark.broker


def as_user(stack: Stack, name: str, password: str) -> Connection:
    return connect("admin", stack.settings).model_copy(update={"user": name, "password": SecretStr(password)})


def test_admin_makes_a_topic_and_a_user_and_that_user_may_do_nothing_yet(stack: Stack) -> None:
    admin = AdminClient(connect("admin", stack.settings).as_librdkafka())
    topic, user, password = f"t-{uuid.uuid4().hex}", f"u-{uuid.uuid4().hex}", uuid.uuid4().hex
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)
    change = UserScramCredentialUpsertion(
        user, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), password.encode()
    )
    admin.alter_user_scram_credentials([change])[user].result(20)

    refused = []
    producer = Producer(as_user(stack, user, password).as_librdkafka(message_timeout_ms=8000))
    producer.produce(topic, b"x", on_delivery=lambda error, _: refused.append(error.name()))
    producer.flush(15)

    assert refused == ["TOPIC_AUTHORIZATION_FAILED"]


def test_a_wrong_password_is_refused(stack: Stack) -> None:
    client = AdminClient(as_user(stack, "admin", "guessed").as_librdkafka() | {"log_level": 0})
    with pytest.raises(KafkaException):
        client.list_topics(timeout=3)


def test_topics_do_not_appear_by_being_written_to(stack: Stack) -> None:
    said = []
    producer = Producer(connect("admin", stack.settings).as_librdkafka(message_timeout_ms=8000))
    producer.produce("nobody-made-this", b"x", on_delivery=lambda error, _: said.append(error.name()))
    producer.flush(15)

    assert said in (["_UNKNOWN_TOPIC"], ["UNKNOWN_TOPIC_OR_PART"], ["_MSG_TIMED_OUT"])
    assert (
        "nobody-made-this"
        not in AdminClient(connect("admin", stack.settings).as_librdkafka()).list_topics(timeout=10).topics
    )


def test_secrets_can_be_read_by_their_owner_alone(stack: Stack) -> None:
    folder = stack.state / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE((stack.state / "broker" / "server.properties").stat().st_mode) == 0o600


def test_storage_is_formatted_also_when_the_cluster_id_begins_with_a_dash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.stack.kafka.uuid.uuid4", lambda: uuid.UUID(bytes=b"\xf8" + bytes(15)))

    kafka.prepare(tmp_path, obtain(), [kafka.Node(1, 20_001, 20_002)])

    assert "cluster.id=-A" in (tmp_path / "broker" / "data" / "meta.properties").read_text()
