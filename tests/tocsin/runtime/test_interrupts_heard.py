"""Ctrl-C is heard while a sender or a reader waits for a broker that is away."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import pytest
from confluent_kafka import TopicPartition

from tocsin.runtime.consuming import TopicReader
from tocsin.runtime.interrupts import interruptible
from tocsin.runtime.producing import EventProducer
from tocsin.runtime.settings import Connection

NOWHERE = Connection(
    bootstrap="127.0.0.1:1", registry="http://127.0.0.1:1", user="bd", password="x", security_protocol="PLAINTEXT"
)


def test_what_the_client_loses_is_heard_and_what_it_says_is_handed_on() -> None:
    def lost(_: float) -> None:
        raise SystemError("returned NULL without setting an exception")

    with pytest.raises(KeyboardInterrupt):
        interruptible(lost, 0.1)
    assert interruptible(lambda seconds: seconds, 0.1) == 0.1


def sender() -> Callable[[], object]:
    producer = EventProducer(NOWHERE)
    producer.send("incidents.bd", "k", b"1")
    return producer.flush


def reader() -> Callable[[], object]:
    reader = TopicReader(NOWHERE, ["alerts.bd"], purpose="test", from_beginning=True)
    reader._consumer.assign([TopicPartition("alerts.bd", 0, 0)])
    reader._assigned = {("alerts.bd", 0)}
    return reader.poll


def for_ever(wait: Callable[[], object]) -> None:
    while True:
        wait()


@pytest.mark.parametrize("waiting", [sender, reader])
def test_ctrl_c_is_heard(waiting: Callable[[], Callable[[], object]]) -> None:
    wait = waiting()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pressed = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT))
    pressed.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            for_ever(wait)
    finally:
        signal.signal(signal.SIGINT, before)
