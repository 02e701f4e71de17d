"""Officers who answer while things go wrong, and what must come of it.

They answer only where nothing else can change the alert in between: incident and entry were published once, so that
what is said leads to the same end whenever it comes. Every other order is the matter of tests.schedules.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from deploy.stack.running import Stack
from producers import CountryProducer
from schemas.alerts import Alert, Reject
from schemas.codec import Codec
from schemas.codes import AlertStatus, AnswerReason, Mode, Outcome, ResponseKind, WorkflowState
from schemas.errors import SchemaError
from schemas.events import Response, WatchlistEntry
from tests.schedules.histories import CODEC, History, event_id
from tests.schedules.oracle import Live
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

_K, _W = ResponseKind, WorkflowState
_LOCATOR, _OWNER = 0, 1
_NEXT = {
    (_LOCATOR, _W.OPEN): (_K.REQUEST_CONFIRMATION, _W.CONFIRM_REQUESTED),
    (_OWNER, _W.CONFIRM_REQUESTED): (_K.CONFIRM, _W.CONFIRMED),
    (_LOCATOR, _W.CONFIRMED): (_K.ACTION_TAKEN, _W.ACTIONED),
    (_LOCATOR, _W.ACTIONED): (_K.CLOSE, _W.CLOSED),
}
"""What who says to an alert in which state, and where that leads."""


class Answering:
    """Everybody's officers: each alert that they hear of and may answer goes from its request to its end."""

    def __init__(self, stack: Stack, history: History, seed: int) -> None:
        self._stack = stack
        self._rng = random.Random(f"answers {seed}")
        self._once = _published_once(history)
        self._producers: dict[str, CountryProducer] = {}
        # Known before anything goes wrong: a bureau does not lose its schemas when the registry does.
        self._codec = Codec(ids := RegistrySchemaIds(stack.registry, ca_file=stack.ca_file))
        ids.load()
        self._said: dict[str, list[tuple[str, ResponseKind]]] = defaultdict(list)
        """By alert_id."""

    @property
    def count(self) -> int:
        """How many answers were given."""
        return sum(map(len, self._said.values()))

    def hear(self, new: Iterable[Alert | Reject]) -> None:
        """Say what is to be said to the alerts among `new`, each as its recipient holds it."""
        for alert in new:
            if isinstance(alert, Alert) and (kind := self._to_say(alert)) is not None:
                self._say(alert, kind)

    def expected(self, oracle: Live) -> Live:
        """`oracle`, which knows of no answers, with those that were given."""
        return {
            (recipient, alert_id): outcome._replace(workflow=_leads_to(said[-1][1]), answers=tuple(said))
            if (said := self._said.get(alert_id))
            else outcome
            for (recipient, alert_id), outcome in oracle.items()
        }

    def close(self) -> None:
        """Wait until the fate of every answer is known."""
        for producer in self._producers.values():
            producer.__exit__(None, None, None)

    @property
    def refused(self) -> int:
        """How many answers the broker has not taken."""
        return sum(producer.refused.total() for producer in self._producers.values())

    def _to_say(self, alert: Alert) -> ResponseKind | None:
        incident, entry = alert.incident, alert.entry
        if alert.status is not AlertStatus.LIVE or incident is None or entry is None or alert.case_ref is None:
            return None
        sides = (incident.producer, entry.owner)
        ids = ((f"incidents.{sides[0]}", incident.incident_id), (f"watchlist.{sides[1]}", entry.entry_id))
        if sides[0] == sides[1] or alert.recipient not in sides or not self._once.issuperset(ids):
            return None
        kind, _ = _NEXT.get((sides.index(alert.recipient), alert.workflow), (None, None))
        return None if (alert.recipient, kind) in self._said.get(alert.alert_id, ()) else kind

    def _say(self, alert: Alert, kind: ResponseKind) -> None:
        at = datetime.now(UTC)
        answer = Response(
            event_id=event_id(self._rng),
            producer=alert.recipient,
            occurred_at=at,
            recorded_at=at,
            exercise=Mode(alert.exercise),
            case_ref=alert.case_ref or "",
            kind=kind,
            revision=alert.revision,
            outcome=Outcome.LOCATED if kind is _K.ACTION_TAKEN else None,
            reason=AnswerReason.DIFFERENT_PERSON if kind is _K.CLOSE else None,
        )
        if (producer := self._producers.get(alert.recipient)) is None:
            connection = connect(alert.recipient, self._stack.settings)
            producer = self._producers[alert.recipient] = CountryProducer(
                alert.recipient, connection, codec=self._codec
            ).__enter__()
        producer.publish_response(answer)
        self._said[alert.alert_id].append((alert.recipient, kind))


def _leads_to(kind: ResponseKind) -> WorkflowState:
    return next(state for said, state in _NEXT.values() if said is kind)


def _published_once(history: History) -> set[tuple[str, str]]:
    """Topic and id of incidents and entries of which there is one record, and that end with no other entry."""
    records: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    for (topic, _), published in history.feeds.items():
        for record in published:
            records[topic, record.key.decode()].append(record.value)
    return {place for place, values in records.items() if len(values) == 1 and not _is_linked(place[0], values[0])}


def _is_linked(topic: str, value: bytes) -> bool:
    if not topic.startswith("watchlist."):
        return False
    with suppress(SchemaError):
        entry = CODEC.decode(value)
        return isinstance(entry, WatchlistEntry) and entry.linked_entry is not None
    return False
