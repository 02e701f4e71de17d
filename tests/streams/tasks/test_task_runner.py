"""The queue in front of a task, and the tasks that a worker holds, without a broker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from faust.types import TP
from prometheus_client import REGISTRY

from streams.tasks.errors import Hole
from streams.tasks.held import HeldTasks
from streams.tasks.log import Place
from streams.tasks.runner import QUEUE_RECORDS, Runner
from streams.tasks.task import Task
from tests.streams.tasks.memory_world import INPUT, World


@dataclass
class Message:
    """What held tasks use of a Faust message."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: Any
    checksum: int | None
    generation_id: int


def messages(world: World, generation: int, first: int = 0) -> list[Message]:
    chain = first
    out = []
    for record in world.log.read(INPUT, first):
        out.append(
            Message("in", 0, record.offset, record.timestamp / 1000, record.key, record.value, [], chain, generation)
        )
        chain = record.offset + 1
    return out


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


def held(world: World, failures: list[BaseException], followers: tuple[Any, ...] = ()) -> HeldTasks:
    async def failed(error: BaseException) -> None:
        failures.append(error)

    def make(place: Place) -> Task:
        return world.start()  # takes over twice, which is allowed

    return HeldTasks(make, followers, failed, threads=2)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 30))


def test_records_put_into_the_queue_are_processed_in_order() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        for _ in range(30):
            world.say("a", 20)
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        for message in messages(world, 1):
            await tasks.submit(message)
        await until(lambda: tasks.committable()[TP("in", 0)] == 30)
        assert [total.count for total in world.totals()["a"]] == list(range(1, 31))
        assert failures == []
        assert tasks.not_ready() is None

    run(scenario)


def test_a_worker_is_not_ready_while_a_partition_waits_for_a_clock_and_goes_on_by_itself() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        world.own_time = 1_000
        world.say("a", 20, 1_000)
        world.say("a", 20, 90_000_000)
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        for message in messages(world, 1):
            await tasks.submit(message)
        await until(lambda: tasks.not_ready() is not None)
        assert "the broker's clock or this one is wrong" in str(tasks.not_ready())
        tasks.measure(lambda _: 2, 1_000.0)
        shown = {"topic": "in", "partition": "0"}
        assert REGISTRY.get_sample_value("tocsin_task_clock_ahead_seconds", shown) == 89_999
        assert [total.count for total in world.totals()["a"]] == [1]

        world.own_time = 90_000_000
        await until(lambda: tasks.committable()[TP("in", 0)] == 2)
        assert tasks.not_ready() is None
        tasks.measure(lambda _: 2, 90_000_000.0)
        assert REGISTRY.get_sample_value("tocsin_task_clock_ahead_seconds", shown) == 0
        assert failures == []

    run(scenario)


def test_records_of_an_earlier_assignment_are_dropped_and_fetched_again() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        for _ in range(4):
            world.say("a", 20)
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        await tasks.submit(messages(world, 1)[0])
        await until(lambda: tasks.committable()[TP("in", 0)] == 1)
        await tasks.finish_in_hand()
        assert tasks.not_ready() is not None
        for message in messages(world, 1)[1:]:
            await tasks.submit(message)
        await tasks.assigned([TP("in", 0)], 2)
        for message in messages(world, 1)[1:]:
            await tasks.submit(message)
        for message in messages(world, 2):
            await tasks.submit(message)
        await until(lambda: tasks.committable()[TP("in", 0)] == 4)
        assert [total.count for total in world.totals()["a"]] == [1, 2, 3, 4]
        assert failures == []

    run(scenario)


def test_a_task_that_stays_over_a_rebalance_is_kept_and_one_that_leaves_is_let_go() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        kept = tasks.runners[INPUT].task
        await tasks.assigned([TP("in", 0)], 2)
        assert tasks.runners[INPUT].task is kept
        await tasks.assigned([], 3)
        assert dict(tasks.runners) == {}
        await tasks.assigned([TP("in", 0)], 4)
        assert tasks.runners[INPUT].task is not kept
        assert failures == []

    run(scenario)


def test_followers_catch_up_after_each_assignment_and_before_the_first_record() -> None:
    class Slow:
        def __init__(self) -> None:
            self.gate, self.asked = asyncio.Event(), 0

        async def catch_up(self) -> None:
            self.asked += 1
            await self.gate.wait()

        def not_ready(self) -> str | None:
            return None

    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        world.say("a", 20)
        follower = Slow()
        tasks = held(world, failures, (follower,))
        assigning = asyncio.create_task(tasks.assigned([TP("in", 0)], 1))
        await until(lambda: follower.asked == 1)
        for message in messages(world, 1):
            await tasks.submit(message)
        await asyncio.sleep(0.05)
        assert world.totals() == {}
        assert tasks.not_ready() is not None
        follower.gate.set()
        await assigning
        for message in messages(world, 1):
            await tasks.submit(message)
        await until(lambda: world.totals() != {})
        assert failures == []

    run(scenario)


def test_a_hole_is_told_to_whoever_ends_the_process() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        for _ in range(3):
            world.say("a", 20)
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        await tasks.submit(messages(world, 1)[2])
        await until(lambda: bool(failures))
        assert isinstance(failures[0], Hole)
        assert world.totals() == {}

    run(scenario)


def test_a_full_queue_makes_its_feeder_wait_and_a_pause_sets_it_free() -> None:
    async def scenario() -> None:
        world = World()
        world.say("wait", 20)
        task = world.start()
        world.stages[-1].open = False
        [record] = world.fetch(task)

        async def failed(error: BaseException) -> None:
            raise error

        runner = Runner(task, ThreadPoolExecutor(1), failed)
        runner.resume()
        for _ in range(QUEUE_RECORDS):
            await runner.put(record)
        late = asyncio.create_task(runner.put(record))
        await asyncio.sleep(0.1)
        assert not late.done()
        assert runner.waiting
        runner.pause()
        await asyncio.wait_for(late, 1)
        assert runner.queued == 0
        await runner.close()

    run(scenario)


def test_a_record_that_is_not_ready_is_asked_again_until_it_is() -> None:
    async def scenario() -> None:
        world, failures = World(), list[BaseException]()
        for who in ("a", "wait", "a"):
            world.say(who, 20)
        tasks = held(world, failures)
        await tasks.assigned([TP("in", 0)], 1)
        stage = world.stages[-1]
        stage.open = False
        for message in messages(world, 1):
            await tasks.submit(message)
        await until(lambda: tasks.runners[INPUT].waiting)
        assert tasks.committable()[TP("in", 0)] == 1
        stage.open = True
        await until(lambda: tasks.committable()[TP("in", 0)] == 3)
        assert failures == []

    run(scenario)
