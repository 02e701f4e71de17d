"""One run and what is wrong with it: the stages against the oracle."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from schemas.topics import HOUR
from tests.schedules.histories import History, history
from tests.schedules.officers import Said, answer, time_passes
from tests.schedules.oracle import expected, matches
from tests.schedules.world import Build, World

HALF_A_DAY = 13 * HOUR
"""More than any answer may take."""


def complaints(seed: int, build: Build) -> list[str]:
    """Everything that differs between the run of `seed` and the oracle; empty when they are equal by invariant 4.

    When all has come to rest, officers answer; then half a day passes, and they answer once more. What digests count
    is wanted as well, and not sent.

    Besides the live alerts: nothing is refused that was right, nothing right is taken for said twice, and nobody
    holds an alert of an incident and entry about which it might never know.
    """
    rng = random.Random(seed)
    published = history(rng)
    world = World(published, rng, build)
    world.run()
    cases, talks = matches(published), Said()
    for passes in (HOUR, 0, 0, HALF_A_DAY, 0):
        if passes == HALF_A_DAY:
            time_passes(talks)
        else:
            answer(rng, published, talks, (alert_id for _, alert_id in world.live()), cases)
        world.run(passes)
    for alert_id, talk in talks.items():
        heard = {"workflow": talk.workflow, "answers": tuple(talk.answers), "escalated": talk.escalated}
        cases[alert_id] = replace(cases[alert_id], outcome=cases[alert_id].outcome._replace(**heard))
    live, counted, wanted = world.live(), world.counted(), expected(cases)
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
    said += _refusals(published, world)
    if world.duplicates() != published.duplicates:
        said.append(f"{world.duplicates()} events were taken for said twice, not {published.duplicates}")
    return said


def _refusals(published: History, world: World) -> list[str]:
    wanted = Counter(
        (topic, partition, offset, record.refused)
        for (topic, partition), records in published.feeds.items()
        for offset, record in enumerate(records)
        if record.refused is not None
    )
    made = Counter(
        (reject.source_topic, reject.source_partition, reject.source_offset, reject.reason)
        for reject in world.rejects
        if reject.stage != "gate"
    )
    made.update(  # the gate alone may say a reject again
        {
            (reject.source_topic, reject.source_partition, reject.source_offset, reject.reason)
            for reject in world.rejects
            if reject.stage == "gate"
        }
    )
    refused = [f"refused: {what}" for what in (made - wanted)]
    return refused + [f"not refused: {what}" for what in (wanted - made)]
