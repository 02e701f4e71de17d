"""The queue in the database: one row per subscription and alert, its state changed by `delivery` alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from consumers.forwarder.delivery import Delivery, Pending
from consumers.forwarder.message import Message, message_id
from consumers.forwarder.schedule import LONGEST_PAUSE
from consumers.forwarder.sealing import Seal
from consumers.forwarder.tables import DELIVERIES
from schemas.model import millis, timestamp

_D = DELIVERIES.c
_STATE = (
    _D.id,
    _D.subscription_id,
    _D.about,
    _D.newest,
    _D.newest_at,
    _D.missed,
    _D.taken_back,
    _D.forwarded,
    _D.delivered,
    _D.pending,
    _D.queued_at,
    _D.due_at,
    _D.attempts,
    _D.failing_since,
    _D.queued_revision,
    _D.queued_revised_at,
    _D.reference,
)
_AT_ONCE = 400
"""Keys in one query: SQLite takes at most 32,766 parameters."""
Key = tuple[str, str]
"""Subscription and what it is about (alert_id)."""


@dataclass(slots=True)
class Place:
    """A row, loaded to be changed and saved within one transaction."""

    key: Key
    id: int | None = None
    delivery: Delivery = field(default_factory=Delivery)
    queued_revision: int | None = None
    queued_revised_at: int | None = None
    reference: str | None = None
    message: Message | None = None
    """A body that was made just now; saving puts it into the queue."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message that may be sent now."""

    place: int
    """Row of the queue."""
    key: Key
    revision: int
    queued_at: datetime
    sealed: bytes = field(repr=False)
    content_type: str

    def open(self, seal: Seal) -> Message:
        """What is sent. Raises WrongKey."""
        return Message(message_id(*self.key, self.revision), seal.open(self.sealed), self.content_type)


def load(connection: Connection, keys: Collection[Key]) -> dict[Key, Place]:
    """The rows of `keys`, a fresh one where there is none; locked until the transaction ends."""
    found = {key: Place(key) for key in keys}
    for subscription, group in groupby(sorted(found), key=lambda key: key[0]):
        for chunk in _chunks([about for _, about in group]):
            query = select(*_STATE).where(_D.subscription_id == subscription, _D.about.in_(chunk)).with_for_update()
            for row in connection.execute(query):
                place = _place(row)
                found[place.key] = place
    return found


def load_places(connection: Connection, ids: Collection[int]) -> dict[int, Place]:
    """Rows by number, those that are still there; locked until the transaction ends."""
    found: dict[int, Place] = {}
    for chunk in _chunks(sorted(set(ids))):
        for row in connection.execute(select(*_STATE).where(_D.id.in_(chunk)).with_for_update()):
            found[row.id] = _place(row)
    return found


def save(connection: Connection, places: Iterable[Place], seal: Seal, now: datetime) -> None:
    """Write rows back. A body goes in with the message that was made for it and out with what was pending."""
    made, queued, changed, emptied = [], [], [], []
    for place in places:
        row = _columns(place, now)
        if place.message is not None:
            row |= {"body": seal.close(place.message.body), "content_type": place.message.content_type}
        if place.id is None:
            made.append(
                {"body": None, "content_type": None, "subscription_id": place.key[0], "about": place.key[1]} | row
            )
            continue
        row["row_id"] = place.id
        if place.message is not None:
            queued.append(row)
        elif place.delivery.pending is None:
            emptied.append(row | {"body": None, "content_type": None})
        else:
            changed.append(row)
    if made:
        connection.execute(insert(DELIVERIES), made)
    for rows in (queued, changed, emptied):
        if rows:
            values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row_id"}
            connection.execute(update(DELIVERIES).where(_D.id == bindparam("row_id")).values(values), rows)


def due(connection: Connection, subscription: str, now: datetime, most: int) -> list[Due]:
    """The messages of a subscription that may be sent now, the longest due first."""
    query = (
        select(_D.id, _D.about, _D.pending, _D.queued_at, _D.body, _D.content_type)
        .where(_D.subscription_id == subscription, _is_due(now))
        .order_by(_D.due_at, _D.id)
        .limit(most)
    )
    return [
        Due(
            place=row.id,
            key=(subscription, row.about),
            revision=row.pending,
            queued_at=timestamp(row.queued_at),
            sealed=bytes(row.body),
            content_type=row.content_type,
        )
        for row in connection.execute(query)
    ]


def _is_due(now: datetime) -> ColumnElement[bool]:
    # What would wait for longer than anything may was put off while the clock stood wrong.
    return _D.pending.is_not(None) & ((_D.due_at <= millis(now)) | (_D.due_at > millis(now + LONGEST_PAUSE)))


def next_due(connection: Connection, subscription: str) -> datetime | None:
    """When the next message of a subscription may be sent; None when nothing waits."""
    query = select(func.min(_D.due_at)).where(_D.subscription_id == subscription, _D.pending.is_not(None))
    first = connection.execute(query).scalar()
    return None if first is None else timestamp(first)


def waiting(connection: Connection, now: datetime) -> set[str]:
    """The subscriptions that have something to be sent now."""
    query = select(_D.subscription_id).where(_is_due(now)).distinct()
    return set(connection.execute(query).scalars())


def pending_of(connection: Connection, subscription: str) -> dict[int, Place]:
    """Every row of a subscription in which something waits."""
    query = select(*_STATE).where(_D.subscription_id == subscription, _D.pending.is_not(None)).with_for_update()
    return {row.id: _place(row) for row in connection.execute(query)}


def depths(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """By subscription: how many messages wait, and when the oldest of them was queued."""
    query = (
        select(_D.subscription_id, func.count(), func.min(_D.queued_at))
        .where(_D.pending.is_not(None))
        .group_by(_D.subscription_id)
    )
    return {row[0]: (row[1], timestamp(row[2])) for row in connection.execute(query)}


def missed(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """By subscription: how many alerts were not delivered and do not wait either, and when the oldest was appended."""
    query = (
        select(_D.subscription_id, func.count(), func.min(_D.newest_at))
        .where(_D.missed, _D.newest_at.is_not(None))
        .group_by(_D.subscription_id)
    )
    return {row[0]: (row[1], timestamp(row[2])) for row in connection.execute(query)}


def _chunks(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def _columns(place: Place, now: datetime) -> dict[str, Any]:
    delivery, pending = place.delivery, place.delivery.pending
    return {
        "newest": delivery.newest,
        "newest_at": millis(delivery.newest_at) if delivery.newest_at else None,
        "missed": delivery.missed,
        "taken_back": delivery.taken_back,
        "forwarded": delivery.forwarded,
        "delivered": delivery.delivered,
        "pending": pending.revision if pending else None,
        "queued_at": millis(pending.queued_at) if pending else None,
        "due_at": millis(pending.due_at) if pending else None,
        "attempts": pending.attempts if pending else 0,
        "failing_since": millis(pending.failing_since) if pending and pending.failing_since else None,
        "queued_revision": place.queued_revision,
        "queued_revised_at": place.queued_revised_at,
        "reference": place.reference,
        "changed_at": millis(now),
    }


def _place(row: Any) -> Place:
    pending = None
    if row.pending is not None:
        pending = Pending(
            revision=row.pending,
            queued_at=timestamp(row.queued_at),
            due_at=timestamp(row.due_at),
            attempts=row.attempts,
            failing_since=None if row.failing_since is None else timestamp(row.failing_since),
        )
    return Place(
        key=(row.subscription_id, row.about),
        id=row.id,
        delivery=Delivery(
            newest=row.newest,
            newest_at=None if row.newest_at is None else timestamp(row.newest_at),
            taken_back=row.taken_back,
            forwarded=row.forwarded,
            delivered=row.delivered,
            pending=pending,
            missed=row.missed,
        ),
        queued_revision=row.queued_revision,
        queued_revised_at=row.queued_revised_at,
        reference=row.reference,
    )
