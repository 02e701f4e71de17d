"""What a run of chaos was to do, and what came of it, as it is kept."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.chaos.hearing import Hearing
from tests.chaos.inflicting import Inflicted
from tests.chaos.publishing import Publishing

LATE = 3.0
"""Seconds after which an alert counts as late."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is to do."""

    seed: int
    scenario: str = "drawn"
    incidents: int = 50_000
    seconds: float | None = None
    """How long events are published for; None: as the scenario has it."""
    broken: str | None = None
    keep: bool = False
    """Is the folder of the stack kept even when all is equal?"""


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
    answers: int
    """Answers that officers gave meanwhile."""
    delivered: int
    """Messages that came to the endpoint of one participant."""
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
    left_out: list[str] = field(default_factory=list)
    """Faults that were planned and not made, for whoever was to be hit was down already."""
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


def _lags(hearing: Hearing, publishing: Publishing) -> Iterator[tuple[float, float]]:
    """Of each live alert: when it was appended, and how long after its younger side was published."""
    for at, *sides in hearing.heard:
        if known := [publishing.sent_at[side] for side in sides if side in publishing.sent_at]:
            yield at, at - max(known)


def lag_of(hearing: Hearing, publishing: Publishing) -> Mapping[str, float]:
    """Median, 99 of 100, longest, and the share that was late."""
    lags = sorted(lag for _, lag in _lags(hearing, publishing))
    if not lags:
        return {}
    late = sum(lag > LATE for lag in lags) / len(lags)
    names = {"p50": len(lags) // 2, "p99": len(lags) * 99 // 100, "max": len(lags) - 1}
    return {name: round(lags[place], 2) for name, place in names.items()} | {"late": round(late, 3)}


def lag_by_time(hearing: Hearing, publishing: Publishing, began: float) -> list[tuple[int, float]]:
    """The median of every ten seconds since `began`."""
    by_time: dict[int, list[float]] = defaultdict(list)
    for at, lag in _lags(hearing, publishing):
        by_time[int(at - began) // 10 * 10].append(lag)
    return [(at, round(median(lags), 1)) for at, lags in sorted(by_time.items())]


def told(one: Inflicted, hearing: Hearing, publishing: Publishing, made: Sequence[Inflicted]) -> dict[str, Any]:
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


def commit() -> str:
    """What is run; with a plus when it was changed since."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "-uno", "--", ":/", ":!/tests/chaos/results.jsonl")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
