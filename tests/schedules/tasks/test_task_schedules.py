"""Whole tasks under crashes, rebalances, stops and refusals say what the oracle says; and planted faults are found."""

from __future__ import annotations

from functools import cache

import pytest

from streams.stages.contract import Send
from streams.tasks.task import Task
from tests.schedules.breaks import BREAKS
from tests.schedules.symptoms import is_symptom
from tests.schedules.tasks.campaign import run_one
from tests.schedules.tasks.task_breaks import TASK_BREAKS
from tests.schedules.tasks.workers import TaskBuild
from tests.schedules.world import Build

_STAGES_TOO = ("nowait", "noversion", "nosource", "repeatsrefused", "norefs", "noretract")


@pytest.mark.filterwarnings("ignore:coroutine")
def test_40_schedules_of_tasks_under_faults_end_as_the_oracle_says() -> None:
    outcomes = [run_one(seed) for seed in range(40)]
    assert {it.seed: it.said for it in outcomes if it.said} == {}
    assert sum(sum(it.faults.values()) for it in outcomes) > 100


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("seed", [106, 140, 154])
def test_a_worker_that_missed_a_generation_takes_its_partitions_over_anew(seed: int) -> None:
    """Once it kept tasks whose partitions had been another's meanwhile, and ended with a hole that was none."""
    assert run_one(seed).said == []


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("rule", [*sorted(TASK_BREAKS), *_STAGES_TOO])
def test_a_planted_fault_is_found(rule: str) -> None:
    stages, tasks = BREAKS.get(rule), TASK_BREAKS.get(rule)
    found = (run_one(seed, stages and stages(), tasks and tasks()).said for seed in range(1000))
    said = next(filter(None, found), [])
    assert is_symptom(said, (stages or TASK_BREAKS[rule]).shows), said or f"{rule} shows in none of 1000 schedules"


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("rule", [*sorted(BREAKS), *sorted(TASK_BREAKS)])
def test_a_break_that_fails_by_itself_is_not_found(rule: str) -> None:
    """Once `nofencing` was given no clock: every history differed, and no fencing was in none of them."""
    shows = (BREAKS.get(rule) or TASK_BREAKS[rule]).shows
    assert not any(is_symptom(said, shows) for said in (_failing_task(), _failing_stage(), []))


@cache
def _failing_task() -> list[str]:
    class Failing(TaskBuild):
        def task(self, *_: object) -> Task:
            raise AttributeError("no such thing")

    return run_one(0, tasks=Failing()).said


@cache
def _failing_stage() -> list[str]:
    class Failing(Build):
        def passes(self, sender: str, send: Send) -> bool:
            raise AttributeError("no such thing")

    return run_one(0, Failing()).said


@pytest.mark.filterwarnings("ignore:coroutine")
def test_the_count_of_what_was_said_twice_finds_what_nothing_else_does() -> None:
    """A break that is wrong in nothing but the count."""
    found = next(said for seed in range(1000) if (said := run_one(seed, BREAKS["repeatscounted"]()).said))
    (said,) = found
    assert "were taken for said twice" in said


def test_a_seed_replays_the_same_schedule() -> None:
    assert run_one(5, tasks=TASK_BREAKS["store-before-commit"]()) == run_one(
        5, tasks=TASK_BREAKS["store-before-commit"]()
    )
