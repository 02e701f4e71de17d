"""What tasks promise, each broken on purpose: the schedules must notice, or they prove nothing.

Rules of the stages that are broken are in `tests.schedules.breaks`; here is what only tasks, queues and the log do.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from streams.stages.contract import Stage
from streams.tasks.append_times import AppendTimes
from streams.tasks.codecs import Codecs
from streams.tasks.errors import TransactionAborted
from streams.tasks.log import Log, Outgoing, Place, Record
from streams.tasks.store import Store
from streams.tasks.task import Assignment, Task
from tests.schedules.tasks.broker import Broker
from tests.schedules.tasks.clients import SimLog
from tests.schedules.tasks.faults import Faults
from tests.schedules.tasks.machine import Process
from tests.schedules.tasks.workers import TaskBuild

_OWN = b"\0"
"""Keys of the task's own records begin with it."""


class _WithTask(TaskBuild):
    made: type[Task]

    def task(
        self, it: Assignment, stage: Callable[[int], Stage], log: Log, store: Store, codecs: Codecs, process: Process
    ) -> Task:
        return self.made(it, stage, log, store, codecs, AppendTimes(process.clock), process.sleep)


class PositionOutside(_WithTask):
    """position-outside-transaction: position and counters are written after the transaction, in one of their own."""

    shows = r"says \d+ after \d+|had its effect [2-9] times"

    class made(Task):  # noqa: N801
        def _write(self, batch: Sequence[Outgoing]) -> int:
            changelog = self.assignment.changelog_place
            own = [it for it in batch if it.place == changelog and (it.key or b"").startswith(_OWN)]
            if rest := [it for it in batch if it not in own]:
                super()._write(rest)
            return super()._write(own)


class StoreFirst(_WithTask):
    """store-before-commit: the local store is written before the transaction is committed."""

    shows = r"says \d+ after \d+|had its effect 0 times"

    class made(Task):  # noqa: N801
        def _write(self, batch: Sequence[Outgoing]) -> int:
            changelog = self.assignment.changelog_place
            changes = {it.key: it.value for it in batch if it.place == changelog and it.key is not None}
            self._store.write(changes, self._store.changelog_offset)
            return super()._write(batch)


class NoFencing(TaskBuild):
    """nofencing: every life of a task has a transactional id of its own."""

    shows = r"says \d+ after \d+|^doubled: "

    def __init__(self) -> None:
        self._lives = itertools.count()

    def task(
        self, it: Assignment, stage: Callable[[int], Stage], log: Log, store: Store, codecs: Codecs, process: Process
    ) -> Task:
        unfenced = replace(it, app=f"{it.app}-{next(self._lives)}")
        return Task(unfenced, stage, log, store, codecs, AppendTimes(process.clock), process.sleep)


class ShortRestore(TaskBuild):
    """restore-too-short: the last record of the changelog is not read."""

    shows = r"ended with Hole: .* were skipped before"

    class _Log(SimLog):
        def read(self, place: Place, offset: int) -> Iterator[Record]:
            found = list(super().read(place, offset))
            return iter(found[:-1])

    def log(self, process: Process, broker: Broker, faults: Faults) -> SimLog:
        return self._Log(process, broker, faults)


class SkipOnAbort(_WithTask):
    """skip-on-abort: a transaction that is aborted is not done again."""

    shows = r"ended with Hole: .* (were skipped before|sent number)|had its effect 0 times"

    class made(Task):  # noqa: N801
        def _write(self, batch: Sequence[Outgoing]) -> int:
            assert self._writer is not None
            try:
                return self._writer.commit(batch)
            except TransactionAborted:
                return self._store.changelog_offset - 1


TASK_BREAKS: dict[str, type[TaskBuild]] = {
    "position-outside-transaction": PositionOutside,
    "store-before-commit": StoreFirst,
    "nofencing": NoFencing,
    "restore-too-short": ShortRestore,
    "skip-on-abort": SkipOnAbort,
}
"""By the name that `--break` takes."""
