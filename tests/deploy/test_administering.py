"""What the broker says to an administrator is told as one of our errors, by what whoever typed the command can do."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from pydantic import SecretStr

from deploy.administering import Administrator
from tocsin.runtime.errors import NotConfigured, TocsinError, Unavailable
from tocsin.runtime.settings import Connection


class Refused(TocsinError):
    """What the caller makes of everything else."""


@pytest.fixture
def administrator() -> Administrator:
    return Administrator(
        Connection(
            bootstrap="127.0.0.1:9",
            registry="http://127.0.0.1:9",
            user="admin",
            password=SecretStr("x"),
            security_protocol="SASL_PLAINTEXT",
        ),
        Refused,
    )


def failed(code: int) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(KafkaException(KafkaError(code)))
    return future


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (KafkaError._TRANSPORT, Unavailable, "does not answer"),
        (KafkaError.NOT_CONTROLLER, Unavailable, "does not answer"),
        (KafkaError.SASL_AUTHENTICATION_FAILED, NotConfigured, "refuses the secret of 'admin'"),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, Refused, "127.0.0.1:9 refuses: "),
        (KafkaError.TOPIC_ALREADY_EXISTS, Refused, "127.0.0.1:9 refuses: "),
    ],
)
def test_an_error_is_told_by_what_can_be_done(
    administrator: Administrator, code: int, kind: type[TocsinError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        administrator.result(failed(code))


def test_what_the_caller_does_not_mind_is_nothing(administrator: Administrator) -> None:
    code = KafkaError.TOPIC_ALREADY_EXISTS

    assert administrator.result(failed(code), fine=(code,)) is None


def test_a_broker_that_is_not_there_is_away(administrator: Administrator) -> None:
    with pytest.raises(Unavailable, match=r"the broker at 127\.0\.0\.1:9 does not answer"):
        administrator.ask(lambda: administrator.client.list_topics(timeout=0.2))
