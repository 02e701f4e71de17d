"""A topic of which too much is refused is read on at a pace, in its order, nothing left out; other topics are not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from faust.types import TP
from prometheus_client import REGISTRY

from schemas.codes import RejectReason
from schemas.internal import Source
from streams.stages.contract import Send
from streams.stages.rejects import reject
from streams.tasks.append_times import AppendTimes
from streams.tasks.errors import Slowed
from streams.tasks.gate_agent import Gate, GateWork
from streams.tasks.log import Outgoing, Record
from streams.tasks.reject_pace import AT_ONCE, RejectPace
from streams.tasks.unfinished import Unfinished
from tests.streams.tasks.gate_surroundings import BD, FR, Fetching, message, until


class Clock:
    """A monotonic clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def waits(pace: RejectPace, topic: str = "incidents.bd") -> float | None:
    try:
        pace.check(topic)
    except Slowed as slow:
        return slow.seconds
    return None


def test_so_many_are_refused_at_once_then_so_many_a_second() -> None:
    clock = Clock()
    pace = RejectPace(clock, at_once=100, a_second=10)
    pace.refused("incidents.bd", 99)
    assert waits(pace) is None
    pace.refused("incidents.bd", 41)
    assert waits(pace) == pytest.approx(4)
    clock.now += 3.5
    assert waits(pace) == pytest.approx(0.5)
    clock.now += 0.6
    assert waits(pace) is None
    pace.refused("incidents.bd", 1)
    assert waits(pace) == pytest.approx(0.1), "never so short that the waiting costs more than the work"


def test_a_topic_that_was_quiet_has_no_more_than_its_share_at_once_again() -> None:
    clock = Clock()
    pace = RejectPace(clock, at_once=100, a_second=10)
    pace.refused("incidents.bd", 100)
    clock.now += 86_400
    pace.refused("incidents.bd", 100)
    assert waits(pace) is not None


def test_each_topic_has_a_pace_of_its_own_and_what_is_right_costs_nothing() -> None:
    pace = RejectPace(Clock())
    pace.refused("incidents.bd", AT_ONCE)
    for topic in ("responses.bd", "incidents.fr"):
        pace.refused(topic, 0)
        assert waits(pace, topic) is None
    assert waits(pace) is not None


said: list[tuple[str, int]] = []


class Hearing(Gate):
    """A gate that hears at once that what it says is delivered."""

    async def _send(self, unfinished: Unfinished, offset: int, output: Outgoing) -> None:
        said.append((output.place.topic, offset))


def judged(record: Record) -> Sequence[Send]:
    """Everything of bd is refused."""
    if record.place.topic != BD.topic:
        return []
    source = Source(topic=BD.topic, partition=BD.partition, offset=record.offset, timestamp=0, sha256=bytes(32), size=1)
    return [reject("gate", source, RejectReason.UNDECODABLE, "", "not readable")]


def gauges() -> tuple[float | None, float | None]:
    names = ("tocsin_gate_slowed_partitions", "tocsin_gate_waiting_partitions")
    slowed, waiting = (REGISTRY.get_sample_value(name) for name in names)
    return slowed, waiting


def test_the_gate_refuses_at_that_pace_leaves_nothing_out_and_lets_others_go_on() -> None:
    async def scenario() -> None:
        said.clear()
        clock, fetching = Clock(), Fetching()
        work = GateWork(
            *("gate", [], judged, str, {"rejects.bd": 1}),
            pace=RejectPace(clock, at_once=3, a_second=10),
            append_times=AppendTimes(lambda: 10_000),
        )
        gate = Hearing(work, {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}, fetching.crashed.append, fetching)
        await gate.assigned(1)
        for offset in range(8):
            await gate.submit(message(BD, offset, "bad"))
        for offset in range(100):
            await gate.submit(message(FR, offset, "good"))

        assert said == [("rejects.bd", offset) for offset in range(3)]
        assert gate.committable() == {TP(*BD): 3, TP(*FR): 100}
        assert gauges() == (1, 0), "the registry is not what is waited for"
        assert set(fetching.asked) == {("hold", BD)}

        clock.now += 0.25
        await until(lambda: len(said) == 6)
        clock.now += 10
        await until(lambda: len(said) == 8)
        await until(lambda: fetching.asked[-1] == ("release", BD))
        assert said == [("rejects.bd", offset) for offset in range(8)]
        assert gate.committable()[TP(*BD)] == 8
        assert gauges() == (0, 0)
        assert fetching.crashed == []
        gate.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))
