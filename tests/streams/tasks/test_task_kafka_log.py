"""Asking the broker for offsets from several threads at once, while one of them has to ask with a fresh client."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException

from streams.tasks import kafka_log
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Bounds, Place

ANSWERED, STALE, AWAY = Place("answered", 0), Place("stale", 0), Place("away", 0)


class Client:
    """An admin client as Confluent's is: its answers come as long as somebody holds it, and then never."""

    first_asked = threading.Event()
    told: list[Future[Any]]

    def __init__(self, *_: object, **__: object) -> None:
        self.number = len(made)
        made.append(self.number)
        self.waiting: list[Future[Any]] = []

    def list_offsets(self, wanted: Mapping[Any, Any], **_: object) -> dict[Any, Future[Any]]:
        answers = {}
        for place in wanted:
            answers[place] = future = Future[Any]()
            if self.number == 0 and place.topic == STALE.topic:
                future.set_exception(KafkaException(KafkaError(KafkaError.FENCED_LEADER_EPOCH)))
            elif self.number == 0 and place.topic == AWAY.topic:
                future.set_result(SimpleNamespace(offset=OFFSET_INVALID))  # as librdkafka does, without an error
            elif self.number == 0 and not released.is_set():
                self.waiting.append(future)
                self.first_asked.set()
                self._answer_later()
            else:
                future.set_result(SimpleNamespace(offset=7))
        return answers

    def _answer_later(self) -> None:
        waiting, held = self.waiting, threading.Event()
        gone.append(held)

        def answer() -> None:
            released.wait(60)
            if not held.is_set():
                for future in waiting:
                    future.set_result(SimpleNamespace(offset=7))

        threading.Thread(target=answer, daemon=True).start()

    def __del__(self) -> None:
        if self.number == 0:
            for held in gone:
                held.set()


made: list[int] = []
gone: list[threading.Event] = []
released = threading.Event()


@pytest.fixture(autouse=True)
def _clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    made.clear()
    gone.clear()
    released.clear()
    Client.first_asked.clear()
    monkeypatch.setattr(kafka_log, "AdminClient", Client)
    monkeypatch.setattr(kafka_log, "_PAUSE", 0.0)
    monkeypatch.setattr(kafka_log, "_CALL", 0.5)
    monkeypatch.setattr(kafka_log, "PATIENCE", 5.0)
    yield
    released.set()


def test_a_thread_that_waits_for_an_answer_gets_it_although_another_took_a_fresh_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # It waits for as long as this takes on a busy machine.
    monkeypatch.setattr(kafka_log, "_CALL", 60.0)
    monkeypatch.setattr(kafka_log, "PATIENCE", 120.0)
    log = KafkaLog({}, "group")
    found: list[Mapping[Place, Bounds]] = []
    waits = threading.Thread(target=lambda: found.append(log.bounds([ANSWERED])), daemon=True)
    waits.start()
    assert Client.first_asked.wait(5)

    assert log.bounds([STALE]) == {STALE: Bounds(7, 7, 7)}  # the second client's
    gc.collect()
    assert not gone[0].is_set(), "the first client is gone while somebody waits for it"
    released.set()
    waits.join(5)

    assert found == [{ANSWERED: Bounds(7, 7, 7)}]
    assert made == [0, 1]


def test_an_answer_that_never_comes_is_asked_for_again() -> None:
    log = KafkaLog({}, "group")

    assert log.bounds([ANSWERED]) == {ANSWERED: Bounds(7, 7, 7)}
    assert made == [0, 1]


def test_an_offset_that_no_broker_told_is_asked_for_again() -> None:
    log = KafkaLog({}, "group")

    assert log.bounds([AWAY]) == {AWAY: Bounds(7, 7, 7)}
    assert made == [0, 1]
