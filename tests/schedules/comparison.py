"""One run and what is wrong with it: the stages against the oracle."""

from __future__ import annotations

import random
from collections import Counter

from tests.schedules.histories import History, history
from tests.schedules.oracle import expected
from tests.schedules.world import Build, World


def complaints(seed: int, build: Build) -> list[str]:
    """Everything that differs between the run of `seed` and the oracle; empty when they are equal by invariant 4.

    Besides the live alerts: nothing is refused that was right, nothing right is taken for said twice, and nobody
    holds an alert of an incident and entry about which it might never know.
    """
    rng = random.Random(seed)
    published = history(rng)
    world = World(published, rng, build)
    world.run()
    live, wanted = world.live(), expected(published)
    said = [f"missing: {place}" for place in sorted(wanted.keys() - live.keys())]
    said += [f"still live: {place}" for place in sorted(live.keys() - wanted.keys())]
    said += [
        f"differs: {place} is {live[place]}, not {wanted[place]}"
        for place in sorted(wanted.keys() & live.keys())
        if wanted[place] != live[place]
    ]
    said += _refusals(published, world)
    if world.duplicates != published.duplicates:
        said.append(f"{world.duplicates} events were taken for said twice, not {published.duplicates}")
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
