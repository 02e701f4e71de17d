"""One run: stack, traffic, faults, and what came of it."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from deploy.provision import durability_on, fingerprint, provision
from deploy.stack.errors import StackError
from deploy.stack.local import running_stack
from deploy.stack.processes import consumers
from deploy.stack.running import Stack
from schemas.alerts import Reject
from schemas.participants import Participants, load_participants
from tests.chaos import auditing
from tests.chaos.answering import Answering
from tests.chaos.arriving import Arrived, arrived
from tests.chaos.delivering import Endpoint
from tests.chaos.hearing import Hearing
from tests.chaos.in_order import InOrder
from tests.chaos.inflicting import READY_WITHIN, Inflicted, Inflicting, own
from tests.chaos.plan import SCENARIOS, SPARE, WORKERS, Fault
from tests.chaos.publishing import Publishing
from tests.chaos.report import Report, Wanted, commit, lag_by_time, lag_of, told
from tests.chaos.slow_network import relayed
from tests.chaos.traffic import published, traffic
from tests.chaos.workers import ChaosConsumer, ChaosWorker
from tests.schedules.comparison import differences, refusals, refusals_by_reason
from tests.schedules.histories import PARTICIPANTS, History
from tests.schedules.oracle import Live
from tocsin.runtime.settings import connect

SETTLES_WITHIN = 240.0
QUIET = 75.0
"""Seconds without anything new after which nothing more is waited for; digests are told within a minute."""
COMPARES_EVERY = 5.0
"""Seconds, while more comes: a comparison takes from the processor what the stack needs to be done."""
STAYS = 4.0
"""Seconds for which everything must stay as it should be."""
SHOWN = 20
ENDPOINT = "fr"
"""Who has an endpoint to which the forwarder posts."""


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
            with relayed(stack) if SCENARIOS[wanted.scenario].relayed else nullcontext():
                report = run_on(stack, participants, prepared, say)
    report.took = round(time.monotonic() - began, 1)
    if report.equal and not wanted.keep:
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
        consumers=[ChaosConsumer(it) for it in consumers()],
        provision=make,
        provisioned_as=fingerprint(participants, durability),
        brokers=brokers,
    ) as stack:
        stack.stop(SPARE)
        yield stack, participants


def run_on(
    stack: Stack, participants: Participants, prepared: Prepared, say: Callable[[str], None], *, shared: bool = False
) -> Report:
    """Publish and inflict on a running stack, and compare.

    A stack that is `shared` keeps its workers running; its topics have partitions of their own count, and records of
    others, so that only what comes out is compared.
    """
    history, wanted, began = prepared.history, prepared.wanted, time.time()
    total = sum(map(len, history.feeds.values()))
    publishing = Publishing(stack, history, total / prepared.seconds)
    inflicting = Inflicting(stack, prepared.plan)
    with ExitStack() as ending:
        hearing = ending.enter_context(closing(Hearing(stack, participants.codes)))
        endpoint = None if shared else ending.enter_context(closing(Endpoint(stack, ENDPOINT)))
        answering = ending.enter_context(closing(Answering(stack, history, wanted.seed)))
        publishing.start()
        inflicting.begin()
        try:
            while publishing.is_alive() or inflicting.is_alive():
                answering.hear(hearing.listen(0.5))
            if publishing.failed is not None:
                raise publishing.failed
        finally:
            inflicting.cancel()
        made = inflicting.finish()
        say(f"published {total} events, {len(made)} faults, {answering.count} answers so far")
        stands = Arrived() if shared else arrived(stack, history, began - 1)
        ending_as = Ending(shared, hearing, answering, endpoint, prepared.oracle.result(), history, stands, began)
        last = max((one.ended for one in made), default=time.time())
        said, settled = _settle(ending_as, say)
        report = Report(
            seed=wanted.seed,
            scenario=wanted.scenario,
            broken=wanted.broken,
            incidents=published(history, "incidents"),
            entries=published(history, "watchlist"),
            alerts=len(ending_as.oracle),
            said=hearing.times.total(),
            answers=answering.count,
            delivered=endpoint.arrived if endpoint else 0,
            brokers=len(stack.brokers),
            commit=commit(),
            caught_up=None if said else round(max(0.0, settled - last), 1),
            lag=lag_of(hearing, publishing),
            lag_by_time=lag_by_time(hearing, publishing, began),
            sent_again=len(stands.again),
            left_out=[f"{one.kind} {one.target}" for one in inflicting.left_out],
            faults=[told(one, hearing, publishing, made) for one in made],
        )
        doubled = [f"doubled: {place}" for place in hearing.doubled()]
        doubled += endpoint.disorder if endpoint else []
    refused = publishing.refused + answering.refused
    holes, repeats = auditing.numbers(stack, participants)
    other = list(stands.trouble)
    other += [f"not taken by the broker: {refused} events"] if refused else []
    other += _too_few(report, endpoint)
    other += [f"set aside: {count} records" for count in [auditing.quarantined(stack)] if count]
    other += [f"{one.fault}: {one.trouble}" for one in made if one.trouble]
    other += _too_late(wanted, report) + _never_made(prepared.plan, made)
    other += _not_ready(stack)
    if not shared:
        auditing.stop_workers(stack, [*WORKERS, SPARE])
        other += [f"held back: {place}" for place in auditing.held_back(stack, participants)]
        other += [f"store: {difference}" for difference in auditing.stores(stack)]
        other += auditing.audit_chain(stack, participants)
    missing = [line for line in said if line.startswith("missing")]
    other += [line for line in said if line not in missing]
    report.lost, report.doubled, report.wrong = len(missing + holes), len(doubled + repeats), len(other)
    report.differences = [line for some in (missing, holes, doubled, repeats, other) for line in some[:SHOWN]]
    return report


@dataclass(frozen=True, slots=True)
class Ending:
    """What must be as it should be when all is over."""

    shared: bool
    hearing: Hearing
    answering: Answering
    endpoint: Endpoint | None
    oracle: Live
    history: History
    stands: Arrived
    began: float

    def differences(self) -> list[str]:
        """What is not, so far."""
        hearing = self.hearing
        said = differences(hearing.live(), hearing.counted(), self.answering.expected(self.oracle))
        rejects = _refused(self.began, self.stands, hearing.rejects)
        # On a shared stack the places are others: topics have partitions of their own count.
        said += (refusals_by_reason if self.shared else refusals)(self.history, rejects)
        return said + (self.endpoint.missing(hearing.alerts) if self.endpoint else [])


def _settle(ending: Ending, say: Callable[[str], None]) -> tuple[list[str], float]:
    """What still differs when all is as it should be, and stays so, or the time is over; and since when it is so."""
    until, since = time.time() + SETTLES_WITHIN, 0.0
    told, heard, compared = 0.0, time.time(), 0.0
    while True:
        new = ending.hearing.listen(0.5)
        ending.answering.hear(new)
        heard = time.time() if new else heard
        if since and not new and time.time() - since < STAYS:
            continue
        if new and not since and time.time() - compared < COMPARES_EVERY:
            continue
        compared = time.time()
        said = ending.differences()
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


def _too_few(report: Report, endpoint: Endpoint | None) -> list[str]:
    """A run in which nobody answers, or nothing is delivered, shows nothing of it."""
    said = [] if report.answers else ["nobody has answered anything"]
    return said + (["nothing was delivered"] if endpoint and not report.delivered else [])


def _too_late(wanted: Wanted, report: Report) -> list[str]:
    within = SCENARIOS[wanted.scenario].caught_up_within
    if within is None:
        return []
    late = [f"{it['what']} {it['target']}" for it in report.faults if it["in_time"] > within]
    said = [f"alerts came in time again only more than {within:.0f} s after: {fault}" for fault in late]
    if report.caught_up is not None and report.caught_up > within:
        said.append(f"as it should be only {report.caught_up:.0f} s after the last fault, not within {within:.0f}")
    return said


def _never_made(plan: Sequence[Fault], made: Sequence[Inflicted]) -> list[str]:
    missing = {fault.kind for fault in plan} - {one.fault.kind for one in made}
    return [f"planned and never made: {kind}" for kind in sorted(missing)]


def _not_ready(stack: Stack) -> list[str]:
    try:
        stack.wait_ready(*own(stack), within=READY_WITHIN)
    except StackError as error:
        return [str(error)]
    return []


def _refused(began: float, stands: Arrived, rejects: Sequence[Reject]) -> list[Reject]:
    ours = [stands.in_history(reject) for reject in rejects if reject.source_timestamp.timestamp() > began - 1]
    return [reject for reject in ours if reject is not None]
