"""What goes wrong in a run, and when: drawn from its seed, or one of the scenarios that are named."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deploy.stack.processes import BROKER, REGISTRY, broker

JOINS = ("joins-1", "joins-2", "joins-3")
SPARE = "joins-4"
"""A worker that is declared and does not run: one that can be added."""
WORKERS = (*JOINS, "gate", "cases")
CONSUMERS = ("metrics", "forwarder")
NETWORK = "network"
"""Between everybody and the broker."""
SESSION = 10.0
"""Seconds without a heartbeat after which a group gives a worker's partitions away, in these runs."""


class Kind(StrEnum):
    """What can be done to a process."""

    KILL = "killed -9"
    """A worker is started again by the supervisor at once; a server stays away for a while."""
    SLEEP = "asleep"
    """SIGSTOP, for longer than its session; then SIGCONT."""
    RESTART = "restarted"
    """SIGTERM, and started again."""
    AWAY = "away"
    """SIGTERM, and started again after a while."""
    ADD = "added"
    """A worker more, for a while."""
    ROLLING = "rolling restart"
    """Every worker and consumer, one after the other, each ready before the next."""
    BUREAU = "bureau added"
    """A participant more: declaration, topics, users, rights, and a rolling restart."""
    WIPE = "state deleted"
    """Every worker stopped, every local store deleted, and started again."""
    SLOW = "slow"
    """Whatever goes over it takes its time, see `slow_network.py`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. Times in seconds since the first event was published."""

    at: float
    kind: Kind
    target: str
    lasts: float = 0.0


def drawn(rng: random.Random, seconds: float) -> list[Fault]:
    """Every kind of fault at least once, in random order at random times, and some more on the workers."""
    must = [
        *((Kind.KILL, target) for target in ("joins", "joins", "gate", "cases", BROKER, REGISTRY)),
        *((Kind.SLEEP, target) for target in ("joins", "gate", "cases", BROKER)),
        *((Kind.RESTART, target) for target in ("joins", "gate", "cases", BROKER)),
        (Kind.AWAY, "joins"),
        (Kind.ADD, SPARE),
        (Kind.KILL, CONSUMERS[0]),
        (Kind.KILL, CONSUMERS[1]),
    ]
    more = [(rng.choice((Kind.KILL, Kind.KILL, Kind.KILL, Kind.RESTART)), rng.choice(WORKERS)) for _ in range(6)]
    wanted = must + more
    rng.shuffle(wanted)
    busy: dict[str, float] = {}
    faults = []
    for number, (kind, named) in enumerate(wanted):
        at = (number + rng.random()) * seconds / len(wanted)
        target = min(JOINS, key=lambda one: (busy.get(one, 0.0), rng.random())) if named == "joins" else named
        at = max(at, busy.get(target, 0.0))
        fault = Fault(round(at, 2), kind, target, round(_length(rng, kind, target), 1))
        busy[target] = at + fault.lasts + rng.uniform(0.0, 12.0)  # some are hit again while they come back
        faults.append(fault)
    return sorted(faults, key=lambda fault: fault.at)


def _length(rng: random.Random, kind: Kind, target: str) -> float:
    if kind is Kind.SLEEP:
        return SESSION + rng.uniform(1.0, 6.0)
    if kind in (Kind.AWAY, Kind.ADD):
        return rng.uniform(5.0, 25.0)
    if target == REGISTRY:
        return rng.uniform(5.0, 20.0)
    return rng.uniform(0.0, 8.0) if target == BROKER else 0.0


def one_broker(rng: random.Random, seconds: float) -> list[Fault]:
    """The only broker: stopped for 60 s, and killed -9, under load."""
    return [Fault(10, Kind.AWAY, BROKER, 60), Fault(90, Kind.KILL, BROKER, 0), Fault(110, Kind.KILL, BROKER, 5)]


def three_brokers(rng: random.Random, seconds: float) -> list[Fault]:
    """Each of three stopped in turn for 60 s, then one killed -9, all under load.

    The next one goes when the one before is back in step: with two away nothing may be written.
    """
    turns = [Fault(5 + 95 * turn, Kind.AWAY, broker(turn + 1), 60) for turn in range(3)]
    return [*turns, Fault(290, Kind.KILL, broker(rng.randrange(3) + 1), 10)]


def by_hand(rng: random.Random, seconds: float) -> list[Fault]:
    """What operators do on purpose: a rolling restart, a worker more, a bureau more."""
    return [
        Fault(5, Kind.ROLLING, "workers"),
        Fault(75, Kind.ADD, SPARE, 30),
        Fault(110, Kind.BUREAU, "ke"),
    ]


def wiped(rng: random.Random, seconds: float) -> list[Fault]:
    """All local state deleted while stopped, twice."""
    return [Fault(20, Kind.WIPE, "workers"), Fault(60, Kind.WIPE, "workers", 15)]


def slow_network(rng: random.Random, seconds: float) -> list[Fault]:
    """A line of .3 s there and back and 3 Mbit/s a connection, twice; the second time a worker is killed -9, too."""
    return [
        Fault(10, Kind.SLOW, NETWORK, 45),
        Fault(75, Kind.SLOW, NETWORK, 40),
        Fault(85, Kind.KILL, JOINS[rng.randrange(len(JOINS))]),
    ]


@dataclass(frozen=True, slots=True)
class Scenario:
    """How long events are published for, on how many brokers, and what goes wrong meanwhile."""

    faults: Callable[[random.Random, float], Sequence[Fault]]
    seconds: float
    """For how long events are published."""
    brokers: int = 1
    incidents: int = 50_000
    caught_up_within: float | None = None
    """Seconds after each fault in which alerts must come in time again, and after the last one in which all must be as
    it should be; None: on a machine that is busy, whenever."""
    relayed: bool = False
    """Does everything go over a network that can be made slow?"""


SCENARIOS = {
    "drawn": Scenario(drawn, 150),
    "one-broker": Scenario(one_broker, 130, incidents=10_000, caught_up_within=90),
    "three-brokers": Scenario(three_brokers, 305, brokers=3, incidents=10_000, caught_up_within=90),
    "by-hand": Scenario(by_hand, 190),
    "wiped": Scenario(wiped, 90),
    "slow-network": Scenario(slow_network, 130, incidents=10_000, caught_up_within=90, relayed=True),
}
