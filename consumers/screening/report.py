"""Recall on what had to be found, false alerts on what had to find nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from consumers.screening.truth import Expected
from schemas.alerts import Alert, EntryView
from schemas.codes import AlertStatus, Band

_Pair = tuple[str, str, str]
"""incident_id, entry_id, owner."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Report:
    """What a screening found, missed and raised for nothing. Holds ids only, no personal data."""

    recall: Share
    """Matches found, of those that had to be."""
    recall_by_difficulty: dict[str, Share]
    found_by_band: dict[str, int]
    missed: tuple[Expected, ...]
    negatives: int
    """Incidents that had to find nothing."""
    false_alerts: int
    """Alerts for them."""
    false_incidents: Share
    """Of them, those with one alert at least."""
    false_by_band: dict[str, int]
    other_alerts: int
    """Alerts for incidents that had to find something, but for another entry: to be looked at by a person."""
    unknown_alerts: int
    """Alerts for incidents that are in none of the files."""


def judge(expected: Sequence[Expected], negatives: Collection[str], alerts: Iterable[Alert]) -> Report:
    """Hold the alerts that stand against the truth. `negatives` are incident_ids; those in `expected` are left out.

    An alert that was retracted or withdrawn found nothing; a match that a digest lists was found. Several alerts of
    one pair cannot be: alert_id says who.
    """
    wanted: dict[_Pair, list[Expected]] = {}
    for match in expected:
        wanted.setdefault((match.incident_id, match.entry_id, match.owner), []).append(match)
    positive = {match.incident_id for match in expected}
    innocent = set(negatives) - positive
    found: dict[Expected, str] = {}
    false_bands: Counter[str] = Counter()
    false_incidents: set[str] = set()
    other = unknown = 0
    for alert in alerts:
        for incident, item_id, entry, band in _told(alert):
            pair = (incident, entry.entry_id, entry.owner)
            hit = next((match for match in wanted.get(pair, ()) if _same_item(match, item_id)), None)
            if hit is not None:
                found[hit] = band
            elif incident in innocent:
                false_bands[band] += 1
                false_incidents.add(incident)
            elif incident in positive:
                other += 1
            else:
                unknown += 1
    return Report(
        recall=Share(len(found), len(set(expected))),
        recall_by_difficulty=_by_difficulty(expected, found),
        found_by_band=dict(sorted(Counter(found.values()).items())),
        missed=tuple(match for match in dict.fromkeys(expected) if match not in found),
        negatives=len(innocent),
        false_alerts=sum(false_bands.values()),
        false_incidents=Share(len(false_incidents), len(innocent)),
        false_by_band=dict(sorted(false_bands.items())),
        other_alerts=other,
        unknown_alerts=unknown,
    )


def _by_difficulty(expected: Iterable[Expected], found: Collection[Expected]) -> dict[str, Share]:
    whole = Counter(match.difficulty for match in set(expected))
    part = Counter(match.difficulty for match in found)
    return {difficulty: Share(part[difficulty], count) for difficulty, count in sorted(whole.items())}


def _told(alert: Alert) -> Iterator[tuple[str, str | None, EntryView, str]]:
    """Every match that an alert tells of: incident_id, item_id, entry and band. A digest tells of those it lists."""
    if alert.status is not AlertStatus.LIVE or alert.entry is None:
        return
    if alert.digest is not None:
        for member in alert.digest.members:
            yield member.incident_id, member.item_id, alert.entry, Band.POSSIBLE.value
    elif (incident := alert.incident) is not None:
        met = incident.subject.subject_id if incident.subject else None
        met = incident.object.object_id if incident.object else met
        yield incident.incident_id, met, alert.entry, alert.match.band.value if alert.match else Band.UNKNOWN.value


def _same_item(match: Expected, met: str | None) -> bool:
    return match.item_id is None or met is None or met == match.item_id
