"""A record that must wait for the registry holds up its own partition, in order, and nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import pytest
from faust.types import TP

from streams.stages.contract import Send
from streams.tasks.append_times import TOLERATED_MS, AppendTimes
from streams.tasks.backlogs import Backlogs
from streams.tasks.errors import SendFailed
from streams.tasks.gate_agent import Gate, GateWork
from streams.tasks.log import Place, Record
from tests.streams.tasks.gate_surroundings import BD, FR, Fetching, message, until
from tocsin.runtime.errors import Unavailable


class Registry:
    """Says which values need a look, and answers a look when told to. The look blocks its thread, as HTTP does."""

    def __init__(self) -> None:
        self.known, self.away, self.looks = False, False, 0
        self.begun, self.answers = threading.Event(), threading.Event()

    def look_up(self) -> None:
        self.looks += 1
        self.begun.set()
        assert self.answers.wait(20)
        if self.away:
            raise Unavailable("the registry is away")
        self.known = True


class World:
    """A real gate whose records say nothing, so that it needs no broker."""

    def __init__(self) -> None:
        self.registry, self.fetching = Registry(), Fetching()
        self.done: list[tuple[Place, str]] = []
        self.own_time = 1_000
        times = AppendTimes(lambda: self.own_time)
        work = GateWork("gate", [], self.process, str, {}, look_up=self.registry.look_up, append_times=times)
        config = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
        self.gate = Gate(work, config, self.fail, self.fetching)

    def process(self, record: Record) -> Sequence[Send]:
        value = (record.value or b"").decode()
        if value.startswith("new schema") and not self.registry.known:
            raise Unavailable("not looked up")
        if value == "defect":
            raise ZeroDivisionError
        self.done.append((record.place, value))
        return []

    def fail(self, error: BaseException) -> None:
        self.fetching.crashed.append(error)

    def values(self, place: Place) -> list[str]:
        return [value for where, value in self.done if where == place]


def run(scenario: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = World()
        await world.gate.assigned(1)
        try:
            await asyncio.wait_for(scenario(world), 30)
        finally:
            world.registry.answers.set()
            await world.gate.finish_in_hand()
            world.gate.close()

    asyncio.run(whole())


def test_others_go_on_while_a_look_blocks_and_the_partition_keeps_its_order() -> None:
    async def scenario(world: World) -> None:
        for offset, value in enumerate(("1", "new schema 2", "3", "new schema 4", "5")):
            await world.gate.submit(message(BD, offset, value))
        await until(world.registry.begun.is_set)
        for offset in range(100):  # while the registry has not answered
            await world.gate.submit(message(FR, offset, str(offset)))

        assert world.values(FR) == [str(offset) for offset in range(100)]
        assert world.values(BD) == ["1"]
        assert world.gate.committable() == {TP(*BD): 1, TP(*FR): 100}
        assert set(world.fetching.asked) == {("hold", BD)}

        world.registry.answers.set()
        await until(lambda: len(world.values(BD)) == 5)
        await world.gate.submit(message(BD, 5, "6"))
        assert world.values(BD) == ["1", "new schema 2", "3", "new schema 4", "5", "6"]
        assert world.gate.committable()[TP(*BD)] == 6
        assert world.fetching.asked[-1] == ("release", BD)

    run(scenario)


def test_a_registry_that_stays_away_is_asked_again_and_rejects_nothing() -> None:
    async def scenario(world: World) -> None:
        world.registry.away = True
        world.registry.answers.set()
        await world.gate.submit(message(BD, 0, "new schema"))
        await until(lambda: world.registry.looks >= 3)
        assert world.done == []
        world.registry.away = False
        await until(lambda: world.values(BD) == ["new schema"])

    run(scenario)


def test_partitions_that_wait_together_share_a_look() -> None:
    async def scenario(world: World) -> None:
        places = [Place(f"incidents.{number}", 0) for number in range(50)]
        for place in places:
            await world.gate.submit(message(place, 0, "new schema"))
        await until(world.registry.begun.is_set)
        world.registry.answers.set()
        await until(lambda: len(world.done) == 50)
        assert world.registry.looks <= 2

    run(scenario)


def test_a_new_assignment_forgets_what_waits_and_acknowledges_none_of_it() -> None:
    async def scenario(world: World) -> None:
        await world.gate.submit(message(BD, 7, "new schema"))
        await world.gate.submit(message(BD, 8, "next"))
        await until(world.registry.begun.is_set)
        await world.gate.finish_in_hand()  # does not wait for what cannot finish
        assert world.gate.committable() == {TP(*BD): 7}
        await world.gate.assigned(2)
        world.registry.answers.set()
        await until(lambda: world.registry.known)
        for offset in (7, 8):
            await world.gate.submit(message(BD, offset, f"new schema {offset}", generation=2))
        assert world.values(BD) == ["new schema 7", "new schema 8"]

    run(scenario)


def test_a_defect_behind_a_record_that_waited_ends_the_process() -> None:
    async def scenario(world: World) -> None:
        world.registry.answers.set()
        await world.gate.submit(message(BD, 0, "new schema"))
        await world.gate.submit(message(BD, 1, "defect"))
        await until(lambda: bool(world.fetching.crashed))
        assert isinstance(world.fetching.crashed[0], ZeroDivisionError)
        assert world.gate.committable() == {TP(*BD): 1}

    run(scenario)


@pytest.mark.parametrize("error", [SendFailed("not delivered"), OSError("disk")])
def test_whatever_stops_a_backlog_is_told(error: Exception) -> None:
    async def scenario() -> None:
        told: list[BaseException] = []

        async def process(_: Record) -> None:
            raise error

        async def failed(what: BaseException) -> None:
            told.append(what)

        backlogs = Backlogs(process, lambda: None, lambda _: None, lambda _: None, failed)
        backlogs.add(Record(BD, 0, 1, b"k", b"v", (), None))
        await until(lambda: told == [error])

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_the_gate_lets_a_record_from_the_future_wait_and_refuses_nothing_meanwhile() -> None:
    async def scenario(world: World) -> None:
        world.registry.answers.set()
        await world.gate.submit(message(BD, 0, "ahead", at=1.001 + TOLERATED_MS / 1000))
        await world.gate.submit(message(BD, 1, "behind it"))
        await world.gate.submit(message(FR, 0, "another bureau's"))
        await until(world.registry.begun.is_set)
        assert world.done == [(FR, "another bureau's")]
        assert "the broker's clock or this one is wrong" in str(world.gate.not_ready())
        assert world.gate.committable()[TP(*BD)] == 0

        world.own_time += 1
        await until(lambda: len(world.values(BD)) == 2)
        assert world.values(BD) == ["ahead", "behind it"]
        assert world.gate.not_ready() is None

    run(scenario)
