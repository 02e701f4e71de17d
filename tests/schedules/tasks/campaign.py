"""One schedule of the tasks, from its seed."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.schedules.comparison import complaints
from tests.schedules.histories import History
from tests.schedules.tasks.releases import OneRelease
from tests.schedules.tasks.tasks_world import TasksWorld
from tests.schedules.tasks.workers import TaskBuild
from tests.schedules.world import Build


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one schedule."""

    seed: int
    said: list[str]
    """What was not as promised."""
    faults: Counter[str] = field(default_factory=Counter)
    steps: int = 0


_TODAY = OneRelease()


def run_one(
    seed: int, build: Build | None = None, tasks: TaskBuild | None = None, releases: OneRelease = _TODAY
) -> Outcome:
    """The schedule of `seed`, the same each time."""
    worlds: list[TasksWorld] = []

    def world_of(history: History, rng: random.Random, stages: Build) -> TasksWorld:
        worlds.append(TasksWorld(history, rng, stages, tasks, releases))
        return worlds[-1]

    with quiet():
        said = complaints(seed, build or Build(), world_of)
    (world,) = worlds
    return Outcome(seed, [*world.audit(), *said], world.faults.made, world.steps)


@contextmanager
def quiet() -> Iterator[None]:
    """What the product logs about faults is of no use by the thousand."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
