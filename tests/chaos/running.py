"""One run: stack, traffic, faults, and what came of it."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from deploy.provision import durability_on, fingerprint, provision
from deploy.stack.errors import StackError
from deploy.stack.local import running_stack
from deploy.stack.processes import consumers
from deploy.stack.running import Stack
from schemas.alerts import Reject
from schemas.participants import Participants, load_participants
from tests.chaos import auditing
from tests.chaos.arriving import Arrived, arrived
from tests.chaos.hearing import Hearing
from tests.chaos.in_order import InOrder
from tests.chaos.inflicting import READY_WITHIN, Inflicted, Inflicting, own
from tests.chaos.plan import SCENARIOS, SPARE, WORKERS, Fault
from tests.chaos.publishing import Publishing
from tests.chaos.traffic import published, traffic
from tests.chaos.workers import ChaosWorker
from tests.schedules.comparison import differences, refusals
from tests.schedules.histories import PARTICIPANTS, History
from tests.schedules.oracle import Live
from tocsin.runtime.settings import connect

LATE = 3.0
"""Seconds after which an alert counts as late."""
SETTLES_WITHIN = 120.0
QUIET = 75.0
"""Seconds without anything new after which nothing more is waited for; digests are told within a minute."""
STAYS = 4.0
"""Seconds for which everything must stay as it should be."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is to do."""

    seed: int
    scenario: str = "drawn"
    incidents: int = 50_000
    seconds: float | None = None
    """How long events are published for; None: as the scenario has it."""
    broken: str | None = None


@dataclass
class Report:
    """What came of it, as it is kept."""

    seed: int
    scenario: str
    broken: str | None
    incidents: int
    entries: int
    alerts: int
    """Live alerts, by recipient, as the oracle has them."""
    said: int
    """Alert records that were read."""
    brokers: int
    commit: str
    sent_again: int = 0
    """Events that a bureau's client sent a second time, for it could not tell whether the broker had taken them."""
    lost: int = 0
    """Alerts that should be live and are not, and holes in the numbers of messages."""
    doubled: int = 0
    """Revisions of alerts that came twice, and numbers of messages that did."""
    wrong: int = 0
    """Whatever else differs."""
    differences: list[str] = field(default_factory=list)
    """The first of them."""
    faults: list[dict[str, Any]] = field(default_factory=list)
    lag: Mapping[str, float] = field(default_factory=dict)
    """From publication to the alert: median, 99 of 100, longest, in seconds; and the share that was late."""
    lag_by_time: Sequence[tuple[int, float]] = ()
    """Seconds since the first event was published, in tens, and the median lag of what was said in these."""
    caught_up: float | None = None
    """Seconds from the end of the last fault until all was as it should be; None: it never was."""
    took: float = 0.0
    """Seconds of the whole run."""

    @property
    def equal(self) -> bool:
        """Is everything as it should be?"""
        return not (self.lost or self.doubled or self.wrong) and self.caught_up is not None


def run(wanted: Wanted, say: Callable[[str], None]) -> Report:
    """Run it on a stack of its own, whose folder is kept when something differs."""
    began = time.monotonic()
    brokers = SCENARIOS[wanted.scenario].brokers
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{wanted.scenario}-{wanted.seed}-"))
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # a fork of a Kafka client crashes
        start = round(time.time() * 1000)
        writing = pool.submit(written, wanted.seed, wanted.incidents, start)  # while the stack starts
        with _own_stack(folder, wanted.broken, brokers) as (stack, participants):
            say(f"ready after {time.monotonic() - began:.0f} s in {folder}")
            prepared = prepare(wanted, writing.result(), start, pool)
            report = run_on(stack, participants, prepared, say)
    report.took = round(time.monotonic() - began, 1)
    if report.equal:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"kept: {folder}")
    return report


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is published, what must come of it, and what goes wrong meanwhile."""

    wanted: Wanted
    history: History
    oracle: Future[Live]
    """Worked out in a process of its own, while the stack runs."""
    plan: Sequence[Fault]
    seconds: float


def written(seed: int, incidents: int, start: int, **more: float) -> History:
    """What is published; `more` for the traffic."""
    made = traffic(seed, incidents, start, **more)
    return History(dict(made.feeds), order=made.order)


def prepare(
    wanted: Wanted, history: History, start: int, pool: Executor, plan: Sequence[Fault] | None = None
) -> Prepared:
    """Everything else that comes of the seed; `plan` in place of the scenario's."""
    scenario = SCENARIOS[wanted.scenario]
    seconds = wanted.seconds or scenario.seconds
    oracle = pool.submit(_oracle, history, start)
    if plan is None:
        plan = scenario.faults(random.Random(f"faults {wanted.seed}"), seconds)
    return Prepared(wanted, history, oracle, plan, seconds)


def _oracle(history: History, start: int) -> Live:
    return InOrder(history, start).run()


@contextmanager
def _own_stack(folder: Path, broken: str | None, brokers: int) -> Iterator[tuple[Stack, Participants]]:
    text = "partitions = 8\n"
    for code, member in PARTICIPANTS.members.items():
        text += f'[participants.{code}]\nname = "{member.name}"\nkind = "{member.kind.value}"\npartitions = 2\n'
    (folder / "bureaus.toml").write_text(text)
    participants = load_participants(folder / "bureaus.toml")
    durability = durability_on(brokers)

    def make(stack: Stack) -> None:
        provision(participants, connect("admin", stack.settings), stack.registry, stack.state, durability=durability)

    with running_stack(
        folder,
        workers=[ChaosWorker(name, broken) for name in (*WORKERS, SPARE)],
        consumers=consumers(),
        provision=make,
        provisioned_as=fingerprint(participants, durability),
        brokers=brokers,
    ) as stack:
        stack.stop(SPARE)
        yield stack, participants


def run_on(
    stack: Stack, participants: Participants, prepared: Prepared, say: Callable[[str], None], *, shared: bool = False
) -> Report:
    """Publish and inflict on a running stack, and compare. A stack that is `shared` keeps its workers running."""
    history, wanted, began = prepared.history, prepared.wanted, time.time()
    total = sum(map(len, history.feeds.values()))
    publishing = Publishing(stack, history, total / prepared.seconds)
    inflicting = Inflicting(stack, prepared.plan)
    with closing(Hearing(stack, participants.codes)) as hearing:
        publishing.start()
        inflicting.begin()
        try:
            while publishing.is_alive() or inflicting.is_alive():
                hearing.listen(0.5)
            if publishing.failed is not None:
                raise publishing.failed
        finally:
            inflicting.cancel()
        made = inflicting.finish()
        say(f"published {total} events, {len(made)} faults")
        stands = arrived(stack, history, began - 1)
        oracle = prepared.oracle.result()
        last = max((one.ended for one in made), default=time.time())
        said, settled = _settle(hearing, oracle, history, stands, began, say)
        report = Report(
            seed=wanted.seed,
            scenario=wanted.scenario,
            broken=wanted.broken,
            incidents=published(history, "incidents"),
            entries=published(history, "watchlist"),
            alerts=len(oracle),
            said=hearing.times.total(),
            brokers=len(stack.brokers),
            commit=_commit(),
            caught_up=None if said else round(max(0.0, settled - last), 1),
            lag=_lag(hearing, publishing),
            lag_by_time=_lag_by_time(hearing, publishing, began),
            sent_again=len(stands.again),
            faults=[_told(one, hearing, publishing, made) for one in made],
        )
        doubled = [f"doubled: {place}" for place in hearing.doubled()]
    holes, repeats = auditing.numbers(stack, participants)
    other = list(stands.trouble)
    other += [f"not taken by the broker: {publishing.refused} events"] if publishing.refused else []
    other += [f"set aside: {count} records" for count in [auditing.quarantined(stack)] if count]
    other += [f"{one.fault}: {one.trouble}" for one in made if one.trouble]
    other += _not_ready(stack)
    if not shared:
        auditing.stop_workers(stack, [*WORKERS, SPARE])
        other += [f"held back: {place}" for place in auditing.held_back(stack, participants)]
        other += [f"store: {difference}" for difference in auditing.stores(stack)]
    missing = [line for line in said if line.startswith("missing")]
    other += [line for line in said if line not in missing]
    report.lost, report.doubled, report.wrong = len(missing + holes), len(doubled + repeats), len(other)
    report.differences = [line for some in (missing, holes, doubled, repeats, other) for line in some[:SHOWN]]
    return report


def _settle(
    hearing: Hearing, oracle: Live, history: History, stands: Arrived, began: float, say: Callable[[str], None]
) -> tuple[list[str], float]:
    """What still differs when all is as it should be, and stays so, or the time is over; and since when it is so."""
    until, since = time.time() + SETTLES_WITHIN, 0.0
    told, heard = 0.0, time.time()
    while True:
        new = hearing.listen(0.5)
        heard = time.time() if new else heard
        if since and not new and time.time() - since < STAYS:
            continue
        said = differences(hearing.live(), hearing.counted(), oracle) + refusals(
            history, _refused(began, stands, hearing.rejects)
        )
        now = time.time()
        if said:
            since = 0.0
        elif not since:
            since = now
        if (not said and now - since >= STAYS) or now > until or now - heard > QUIET:
            return said, since
        if said and now - told > 15:
            told = now
            say(f"{len(said)} differences left, {said[0][:200]}")


def _not_ready(stack: Stack) -> list[str]:
    try:
        stack.wait_ready(*own(stack), within=READY_WITHIN)
    except StackError as error:
        return [str(error)]
    return []


def _refused(began: float, stands: Arrived, rejects: Sequence[Reject]) -> list[Reject]:
    ours = [stands.in_history(reject) for reject in rejects if reject.source_timestamp.timestamp() > began - 1]
    return [reject for reject in ours if reject is not None]


def _lags(hearing: Hearing, publishing: Publishing) -> Iterator[tuple[float, float]]:
    """Of each live alert: when it was appended, and how long after its younger side was published."""
    for at, *sides in hearing.heard:
        if known := [publishing.sent_at[side] for side in sides if side in publishing.sent_at]:
            yield at, at - max(known)


def _lag(hearing: Hearing, publishing: Publishing) -> Mapping[str, float]:
    lags = sorted(lag for _, lag in _lags(hearing, publishing))
    if not lags:
        return {}
    late = sum(lag > LATE for lag in lags) / len(lags)
    names = {"p50": len(lags) // 2, "p99": len(lags) * 99 // 100, "max": len(lags) - 1}
    return {name: round(lags[place], 2) for name, place in names.items()} | {"late": round(late, 3)}


def _lag_by_time(hearing: Hearing, publishing: Publishing, began: float) -> list[tuple[int, float]]:
    by_time: dict[int, list[float]] = defaultdict(list)
    for at, lag in _lags(hearing, publishing):
        by_time[int(at - began) // 10 * 10].append(lag)
    return [(at, round(median(lags), 1)) for at, lags in sorted(by_time.items())]


def _told(one: Inflicted, hearing: Hearing, publishing: Publishing, made: Sequence[Inflicted]) -> dict[str, Any]:
    """A fault for the report: how long until whoever was hit was ready, and until alerts came in time again."""
    following = min((other.began for other in made if other.began > one.began), default=float("inf"))
    late = [at for at, lag in _lags(hearing, publishing) if lag > LATE and one.ended <= at < following]
    return {
        "at": one.fault.at,
        "what": one.fault.kind.value,
        "target": one.fault.target,
        "lasts": round(one.ended - one.began, 1),
        "ready": None if one.ready is None else round(one.ready - one.ended, 1),
        "in_time": round(max(late) - one.ended, 1) if late else 0.0,
    }


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
