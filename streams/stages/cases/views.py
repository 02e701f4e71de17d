"""What each recipient of an alert sees: the least that its role needs, clipped to what its topic takes.

The locator met the subject and acts on the entry: it sees what was met, who is looked for, and the owner's remarks,
which are written for the officer who meets the subject; beside it stands what its front line may be shown. The owner
sees its own entry and what was met. The coordinator sees both sides without the remarks. What an entry says besides
(its list, its linked entry, the date of its review, the evaluation of its sources) is the owner's alone and in no view.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from schemas.alerts import Alert, EntryView, IncidentView, Match
from schemas.codes import AlertStatus, DetentionBasis, HandlingCode, Mode, Priority, Role, Scope, Tlp
from schemas.envelope import Handling
from schemas.events import WatchlistEntry
from schemas.internal import IncidentContext
from schemas.model import millis, timestamp
from streams.stages import keys
from streams.stages.cases.clipping import clipped
from streams.stages.cases.deadlines import can_escalate
from streams.stages.cases.dissemination import Audience
from streams.stages.cases.front_line import front_line
from streams.stages.cases.records import EntryState, PairState
from streams.stages.cases.workflow import allowed
from streams.stages.contract import Millis

_HANDLING = (HandlingCode.H0, HandlingCode.H1, HandlingCode.H2, HandlingCode.H3, HandlingCode.UNKNOWN)
_TLP = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED, Tlp.UNKNOWN)


@dataclass(frozen=True, slots=True)
class View:
    """What one recipient is told. Two views with equal digests say the same, whenever they were decided."""

    alert: Alert
    """Without revision, time of decision and age of the watchlist: see `dated`."""
    digest: bytes
    """SHA-256 of it."""

    def dated(self, revision: int, decided_at: Millis, watchlist_age: int | None) -> Alert:
        """The alert as it is sent. `watchlist_age` is in milliseconds, as coarse as its reader may know it."""
        when: dict[str, object] = {"revision": revision, "revised_at": timestamp(decided_at)}
        if self.alert.status is AlertStatus.LIVE:  # without content means without this, too
            when["watchlist_age"] = watchlist_age
        return self.alert.model_copy(update=when)


def live_view(
    pair: PairState, entry: EntryState, match: Match, audience: Audience, recipient: str, case_ref: str, size: int
) -> View:
    """The alert as `recipient`, one of `audience`, may see it; `size` bytes at most as far as lists can be cut."""
    role = audience.role_of(recipient) or Role.UNKNOWN
    context, listed, clock = pair.context, entry.entry, pair.clock
    escalated = clock.escalated and can_escalate(audience)
    handling = stricter(context.handling, listed.handling)
    alert = Alert(
        alert_id=pair.alert_id,
        revision=0,
        recipient=recipient,
        role=role,
        scope=audience.scope,
        exercise=context.exercise,
        status=AlertStatus.LIVE,
        raised_at=timestamp(pair.raised_at),
        revised_at=timestamp(0),
        case_ref=case_ref,
        encounter=keys.encounter(pair.incident_key, pair.item_id),
        retrospective=entry.sought_at > millis(context.passed_at),
        priority=priority(context),
        incident=_incident(pair),
        entry=entry_view(listed, role),
        match=match,
        front_line=front_line(pair, listed, match) if role is Role.LOCATOR else None,
        clipped=pair.answers_cut,
        workflow=pair.workflow,
        answers=pair.answers,
        allowed_moves=allowed(recipient, pair.workflow, audience, escalated=escalated),
        acknowledged_at=_acknowledged_at(pair, recipient),
        requests=clock.requests,
        answer_due_at=timestamp(clock.due_at) if clock.due_at else None,
        escalated=escalated,
        handling_code=handling.code,
        tlp=handling.tlp,
    )
    return _digested(*clipped(alert, size))


def empty_view(pair: PairState, status: AlertStatus, recipient: str, role: Role, scope: Scope) -> View:
    """The alert without content: a retraction, or the withdrawal from one who lost the right to it."""
    alert = empty_alert(pair.alert_id, status, recipient, role, scope, pair.context.exercise, pair.raised_at)
    return _digested(alert, alert.model_dump_json().encode())


def empty_alert(
    alert_id: str, status: AlertStatus, recipient: str, role: Role, scope: Scope, mode: Mode, raised_at: Millis
) -> Alert:
    """An alert without content."""
    return Alert(
        alert_id=alert_id,
        revision=0,
        recipient=recipient,
        role=role,
        scope=scope,
        exercise=mode,
        status=status,
        raised_at=timestamp(raised_at),
        revised_at=timestamp(0),
    )


def digest_view(alert: Alert, size: int) -> View:
    """A digest as its recipient may see it, of `size` bytes at most as far as its list can be cut."""
    return _digested(*clipped(alert, size))


def stricter(one: Handling, other: Handling) -> Handling:
    """The stricter handling code and TLP of both."""
    return Handling(code=max(one.code, other.code, key=_HANDLING.index), tlp=max(one.tlp, other.tlp, key=_TLP.index))


def _digested(alert: Alert, text: bytes) -> View:
    return View(alert, sha256(text).digest())


def priority(context: IncidentContext) -> Priority:
    """URGENT when somebody is held on the hit alone, ROUTINE when held on other grounds, else SUPPLEMENTARY."""
    if context.detention_basis is DetentionBasis.HIT_ONLY:
        return Priority.URGENT
    if context.detained or context.detention_basis is DetentionBasis.OTHER:
        return Priority.ROUTINE
    return Priority.SUPPLEMENTARY


def _acknowledged_at(pair: PairState, recipient: str) -> datetime | None:
    at = next((holder.acknowledged_at for holder in pair.holders if holder.recipient == recipient), None)
    return None if at is None else timestamp(at)


def _incident(pair: PairState) -> IncidentView:
    context = pair.context
    return IncidentView(
        incident_id=context.incident_id,
        incident_version=context.incident_version,
        producer=context.producer,
        incident_type=context.incident_type,
        occurred_at=context.occurred_at,
        passed_at=context.passed_at,
        zone=context.zone,
        location=context.location,
        detained=context.detained,
        detention_basis=context.detention_basis,
        subject=pair.subject,
        object=pair.object,
    )


def entry_view(entry: WatchlistEntry, role: Role) -> EntryView:
    """What a recipient in this role may see of the entry."""
    return EntryView(
        entry_id=entry.entry_id,
        entry_version=entry.entry_version,
        owner=entry.producer,
        instrument=entry.instrument,
        notice_type=entry.notice_type,
        threat=entry.threat,
        operation=entry.operation,
        action=entry.action,
        warnings=entry.warnings,
        status=entry.status,
        subject=entry.subject,
        object=entry.object,
        remarks=None if role is Role.COORDINATOR else entry.remarks,
    )
