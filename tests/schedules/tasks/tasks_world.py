"""The tasks of the product on Kafka in memory, under a schedule of steps and faults drawn from one random number.

The same interface as `tests.schedules.world.World`, so the same histories, officers and oracle judge it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.internal import Tick
from schemas.model import timestamp
from schemas.topics import all_topics
from streams.stages.cases.records import Totals
from streams.stages.contract import Stage
from streams.stages.watchlist import Watchlist
from streams.tasks import persons_reader
from streams.tasks.codecs import Codecs
from streams.tasks.log import Outgoing, Place
from streams.tasks.sequences import origin
from tests.schedules.histories import CODEC, PARTICIPANTS, PARTITIONS, START, History
from tests.schedules.oracle import Live
from tests.schedules.tasks.broker import TRANSACTION_TIMEOUT, Broker
from tests.schedules.tasks.clients import SimAdmin, SimConsumer
from tests.schedules.tasks.faults import Faults
from tests.schedules.tasks.gates import Gates
from tests.schedules.tasks.groups import Group
from tests.schedules.tasks.ledger import Applied, Booked
from tests.schedules.tasks.machine import Clock
from tests.schedules.tasks.releases import OneRelease
from tests.schedules.tasks.workers import ROLES, Surroundings, TaskBuild, Worker
from tests.schedules.world import Build, counted_by, live_of, stage_of

PAUSES = (
    *("init", "init fenced", "restore", "restoring", "begin", "produce", "sent", "commit", "commit unanswered"),
    *("committed", "store", "stored", "abort"),
)
"""Where a worker may be killed in the middle of a task's work."""
MOST_STEPS = 60_000
"""A schedule that has not come to rest then never will."""
_LEDGER, _TOTALS = b"ledger\0", b"totals\0totals"
_COUNTS = {topic.name: topic.partitions for topic in all_topics(PARTICIPANTS)}
_CHANGELOGS = {topics.changelog(stage) for stage in topics.STAGES}


class TasksWorld:
    """One run of a history: workers of both roles, their groups, the gate, the broker, and what happens to them."""

    def __init__(
        self, history: History, rng: random.Random, build: Build, tasks: TaskBuild | None, releases: OneRelease
    ) -> None:
        self._rng, self._stages, self._releases = rng, build, releases
        self._small = rng.random() < 0.5
        self._most_possible = rng.choice((0, 1, 20, 20))
        self._chance = rng.choice((0.0, 0.002, 0.01, 0.03))
        self._patience = rng.choice((0.0, 0.9, 0.98))
        self._clock = Clock(START)
        self._broker = Broker(self._clock)
        self.faults = Faults(rng, rng.choice((3, 8, 16)) if self._chance else 0)
        self._around = Surroundings(
            *(self._clock, rng, self._broker, self.faults, PARTICIPANTS, releases, _COUNTS),
            *(tasks or TaskBuild(), self._stage),
            groups={
                role: Group([Place(t, p) for t in its for p in range(PARTITIONS)], rng, releases.kept)
                for role, its in ROLES.items()
            },
            switching=rng.choice((0.02, 0.15, 0.5)),
        )
        self._gates = Gates(build.gate(), history.feeds, self._broker, _COUNTS, rng)
        self._workers = [Worker(name, name[:5], self._around) for name in ("joins1", "joins2", "cases1", "cases2")]
        self.steps = 0
        self._told: Counter[Place] = Counter()
        self._revisions: set[tuple[str, str, int]] = set()
        self._said: list[str] = []
        self.alerts: dict[tuple[str, str], Alert] = {}
        """The newest revision by recipient and alert_id."""
        self.rejects: list[Reject] = []

    def run(self, passes: int = 0) -> None:
        """Take steps and let things go wrong until all is well again and nothing is left to do.

        `passes`: milliseconds that go by first.
        """
        self._clock.now += passes
        with _clients():
            written = -1
            while not self._said and written != (written := self._written()):
                self._tick()
                self._rest()
        self._listen()

    def _rest(self) -> None:
        while self.steps < MOST_STEPS:
            self.steps += 1
            self._clock.now += self._rng.randrange(3)
            self._give_up()
            self._roll()
            if self._around.ended:
                self._said += self._around.ended
                return
            if self.faults.on and self.faults.budget > 0 and self._rng.random() < self._chance:
                self._harm()
            if steps := self._possible():
                self._rng.choice(steps)()
            elif not self._time_passes():
                return
        self._said.append(f"no rest after {MOST_STEPS} steps: {self._state()}")

    def _possible(self) -> list[Callable[[], None]]:
        steps: list[Callable[[], None]] = []
        for worker in self._workers:
            if worker.process.dead:
                steps.append(partial(self._revive, worker))
            elif worker.process.stopped:
                continue
            else:
                steps += worker.process.steps()
                steps += [partial(worker.fetch, place) for place in worker.fetchable()]
                if worker.is_out:
                    steps.append(worker.heartbeat)
            if worker.process.dead and worker in worker.group:
                steps.append(partial(worker.group.expel, worker))
        steps += [group.give for group in self._around.groups.values() if group.complete]
        steps += [partial(self._broker.write_marker, *marker) for marker in self._broker.unfinished()]
        for worker in self._workers:
            if worker.process.stopped and worker in worker.group:
                steps.append(partial(worker.group.expel, worker))
            elif worker.process.stopped and (not steps or self._rng.random() < 0.02):
                steps.append(partial(self._wake, worker))
        if not steps or self._rng.random() >= self._patience:
            steps += self._gates.steps()
        return steps

    def _time_passes(self) -> bool:
        """Nothing can be done: let the clock go to where something can; False when nothing waits for time."""
        wakes = [wake for worker in self._workers if (wake := worker.process.next_wake()) is not None]
        wakes += [opened + TRANSACTION_TIMEOUT for opened in self._broker.open_since().values()]
        if not wakes:
            return False
        self._clock.now = max(self._clock.now + 1, min(wakes))
        return True

    def _give_up(self) -> None:
        late = self._clock.now - TRANSACTION_TIMEOUT
        self._broker.give_up([name for name, opened in self._broker.open_since().items() if opened <= late])

    def _written(self) -> int:
        """How much has been written that is not a task's own business, nor a tick."""
        return sum(
            1
            for topic in self._broker.topics()
            if topic not in _CHANGELOGS
            for place in self._broker.places(topic)
            for record in self._broker.committed(place, 0)
            if record.key is not None
        )

    def _tick(self) -> None:
        value = CODEC.encode(Tick(at=timestamp(self._clock.now)))
        for topic in topics.STAGES:
            for partition in range(PARTITIONS):
                self._broker.append(Outgoing(Place(topic, partition), None, value))

    # What goes wrong

    def _roll(self) -> None:
        name = self._releases.rolls(self._rng)
        for worker in self._workers:
            if worker.name == name:
                self.faults.made["upgrade"] += 1
                if not worker.process.dead:
                    worker.process.die() if worker.process.stopped or self._rng.random() < 0.5 else worker.leave()

    def _harm(self) -> None:
        well = [worker for worker in self._workers if not worker.process.dead and not worker.process.stopped]
        if not well:
            return
        worker = self._rng.choice(well)
        kinds = ("crash",) * 4 + ("stop",) * 3 + ("silence", "rebalance", "rebalance", "leave", "gate", "timeout")
        kind = self._rng.choice(kinds)
        match kind:
            case "crash":
                if self._rng.random() < 0.3:
                    worker.process.die()
                else:
                    worker.process.crash_at = self._rng.choice(PAUSES)
            case "stop":
                worker.process.stop_at = self._rng.choice(PAUSES)
            case "silence":
                worker.group.expel(worker)
            case "rebalance":
                worker.group.rebalance()
            case "leave":
                worker.leave()
            case "gate":
                self._gates.crash()
            case "timeout":
                self._clock.now += TRANSACTION_TIMEOUT + 1000
        self.faults.make(kind)

    def _revive(self, worker: Worker) -> None:
        for where in [where for where in self._around.disks if where[0] == worker.name]:
            if self.faults.strikes("disk", 0.2):
                del self._around.disks[where]
            elif self.faults.strikes("old disk", 0.2):
                self._around.disks[where].turn_back()
        self._workers[self._workers.index(worker)] = Worker(worker.name, worker.role, self._around)

    def _wake(self, worker: Worker) -> None:
        worker.process.stopped = False

    # What the stages are

    def _stage(self, topic: str, partition: int, known: Watchlist) -> Stage:
        bare = stage_of(self._stages, topic, partition, known, small=self._small, most_possible=self._most_possible)
        return Booked(bare, self._stages.passes)

    # What participants hold

    def _listen(self) -> None:
        for topic in self._broker.topics():
            if topic.startswith((topics.alerts(""), topics.rejects(""))):
                for place in self._broker.places(topic):
                    for record in self._broker.committed(place, self._told[place]):
                        self._hear(record.value or b"")
                        self._told[place] = record.offset + 1

    def _hear(self, value: bytes) -> None:
        match CODEC.decode(value):
            case Alert() as alert:
                it = (alert.recipient, alert.alert_id, alert.revision)
                if it in self._revisions:
                    self._said.append(f"doubled: {it}")
                self._revisions.add(it)
                self.alerts[it[:2]] = alert
            case Reject() as reject:
                self.rejects.append(reject)

    def live(self) -> Live:
        """The alerts that their recipients hold as live in the end."""
        return live_of(self.alerts)

    def counted(self) -> Counter[tuple[str, str]]:
        """As World has it."""
        return counted_by(self.alerts)

    def duplicates(self) -> int:
        """Events counted as said twice by their senders, once for each time that a committed step counted them.

        As the changelogs have it: of `cases` its own count, of `sightings` the ledger's.
        """
        places = [Place(topic, partition) for topic in topics.STAGES for partition in range(PARTITIONS)]
        kept = (record for place in places for record in self._kept(place).items())
        return sum(_duplicates_in(self._releases.newest, *record) for record in kept)

    # What must be so whatever went wrong

    def audit(self) -> list[str]:
        """Everything about tasks that is not as promised."""
        said = list(self._said)
        if said and not said[0].startswith("doubled"):
            return said
        said += self._numbers()
        for topic in topics.STAGES:
            for partition in range(PARTITIONS):
                said += self._books(Place(topic, partition))
        if self._broker.places(topics.QUARANTINE):
            said.append("something was set aside")
        return said

    def _numbers(self) -> Iterator[str]:
        """Numbers of each task in each partition: one after the other."""
        for topic in self._broker.topics():
            for place in self._broker.places(topic):
                last: dict[str, int] = defaultdict(int)
                for record in self._broker.committed(place, 0):
                    (source, number) = origin(record.headers)
                    if source is not None:
                        if number != last[source] + 1:
                            yield f"{place}: {source} says {number} after {last[source]}"
                        last[source] = number

    def _books(self, place: Place) -> Iterator[str]:
        """State of one task: all of its input has had its effect once, and its owner's disk has what the log has."""
        kept = self._kept(place)
        for record in self._broker.committed(place, 0):
            booked = kept.get(b"%s%09d" % (_LEDGER, record.offset))
            times = Applied.decoded(booked).times if booked else 0
            if record.key is not None and times != 1:
                yield f"{place}: offset {record.offset} had its effect {times} times"
        owners = [worker for worker in self._workers if place in worker.held.runners]
        if len(owners) != 1:
            yield f"{place} is held by {len(owners)} workers"
        for owner in owners:
            disk = self._around.disks[owner.name, place].content()
            for key in sorted(disk.keys() | kept.keys()):
                if disk.get(key) != kept.get(key):
                    yield f"{place}: {owner.name} and the changelog differ in {key!r}"

    def _kept(self, place: Place) -> dict[bytes, bytes]:
        """The state of one task by its changelog, as keys and values."""
        kept: dict[bytes, bytes] = {}
        for record in self._broker.committed(Place(topics.changelog(place.topic), place.partition), 0):
            assert record.key is not None
            if record.value is None:
                kept.pop(record.key, None)
            else:
                kept[record.key] = record.value
        return kept

    def _state(self) -> str:
        return ", ".join(
            f"{it.name} {'dead' if it.process.dead else 'at ' + it.process.at} ({len(it.process.threads)} threads)"
            for it in self._workers
        )


def _duplicates_in(codecs: Codecs, key: bytes, value: bytes) -> int:
    """How many the state value at `key` speaks of."""
    if key.startswith(_LEDGER):
        return Applied.decoded(value).duplicates
    return codecs.decode_state(Totals, value).duplicates if key == _TOTALS else 0


@contextmanager
def _clients() -> Iterator[None]:
    """The product's reader of the watchlist finds the clients in memory where it looks for its own."""

    def consumer(config: dict, **_: object) -> SimConsumer:  # type: ignore[type-arg]
        known: Watchlist = config["watchlist"]
        return SimConsumer(config["process"], config["broker"], lambda: known.ends_asked > known.ends_reached)

    def admin(config: dict, **_: object) -> SimAdmin:  # type: ignore[type-arg]
        return SimAdmin(config["process"], config["broker"])

    with (
        mock.patch.object(persons_reader, "Consumer", consumer),
        mock.patch.object(persons_reader, "AdminClient", admin),
    ):
        yield
