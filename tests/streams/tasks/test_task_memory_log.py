"""The memory log keeps the contract of logs, and undoes what it is told to abort."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from streams.tasks.errors import TransactionAborted
from streams.tasks.log import Outgoing, Place
from streams.tasks.memory_log import MemoryLog
from tests.streams.tasks.log_contract import Fresh, LogContract, Unfinished, record, values


class Died(Exception):
    pass


def die_at(step: str, error: Exception) -> Callable[[str], None]:
    def crash(reached: str) -> None:
        if reached == step:
            raise error

    return crash


class TestMemoryLog(LogContract):
    @pytest.fixture
    def log(self) -> MemoryLog:
        return MemoryLog(itertools.count(1).__next__)

    @pytest.fixture
    def fresh(self) -> Fresh:
        numbers = itertools.count()
        return lambda: Place("topic", next(numbers))

    @pytest.fixture
    def unfinished(self, log: MemoryLog) -> Unfinished:
        def leave(transactional_id: str, records: list[Outgoing]) -> None:
            with pytest.raises(Died):
                log.writer(transactional_id, die_at("written", Died())).commit(records)

        return leave

    def test_an_aborted_transaction_can_be_made_again_by_the_same_writer(self, log: MemoryLog) -> None:
        place, tries = Place("topic", 0), itertools.count()

        def crash(reached: str) -> None:
            if reached == "written" and next(tries) == 0:
                raise TransactionAborted("once")

        writer = log.writer("id", crash)
        with pytest.raises(TransactionAborted):
            writer.commit([record(place, 1)])
        writer.commit([record(place, 1)])
        assert values(log, place) == [b"v1"]
        assert log.bounds([place])[place] == (0, 4, 4)
