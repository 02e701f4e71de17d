"""A task of the counting stage on the memory log, which can die anywhere and be started again."""

from __future__ import annotations

from collections.abc import Callable

from streams.tasks.append_times import AppendTimes
from streams.tasks.codecs import Codecs
from streams.tasks.log import Outgoing, Place, Record, Writer
from streams.tasks.memory_log import MemoryLog
from streams.tasks.store import MemoryStore
from streams.tasks.task import Assignment, Task
from tests.streams.tasks.counting_stage import CODECS, Amount, Counting, Total, decode, encode

INPUT = Place("in", 0)
CHANGELOG = Place("log", 0)
PARTITIONS = {"in": 1, "out": 2, "quarantine": 1}


class Died(BaseException):
    """The process ends here."""


class Crashing(MemoryLog):
    """Calls `crash` at the steps of every transaction."""

    crash: Callable[[str], None] | None = None

    def writer(self, transactional_id: str, crash: Callable[[str], None] | None = None) -> Writer:
        return super().writer(transactional_id, crash or self.crash)


class World:
    def __init__(self, codecs: Codecs = CODECS) -> None:
        self.time = 1_000
        self.slept = 0.0
        """Seconds that tasks have waited: no time passes but that."""
        self.own_time: int | None = None
        """The worker's clock; None: it agrees with the broker's."""
        self.capped = False
        self.log = Crashing(lambda: self.time)
        self.store = MemoryStore()
        self.codecs = codecs
        self.stages: list[Counting] = []

    def say(self, who: str, amount: int, at: int | None = None) -> None:
        self.time = at or self.time + 1
        self.log.append(Outgoing(INPUT, who.encode(), encode(Amount(who=who, amount=amount))))

    def say_bytes(self, value: bytes | None, headers: tuple[tuple[str, bytes | None], ...] = ()) -> None:
        self.time += 1
        self.log.append(Outgoing(INPUT, b"x", value, headers))

    def make_stage(self, partition: int) -> Counting:
        self.stages.append(Counting(partition))
        return self.stages[-1]

    def start(self, store: MemoryStore | None = None) -> Task:
        self.store = store or self.store
        assignment = Assignment("app", INPUT, CHANGELOG.topic, PARTITIONS, {"out": 400})
        times = AppendTimes(lambda: self.time if self.own_time is None else self.own_time, self.capped)
        task = Task(
            *(assignment, self.make_stage, self.log, self.store, self.codecs, times),
            sleep=self.sleep,
            monotonic=lambda: self.slept,
        )
        task.take_over()
        return task

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def fetch(self, task: Task) -> list[Record]:
        return list(self.log.read(INPUT, task.position))

    def outputs(self, topic: str = "out") -> list[Record]:
        places = [Place(topic, number) for number in range(PARTITIONS[topic])]
        return [record for place in places for record in self.log.read(place, 0)]

    def totals(self) -> dict[str, list[Total]]:
        said: dict[str, list[Total]] = {}
        for record in self.outputs():
            total = decode(record.value or b"")
            assert isinstance(total, Total)
            said.setdefault((record.key or b"").decode(), []).append(total)
        return said
