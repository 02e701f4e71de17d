"""A worker of the product in memory: its tasks, queues and follower are the product's own, only Faust is not.

What Faust does is done here as it does it: it joins the group, fetches committed records and hands them on one by one,
stamped with the generation under which they were fetched; gives everything back before a rebalance; lets the tasks be
taken over after it, and begins at the group's offsets.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faust.types import TP

from schemas import topics
from schemas.participants import Participants
from streams.stages.contract import Stage
from streams.stages.watchlist import Watchlist
from streams.tasks.append_times import AppendTimes
from streams.tasks.codecs import Codecs
from streams.tasks.errors import Hole, TaskError
from streams.tasks.held import HeldTasks
from streams.tasks.log import Log, Place
from streams.tasks.persons_reader import PersonsReader
from streams.tasks.store import Store
from streams.tasks.task import Assignment, Task
from tests.schedules.tasks.broker import Broker
from tests.schedules.tasks.clients import SimLog, SimStore
from tests.schedules.tasks.faults import Faults
from tests.schedules.tasks.groups import Group
from tests.schedules.tasks.machine import Clock, Process
from tests.schedules.tasks.releases import OneRelease

_FETCHED = 4
"""Offsets that one fetch takes of a partition, at most."""


@dataclass(frozen=True, slots=True)
class Message:
    """What held tasks use of a Faust message."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    checksum: int
    generation_id: int


class TaskBuild:
    """How tasks and what they stand on are made. A break is a subclass that makes one of them wrong."""

    shows = ""
    """As `Build` has it."""

    def task(
        self, it: Assignment, stage: Callable[[int], Stage], log: Log, store: Store, codecs: Codecs, process: Process
    ) -> Task:
        return Task(it, stage, log, store, codecs, AppendTimes(process.clock), process.sleep)

    def log(self, process: Process, broker: Broker, faults: Faults) -> SimLog:
        return SimLog(process, broker, faults)

    def held(self, *args: Any, **more: Any) -> HeldTasks:
        return HeldTasks(*args, **more)


@dataclass(slots=True)
class Surroundings:
    """What the workers of one schedule share."""

    clock: Clock
    rng: random.Random
    broker: Broker
    faults: Faults
    participants: Participants
    releases: OneRelease
    partitions: Mapping[str, int]
    build: TaskBuild
    stage: Callable[[str, int, Watchlist], Stage]
    """Makes the stage of a topic and partition."""
    groups: Mapping[str, Group]
    switching: float
    """How likely a thread is interrupted at a pause."""
    disks: dict[tuple[str, Place], SimStore] = field(default_factory=dict)
    """Local stores by worker and partition."""
    ended: list[str] = field(default_factory=list)
    """What processes ended with that they must not."""


ROLES: Mapping[str, tuple[str, ...]] = {"joins": (topics.SIGHTINGS, topics.IDENTIFIERS), "cases": (topics.CASES,)}
"""Input topics by app."""


class _Reader(PersonsReader):
    """The product's reader of the watchlist, in a thread of its process."""

    def __init__(self, process: Process, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._process = process

    async def start(self) -> None:
        self._process.spawn(self._run)
        await self.catch_up()
        self._loaded = True


class Worker:
    """One life of a worker: `name` is the same in the next."""

    def __init__(self, name: str, role: str, around: Surroundings) -> None:
        self.name, self.role, self._around = name, role, around
        self._codecs = around.releases.begins(name)
        self.process = Process(name, around.clock, lambda: around.rng.random() < around.switching)
        self.watchlist = Watchlist()
        self.group = around.groups[role]
        self.fetching = self._joining = False
        self._generation = -1
        self._places: tuple[Place, ...] = ()
        self._positions: dict[Place, int] = {}
        self._chains: dict[Place, int] = {}
        self._buffers: dict[str, deque[Message]] = {topic: deque() for topic in ROLES[role]}
        self._fed = {topic: asyncio.Event() for topic in ROLES[role]}
        self._rejoin, self._told, self._recover = asyncio.Event(), asyncio.Event(), asyncio.Event()
        followers = ()
        if role == "joins":
            shared = {"process": self.process, "watchlist": self.watchlist, "broker": around.broker}
            count = around.participants.partitions
            reader = _Reader(
                self.process, self.watchlist, topics.PERSONS, count, shared, self._codecs.decode, self._unreadable
            )
            followers = (reader,)
        self._followers = followers
        self.held = around.build.held(self._make, followers, self._failed, threads=1)
        for start in (self._belong(), self._take_over(), *map(self._agent, ROLES[role])):
            self.process.loop.create_task(start)

    # Faust's part

    def told(self, generation: int, places: frozenset[Place]) -> None:
        self._generation, self._places, self.fetching = generation, tuple(sorted(places)), False
        self._told.set()

    async def _belong(self) -> None:
        for follower in self._followers:
            await follower.start()
        while True:
            self.fetching = False
            await self.held.finish_in_hand()
            self.commit()
            self._rejoin.clear()
            self._told.clear()
            self.group.join(self)
            self._joining = True
            await self._told.wait()
            self._joining = False
            self._recover.set()
            await self._rejoin.wait()

    async def _take_over(self) -> None:
        while True:
            await self._recover.wait()
            self._recover.clear()
            generation = self._generation
            await self.held.assigned([TP(*place) for place in self._places], generation)
            if generation != self._generation:
                continue
            for place in self._places:
                self._positions[place] = self._chains[place] = self.group.committed.get(place, 0)
            self.fetching = True

    async def _agent(self, topic: str) -> None:
        buffer, fed = self._buffers[topic], self._fed[topic]
        while True:
            while not buffer:
                fed.clear()
                await fed.wait()
            await self.held.submit(buffer.popleft())

    def heartbeat(self) -> None:
        """Hear from the coordinator that it must join again."""
        if self._joining:
            self.group.join(self)  # it was forgotten while it waited for its partitions
        else:
            self._rejoin.set()

    @property
    def is_out(self) -> bool:
        """Will the next heartbeat tell it to join again?"""
        knows = self._told.is_set() if self._joining else not self._told.is_set() or self._rejoin.is_set()
        return not knows and self.group.must_join(self)

    def commit(self) -> None:
        """Let the group offsets follow the tasks."""
        offsets = {Place(tp.topic, tp.partition): offset for tp, offset in self.held.committable().items()}
        offsets = {place: offset for place, offset in offsets.items() if place in self._places}
        self.group.commit(self, self._generation, offsets)

    def fetchable(self) -> list[Place]:
        """Partitions with something to fetch."""
        if not self.fetching:
            return []
        broker = self._around.broker
        return [place for place in self._places if self._positions[place] < broker.bounds(place).stable]

    def fetch(self, place: Place) -> None:
        """Fetch a few records of one partition."""
        start = self._positions[place]
        end = min(self._around.broker.bounds(place).stable, start + self._around.rng.randrange(1, _FETCHED + 1))
        for record in self._around.broker.committed(place, start, end):
            message = Message(
                *(place.topic, place.partition, record.offset, record.timestamp / 1000, record.key, record.value),
                *(record.headers, self._chains[place], self._generation),
            )
            self._chains[place] = record.offset + 1
            self._buffers[place.topic].append(message)
        self._positions[place] = end
        self._fed[place.topic].set()

    # The process

    def _make(self, place: Place) -> Task:
        around, where = self._around, (self.name, place)
        store = around.disks[where] = around.disks.get(where, SimStore(self.process)).opened_by(self.process)
        assignment = Assignment(self.role, place, topics.changelog(place.topic), around.partitions)
        log = around.build.log(self.process, around.broker, around.faults)

        def stage(partition: int) -> Stage:
            return around.stage(place.topic, partition, self.watchlist)

        return around.build.task(assignment, stage, log, store, self._codecs, self.process)

    async def _failed(self, error: BaseException) -> None:
        self._ends(error)

    def _unreadable(self, error: TaskError) -> None:
        self._ends(error)

    def _ends(self, error: BaseException) -> None:
        if self.process.dead:
            return
        refuses = self._around.releases.refuses(self.name, error)
        if refuses:
            self._around.faults.made["newer"] += 1
        if refuses is False or isinstance(error, Hole) or not isinstance(error, TaskError):
            self._around.ended.append(f"{self.name} ended with {type(error).__name__}: {error}")
        self.process.die()

    def leave(self) -> None:
        """SIGTERM."""
        self.process.loop.create_task(self._leave())

    async def _leave(self) -> None:
        self.fetching = False
        await self.held.finish_in_hand()
        self.commit()
        self.group.expel(self)
        self.process.die()
