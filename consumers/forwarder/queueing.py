"""From alerts to the queue: which subscription gets what, in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from consumers.forwarder import ledger, queue
from consumers.forwarder.containment import Containment
from consumers.forwarder.delivery import Delivery, Queue, Revision, Step, Supersede, again, read
from consumers.forwarder.message import message_id
from consumers.forwarder.queue import Key, Place
from consumers.forwarder.rendering import render
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Subscription
from schemas.alerts import Alert
from schemas.codes import AlertStatus
from schemas.model import millis

Read = tuple[Alert, datetime]
"""An alert, and when its record was appended."""
Pair = tuple[Subscription, Read]


def take(
    connection: Connection,
    seal: Seal,
    subscriptions: Iterable[Subscription],
    alerts: Sequence[Read],
    now: datetime,
    containment: Containment,
) -> set[Key]:
    """Queue what was read from topics, in its order; returns the keys that something waits for now.

    What cannot be queued for a defect of our own is missed by its subscription, and holds nobody else up.
    """

    def change(subscription: Subscription, revision: Revision, state: Delivery) -> Step:
        if not state.newest and revision.at is not None and revision.at < subscription.since:
            return state, ()  # from before the subscription, and nothing is known of it: not asked for by hand either
        return read(state, revision, subscription.endpoint.disabled is None, now)

    pairs = [
        (subscription, (alert, appended))
        for alert, appended in alerts
        for subscription in subscriptions
        if subscription.participant == alert.recipient
    ]
    return _apply(connection, seal, pairs, change, now, containment)


def redeliver(
    connection: Connection,
    seal: Seal,
    subscriptions: Iterable[Subscription],
    alerts: Sequence[Read],
    missing_only: bool,
    now: datetime,
    containment: Containment,
) -> set[Key]:
    """Queue again what a redelivery found to be the newest revisions; returns the keys that were queued.

    Alerts from before the subscription too: whoever asks since a time means that time.
    """

    def change(_: Subscription, revision: Revision, state: Delivery) -> Step:
        return again(state, revision, missing_only, now)

    pairs = [
        (subscription, (alert, appended))
        for alert, appended in alerts
        for subscription in subscriptions
        if subscription.participant == alert.recipient and subscription.endpoint.disabled is None
    ]
    return _apply(connection, seal, pairs, change, now, containment)


def _apply(
    connection: Connection,
    seal: Seal,
    pairs: Sequence[Pair],
    change: Callable[[Subscription, Revision, Delivery], Step],
    now: datetime,
    containment: Containment,
) -> set[Key]:
    places = queue.load(connection, {(subscription.id, alert.alert_id) for subscription, (alert, _) in pairs})
    changed: dict[Key, Place] = {}
    lines: list[ledger.Entry] = []
    for subscription, (alert, appended) in pairs:
        place = places[subscription.id, alert.alert_id]
        before = place.delivery
        with containment.around(subscription.participant, subscription.id) as caught:
            lines += _applied(place, subscription, alert, appended, change, now)
        if caught.failure:
            newest = max(before.newest, alert.revision)
            place.delivery = replace(
                before, newest=newest, newest_at=appended, pending=None, missed=before.delivered < newest
            )
        if place.delivery == before:
            continue
        changed[place.key] = place
        if place.delivery.pending is None:
            place.message = None
    queue.save(connection, changed.values(), seal, now)
    ledger.write(connection, lines)
    return {key for key, place in changed.items() if place.delivery.pending is not None}


def _applied(
    place: Place,
    subscription: Subscription,
    alert: Alert,
    appended: datetime,
    change: Callable[[Subscription, Revision, Delivery], Step],
    now: datetime,
) -> list[ledger.Entry]:
    taken_back, wanted = alert.status is not AlertStatus.LIVE, subscription.filters.want(alert)
    place.delivery, actions = change(
        subscription, Revision(alert.revision, appended, taken_back, wanted), place.delivery
    )
    lines = []
    for action in actions:
        if isinstance(action, Queue):
            _render(place, subscription, alert)
        elif isinstance(action, Supersede):
            lines.append(_superseded(subscription, alert, action.revision, now))
    return lines


def _render(place: Place, subscription: Subscription, alert: Alert) -> None:
    """Make the body of a revision that is queued, and remember what a later one will refer to."""
    if place.queued_revision != alert.revision:
        place.reference = None
        if place.queued_revision is not None and place.queued_revised_at is not None:
            earlier = message_id(*place.key, place.queued_revision)
            place.reference = f"{earlier} {place.queued_revised_at}"
        place.queued_revision, place.queued_revised_at = alert.revision, millis(alert.revised_at)
    place.message = render(subscription, alert, message_id(*place.key, alert.revision), place.reference)


def _superseded(subscription: Subscription, alert: Alert, revision: int, now: datetime) -> ledger.Entry:
    return ledger.Entry(
        subscription.participant, subscription.id, alert.alert_id, revision, now, ledger.What.SUPERSEDED
    )
