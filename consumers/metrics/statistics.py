"""What is counted of alerts: each alert once, whatever revisions it has and however often it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prometheus_client import Gauge

from consumers.duty.operation import OUTCOMES, OperationBook, counted
from consumers.metrics.figures import Figures
from schemas.alerts import Alert, EntryView, IncidentView
from schemas.codes import AlertStatus, Band, Scope
from schemas.participants import Kind, Participants

KEPT = timedelta(days=90)
"""How long an alert is remembered after its last change: as long as its topic keeps it (domain rule 16)."""
MOST_KINDS = 1500
"""Most combinations of labels; further ones are counted under `other`, so that no flood of labels ends the metrics."""
OTHER = "other"

_Labels = tuple[str, str, str, str, str, str]


@dataclass(slots=True)
class _Held:
    revision: int
    changed: datetime
    labels: _Labels
    live: bool


class Statistics:
    """Counts alerts of the coordinator's view into `figures`. Holds codes and ids, no personal data."""

    def __init__(self, participants: Participants, figures: Figures, most_kinds: int = MOST_KINDS) -> None:
        self._participants = participants
        self._figures = figures
        self._most_kinds = most_kinds
        self._held: dict[str, _Held] = {}
        self._operations = OperationBook()
        self._kinds: set[_Labels] = set()
        self._canaries = frozenset(code for code, member in participants.members.items() if member.kind is Kind.CANARY)

    def take(self, alert: Alert, appended: datetime) -> None:
        """Count one alert that was appended to its topic at `appended`. Repeats and older revisions change nothing."""
        held = self._held.get(alert.alert_id)
        if held is not None and alert.revision <= held.revision:
            return
        if alert.status is not AlertStatus.LIVE:
            self._taken_back(alert, held)
            return
        if alert.incident is None or alert.entry is None or alert.scope is Scope.DOMESTIC:
            return
        if self._canaries & {alert.incident.producer, alert.entry.owner}:
            return
        self._operations.take(alert)
        labels = self._labels(alert, alert.incident, alert.entry)
        mode = labels[0]
        if held is None:
            self._figures.alerts.labels(*self._within_limit(labels)).inc()
            delay = (alert.raised_at - alert.incident.occurred_at).total_seconds()
            retrospective = "yes" if alert.retrospective else "no"
            self._figures.incident_to_alert.labels(mode, retrospective).observe(max(0.0, delay))
            if alert.incident.passed_at is not None and not alert.retrospective:
                own_time = (appended - alert.incident.passed_at).total_seconds()
                self._figures.gate_to_alert.labels(mode).observe(max(0.0, own_time))
        elif held.live:
            self._gauge(held.labels).dec()
        self._gauge(labels).inc()
        self._figures.last_hop.labels(mode).observe(max(0.0, (appended - alert.revised_at).total_seconds()))
        self._held[alert.alert_id] = _Held(alert.revision, appended, labels, live=True)

    def unreadable(self) -> None:
        """Count a record that holds no alert."""
        self._figures.unreadable.inc()

    def forget(self, now: datetime) -> int:
        """Drop alerts that have not changed for KEPT; returns how many. They no longer count as live."""
        old = [alert_id for alert_id, held in self._held.items() if now - held.changed > KEPT]
        for alert_id in old:
            held = self._held.pop(alert_id)
            self._operations.forget(alert_id)
            if held.live:
                self._gauge(held.labels).dec()
        return len(old)

    def count_operations(self) -> None:
        """Set the figures of joint operations to what is held now."""
        declared = self._participants.operations
        named = (
            replace(
                tally,
                operation=tally.operation if tally.operation in declared else OTHER,
                country=self._code(tally.country),
            )
            for tally in self._operations.tallies()
        )
        counts = counted(named)
        self._figures.operation_met.clear()
        self._figures.operation_outcomes.clear()
        for (mode, operation, country), count in counts.items():
            self._figures.operation_met.labels(mode.value, operation, country).set(count.met)
            for outcome in OUTCOMES:
                labels = (mode.value, operation, country, outcome.value)
                self._figures.operation_outcomes.labels(*labels).set(count.outcomes[outcome])

    def _taken_back(self, alert: Alert, held: _Held | None) -> None:
        if held is None:
            return  # raised before the topic's memory begins, or a canary: never counted, so not taken back either
        self._operations.take(alert)
        if held.live:
            mode, owner, country = held.labels[:3]
            self._figures.taken_back.labels(mode, owner, country, alert.status.value).inc()
            self._gauge(held.labels).dec()
        held.revision, held.live = alert.revision, False

    def _labels(self, alert: Alert, incident: IncidentView, entry: EntryView) -> _Labels:
        band = alert.match.band if alert.match else Band.UNKNOWN
        owner, country = self._code(entry.owner), self._code(incident.producer)
        return (alert.exercise.value, owner, country, entry.instrument.value, entry.threat.value, band.value)

    def _code(self, code: str) -> str:
        return code if code in self._participants else OTHER

    def _within_limit(self, labels: _Labels) -> _Labels:
        if labels not in self._kinds and len(self._kinds) >= self._most_kinds:
            self._figures.uncounted_kinds.inc()
            return (labels[0], OTHER, OTHER, OTHER, OTHER, OTHER)
        self._kinds.add(labels)
        return labels

    def _gauge(self, labels: _Labels) -> Gauge:
        mode, owner, country, _, _, band = labels
        return self._figures.live.labels(mode, owner, country, band)
