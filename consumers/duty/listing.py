"""The open cases of a bureau, the most urgent first, each in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from consumers.duty.encounters import Encounter, action_of, grouped
from consumers.duty.finding import short_ids
from consumers.duty.moves import words_of
from consumers.watch.card import Line, Tone
from consumers.watch.describing import place_line, who_line
from consumers.watch.times import age
from consumers.watch.wording import ACTIONS, BANDS, MODES, WARNINGS, WORKFLOW, words
from schemas.alerts import Alert
from schemas.codes import Priority, WorkflowState

_PRIORITIES = (Priority.URGENT, Priority.ROUTINE, Priority.UNKNOWN, Priority.SUPPLEMENTARY)
_UNANSWERED = (WorkflowState.CONFIRM_REQUESTED, WorkflowState.CONFIRM_LATER)
_NEVER = datetime.max.replace(tzinfo=UTC)


def open_encounters(alerts: Iterable[Alert], *, closed_too: bool = False) -> list[Encounter]:
    """What is open, the most urgent first: escalated and unanswered, then least time left, then by priority.

    An encounter is open while one of its alerts is.
    """
    found = grouped(alerts)
    wanted = [each for each in found if closed_too or any(_is_open(alert) for alert in each.alerts)]
    return sorted(wanted, key=_urgency)


def due_at(encounter: Encounter) -> datetime | None:
    """When the next answer of the encounter is due."""
    return min((alert.answer_due_at for alert in encounter.alerts if alert.answer_due_at), default=None)


def time_left(alert: Alert, now: datetime) -> str:
    """How long the answer may still take, in words; empty where no clock runs."""
    if alert.escalated and alert.workflow in _UNANSWERED and alert.answer_due_at is None:
        return "ESCALATED to ccc"
    if alert.answer_due_at is None:
        return ""
    left = alert.answer_due_at - now
    return f"OVERDUE by {age(-left)}" if left < timedelta(0) else f"{age(left)} left"


def encounter_lines(encounter: Encounter, now: datetime, ids: dict[str, str] | None = None) -> list[Line]:
    """The lines of one encounter: what to do, about whom, where; then each alert with its id and where it stands.

    `ids` are short alert ids by alert_id (see `short_ids`); text from outside is used as it is: clean it before.
    """
    return list(_lines(encounter, now, ids or short_ids(encounter.alerts)))


def _lines(encounter: Encounter, now: datetime, ids: dict[str, str]) -> Iterator[Line]:
    first = encounter.first
    head = [ACTIONS[action_of(first)].partition(":")[0], words(first.priority).upper()]
    if first.digest is not None:
        head = [f"DIGEST of {first.digest.count} POSSIBLE matches", *head[:1]]
    soonest = min(encounter.alerts, key=lambda alert: alert.answer_due_at or _NEVER)
    head.append(time_left(soonest, now))
    yield Line(MODES[first.exercise] + " · ".join(part for part in head if part), Tone.TITLE)
    warned = sorted({warning for alert in encounter.alerts if alert.entry for warning in alert.entry.warnings})
    if warned:
        yield Line(f"  WARNINGS: {', '.join(WARNINGS[warning] for warning in warned)}", Tone.DANGER)
    if first.incident is not None:
        yield Line(f"  met       {who_line(first.incident.subject, first.incident.object)}")
        yield Line(f"  where     {place_line(first.incident)}, {age(now - first.incident.occurred_at)} ago")
    for alert in encounter.alerts:
        yield Line(f"  {ids[alert.alert_id]:<9} {_standing(alert, now)}")
        yield Line(f"            you may {', '.join(words_of(alert))}", Tone.MUTED)
    for alert in encounter.incompatible:
        yield Line(
            f"  CONFLICT  {ids[alert.alert_id]} asks for a {words(action_of(alert))}: agree with its owner first",
            Tone.CONFLICT,
        )


def _standing(alert: Alert, now: datetime) -> str:
    entry = alert.entry
    parts = [BANDS[alert.match.band].partition(":")[0]] if alert.match else []
    if entry is not None:
        kind = f"{words(entry.notice_type)} notice" if entry.notice_type else words(entry.instrument)
        parts.append(f"{words(entry.action)}, {kind} of {entry.owner}")
    parts.append(WORKFLOW[alert.workflow])
    if alert.requests > 1:
        parts.append(f"requested {alert.requests} times")
    parts += [part for part in (time_left(alert, now),) if part]
    if alert.acknowledged_at is None:
        parts.append("not acknowledged")
    return " · ".join(parts)


def _is_open(alert: Alert) -> bool:
    return alert.workflow is not WorkflowState.CLOSED


def _urgency(encounter: Encounter) -> tuple[bool, bool, datetime, int, float]:
    closed = not any(_is_open(alert) for alert in encounter.alerts)
    escalated = any(alert.escalated and alert.workflow in _UNANSWERED for alert in encounter.alerts)
    rank = min(_PRIORITIES.index(alert.priority) for alert in encounter.alerts)
    newest = max(alert.raised_at for alert in encounter.alerts)
    return closed, not escalated, due_at(encounter) or _NEVER, rank, -newest.timestamp()
