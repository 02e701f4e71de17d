"""One alert on its way to one subscription, as a state machine. Pure: the clock is passed in.

An alert has one place in the queue of a subscription, and only its newest revision is ever in it: revisions replace
each other, so order is kept, and what was WITHDRAWN or RETRACTED cannot go out any more (domain rule 2). Once an alert
was queued for a subscription, every later revision is, whatever the filters say of it: the reader must learn that a
band fell or that the alert was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from consumers.forwarder.failure import ABOUT_MESSAGE, Failure
from consumers.forwarder.schedule import Rng, delay, given_up


@dataclass(frozen=True, slots=True)
class Pending:
    """A revision that waits to be delivered."""

    revision: int
    queued_at: datetime
    due_at: datetime
    """Not before this time."""
    attempts: int = 0
    """Failed ones."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where one alert stands with one subscription."""

    newest: int = 0
    """Highest revision read."""
    taken_back: bool = False
    """That one is RETRACTED or WITHDRAWN."""
    forwarded: bool = False
    """Some revision was queued once: the subscription may know of the alert."""
    delivered: int = 0
    """Highest revision delivered."""
    pending: Pending | None = None
    """What waits."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Put this revision into the queue; its body is made now."""

    revision: int


@dataclass(frozen=True, slots=True)
class Supersede:
    """A queued revision is not sent any more: a newer one was read. Its body is forgotten."""

    revision: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A revision is not tried any more. Its body is forgotten."""

    revision: int


Action = Queue | Supersede | GiveUp
Step = tuple[Delivery, tuple[Action, ...]]


def read(delivery: Delivery, revision: int, taken_back: bool, wanted: bool, open_: bool, now: datetime) -> Step:
    """A revision was read from the topic.

    `wanted`: the filters let it through. `open_`: the subscription takes deliveries; while it is disabled only what
    was read is remembered, and enabling it makes up for it from the topic.
    """
    if revision <= delivery.newest:
        return delivery, ()
    if not delivery.forwarded and (taken_back or not wanted or not open_):
        # Remembered when taken back: nothing older of it may be queued by a redelivery that runs beside.
        return (replace(delivery, newest=revision, taken_back=True), ()) if taken_back else (delivery, ())
    after = replace(delivery, newest=revision, taken_back=taken_back)
    superseded = (Supersede(delivery.pending.revision),) if delivery.pending else ()
    if not open_:
        return replace(after, pending=None), superseded
    return _queued(after, now, superseded)


def again(delivery: Delivery, revision: int, taken_back: bool, wanted: bool, missing_only: bool, now: datetime) -> Step:
    """A redelivery found `revision` to be the newest in the topic.

    `missing_only`: leave alone what was delivered.
    """
    if revision > delivery.newest:
        return read(delivery, revision, taken_back, wanted, True, now)
    known = delivery.forwarded or (wanted and not taken_back)
    if revision < delivery.newest or delivery.pending is not None or not known:
        return delivery, ()
    if missing_only and delivery.delivered >= revision:
        return delivery, ()
    return _queued(delivery, now, ())


def _queued(delivery: Delivery, now: datetime, before: tuple[Action, ...]) -> Step:
    pending = Pending(delivery.newest, queued_at=now, due_at=now)
    return replace(delivery, forwarded=True, pending=pending), (*before, Queue(delivery.newest))


def succeeded(delivery: Delivery, revision: int) -> Step:
    """The subscription took `revision`."""
    pending = delivery.pending
    if pending is not None and pending.revision == revision:
        pending = None
    return replace(delivery, delivered=max(delivery.delivered, revision), pending=pending), ()


def failed(delivery: Delivery, revision: int, failure: Failure, now: datetime, rng: Rng) -> Step:
    """An attempt at `revision` failed. When a newer one took its place meanwhile, nothing changes."""
    pending = delivery.pending
    if pending is None or pending.revision != revision:
        return delivery, ()
    attempts = pending.attempts + 1
    if given_up(pending.queued_at, attempts, now):
        return replace(delivery, pending=None), (GiveUp(revision),)
    # An outage pauses the whole endpoint; the message itself stays due and goes to the end of the queue.
    due = now
    if failure.fault in ABOUT_MESSAGE:
        due = now + max(delay(attempts, rng), failure.retry_after or delay(1, rng))
    return replace(delivery, pending=replace(pending, attempts=attempts, due_at=due)), ()


def dropped(delivery: Delivery) -> Step:
    """The endpoint was disabled: nothing waits for it. What was missed is made up for when it is enabled again."""
    if delivery.pending is None:
        return delivery, ()
    return replace(delivery, pending=None), (GiveUp(delivery.pending.revision),)
