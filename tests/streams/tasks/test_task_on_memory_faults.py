"""What a task does about a defect, about trouble that is no record's fault, and that it says so."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from streams.stages.contract import Received, Send, State
from streams.tasks.errors import OwnershipLost, TransactionAborted
from streams.tasks.store import MemoryStore
from streams.tasks.task import PATIENCE, Task
from tests.streams.tasks.counting_stage import Counting
from tests.streams.tasks.memory_world import World
from tocsin.runtime.errors import Unavailable


class Counted:
    """How far counters have risen since it was made."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> list[float]:
        """Tries that failed, records set aside, stores discarded for their offset, batches aborted."""
        names = {
            "tocsin_task_failed_tries_total": {},
            "tocsin_task_quarantined_total": {},
            "tocsin_task_discarded_stores_total": {"reason": "range"},
            "tocsin_task_batches_total": {"outcome": "aborted"},
        }
        samples = (REGISTRY.get_sample_value(name, {"stage": "counting"} | more) for name, more in names.items())
        return [value or 0.0 for value in samples]

    def __call__(self) -> list[float]:
        return [now - before for now, before in zip(self._now(), self._before, strict=True)]


class Failing(World):
    """Its stage raises `errors`, one a step, after it has changed its state and what it derives."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors, self.steps = list(errors), 0

    def make_stage(self, partition: int) -> Counting:
        world = self

        class Stage(Counting):
            def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
                sends = super().step(state, received, now)
                world.steps += 1
                if world.errors:
                    raise world.errors.pop(0)
                return sends

        self.stages.append(Stage(partition))
        return self.stages[-1]

    def begin(self) -> tuple[Task, Counted]:
        task = self.start()
        return task, Counted()


def test_a_record_is_tried_three_times_then_set_aside_and_counted() -> None:
    world = Failing(*(ZeroDivisionError() for _ in range(3)))
    world.say("a", 20)
    world.say("b", 20)
    task, counted = world.begin()
    task.process(world.fetch(task))
    assert (world.steps, counted()[:2]) == (4, [3, 1])
    assert [record.key for record in world.outputs("quarantine")] == [b"in/0/0"]
    assert list(world.totals()) == ["b"]


def test_a_record_that_succeeds_at_the_third_try_is_not_set_aside() -> None:
    world = Failing(ZeroDivisionError(), ZeroDivisionError())
    world.say("a", 20)
    task, counted = world.begin()
    task.process(world.fetch(task))
    assert (world.steps, counted()[:2]) == (3, [2, 0])
    assert world.outputs("quarantine") == []
    assert [total.count for total in world.totals()["a"]] == [1]


def test_trouble_that_is_nobodys_fault_is_never_a_try_and_leaves_nothing_behind() -> None:
    trouble = [OSError("disk"), MemoryError(), Unavailable("registry")] * 2
    world = Failing(*trouble)
    world.say("a", 20)
    task, counted = world.begin()
    for error in trouble:
        with pytest.raises(type(error)):
            task.process(world.fetch(task))
        assert world.stages[-1].known == set()
    assert (counted()[:2], world.outputs("quarantine"), world.totals()) == ([0, 0], [], {})
    task.process(world.fetch(task))
    assert [total.count for total in world.totals()["a"]] == [1]


def test_a_store_that_is_discarded_is_said_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    world, ahead, counted = World(), MemoryStore(), Counted()
    ahead.write({b"totals\0ghost": b"{}"}, 99)
    with caplog.at_level(logging.WARNING):
        world.start(ahead)
    assert [record.getMessage() for record in caplog.records] == [
        "the local store of in-0 is discarded and rebuilt (range)"
    ]
    assert counted()[2] == 1


def test_aborts_without_end_end_the_task_and_nothing_is_skipped() -> None:
    world = World()
    world.say("a", 20)
    counted = Counted()

    def crash(reached: str) -> None:
        if reached == "written" and world.slept <= 2 * PATIENCE:
            raise TransactionAborted("again")

    world.log.crash = crash
    task = world.start()
    with pytest.raises(OwnershipLost, match="in-0: aborted for 90 s: again"):
        task.process(world.fetch(task))
    assert PATIENCE < world.slept < PATIENCE + 1
    assert counted()[3] > 100
    assert world.totals() == {}
    world.log.crash = None
    task = world.start()
    task.process(world.fetch(task))
    assert [total.count for total in world.totals()["a"]] == [1]
