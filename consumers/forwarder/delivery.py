"""One alert on its way to one subscription, as a state machine. Pure: the clock is passed in.

An alert has one place in the queue of a subscription, and only its newest revision is ever in it: revisions replace
each other, so order is kept, and what was WITHDRAWN or RETRACTED cannot go out any more (domain rule 2). Once an alert
was queued for a subscription, every later revision is, whatever the filters say of it: the reader must learn that a
band fell or that the alert was taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from consumers.forwarder.failure import ABOUT_MESSAGE, Failure, Fault
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
    failing_since: datetime | None = None
    """When the first of them failed: from then on, and not from when it was queued, a message is tried for a day. So an
    outage disables its endpoint before it costs a message."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where one alert stands with one subscription."""

    newest: int = 0
    """Highest revision read, whether it was for this subscription or not: nothing older is queued after it."""
    newest_at: datetime | None = None
    """When its record was appended: where it is found again. None for what is in no topic (a notice)."""
    taken_back: bool = False
    """That one is RETRACTED or WITHDRAWN."""
    forwarded: bool = False
    """Some revision was queued once: the subscription may know of the alert."""
    delivered: int = 0
    """Highest revision delivered."""
    pending: Pending | None = None
    """What waits."""
    missed: bool = False
    """The newest revision was for this subscription, and is neither delivered nor waits: its endpoint was disabled, or
    it was given up. Taking the endpoint up again makes up for it."""


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


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of an alert, as a subscription sees it."""

    number: int
    at: datetime | None
    """When its record was appended; None for what is in no topic."""
    taken_back: bool = False
    """RETRACTED or WITHDRAWN."""
    wanted: bool = True
    """The filters let it through."""


def read(delivery: Delivery, revision: Revision, open_: bool, now: datetime) -> Step:
    """A revision was read from the topic.

    `open_`: the subscription takes deliveries; while it is disabled what was read is remembered, and enabling it makes
    up for it from the topic.
    """
    if revision.number <= delivery.newest:
        return delivery, ()
    # Remembered always: nothing older of it may be queued by a redelivery that runs beside.
    after = replace(delivery, newest=revision.number, newest_at=revision.at, taken_back=revision.taken_back)
    if not _is_for(delivery, revision):
        return replace(after, missed=False), ()
    superseded = (Supersede(delivery.pending.revision),) if delivery.pending else ()
    if not open_:
        return replace(after, pending=None, missed=True), superseded
    return _queued(after, now, superseded)


def again(delivery: Delivery, revision: Revision, missing_only: bool, now: datetime) -> Step:
    """A redelivery found `revision` to be the newest in the topic.

    `missing_only`: leave alone what was delivered.
    """
    if revision.number > delivery.newest:
        return read(delivery, revision, True, now)
    if revision.number < delivery.newest or delivery.pending is not None or not _is_for(delivery, revision):
        return delivery, ()
    if missing_only and delivery.delivered >= revision.number:
        return delivery, ()
    return _queued(delivery, now, ())


def _is_for(delivery: Delivery, revision: Revision) -> bool:
    """Whether the subscription is to be told: whoever may know of the alert, of every revision."""
    return delivery.forwarded or (revision.wanted and not revision.taken_back)


def _queued(delivery: Delivery, now: datetime, before: tuple[Action, ...]) -> Step:
    pending = Pending(delivery.newest, queued_at=now, due_at=now)
    return replace(delivery, forwarded=True, pending=pending, missed=False), (*before, Queue(delivery.newest))


def succeeded(delivery: Delivery, revision: int) -> Step:
    """The subscription took `revision`."""
    pending = delivery.pending
    if pending is not None and pending.revision == revision:
        pending = None
    missed = delivery.missed and revision < delivery.newest
    return replace(delivery, delivered=max(delivery.delivered, revision), pending=pending, missed=missed), ()


def failed(delivery: Delivery, revision: int, failure: Failure, now: datetime, rng: Rng) -> Step:
    """An attempt at `revision` failed. When a newer one took its place meanwhile, nothing changes."""
    pending = delivery.pending
    if pending is None or pending.revision != revision:
        return delivery, ()
    attempts = pending.attempts + 1
    since = pending.failing_since or now
    if failure.fault is not Fault.DEFECT and given_up(since, attempts, now):  # what we failed at waits for our mend
        return replace(delivery, pending=None, missed=delivery.delivered < revision), (GiveUp(revision),)
    # An outage pauses the whole endpoint; the message itself stays due and goes to the end of the queue.
    due = now
    if failure.fault in ABOUT_MESSAGE:
        due = now + max(delay(attempts, rng), failure.retry_after or delay(1, rng))
    again_at = replace(pending, attempts=attempts, failing_since=since, due_at=due)
    return replace(delivery, pending=again_at), ()


def dropped(delivery: Delivery) -> Step:
    """The endpoint was disabled: nothing waits for it. What was missed is made up for when it is enabled again."""
    if delivery.pending is None:
        return delivery, ()
    return replace(delivery, pending=None, missed=delivery.delivered < delivery.newest), (
        GiveUp(delivery.pending.revision),
    )
