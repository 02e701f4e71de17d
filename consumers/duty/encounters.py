"""Alerts about the same person or thing of the same incident, shown as one case (domain rule 15).

The locator has one person in front of it and may hold several owners' alerts about them; each owner holds its own
alerts alone, so the same grouping shows it nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.codes import Action, AlertStatus, Band, Mode

ORDER = (
    Action.ARREST,
    Action.LOCATE,
    Action.DISCREET_CHECK,
    Action.INQUIRY_CHECK,
    Action.SPECIFIC_CHECK,
    Action.PROTECT,
    Action.SEIZE,
    Action.REFUSE_ENTRY,
    Action.INFORM,
    Action.UNKNOWN,
)
"""Actions, highest first (domain page, Watchlist entry)."""
_BANDS = (Band.EXACT, Band.STRONG, Band.POSSIBLE, Band.UNKNOWN)
_NOTICED = frozenset(ORDER) - {Action.LOCATE, Action.DISCREET_CHECK, Action.INFORM, Action.UNKNOWN}
"""Actions that the person cannot but notice."""


@dataclass(frozen=True, slots=True)
class Encounter:
    """Live alerts of one encounter: the highest action first, then what is compatible with it, then the rest."""

    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The alert that decides what is done."""
        return self.alerts[0]

    @property
    def incompatible(self) -> tuple[Alert, ...]:
        """Alerts whose action the first one's defeats: to be agreed with their owners."""
        return tuple(alert for alert in self.alerts[1:] if not compatible(action_of(self.first), action_of(alert)))


def compatible(one: Action, other: Action) -> bool:
    """Can both be done? A discreet check ends with anything that the person notices."""
    return not (Action.DISCREET_CHECK in (one, other) and {one, other} & _NOTICED)


def grouped(alerts: Iterable[Alert]) -> list[Encounter]:
    """Live alerts as encounters, in the order in which each was raised first. Nothing else is shown (domain rule 2)."""
    by_key: dict[tuple[Mode, str, str], list[Alert]] = {}
    for alert in alerts:
        if alert.status is AlertStatus.LIVE and alert.entry is not None:
            key = (alert.exercise, alert.recipient, alert.encounter or alert.alert_id)
            by_key.setdefault(key, []).append(alert)
    made = [_encounter(together) for together in by_key.values()]
    return sorted(made, key=lambda each: min((alert.raised_at, alert.alert_id) for alert in each.alerts))


def action_of(alert: Alert) -> Action:
    """What the owner asks for."""
    return alert.entry.action if alert.entry else Action.UNKNOWN


def _encounter(alerts: list[Alert]) -> Encounter:
    first, *rest = sorted(alerts, key=_rank)
    return Encounter((first, *sorted(rest, key=lambda alert: not compatible(action_of(first), action_of(alert)))))


def _rank(alert: Alert) -> tuple[int, int, str]:
    band = alert.match.band if alert.match else Band.UNKNOWN
    return ORDER.index(action_of(alert)), _BANDS.index(band), alert.alert_id
