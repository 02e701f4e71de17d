"""The alerts that a reader holds: each once, in its newest revision, whatever repeats or comes late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from schemas.alerts import Alert
from schemas.codes import AlertStatus, Mode

KEPT = timedelta(days=90)
"""How long an alert is remembered after its last change: as long as the topic keeps it (domain rule 16)."""


class Change(Enum):
    """What an alert that was read means to whoever looks at the book."""

    NEW = "new"
    REVISED = "revised"
    TAKEN_BACK = "taken back"
    """The newest revision is RETRACTED or WITHDRAWN."""
    RESUMED = "resumed"
    """It was taken back before and stands again."""
    OLD = "old"
    """A repeat, or older than what is held: never show it, it may have been withdrawn since."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The outcome of one alert that was read. `before` is what the book held."""

    change: Change
    alert: Alert
    before: Alert | None


class AlertBook:
    """Folds alerts by alert and recipient, newest revision first come (domain rule 2, architecture invariant 3).

    Content of an alert that was taken back is dropped at once; only its status and revision stay.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Alert] = {}
        self.live = 0
        """How many of the alerts stand."""
        self._encounters: dict[tuple[Mode, str], set[tuple[str, str]]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def take(self, alert: Alert) -> Taken:
        """Fold one alert in."""
        key = (alert.alert_id, alert.recipient)
        before = self._held.get(key)
        if before is not None and alert.revision <= before.revision:
            return Taken(Change.OLD, alert, before)
        if alert.status is not AlertStatus.LIVE:
            alert = _without_content(alert)
        self._drop(key)
        self._held[key] = alert
        self.live += alert.status is AlertStatus.LIVE
        if alert.encounter is not None:
            self._encounters.setdefault((alert.exercise, alert.encounter), set()).add(key)
        return Taken(_change(before, alert), alert, before)

    def oldest_first(self) -> Iterator[Alert]:
        """What is held, last changed last."""
        yield from sorted(self._held.values(), key=lambda alert: (alert.revised_at, alert.alert_id))

    def same_encounter(self, alert: Alert) -> tuple[Alert, ...]:
        """The other live alerts of the same incident and subject: to the locator they are one case."""
        if alert.encounter is None or alert.status is not AlertStatus.LIVE:
            return ()
        met = self._encounters.get((alert.exercise, alert.encounter), set())
        keys = sorted(met - {(alert.alert_id, alert.recipient)})
        return tuple(self._held[key] for key in keys)

    def forget(self, now: datetime) -> int:
        """Drop what has not changed for KEPT; returns how many."""
        old = [key for key, alert in self._held.items() if now - alert.revised_at > KEPT]
        for key in old:
            self._drop(key)
        return len(old)

    def _drop(self, key: tuple[str, str]) -> None:
        held = self._held.pop(key, None)
        if held is None:
            return
        self.live -= held.status is AlertStatus.LIVE
        if held.encounter is not None:
            encounter = (held.exercise, held.encounter)
            self._encounters[encounter].discard(key)
            if not self._encounters[encounter]:
                del self._encounters[encounter]


def _change(before: Alert | None, alert: Alert) -> Change:
    if alert.status is not AlertStatus.LIVE:
        return Change.TAKEN_BACK
    if before is None:
        return Change.NEW
    return Change.REVISED if before.status is AlertStatus.LIVE else Change.RESUMED


def _without_content(alert: Alert) -> Alert:
    return alert.model_copy(
        update={
            "incident": None,
            "entry": None,
            "match": None,
            "digest": None,
            "front_line": None,
            "answers": (),
            "allowed_moves": (),
            "encounter": None,
        }
    )
