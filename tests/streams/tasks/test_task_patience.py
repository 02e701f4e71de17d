"""A full queue and a broker that is away are waited out with growing pauses, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from streams.tasks.log import Outgoing, Place
from streams.tasks.patience import LONGEST_PAUSE, OutOfPatience, patiently
from streams.tasks.transaction import queue


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def wait(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def read(self) -> float:
        return self.now


class Failing:
    """A call that fails some times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def allow(_: Exception) -> None:
    return


AWAY = KafkaException(KafkaError(KafkaError._TRANSPORT))


def test_pauses_double_up_to_a_second_and_end_with_success() -> None:
    time, call = Time(), Failing(*[BufferError(), AWAY] * 4)
    assert patiently(call, allow, 60, wait=time.wait, clock=time.read) == "done"
    assert time.pauses == [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0]


def test_it_ends_when_patience_does() -> None:
    time, call = Time(), Failing(*[AWAY] * 10_000)
    with pytest.raises(OutOfPatience, match="failed for 90 s"):
        patiently(call, allow, 90, wait=time.wait, clock=time.read)
    assert time.now == 90
    assert call.calls < 100
    assert max(time.pauses) <= LONGEST_PAUSE


def test_an_error_that_does_not_pass_is_not_waited_out() -> None:
    def judge(error: Exception) -> None:
        raise RuntimeError("fenced") from error

    time, call = Time(), Failing(AWAY)
    with pytest.raises(RuntimeError, match="fenced"):
        patiently(call, judge, 60, wait=time.wait, clock=time.read)
    assert (call.calls, time.pauses) == (1, [])


def test_a_client_with_a_full_queue_is_asked_a_few_times_not_without_pause() -> None:
    producer = Producer({"bootstrap.servers": "127.0.0.1:1", "queue.buffering.max.messages": 1, "log_level": 0})
    record = Outgoing(Place("cases", 0), b"k", b"v", ())
    queue(producer, record, {})
    time, tries = Time(), list[Any]()

    def call() -> None:
        tries.append(record)
        queue(producer, record, {})

    with pytest.raises(OutOfPatience):
        patiently(call, allow, 10, wait=time.wait, clock=time.read)
    assert 5 < len(tries) < 20
    producer.purge()
