"""What attempts came to, written down: the queue, the ledger, how the endpoint fares, and notices to its bureau."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consumers.forwarder import ledger, queue, subscriptions
from consumers.forwarder.containment import Containment
from consumers.forwarder.delivery import Delivery, GiveUp, Revision, Step, dropped, failed, read, succeeded
from consumers.forwarder.failure import Failure, Outcome
from consumers.forwarder.ledger import Entry, Notice, What
from consumers.forwarder.message import message_id
from consumers.forwarder.queue import Due, Place
from consumers.forwarder.rendering import render_notice
from consumers.forwarder.schedule import Rng
from consumers.forwarder.sealing import Seal
from consumers.forwarder.subscription import Subscription
from schemas.model import millis


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that ended."""

    participant: str
    due: Due
    at: datetime
    """When it ended."""
    duration: int
    """In milliseconds."""
    outcome: Outcome


def settle(
    connection: Connection,
    seal: Seal,
    attempts: Sequence[Attempt],
    changed: Iterable[Subscription],
    now: datetime,
    rng: Rng,
    containment: Containment,
) -> tuple[set[str], list[str]]:
    """Write down what attempts came to, and the endpoints that `changed` with them.

    Returns the subscriptions that got a notice, and the participant of each message that was given up.
    """
    places = queue.load_places(connection, [attempt.due.place for attempt in attempts])
    lines: list[Entry] = []
    for attempt in attempts:
        lines.append(_line(attempt))
        place = places.get(attempt.due.place)
        if place is None:
            continue  # its subscription was removed meanwhile
        place.delivery, actions = _after(place.delivery, attempt, rng)
        for action in actions:
            if isinstance(action, GiveUp):
                lines.append(_given_up(attempt.participant, place, action.revision, attempt.at))
    queue.save(connection, places.values(), seal, now)
    ledger.write(connection, lines)
    given_up = [line.participant for line in lines if line.what is What.GIVEN_UP]
    told: set[str] = set()
    for subscription in changed:
        if subscription.endpoint.disabled is None:
            subscriptions.save_endpoint(connection, subscription)
        else:
            others, count = disable(connection, seal, subscription, now, containment)
            told |= others
            given_up += [subscription.participant] * count
    return told, given_up


def disable(
    connection: Connection, seal: Seal, subscription: Subscription, now: datetime, containment: Containment
) -> tuple[set[str], int]:
    """Write down that an endpoint is disabled: what waits for it is given up, its bureau is told.

    The notice goes into `tocsin subscriptions` and to every other endpoint of the bureau that works; returns their
    subscriptions, and how many messages were given up. Nothing is done when somebody changed the subscription by hand
    meanwhile.
    """
    why = subscription.endpoint.disabled
    if why is None or not subscriptions.save_endpoint(connection, subscription):
        return set(), 0
    places = queue.pending_of(connection, subscription.id)
    lines = []
    for place in places.values():
        place.delivery, actions = dropped(place.delivery)
        lines += [_given_up(subscription.participant, place, action.revision, now) for action in actions]
    queue.save(connection, places.values(), seal, now)
    ledger.write(connection, lines)
    notice = Notice(subscription.participant, subscription.id, now, why, subscription.endpoint.failing_since)
    ledger.note(connection, notice)
    others = [
        other
        for other in subscriptions.of_participant(connection, subscription.participant)
        if other.id != subscription.id and other.endpoint.disabled is None
    ]
    about, revision = f"endpoint:{subscription.id}", millis(now)
    places_of = queue.load(connection, {(other.id, about) for other in others})
    told: list[Place] = []
    for other in others:
        place = places_of[other.id, about]
        # One that cannot be told keeps no dead endpoint from being disabled, and no other from being told.
        with containment.around(other.participant, other.id):
            place.delivery, _ = read(place.delivery, Revision(revision, None), True, now)
            place.message = render_notice(other, notice, message_id(other.id, about, place.delivery.newest))
            told.append(place)
    queue.save(connection, told, seal, now)
    return {place.key[0] for place in told}, len(lines)


def _after(state: Delivery, attempt: Attempt, rng: Rng) -> Step:
    if isinstance(attempt.outcome, Failure):
        return failed(state, attempt.due.revision, attempt.outcome, attempt.at, rng)
    return succeeded(state, attempt.due.revision)


def _line(attempt: Attempt) -> Entry:
    subscription, about = attempt.due.key
    outcome = attempt.outcome
    failure = outcome if isinstance(outcome, Failure) else None
    return Entry(
        participant=attempt.participant,
        subscription_id=subscription,
        about=about,
        revision=attempt.due.revision,
        at=attempt.at,
        what=What.FAILED if failure else What.DELIVERED,
        fault=failure.fault if failure else None,
        status=outcome.status,
        duration=attempt.duration,
    )


def _given_up(participant: str, place: Place, revision: int, at: datetime) -> Entry:
    subscription, about = place.key
    return Entry(participant, subscription, about, revision, at, What.GIVEN_UP)
