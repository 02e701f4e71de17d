"""Subscriptions in the database: make, find, change, remove, and the secrets that sign for them."""

from __future__ import annotations

import base64
import logging
import secrets
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from consumers.forwarder.access import sealed_access, shown
from consumers.forwarder.endpoint import Disabled, Endpoint
from consumers.forwarder.errors import BadSubscription, NoSuchSubscription
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Channel, Filters, Format, Subscription, channel_of
from consumers.forwarder.tables import SECRETS, SUBSCRIPTIONS
from schemas.model import millis, timestamp

_log = logging.getLogger(__name__)
MOST = 20
"""Subscriptions of one participant."""
_SECRET_BYTES = 32


def subscribe(
    connection: Connection,
    seal: Seal,
    participant: str,
    url: str,
    filters: Filters,
    format_: Format,
    now: datetime,
) -> tuple[Subscription, str]:
    """A new subscription, and its secret, which is shown this once. Raises BadSubscription, WrongKey."""
    channel = channel_of(url)
    if channel is Channel.EMAIL and format_ is not Format.JSON:
        raise BadSubscription("an e-mail says only that there is an alert: it has no other format")
    there = of_participant(connection, participant)
    alike = [one.id for one in there if one.format is format_ and one.filters == filters]
    if any(one.open(seal).url == url for one in sealed_access(connection, alike, now).values()):
        raise BadSubscription(f"{participant} has this very subscription already")
    if len(there) >= MOST:
        raise BadSubscription(f"{participant} has {MOST} subscriptions already: remove one first (tocsin unsubscribe)")
    made = Subscription(str(uuid.uuid4()), participant, shown(url), channel, format_, filters, since=now)
    connection.execute(
        insert(SUBSCRIPTIONS).values(
            id=made.id,
            participant=participant,
            address=made.address,
            sealed_url=seal.close(url.encode()),
            channel=channel.value,
            format=format_.value,
            filters=filters.model_dump_json(),
            since=millis(now),
            generation=made.generation,
            **endpoint_columns(made.endpoint),
        )
    )
    return made, _new_secret(connection, seal, made.id, now)


def unsubscribe(connection: Connection, participant: str, id_: str) -> Subscription:
    """Remove a subscription and whatever waits for it. Its attempts stay in the ledger. Raises NoSuchSubscription."""
    found = find(connection, participant, id_)
    connection.execute(delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == found.id))
    return found


def rotate(
    connection: Connection, seal: Seal, participant: str, id_: str, overlap: timedelta, now: datetime
) -> tuple[Subscription, str]:
    """A new secret; those before it go on signing beside it for `overlap`. Raises NoSuchSubscription."""
    found = find(connection, participant, id_)
    ends = millis(now + overlap)
    connection.execute(
        update(SECRETS)
        .where(SECRETS.c.subscription_id == found.id, SECRETS.c.ends_at.is_(None) | (SECRETS.c.ends_at > ends))
        .values(ends_at=ends)
    )
    _changed(connection, found)
    return found, _new_secret(connection, seal, found.id, now)


def enable(connection: Connection, participant: str, id_: str) -> Subscription:
    """Let a disabled endpoint have deliveries again; how it fared is forgotten. Returns it as it was before."""
    found = find(connection, participant, id_)
    connection.execute(
        update(SUBSCRIPTIONS)
        .where(SUBSCRIPTIONS.c.id == found.id)
        .values(generation=found.generation + 1, **endpoint_columns(Endpoint()))
    )
    return found


def of_participant(connection: Connection, participant: str) -> list[Subscription]:
    """Its subscriptions, oldest first."""
    return [one for one in every(connection) if one.participant == participant]


def every(connection: Connection) -> list[Subscription]:
    """All subscriptions, oldest first; one that this program cannot read is said in the log and left out.

    A newer program may have written what this one does not know. A filter that it cannot apply must not send more than
    was asked for, and one row must not end the forwarder for everybody else.
    """
    found = []
    for row in connection.execute(select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.since, SUBSCRIPTIONS.c.id)):
        try:
            found.append(_of_row(row))
        except (TypeError, ValueError) as error:
            what = "subscription %s of %s cannot be read and is left out (another release wrote it?): %s"
            _log.error(what, row.id[:8], row.participant, type(error).__name__)
    return found


def find(connection: Connection, participant: str, id_: str) -> Subscription:
    """The one subscription of `participant` whose id begins with `id_`. Raises NoSuchSubscription."""
    found = [one for one in of_participant(connection, participant) if id_ and one.id.startswith(id_)]
    if len(found) != 1:
        many = "several subscriptions" if found else "no subscription"
        raise NoSuchSubscription(
            f"{participant} has {many} with an id that begins with {id_!r} (tocsin subscriptions {participant})"
        )
    return found[0]


def save_endpoint(connection: Connection, subscription: Subscription) -> bool:
    """Write how its endpoint fares; False, and nothing written, when it was changed by hand meanwhile."""
    done = connection.execute(
        update(SUBSCRIPTIONS)
        .where(SUBSCRIPTIONS.c.id == subscription.id, SUBSCRIPTIONS.c.generation == subscription.generation)
        .values(**endpoint_columns(subscription.endpoint))
    )
    return done.rowcount == 1


def endpoint_columns(endpoint: Endpoint) -> dict[str, Any]:
    """The columns that hold an endpoint's state."""
    return {
        "disabled": endpoint.disabled.value if endpoint.disabled else None,
        "failures": endpoint.failures,
        "failing_since": _millis(endpoint.failing_since),
        "outages": endpoint.outages,
        "last_outage": _millis(endpoint.last_outage),
        "paused_until": _millis(endpoint.paused_until),
    }


def _new_secret(connection: Connection, seal: Seal, id_: str, now: datetime) -> str:
    text = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    connection.execute(
        insert(SECRETS).values(subscription_id=id_, sealed=seal.close(text.encode()), made_at=millis(now), ends_at=None)
    )
    return text


def _changed(connection: Connection, subscription: Subscription) -> Subscription:
    connection.execute(
        update(SUBSCRIPTIONS)
        .where(SUBSCRIPTIONS.c.id == subscription.id)
        .values(generation=subscription.generation + 1)
    )
    return replace(subscription, generation=subscription.generation + 1)


def _of_row(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.id,
        participant=row.participant,
        address=row.address,
        channel=Channel(row.channel),
        format=Format(row.format),
        filters=Filters.model_validate_json(row.filters),
        since=timestamp(row.since),
        generation=row.generation,
        endpoint=Endpoint(
            disabled=Disabled(row.disabled) if row.disabled else None,
            failures=row.failures,
            failing_since=_timestamp(row.failing_since),
            outages=row.outages,
            last_outage=_timestamp(row.last_outage),
            paused_until=_timestamp(row.paused_until),
        ),
    )


def _millis(value: datetime | None) -> int | None:
    return None if value is None else millis(value)


def _timestamp(value: int | None) -> datetime | None:
    return None if value is None else timestamp(value)
