"""One run and what is wrong with it: the stages against the oracle."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from schemas.alerts import Reject
from schemas.topics import HOUR
from tests.schedules.histories import History, Writer
from tests.schedules.officers import Said, answer, time_passes
from tests.schedules.oracle import Live, expected, matches
from tests.schedules.world import Build, World

HALF_A_DAY = 13 * HOUR
"""More than any answer may take."""


class Running(Protocol):
    """What a history is run in: the stages alone (World), or the tasks on Kafka in memory (TasksWorld)."""

    rejects: list[Reject]

    def run(self, passes: int = 0) -> None: ...
    def live(self) -> Live: ...
    def counted(self) -> Counter[tuple[str, str]]: ...
    def duplicates(self) -> int: ...


def complaints(
    seed: int, build: Build, world_of: Callable[[History, random.Random, Build], Running] = World
) -> list[str]:
    """Everything that differs between the run of `seed` and the oracle; empty when they are equal by invariant 4.

    When all has come to rest, officers answer, corrections come, half a day passes, in turn, each once the last has
    come to rest. What digests count is wanted as well, and not sent.

    Besides the live alerts: nothing is refused that was right, nothing right is taken for said twice, and nobody
    holds an alert of an incident and entry about which it might never know.
    """
    with build.around():
        return _complaints(seed, build, world_of)


def _complaints(seed: int, build: Build, world_of: Callable[[History, random.Random, Build], Running]) -> list[str]:
    rng = random.Random(seed)
    writer = Writer(rng)
    writer.write(rng.randrange(4, 15))
    published, talks = writer.made, Said()
    world = world_of(published, rng, build)
    world.run()
    for then in ("answer", "answer", "correct", "answer", "wait", "answer", "correct"):
        cases = matches(published)
        if then == "answer":
            answer(rng, published, talks, (alert_id for _, alert_id in world.live()), cases)
        elif then == "correct":
            writer.write(rng.randrange(3))
        else:
            time_passes(talks, cases)
        world.run(HALF_A_DAY if then == "wait" else HOUR // 4)
    world.run(HOUR // 4)  # digests say what changed last
    cases = matches(published)
    for alert_id in talks.keys() & cases.keys():
        case = cases[alert_id]
        cases[alert_id] = replace(case, outcome=talks[alert_id].heard(case))
    said = differences(world.live(), world.counted(), expected(cases))
    said += refusals(published, world.rejects)
    if world.duplicates() != published.duplicates:
        said.append(f"{world.duplicates()} events were taken for said twice, not {published.duplicates}")
    return said


def differences(live: Live, counted: Counter[tuple[str, str]], wanted: Live) -> list[str]:
    """What differs between the alerts that are live, or that digests count instead, and those that must be."""
    said = [f"sent and counted: {place}" for place in sorted(counted.keys() & live.keys())]
    said += [f"counted wrongly: {place}" for place in sorted(counted.keys() - wanted.keys())]
    said += [f"counted twice: {place}" for place, times in counted.items() if times > 1]
    wanted = {place: outcome for place, outcome in wanted.items() if place not in counted}
    said += [f"missing: {place}" for place in sorted(wanted.keys() - live.keys())]
    said += [f"still live: {place}" for place in sorted(live.keys() - wanted.keys())]
    said += [
        f"differs: {place} is {live[place]}, not {wanted[place]}"
        for place in sorted(wanted.keys() & live.keys())
        if wanted[place] != live[place]
    ]
    return said


def refusals(published: History, rejects: Sequence[Reject]) -> list[str]:
    """What was refused and must not be, and what must be and was not. `rejects` name places of the history's feeds."""
    wanted = Counter(
        (topic, partition, offset, record.refused)
        for (topic, partition), records in published.feeds.items()
        for offset, record in enumerate(records)
        if record.refused is not None
    )
    made = Counter(
        (reject.source_topic, reject.source_partition, reject.source_offset, reject.reason)
        for reject in rejects
        if reject.stage != "gate"
    )
    made.update(  # the gate alone may say a reject again
        {
            (reject.source_topic, reject.source_partition, reject.source_offset, reject.reason)
            for reject in rejects
            if reject.stage == "gate"
        }
    )
    refused = [f"refused: {what}" for what in (made - wanted)]
    return refused + [f"not refused: {what}" for what in (wanted - made)]


def refusals_by_reason(published: History, rejects: Sequence[Reject]) -> list[str]:
    """As `refusals`, where places are not those of the history, and what was sent may stand there twice."""
    wanted = Counter(
        (topic, record.refused)
        for (topic, _), records in published.feeds.items()
        for record in records
        if record.refused is not None
    )
    places = {(it.source_topic, it.source_partition, it.source_offset, it.reason) for it in rejects}
    made = Counter((topic, reason) for topic, _, _, reason in places)
    return [f"refused: {what}" for what in made.keys() - wanted.keys()] + [
        f"not refused: {count} of {wanted[what]} of {what}" for what, count in (wanted - made).items()
    ]
