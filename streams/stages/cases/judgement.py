"""Is a pair a match now, and who may know? A pure function of both sides' newest versions, whoever found the pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.alerts import Match
from schemas.codes import EntryStatus, Scope
from schemas.events import WatchlistEntry
from schemas.internal import IncidentContext
from schemas.participants import Participants
from schemas.subjects import Object, Subject
from streams.stages.cases.dissemination import Audience, Side, audience
from streams.stages.cases.records import EntryState, PairState

Decide = Callable[[Subject | Object, WatchlistEntry], Match | None]
"""How :func:`streams.matching.decide` looks."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is true of a pair now."""

    match: Match | None
    """Why they belong together; None when they do not, or when the entry raises nothing for this incident."""
    audience: Audience
    """Who may know, match or not: says whether a former recipient gets a retraction or loses the right."""


def judge(pair: PairState, entry: EntryState | None, participants: Participants, decide: Decide) -> Judgement:
    """Judge `pair` by its newest snapshot and the entry's newest version (None: forgotten)."""
    if entry is None:
        return Judgement(None, Audience(Scope.CROSS_BORDER, ()))
    context, listed = pair.context, entry.entry
    who = audience(
        Side(context.producer, context.exercise, context.handling),
        Side(listed.producer, listed.exercise, listed.handling),
        participants,
    )
    item = pair.subject or pair.object
    if item is None or has_ended(entry, context) or not raises_alerts(listed, context):
        return Judgement(None, who)
    return Judgement(decide(item, listed), who)


def has_ended(entry: EntryState, context: IncidentContext) -> bool:
    """Did the entry end with the one that it is linked to, before an incident like this one happened?

    As with its own end: a status ends it for every incident, a date for those at or after it (domain rule 5).
    """
    linked = entry.linked
    if linked is None:
        return False
    return linked.ended or (linked.expires_at is not None and linked.expires_at <= context.occurred_at)


def raises_alerts(entry: WatchlistEntry, context: IncidentContext) -> bool:
    """Does the entry speak for incidents like this one: ACTIVE, of the same mode, valid when it happened?

    Suspended and draft entries raise nothing; expiry is judged at the incident's event time (domain rule 5), and
    only equal modes match (rule 14).
    """
    return (
        entry.status is EntryStatus.ACTIVE
        and (entry.subject is not None or entry.object is not None)
        and entry.exercise is context.exercise
        and (entry.valid_from is None or entry.valid_from <= context.occurred_at)
        and (entry.expires_at is None or context.occurred_at < entry.expires_at)
    )
