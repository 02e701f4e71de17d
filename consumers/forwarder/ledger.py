"""The ledger: every attempt and what came of it, and what bureaus must be told. No personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from consumers.forwarder.endpoint import Disabled
from consumers.forwarder.failure import Fault
from consumers.forwarder.tables import ATTEMPTS, DELIVERIES, NOTICES
from schemas.model import millis, timestamp

KEPT = timedelta(days=90)
"""How long the ledger is kept: as long as a topic keeps its alerts (domain rule 16)."""
ALERTS_KEPT = timedelta(days=125)
"""How long it is known which alerts an endpoint was told of, by their ids alone: cases can withdraw one 121 days after
it last changed, and whoever was told of it must learn that."""


class What(StrEnum):
    """What happened to a message."""

    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SUPERSEDED = "SUPERSEDED"
    """Never sent: a newer revision was read first."""
    GIVEN_UP = "GIVEN_UP"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    participant: str
    subscription_id: str
    about: str
    """alert_id, or the id of a notice."""
    revision: int
    at: datetime
    what: What
    fault: Fault | None = None
    status: int | None = None
    duration: int | None = None
    """Of the attempt, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An endpoint of `participant` was disabled."""

    participant: str
    subscription_id: str
    at: datetime
    why: Disabled
    failing_since: datetime | None = None
    """Since when nothing was delivered: from here on its bureau may want things again."""


def write(connection: Connection, entries: Iterable[Entry]) -> None:
    """Add entries."""
    rows = [
        {
            "participant": one.participant,
            "subscription_id": one.subscription_id,
            "about": one.about,
            "revision": one.revision,
            "at": millis(one.at),
            "what": one.what.value,
            "fault": one.fault.value if one.fault else None,
            "status": one.status,
            "duration": one.duration,
        }
        for one in entries
    ]
    if rows:
        connection.execute(insert(ATTEMPTS), rows)


def entries(
    connection: Connection, participant: str, since: datetime | None = None, failed_only: bool = False
) -> Iterator[Entry]:
    """What happened to a participant's messages, oldest first."""
    query = select(ATTEMPTS).where(ATTEMPTS.c.participant == participant).order_by(ATTEMPTS.c.at, ATTEMPTS.c.id)
    if since is not None:
        query = query.where(ATTEMPTS.c.at >= millis(since))
    if failed_only:
        query = query.where(ATTEMPTS.c.what.in_((What.FAILED.value, What.GIVEN_UP.value)))
    for row in connection.execute(query):
        yield Entry(
            participant=row.participant,
            subscription_id=row.subscription_id,
            about=row.about,
            revision=row.revision,
            at=timestamp(row.at),
            what=What(row.what),
            fault=Fault(row.fault) if row.fault else None,
            status=row.status,
            duration=row.duration,
        )


def note(connection: Connection, notice: Notice) -> None:
    """Add a notice."""
    since = None if notice.failing_since is None else millis(notice.failing_since)
    connection.execute(
        insert(NOTICES).values(
            participant=notice.participant,
            subscription_id=notice.subscription_id,
            at=millis(notice.at),
            why=notice.why.value,
            failing_since=since,
        )
    )


def notices(connection: Connection, participant: str, since: datetime | None = None) -> list[Notice]:
    """A participant's notices, oldest first."""
    query = select(NOTICES).where(NOTICES.c.participant == participant).order_by(NOTICES.c.at, NOTICES.c.id)
    if since is not None:
        query = query.where(NOTICES.c.at >= millis(since))
    return [
        Notice(
            row.participant,
            row.subscription_id,
            timestamp(row.at),
            Disabled(row.why),
            None if row.failing_since is None else timestamp(row.failing_since),
        )
        for row in connection.execute(query)
    ]


def forget(connection: Connection, now: datetime) -> int:
    """Drop lines older than KEPT, alerts unchanged for ALERTS_KEPT; returns how many lines and alerts."""
    before = millis(now - KEPT)
    gone = connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at < before)).rowcount
    gone += connection.execute(delete(NOTICES).where(NOTICES.c.at < before)).rowcount
    before = millis(now - ALERTS_KEPT)
    return gone + connection.execute(delete(DELIVERIES).where(DELIVERIES.c.changed_at < before)).rowcount
