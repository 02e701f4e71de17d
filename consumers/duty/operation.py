"""What came of a joint operation: located, arrested, seized, protected, by the country where it happened.

Each person or thing met counts once however many alerts there are about it. A count outlives a retraction (an owner
marks its entry EXECUTED after the arrest, which retracts the alert), but not a withdrawal: who lost the right to an
alert no longer uses what it said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.codes import AlertStatus, Mode, Outcome, ResponseKind

OUTCOMES = (Outcome.LOCATED, Outcome.ARRESTED, Outcome.SEIZED, Outcome.PROTECTED)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one alert says: where, for which operation, and what came of it so far."""

    mode: Mode
    operation: str
    country: str
    encounter: str
    outcomes: frozenset[Outcome]


class OperationBook:
    """Folds alerts of the coordinator's view into tallies by alert. Holds no personal data."""

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}
        self._tallies: dict[str, Tally] = {}

    def take(self, alert: Alert) -> None:
        """Fold one alert in; repeats and older revisions change nothing."""
        if alert.revision <= self._revisions.get(alert.alert_id, 0):
            return
        self._revisions[alert.alert_id] = alert.revision
        if alert.status is AlertStatus.WITHDRAWN:
            self._tallies.pop(alert.alert_id, None)
        elif (tally := tally_of(alert)) is not None:
            self._tallies[alert.alert_id] = tally
        elif alert.status is AlertStatus.LIVE:
            self._tallies.pop(alert.alert_id, None)  # it is no longer of an operation

    def forget(self, alert_id: str) -> None:
        """Drop an alert and what it counted."""
        self._revisions.pop(alert_id, None)
        self._tallies.pop(alert_id, None)

    def tallies(self) -> Iterable[Tally]:
        """What every alert of an operation says now, or said last before its retraction."""
        return tuple(self._tallies.values())


def tally_of(alert: Alert) -> Tally | None:
    """The tally of a live alert of an operation; None for any other."""
    if alert.status is not AlertStatus.LIVE or alert.incident is None or alert.entry is None:
        return None
    if not alert.entry.operation:
        return None
    outcomes = frozenset(
        answer.outcome
        for answer in alert.answers
        if answer.kind is ResponseKind.ACTION_TAKEN and answer.outcome in OUTCOMES and answer.outcome is not None
    )
    country = alert.incident.producer
    return Tally(alert.exercise, alert.entry.operation, country, alert.encounter or alert.alert_id, outcomes)


@dataclass(frozen=True, slots=True)
class Count:
    """Persons and things of an operation in one country."""

    met: int
    outcomes: Counter[Outcome]
    """How many of them had each outcome."""


def counted(tallies: Iterable[Tally]) -> dict[tuple[Mode, str, str], Count]:
    """The counts by mode, operation and country."""
    places: defaultdict[tuple[Mode, str, str], dict[str, set[Outcome]]] = defaultdict(dict)
    for tally in tallies:
        met = places[tally.mode, tally.operation, tally.country]
        met.setdefault(tally.encounter, set()).update(tally.outcomes)
    return {
        place: Count(len(met), Counter(outcome for outcomes in met.values() for outcome in outcomes))
        for place, met in places.items()
    }
