"""The oracle: knows only the last version of everything, and says which alerts must be live in the end, for whom.

It applies `decide` to every pair and restates who may know (domain rules 1 to 3) in its own words, so that a fault of
the stages is not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from schemas.alerts import Evidence, Match
from schemas.codes import (
    Band,
    EntryStatus,
    Mode,
    OwnerNotification,
    ReceiversMode,
    ResponseKind,
    WorkflowState,
)
from schemas.envelope import Handling
from schemas.events import Incident, WatchlistEntry
from schemas.subjects import Object, Subject
from streams.matching import decide
from streams.stages import keys
from tests.schedules.histories import History


class Outcome(NamedTuple):
    """What must be equal of an alert in the end (invariant 4)."""

    band: Band
    evidence: tuple[Evidence, ...]
    workflow: WorkflowState
    entry_version: int
    answers: tuple[tuple[str, ResponseKind], ...] = ()
    """Who said what, oldest first."""
    escalated: bool = False


Live = dict[tuple[str, str], Outcome]
"""By recipient and alert_id."""


@lru_cache(maxsize=65_536)
def decided(item: Subject | Object, entry: WatchlistEntry) -> Match | None:
    """`decide`, remembered: it is pure, and stages and oracle ask it the same questions."""
    return decide(item, entry)


@dataclass(frozen=True, slots=True)
class Case:
    """A match that somebody must hold an alert about."""

    mode: Mode
    locator: str
    owner: str
    entry_key: str
    told: frozenset[str]
    outcome: Outcome
    """While nobody has said anything."""

    @property
    def home(self) -> bool:
        """The owner met its own entry."""
        return self.locator == self.owner


def expected(cases: dict[str, Case]) -> Live:
    """Every alert that must be live when all is done."""
    return {(recipient, alert_id): case.outcome for alert_id, case in cases.items() for recipient in case.told}


def matches(history: History) -> dict[str, Case]:
    """Everything that must be alerted, by alert_id."""
    incidents = [event for event in history.last.values() if isinstance(event, Incident)]
    entries = [event for event in history.last.values() if isinstance(event, WatchlistEntry)]
    cases: dict[str, Case] = {}
    for incident in incidents:
        incident_key = keys.incident_key(incident.exercise, incident.producer, incident.incident_id)
        for entry in entries:
            if entry.exercise is not incident.exercise or not _speaks(entry, incident):
                continue
            if any(_ended(other, incident) for other in entries if _is_linked(entry, other)):
                continue
            entry_key = keys.entry_key(entry.exercise, entry.producer, entry.entry_id)
            for item_id, item in _items(incident):
                if (match := decided(item, entry)) is None:
                    continue
                alert_id = keys.alert_id(incident_key, item_id, entry_key)
                outcome = Outcome(match.band, match.evidence, WorkflowState.OPEN, entry.entry_version)
                told = frozenset(recipients(incident, entry))
                if told:
                    sides = (incident.producer, entry.producer, entry_key)
                    cases[alert_id] = Case(entry.exercise, *sides, told, outcome)
    return cases


def recipients(incident: Incident, entry: WatchlistEntry) -> set[str]:
    """Who must hold an alert about a match of the two."""
    if incident.producer == entry.producer:
        return {entry.producer}
    both = (incident.handling, entry.handling)
    told = {incident.producer, entry.producer, "ccc"}
    if any(handling.owner_notification is OwnerNotification.SUPPRESSED for handling in both):
        told -= {entry.producer}
    for handling, author in zip(both, (incident.producer, entry.producer), strict=True):
        told -= _left_out(handling) - {author}
    return told


def _left_out(handling: Handling) -> set[str]:
    named = set(handling.receivers)
    if handling.receivers_mode is ReceiversMode.EXCEPT:
        return named
    if handling.receivers_mode is ReceiversMode.ONLY:
        return {"bd", "in", "fr", "un"} - named
    return set()


def _speaks(entry: WatchlistEntry, incident: Incident) -> bool:
    valid = entry.expires_at is None or incident.occurred_at < entry.expires_at
    return entry.status is EntryStatus.ACTIVE and valid


def _is_linked(entry: WatchlistEntry, other: WatchlistEntry) -> bool:
    if entry.object is None or entry.linked_entry != other.entry_id:
        return False
    return (entry.producer, entry.exercise) == (other.producer, other.exercise)


def _ended(entry: WatchlistEntry, incident: Incident) -> bool:
    over = entry.expires_at is not None and incident.occurred_at >= entry.expires_at
    return over or entry.status in (EntryStatus.WITHDRAWN, EntryStatus.DELETED)


def _items(incident: Incident) -> Iterator[tuple[str, Subject | Object]]:
    yield from ((subject.subject_id, subject) for subject in incident.subjects)
    yield from ((thing.object_id, thing) for thing in incident.objects)
