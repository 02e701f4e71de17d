"""Upkeep is done at once and in its time; a failure is told and tried again soon, and stays due meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from tocsin.runtime.errors import Unavailable
from tocsin.runtime.upkeep import AGAIN_S, Upkeep

HOUR = timedelta(hours=1).total_seconds()


class World:
    """A clock that moves only when something is waited for or done; the answers of the work, in order."""

    def __init__(self, *answers: Callable[[], str]) -> None:
        self.now, self.answers = 1_000.0, list(answers)
        self.done: list[float] = []

    def do(self) -> str:
        self.done.append(self.now)
        self.now += 10
        return self.answers.pop(0)()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if not self.answers:
            raise StopWaiting


class StopWaiting(Exception):
    pass


def fine() -> str:
    return "all well"


def away() -> str:
    raise Unavailable("the broker does not answer")


def due(name: str) -> float | None:
    return REGISTRY.get_sample_value("tocsin_upkeep_due_timestamp_seconds", {"work": name})


def test_upkeep_is_done_at_once_and_then_in_its_time_however_long_it_takes() -> None:
    world = World(fine, fine, fine)
    upkeep = Upkeep("in time", world.do, HOUR, clock=lambda: world.now)
    with pytest.raises(StopWaiting):
        upkeep.run(world.wait)
    assert world.done == [1_000, 1_000 + HOUR, 1_000 + 2 * HOUR]
    assert due("in time") == 1_000 + 3 * HOUR


def test_what_failed_is_due_not_ready_and_tried_again_soon() -> None:
    world = World(away, away, fine)
    upkeep = Upkeep("after trouble", world.do, HOUR, clock=lambda: world.now)
    assert (upkeep.not_ready(), due("after trouble")) == (None, 1_000)  # the first time takes as long as it takes
    for _ in range(2):
        assert upkeep.once() == AGAIN_S
        assert upkeep.not_ready() == "the broker does not answer"
        assert due("after trouble") == 1_000
    assert upkeep.once() == HOUR - 10
    assert upkeep.not_ready() is None
    assert due("after trouble") == 1_020 + HOUR


def test_what_nobody_foresaw_ends_the_process() -> None:
    def broken() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        Upkeep("broken", broken, HOUR).once()
