"""One alert as lines of text: what is asked, dangers, who met whom, why it matches, where the case stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from consumers.watch.book import Change, Taken
from consumers.watch.describing import place_line, who_line
from consumers.watch.times import age, both
from consumers.watch.wording import (
    ACTIONS,
    AT_THE_POST,
    BANDS,
    DETENTION,
    MODES,
    PRIORITIES,
    ROLES,
    TARGETS,
    VERDICTS,
    WARNINGS,
    WORKFLOW,
    words,
)
from schemas.alerts import Alert, Answer, Digest, EntryView, Evidence, IncidentView, Match
from schemas.codes import Action, AlertStatus, Scope, Verdict

DIGEST_SHOWN = 20
"""Matches of a digest that a card names."""


class Tone(Enum):
    """How a line is meant; whoever prints it chooses a look, and the words say it all without one."""

    TITLE = "title"
    DANGER = "danger"
    PLAIN = "plain"
    CONFLICT = "conflict"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card."""

    text: str
    tone: Tone = Tone.PLAIN


def alert_card(taken: Taken, now: datetime, zone: str, others: Sequence[Alert] = ()) -> list[Line]:
    """The lines about an alert that was read: a card, or what an officer must know when it was taken back.

    `zone` is where the reader sits; the incident's own times are told in its place's zone. `others` are live alerts of
    the same encounter. Text from outside is used as it is: clean it before (terminal output) or escape it after.
    """
    alert = taken.alert
    if alert.status is AlertStatus.LIVE and alert.digest is not None and alert.entry is not None:
        return list(_digest(taken, alert.digest, alert.entry, zone))
    if alert.status is not AlertStatus.LIVE or alert.incident is None or alert.entry is None:
        return list(_taken_back(taken, zone))
    return list(_live(taken, alert.incident, alert.entry, now, zone, others))


def _live(
    taken: Taken, incident: IncidentView, entry: EntryView, now: datetime, zone: str, others: Sequence[Alert]
) -> Iterator[Line]:
    alert = taken.alert
    mode = MODES[alert.exercise]
    retrospective = "RETROSPECTIVE (the entry came after the incident) " if alert.retrospective else ""
    yield Line(f"{mode}{retrospective}{ACTIONS[entry.action]}", Tone.TITLE)
    if entry.warnings:
        yield Line(f"  {mode}WARNINGS: {', '.join(WARNINGS[warning] for warning in entry.warnings)}", Tone.DANGER)
    if alert.front_line is not None:
        at_post, target = AT_THE_POST[alert.front_line.action], TARGETS[alert.front_line.target]
        yield Line(f"  at post   {mode}{' · '.join(part for part in (at_post, target) if part)}")
    band = BANDS[alert.match.band] if alert.match else "match not shown to you"
    yield Line(f"  {PRIORITIES[alert.priority]} · {band} · {_standing(taken)}")
    yield Line(f"  met       {who_line(incident.subject, incident.object)}")
    yield Line(f"  where     {place_line(incident)}; reported by {incident.producer}")
    yield Line(f"  when      {both(incident.occurred_at, incident.zone)}, {age(now - incident.occurred_at)} ago")
    if incident.detained and entry.action is not Action.DISCREET_CHECK:
        yield Line(f"  held      {DETENTION[incident.detention_basis]}")
    yield Line(f"  listed    {who_line(entry.subject, entry.object)}")
    yield Line(f"  entry     {_entry(entry)}")
    if entry.remarks:
        yield Line(f"  remarks   {entry.remarks}")
    if alert.match:
        yield from _evidence(alert.match)
    if alert.clipped:
        yield Line(f"  left out  {alert.clipped} names, documents or pieces of evidence: the view was too long")
    for other in others:
        yield Line(f"  see also  alert {other.alert_id}: the same encounter, entry of {_owner(other)}")
    yield from _case(alert, now, zone)
    yield Line(f"  {_freshness(alert, zone)}", Tone.MUTED)


def _digest(taken: Taken, digest: Digest, entry: EntryView, zone: str) -> Iterator[Line]:
    alert = taken.alert
    yield Line(f"{MODES[alert.exercise]}DIGEST: {digest.count} POSSIBLE matches of one entry", Tone.TITLE)
    yield Line(f"  why       more than are sent one by one came from {both(digest.since, zone)} within the hour")
    yield Line(f"  listed    {who_line(entry.subject, entry.object)}")
    yield Line(f"  entry     {_entry(entry)}; asks for: {words(entry.action)}")
    for member in digest.members[:DIGEST_SHOWN]:
        met = f"{member.producer}, {both(member.occurred_at, zone)}, incident {member.incident_id}"
        yield Line(f"    {member.alert_id}  {met}")
    if digest.count > DIGEST_SHOWN:
        yield Line(f"    and {digest.count - min(len(digest.members), DIGEST_SHOWN)} more")
    yield Line("  to see    one of them or all: answer with request details (details), for its id or the digest's")
    yield from _holds(alert, zone)


def _taken_back(taken: Taken, zone: str) -> Iterator[Line]:
    alert = taken.alert
    mode = MODES[alert.exercise]
    if alert.status is AlertStatus.RETRACTED:
        yield Line(f"{mode}RETRACTED: this match no longer stands; do not act on it", Tone.TITLE)
        before = taken.before
        if before is not None and before.digest is not None:
            yield Line("  it was a digest: its matches were sent one by one, or stand no longer")
        elif before is not None and before.incident is not None:
            met = who_line(before.incident.subject, before.incident.object)
            yield Line(f"  it was about  {met}")
    elif alert.status is AlertStatus.WITHDRAWN:
        yield Line(f"{mode}WITHDRAWN: this alert was taken back from you; do not use what it said", Tone.TITLE)
    else:
        yield Line(f"{mode}ALERT WITHOUT CONTENT, status {words(alert.status)}: nothing to act on", Tone.TITLE)
    yield Line(f"  raised    {both(alert.raised_at, zone)}")
    yield Line(f"  taken back {both(alert.revised_at, zone)}")
    yield Line(f"  alert {alert.alert_id}, revision {alert.revision}", Tone.MUTED)


def _standing(taken: Taken) -> str:
    if taken.change is Change.RESUMED:
        return "STANDS AGAIN after it was taken back"
    if taken.change is Change.REVISED:
        return (
            f"revision {taken.alert.revision}, replaces {taken.before.revision if taken.before else 'an earlier one'}"
        )
    return "new"


def _entry(entry: EntryView) -> str:
    kind = words(entry.notice_type) + " notice" if entry.notice_type else words(entry.instrument)
    parts = [f"{kind} of {entry.owner}, {entry.entry_id} version {entry.entry_version}", words(entry.threat)]
    if entry.operation:
        parts.append(f"operation {entry.operation}")
    return ", ".join(parts)


def _evidence(match: Match) -> Iterator[Line]:
    reasons = [piece for piece in match.evidence if piece.verdict is not Verdict.DIFFERS]
    conflicts = [piece for piece in match.evidence if piece.verdict is Verdict.DIFFERS]
    yield Line(f"  why       score {match.score:.1f} bits; met value | listed value")
    for piece in reasons:
        yield Line(f"    {_piece(piece)}")
    for piece in conflicts:
        yield Line(f"    {_piece(piece)}", Tone.CONFLICT)
    if not conflicts:
        yield Line("    no conflicts among what was compared")


def _piece(piece: Evidence) -> str:
    note = f"  ({piece.note})" if piece.note else ""
    weight = f"{piece.weight:+.1f}"
    return f"{VERDICTS[piece.verdict]:<11} {weight:>6}  {words(piece.feature)}: {piece.left} | {piece.right}{note}"


def _case(alert: Alert, now: datetime, zone: str) -> Iterator[Line]:
    escalated = ", ESCALATED to ccc: nobody answered in time" if alert.escalated else ""
    asked = f", requested {alert.requests} times" if alert.requests > 1 else ""
    scope = ", domestic: nobody else was told" if alert.scope is Scope.DOMESTIC else ""
    yield Line(f"  case      {WORKFLOW[alert.workflow]}{asked}{escalated}; you are {ROLES[alert.role]}{scope}")
    if alert.answer_due_at is not None:
        left = alert.answer_due_at - now
        when = f"OVERDUE by {age(-left)}" if left < timedelta(0) else f"{age(left)} left"
        yield Line(f"    answer due {both(alert.answer_due_at, zone)}, {when}")
    for answer in alert.answers:
        yield Line(f"    {_answer(answer, zone)}")
    yield from _holds(alert, zone)


def _holds(alert: Alert, zone: str) -> Iterator[Line]:
    if alert.acknowledged_at is not None:
        yield Line(f"    you acknowledged {both(alert.acknowledged_at, zone)}")
    if alert.allowed_moves:
        yield Line(f"  you may   {', '.join(words(move) for move in alert.allowed_moves)}")
    tlp = alert.tlp.replace("_", "+")
    yield Line(f"  handling  {alert.handling_code}, TLP:{tlp}")
    yield Line(f"  alert     {alert.alert_id} revision {alert.revision}, case {alert.case_ref or '(none)'}", Tone.MUTED)


def _answer(answer: Answer, zone: str) -> str:
    more = [words(part) for part in (answer.reason, answer.outcome) if part]
    if answer.eta:
        more.append(f"answer expected {both(answer.eta, zone)}")
    if answer.text:
        more.append(answer.text)
    said = f"{both(answer.at, zone)}  {answer.by}: {words(answer.kind)}"
    return f"{said} ({'; '.join(more)})" if more else said


def _freshness(alert: Alert, zone: str) -> str:
    if alert.watchlist_age is None:
        known = "how fresh the watchlist was is not known"
    else:
        known = f"the newest watchlist change was at most {age(timedelta(milliseconds=alert.watchlist_age))} old then"
    return f"decided {both(alert.revised_at, zone)}; {known}; a match is no hit until somebody confirms it"


def _owner(alert: Alert) -> str:
    return alert.entry.owner if alert.entry else "(not shown)"
