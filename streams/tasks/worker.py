"""A worker: the Faust app, the tasks of its partitions, its metrics and its readiness, until SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel

from streams.stages.contract import Stage
from streams.tasks.append_times import AppendTimes, own_clock
from streams.tasks.codecs import Codecs
from streams.tasks.errors import TaskError
from streams.tasks.faust_app import SESSION_TIMEOUT, Prelude, TaskApp, build_app, current_assignment, feed
from streams.tasks.held import Follower, HeldTasks
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.leaving import leave_at_once, run_until_told
from streams.tasks.log import Place
from streams.tasks.stability import watch_stability
from streams.tasks.store import REWRITE_EVERY, RocksStore
from streams.tasks.task import Assignment, Task, say_discarded
from streams.tasks.ticks import EVERY_SECONDS, Ticker
from tocsin.runtime.health import Ready, serve
from tocsin.runtime.settings import Connection

_log = logging.getLogger(__name__)

STORE_MAX_AGE = 12 * 3600.0
"""Seconds; below the changelogs' delete.retention.ms of one day, after which a copy may have missed tombstones."""
MOST_THREADS = 32


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does. `stages` makes the stage of a partition, by input topic."""

    app_id: str
    stages: Mapping[str, Callable[[int], Stage]]
    partitions: Mapping[str, int]
    """Partition counts of every topic read or written, `quarantine` included."""
    changelogs: Mapping[str, str]
    """Changelog topic of each input topic; it has as many partitions."""
    codecs: Codecs
    largest: Mapping[str, int] = field(default_factory=dict)
    """max.message.bytes of topics written that take less than 900,000."""
    tick: Callable[[int], BaseModel] | None = None
    """The message that time passes; its argument is this worker's clock in milliseconds. None: no ticks."""
    followers: Sequence[Follower] = ()
    """What is read whole beside the partitions; see Follower."""
    ready: Sequence[Ready] = field(default=())
    """More that must be so before /healthz says ready."""


def run_worker(
    work: Work,
    *,
    connection: Connection,
    state: Path,
    worker_id: str,
    host: str = "127.0.0.1",
    port: int = 0,
    session_timeout: float = SESSION_TIMEOUT,
    store_max_age: float = STORE_MAX_AGE,
    rewrite_stores: float = REWRITE_EVERY,
    cap_append_times: bool = False,
) -> NoReturn:
    """Run until SIGTERM (exit code 0, after the batch in hand), a crash (1), or lost ownership or a hole (70).

    `worker_id` names this worker in its group and its stores below `state`: one live process a name, and the same
    name after a restart. `rewrite_stores`: seconds between two rewrites of these, by which what was deleted leaves the
    disk. `cap_append_times`: see AppendTimes. Call it from the main thread; logging is to be set up before.
    """
    app = build_app(work.app_id, worker_id, connection, session_timeout)
    config = connection.as_librdkafka(client_id=f"{work.app_id}-{worker_id}")
    log = KafkaLog(config, work.app_id)

    def make(place: Place) -> Task:
        stage = work.stages[place.topic]
        changelog = work.changelogs[place.topic]
        store = RocksStore(
            state / work.app_id / worker_id / str(place),
            max_age=store_max_age,
            clock=time.time,
            discarded=lambda reason: say_discarded(place.topic, place, reason),
            rewrite_every=rewrite_stores,
        )
        assignment = Assignment(work.app_id, place, changelog, work.partitions, work.largest)
        return Task(assignment, stage, log, store, work.codecs, AppendTimes(own_clock, cap_append_times))

    async def failed(error: BaseException) -> None:
        if isinstance(error, TaskError):
            leave_at_once(error)
        await app.crash(error)

    held_partitions = sum(work.partitions[topic] for topic in work.stages)
    held = HeldTasks(make, work.followers, failed, threads=min(MOST_THREADS, held_partitions + 2))
    app.progressing = held
    for topic in work.stages:
        feed(app, [topic], held.submit)

    @app.on_rebalance_complete.connect(weak=False)  # type: ignore[untyped-decorator]
    async def _(*_: Any, **__: Any) -> None:
        await held.assigned(current_assignment(app), app.consumer_generation_id)

    background: list[asyncio.Task[None]] = []

    async def before() -> None:
        for follower in work.followers:
            await follower.start()
        background.append(asyncio.create_task(_measure(app, held)))
        background.append(asyncio.create_task(watch_stability(log, held, work.changelogs)))
        if work.tick is not None:
            background.append(asyncio.create_task(_tick(Ticker(config, _tick_bytes(work)), held)))

    async def after() -> None:
        for task in background:
            task.cancel()
        for follower in work.followers:
            await follower.stop()

    app.prelude = [Prelude(before, after)]

    def ready() -> str | None:
        if app.rebalancing:
            return "the group is rebalancing"
        return held.not_ready() or next((reason for source in work.ready if (reason := source())), None)

    serve(host, port, ready)
    run_until_told(app)


def _tick_bytes(work: Work) -> Callable[[], bytes]:
    make = work.tick
    assert make is not None
    return lambda: work.codecs.encode(make(own_clock()))


async def _tick(ticker: Ticker, held: HeldTasks) -> None:
    with contextlib.closing(ticker):
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            ticker.tick({place: runner.task.position for place, runner in held.runners.items()})


async def _measure(app: TaskApp, held: HeldTasks) -> None:
    while True:
        await asyncio.sleep(1.0)
        if not app.rebalancing:
            held.measure(app.consumer.highwater, time.time() * 1000)
