"""Taking part in a consumer group: not before a broker is known, and no standing still when it has come to an end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from streams.tasks.errors import GroupLost

_log = logging.getLogger(__name__)
_PAUSE = 0.2
METADATA_AGE = 10.0
"""Seconds after which the cluster is asked again which topics and partitions it has."""
_TOPICS_WITHIN = 5.0
"""Seconds for which whoever distributes partitions waits to know them all: less than a session, which may end else."""


async def know_brokers(client: Any, pause: float = _PAUSE) -> None:
    """Wait until `client` (of aiokafka) knows a broker.

    One that is just starting can answer that there is none. aiokafka takes that for an answer, and what it then does
    in the group ends at once with "Did we not perform bootstrap?".
    """
    waiting = False
    while not client.cluster.brokers():
        if not waiting:
            _log.warning("the broker knows no broker yet: asking again")
            waiting = True
        await asyncio.sleep(pause)
        await client.force_metadata_update()


def know_topics_first(coordinator: Any) -> None:
    """Whoever is to distribute a group's partitions (`coordinator` of aiokafka) learns first which there are.

    A broker that is just starting can name brokers and not yet topics. aiokafka then gives partitions to nobody, and
    looks again when it next asks for the metadata.
    """
    perform = coordinator._perform_assignment

    async def performing(response: Any) -> Any:
        await know_topics(coordinator._client, coordinator._subscription.subscription.topics)
        return await perform(response)

    coordinator._perform_assignment = performing


async def know_topics(
    client: Any, topics: Iterable[str], within: float = _TOPICS_WITHIN, pause: float = _PAUSE
) -> None:
    """Wait until `client` (of aiokafka) knows partitions of all `topics`, `within` seconds at most: one that is not
    there must not keep the others from everybody."""
    until = time.monotonic() + within
    while missing := sorted(topic for topic in topics if not client.cluster.partitions_for_topic(topic)):
        if time.monotonic() > until:
            _log.warning("the cluster names no partition of %s: they are distributed later", ", ".join(missing))
            return
        await client.force_metadata_update()
        await asyncio.sleep(pause)


def watch_client(consumer: Any, lost: Callable[[GroupLost], object]) -> None:
    """Tell `lost` when one of the tasks ends by an error in which `consumer` (of aiokafka, started) does its work.

    They are not begun again by themselves, and not everybody hears of it: the worker could stand still for ever.
    """
    watch(consumer._coordinator._coordination_task, "taking part in the group", lost)
    watch(consumer._fetcher._fetch_task, "fetching records", lost)
    watch(consumer._client._sync_task, "asking for the cluster's metadata", lost)


def watch(task: asyncio.Task[None], what: str, lost: Callable[[GroupLost], object]) -> None:
    """Tell `lost` when `task`, which does `what`, ends by an error."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            lost(GroupLost(f"{what} has ended: {type(error).__name__}: {error}"))

    task.add_done_callback(ended)
