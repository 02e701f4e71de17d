"""Work shared among processes: results in order, nothing lost, a process that dies is said."""

from __future__ import annotations

import os

import pytest

from tocsin.cli.parallel import WorkerDied, chunks, in_order


def _double(number: int) -> int:
    return number * 2


def _die(number: int) -> int:
    os._exit(number)


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 100])
def test_results_come_in_order_however_many_processes(jobs: int, count: int) -> None:
    assert list(in_order(_double, range(count), jobs)) == [2 * number for number in range(count)]


def test_chunks_hold_everything_once() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []


def test_a_process_that_was_ended_is_said() -> None:
    with pytest.raises(WorkerDied, match="--jobs"):
        list(in_order(_die, [3, 4], 2))
