"""A client that has lost its brokers is told from a broker that is away, and nobody waits for the look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from tocsin.runtime import lost_brokers
from tocsin.runtime.lost_brokers import RECONNECTS_WITHIN, BrokerWatch, has_lost_brokers
from tocsin.runtime.producing import EventProducer
from tocsin.runtime.settings import LONGEST_PAUSE, Connection

NOWHERE = Connection(
    bootstrap="127.0.0.1:1", registry="http://127.0.0.1:1", user="bd", password="x", security_protocol="PLAINTEXT"
)


class Client:
    """Is answered from its `first` question on."""

    def __init__(self, first: int) -> None:
        self.first, self.asked = first, 0

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> Any:
        self.asked += 1
        if self.asked < self.first:
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))
        return SimpleNamespace(brokers={1: "a broker"})


@pytest.mark.parametrize(
    ("first", "another", "lost"),
    [
        pytest.param(1, True, False, id="it answers"),
        pytest.param(9, False, False, id="nobody answers: the broker is away"),
        pytest.param(9, True, True, id="another one is answered"),
        pytest.param(2, True, False, id="the broker came back in the pause of the first"),
    ],
)
def test_lost_is_who_is_not_answered_after_another_was(
    first: int, another: bool, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_brokers, "_another_reaches", lambda _: another)

    assert has_lost_brokers(Client(first), {}) is lost


def test_every_client_tries_its_brokers_again_within_the_time_that_a_look_gives_it() -> None:
    config = NOWHERE.as_librdkafka()

    assert config["reconnect.backoff.max.ms"] == LONGEST_PAUSE
    assert LONGEST_PAUSE / 1000 < RECONNECTS_WITHIN


class Looks:
    """A watch with a clock and looks that end when told."""

    def __init__(self) -> None:
        self.now, self.under_way = 0.0, list[Callable[[], None]]()
        self.answers = [False]
        self.watch = BrokerWatch(lambda: self.answers.pop(0), monotonic=lambda: self.now, begin=self.under_way.append)

    def at(self, now: float) -> bool:
        self.now = now
        return self.watch.lost()


def test_it_is_looked_at_after_half_a_minute_of_waiting_and_then_again() -> None:
    looks = Looks()
    looks.answers = [False, True]
    assert not any(looks.at(now) for now in (5, 20, 34.9))
    assert not looks.under_way

    assert not any(looks.at(now) for now in (35, 36, 37))
    (look,) = looks.under_way
    look()
    assert not looks.at(38)
    assert not any(looks.at(now) for now in (50, 67))
    assert len(looks.under_way) == 1

    looks.at(68)
    looks.under_way[1]()
    assert looks.at(69)
    assert not looks.at(70), "the one that replaces it has its half minute, too"


def test_a_look_that_ends_after_the_client_went_on_says_nothing() -> None:
    looks = Looks()
    looks.answers = [True]
    looks.at(0)
    looks.at(30)
    looks.watch.rests()
    looks.under_way[0]()

    assert not any(looks.at(now) for now in (31, 60))
    assert not looks.at(61)
    assert len(looks.under_way) == 2


def test_a_sender_is_not_held_up_by_the_look() -> None:
    begun, answer = threading.Event(), threading.Event()
    ended: list[bool] = []

    def look() -> bool:
        begun.set()
        ended.append(answer.wait(20))
        return False

    producer = EventProducer(NOWHERE)
    producer._watch = BrokerWatch(look)
    producer._watch.after = 0.0
    producer.send("incidents.bd", "k", b"1")
    assert begun.wait(20)
    producer.send("incidents.bd", "k", b"2")

    assert ended == []
    answer.set()
    producer.give_up(0)
    assert producer.refused.total() == 2
