"""Taking a disabled endpoint up again: what it missed is queued first, so that a kill at any moment forgets nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from consumers.forwarder import queue, queueing, subscriptions
from consumers.forwarder.containment import Containment
from consumers.forwarder.database import transaction
from consumers.forwarder.endpoint import Endpoint
from consumers.forwarder.queueing import Read
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Subscription

_CHUNK = 200
"""Alerts queued in one transaction: a forwarder that runs beside writes between two of them."""

ReadSince = Callable[[datetime], Sequence[Read]]
"""The newest revision of each alert with a record since a time; raises Unavailable when the topic cannot be read."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """What taking an endpoint up again came to."""

    subscription: Subscription
    queued: int
    """Alerts that it missed and that are sent now."""
    lost: int
    """Alerts that it missed and that are in the topic no longer."""


def resume(
    engine: Engine, seal: Seal, participant: str, id_: str, read_since: ReadSince, clock: Callable[[], datetime]
) -> Resumed:
    """Queue everything that an endpoint missed, read again from the oldest of it, and let it have deliveries.

    It is enabled only when what it missed is stored; what a running forwarder passed over meanwhile is read after that.
    Broken off, it can be repeated. Raises NoSuchSubscription, Unavailable, DatabaseUnavailable.
    """
    with transaction(engine, write=False) as connection:
        found = subscriptions.find(connection, participant, id_)
        since = _missed(queue.missed(connection), found)[1]
    # As if it were enabled: while it is not, what is queued waits.
    enabled, queued = replace(found, endpoint=Endpoint()), 0
    if since is not None:
        queued = store(engine, seal, [enabled], read_since(since), True, clock)
    with transaction(engine) as connection:
        subscriptions.enable(connection, participant, found.id)
        left, since = _missed(queue.missed(connection), found)
    if since is not None:
        queued += store(engine, seal, [enabled], read_since(since), True, clock)
        with transaction(engine, write=False) as connection:
            left, _ = _missed(queue.missed(connection), found)
    return Resumed(found, queued, left)


def store(
    engine: Engine,
    seal: Seal,
    targets: Sequence[Subscription],
    alerts: Sequence[Read],
    missing_only: bool,
    clock: Callable[[], datetime],
) -> int:
    """Queue alerts again, some at a time; returns how many messages were."""
    count, containment = 0, Containment()
    for start in range(0, len(alerts), _CHUNK):
        with transaction(engine) as connection:
            chunk = alerts[start : start + _CHUNK]
            count += len(queueing.redeliver(connection, seal, targets, chunk, missing_only, clock(), containment))
    return count


def _missed(missed: dict[str, tuple[int, datetime]], found: Subscription) -> tuple[int, datetime | None]:
    return missed.get(found.id, (0, None))
