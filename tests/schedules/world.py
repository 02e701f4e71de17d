"""The stages of the product on in-memory logs, with everything that Kafka leaves open chosen at random.

Each (sender partition, receiver partition) is a first-in-first-out channel; receivers merge channels in any order.
Every worker reads the watchlist late and perhaps compacted; workers restart; the gate repeats itself.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from schemas import topics
from schemas.alerts import Alert, Reject
from schemas.codes import AlertStatus
from schemas.internal import ListedPerson, Tick
from schemas.model import timestamp
from schemas.partition import partition_of
from streams.stages.cases import Cases, CasesRules
from streams.stages.cases.records import TOTALS
from streams.stages.cases.running import TOTALS_KEY
from streams.stages.contract import Received, Send, Stage
from streams.stages.gate import Gate
from streams.stages.identifiers import Identifiers
from streams.stages.memory import MemoryState
from streams.stages.rules import SightingsRules
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist
from tests.schedules.histories import CODEC, PARTICIPANTS, PARTITIONS, START, History
from tests.schedules.oracle import Live, Outcome, decided

Channel = tuple[tuple[str, int], tuple[str, int]]
"""(stage or topic, partition) of the sender, then of the receiver."""


class Build:
    """How the parts are made. A break is a subclass that makes one of them wrong."""

    shows = ""
    """Of a break: how the first difference that it makes looks, as a regular expression."""

    def gate(self) -> Gate:
        return Gate(PARTICIPANTS, CODEC.decode)

    def sightings(self, partition: int, watchlist: Watchlist, rules: SightingsRules) -> Sightings:
        return Sightings(partition, watchlist, PARTITIONS, rules)

    def identifiers(self, fan_out: int) -> Identifiers:
        return Identifiers(fan_out)

    def cases(self, partition: int, rules: CasesRules) -> Stage:
        return Cases(partition, PARTICIPANTS, PARTITIONS, rules, decide=decided)

    def passes(self, sender: str, send: Send) -> bool:
        """Is this message delivered?"""
        return True

    def around(self) -> AbstractContextManager[None]:
        """What must hold while the history runs."""
        return nullcontext()


@dataclass(slots=True)
class Listed:
    """One record of the persons topic."""

    key: str
    person: ListedPerson | None
    version: int
    at: int


@dataclass(slots=True)
class Worker:
    """One joins worker: a sightings partition and its copy of the watchlist."""

    watchlist: Watchlist
    read: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    """How far in each partition of the persons topic."""
    waiting: Received | None = None
    """A record that is not ready; all behind it wait."""

    def behind(self, persons: list[list[Listed]]) -> list[int]:
        """Partitions of the persons topic that it has not read to their end."""
        return [partition for partition, log in enumerate(persons) if self.read[partition] < len(log)]


class World:
    """One run of a history under a schedule drawn from `rng`."""

    def __init__(self, history: History, rng: random.Random, build: Build) -> None:
        self._rng, self._build, self._history = rng, build, history
        self._small = rng.random() < 0.5
        self._patience = rng.choice((0.0, 0.5, 0.9))
        self._most_possible = rng.choice((0, 1, 20, 20))
        self._gate = build.gate()
        self._position: Counter[tuple[str, int]] = Counter()
        self._repeats = 2
        self._restarts = 1
        self._channels: dict[Channel, deque[Send]] = defaultdict(deque)
        self._persons: list[list[Listed]] = [[] for _ in range(PARTITIONS)]
        self._workers = [Worker(Watchlist()) for _ in range(PARTITIONS)]
        self._states = {(name, p): MemoryState() for name in topics.STAGES for p in range(PARTITIONS)}
        self._stages = {place: self._new_stage(*place) for place in self._states}
        self._offsets: Counter[tuple[str, int]] = Counter()
        self._time = START
        self.alerts: dict[tuple[str, str], Alert] = {}
        """The newest revision by recipient and alert_id."""
        self.rejects: list[Reject] = []
        self._duplicates = 0
        """Counted by stages that have been restarted since."""

    def run(self, passes: int = 0) -> None:
        """Take steps in any order until nothing is left to do and Ticks bring nothing more.

        `passes`: milliseconds that go by first.
        """
        self._time += passes
        self._tick()
        while steps := self._possible():
            if self._restarts and self._rng.random() < 0.03:
                self._restarts -= 1
                self._restart()
                continue
            self._rng.choice(steps)()
            if len(steps) == 1 and not self._possible():
                self._tick()

    def duplicates(self) -> int:
        """Events counted as said twice by their senders."""
        count = self._duplicates
        for place, stage in self._stages.items():
            count += duplicates_of(stage)
            if (totals := self._states[place].get(TOTALS, TOTALS_KEY)) is not None:
                count += totals.duplicates
        return count

    def live(self) -> Live:
        """The alerts that their recipients hold as live in the end."""
        return live_of(self.alerts)

    def counted(self) -> Counter[tuple[str, str]]:
        """By recipient and alert_id, what digests count instead of its being sent; an empty id where a count is off."""
        return counted_by(self.alerts)

    # The schedule

    def _possible(self) -> list[Callable[[], None]]:
        steps: list[Callable[[], None]] = []
        for channel, sends in self._channels.items():
            (name, partition) = channel[1]
            if sends and not (name == topics.SIGHTINGS and self._workers[partition].waiting):
                steps.append(partial(self._deliver, channel))
        for number, worker in enumerate(self._workers):
            if worker.waiting or worker.behind(self._persons):
                steps.append(partial(self._read_on, number))
        if not steps or self._rng.random() >= self._patience:  # the more of it, the further events get between others
            for feed, published in self._history.feeds.items():
                if self._position[feed] < len(published):
                    steps.append(partial(self._gate_passes, feed))
        return steps

    def _gate_passes(self, feed: tuple[str, int]) -> None:
        offset = self._position[feed]
        record = self._history.feeds[feed][offset]
        self._time += self._rng.randrange(1, 50)
        self._say(feed, self._gate.process(feed[0], feed[1], offset, START, record.key, record.value))
        self._position[feed] += 1
        if self._repeats and self._rng.random() < 0.1:  # it crashed before it acknowledged
            self._position[feed] = max(0, self._position[feed] - self._rng.randrange(1, 4))
            self._repeats -= 1

    def _deliver(self, channel: Channel) -> None:
        self._hear(channel[1], self._channels[channel].popleft())

    def _hear(self, place: tuple[str, int], send: Send) -> None:
        self._time += self._rng.randrange(1, 50)
        self._offsets[place] += 1
        assert send.message is not None
        received = Received(send.topic, place[1], self._offsets[place], self._time, send.key, send.message)
        if place[0] == topics.SIGHTINGS and not self._stages[place].ready(received):
            self._workers[place[1]].waiting = received
            return
        self._step(place, received)

    def _step(self, place: tuple[str, int], received: Received) -> None:
        self._say(place, self._stages[place].step(self._states[place], received, self._time))

    def _say(self, sender: tuple[str, int], sends: Sequence[Send]) -> None:
        for send in sends:
            if not self._build.passes(sender[0], send):
                continue
            if send.topic in topics.STAGES:
                partition = partition_of(send.key, PARTITIONS) if send.partition is None else send.partition
                self._channels[sender, (send.topic, partition)].append(send)
            elif send.topic == topics.PERSONS:
                person = send.message if isinstance(send.message, ListedPerson) else None
                version = person.entry_version if person else int(dict(send.headers)["version"])
                listed = Listed(send.key, person, version, self._time)
                self._persons[partition_of(send.key, PARTITIONS)].append(listed)
            elif isinstance(send.message, Alert):
                self.alerts[send.message.recipient, send.message.alert_id] = send.message
            elif isinstance(send.message, Reject):
                self.rejects.append(send.message)

    # Workers and their watchlists

    def _read_on(self, number: int) -> None:
        worker = self._workers[number]
        behind = worker.behind(self._persons)
        if behind:
            self._read_one(worker, self._rng.choice(behind))
        waiting = worker.waiting
        if waiting is None:
            return
        place = (topics.SIGHTINGS, number)
        if not behind:
            worker.watchlist.reach_end(worker.watchlist.ends_asked)
        if self._stages[place].ready(waiting):
            worker.waiting = None
            self._step(place, waiting)

    def _read_one(self, worker: Worker, partition: int) -> None:
        log = self._persons[partition]
        listed = log[worker.read[partition]]
        worker.read[partition] += 1
        rest = log[worker.read[partition] :]
        gone = listed.person is None or any(later.key == listed.key for later in rest)
        if gone and worker.watchlist.version(listed.key) == 0 and self._rng.random() < 0.2:
            return  # compacted away
        worker.watchlist.apply(listed.key, listed.person, listed.version, listed.at)

    def _tick(self) -> None:
        for name, partition in self._states:
            self._hear((name, partition), Send(name, "", Tick(at=timestamp(self._time)), partition))

    def _restart(self) -> None:
        """A stage moves to a new worker: it knows its state alone, and a list loaded to its end."""
        place = self._rng.choice(list(self._stages))
        self._duplicates += duplicates_of(self._stages[place])
        waiting: Received | None = None
        if place[0] == topics.SIGHTINGS:
            waiting = self._workers[place[1]].waiting
            worker = self._workers[place[1]] = Worker(Watchlist())
            for partition, log in enumerate(self._persons):
                while worker.read[partition] < len(log):
                    self._read_one(worker, partition)
        self._stages[place] = self._new_stage(*place)
        self._stages[place].restore(self._states[place])
        if waiting is not None:
            if self._stages[place].ready(waiting):
                self._step(place, waiting)
            else:
                self._workers[place[1]].waiting = waiting

    def _new_stage(self, name: str, partition: int) -> Stage:
        watchlist = self._workers[partition].watchlist
        return stage_of(self._build, name, partition, watchlist, small=self._small, most_possible=self._most_possible)


def stage_of(
    build: Build, name: str, partition: int, watchlist: Watchlist, *, small: bool, most_possible: int
) -> Stage:
    """A stage of `build`; a small one takes little in a step, so that much is left to Continue records."""
    if name == topics.SIGHTINGS:
        return build.sightings(partition, watchlist, SightingsRules(fan_out=3) if small else SightingsRules())
    if name == topics.IDENTIFIERS:
        return build.identifiers(2 if small else 500)
    if not small:
        return build.cases(partition, CasesRules())
    rules = CasesRules(
        pairs_per_step=2,
        references_per_step=1,
        links_per_step=1,
        prompt_probes=1,
        entries_per_probe=2,
        possible_per_hour=most_possible,
    )
    return build.cases(partition, rules)


def duplicates_of(stage: Stage) -> int:
    """Events that this life of `sightings` took for said twice; of the others 0: `cases` counts in its state."""
    return stage.counts["duplicate"] if isinstance(stage, Sightings) else 0


def live_of(alerts: Mapping[tuple[str, str], Alert]) -> Live:
    """Of the newest alerts by recipient and alert_id, those that are live."""
    return {
        place: Outcome(
            alert.match.band,
            alert.match.evidence,
            alert.workflow,
            alert.entry.entry_version,
            tuple((answer.by, answer.kind) for answer in alert.answers),
            alert.escalated,
        )
        for place, alert in alerts.items()
        if alert.status is AlertStatus.LIVE and alert.match is not None and alert.entry is not None
    }


def counted_by(alerts: Mapping[tuple[str, str], Alert]) -> Counter[tuple[str, str]]:
    """By recipient and alert_id, what digests among `alerts` count; an empty id where a count is off."""
    found: Counter[tuple[str, str]] = Counter()
    for (recipient, _), alert in alerts.items():
        if alert.status is AlertStatus.LIVE and alert.digest is not None:
            found.update((recipient, member.alert_id) for member in alert.digest.members)
            found[recipient, ""] += alert.digest.count - len(alert.digest.members)
    return +found
