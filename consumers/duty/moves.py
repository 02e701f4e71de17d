"""The answers that an officer can give, in the words of the command line, and what each must say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consumers.duty.errors import NotPossible
from schemas.alerts import Alert, DigestMember
from schemas.codes import AlertStatus, AnswerReason, Outcome, ResponseKind, WorkflowState
from schemas.envelope import Delegation
from schemas.events import Response

MOVES: dict[str, ResponseKind] = {
    "ack": ResponseKind.ACKNOWLEDGE,
    "request": ResponseKind.REQUEST_CONFIRMATION,
    "confirm": ResponseKind.CONFIRM,
    "reject": ResponseKind.NOT_CONFIRM,
    "later": ResponseKind.CONFIRM_LATER,
    "act": ResponseKind.ACTION_TAKEN,
    "close": ResponseKind.CLOSE,
    "details": ResponseKind.REQUEST_DETAILS,
}
CLOSING = (AnswerReason.DIFFERENT_PERSON, AnswerReason.NOT_EXECUTABLE_HERE, AnswerReason.RECOVERED_DOCUMENT)
"""Reasons for which a locator closes a case without action (domain page)."""
LONGEST_TEXT = 2000
"""Characters of free text that the pipeline keeps; more is not sent, so that nothing is cut on the way."""
_WORDS = {kind: word for word, kind in MOVES.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """What an officer says with a move."""

    kind: ResponseKind
    reason: AnswerReason | None = None
    outcome: Outcome | None = None
    eta: datetime | None = None
    text: str | None = None


def with_members(alerts: Iterable[Alert]) -> list[Alert]:
    """The alerts, and for each match that a digest counts an alert that can be asked for and nothing else.

    The stand-in of a match has no content but what the digest says of it.
    """
    found = list(alerts)
    for alert in list(found):
        if alert.status is AlertStatus.LIVE and alert.digest is not None:
            found += [_stand_in(alert, member) for member in alert.digest.members]
    return found


def is_counted(alert: Alert) -> bool:
    """Is this the stand-in of a match that a digest counts?"""
    return alert.revision == 0


def words_of(alert: Alert) -> list[str]:
    """The moves that the alert allows, in the words of the command line."""
    return [_WORDS[kind] for kind in alert.allowed_moves if kind in _WORDS]


def check(alert: Alert, said: Said) -> None:
    """Raises NotPossible for what the pipeline would refuse, as far as the alert tells; it has the last word."""
    if alert.status is not AlertStatus.LIVE or alert.case_ref is None:
        raise NotPossible(f"this alert was taken back ({alert.status}): there is nothing to answer")
    if said.kind not in alert.allowed_moves:
        word = _WORDS.get(said.kind, said.kind)
        raise NotPossible(f"{word} is not possible now; possible for you: {', '.join(words_of(alert))}")
    if said.text is not None and len(said.text) > LONGEST_TEXT:
        raise NotPossible(f"the text has {len(said.text)} characters; at most {LONGEST_TEXT} are kept")
    match said.kind:
        case ResponseKind.NOT_CONFIRM if said.reason in (None, AnswerReason.UNKNOWN):
            raise NotPossible(f"say why with --reason: {_listed(AnswerReason)}")
        case ResponseKind.CONFIRM_LATER if said.eta is None:
            raise NotPossible("say when with --eta: a time with its zone, or a length of time such as 2h or 30min")
        case ResponseKind.ACTION_TAKEN if said.outcome in (None, Outcome.UNKNOWN):
            raise NotPossible(f"say what came of it with --outcome: {_listed(Outcome)}")
        case ResponseKind.CLOSE if alert.workflow is not WorkflowState.ACTIONED and said.reason not in CLOSING:
            raise NotPossible(f"to close without action say why with --reason: {', '.join(CLOSING)}")


def response(
    alert: Alert, said: Said, *, producer: str, event_id: str, now: datetime, delegation: Delegation | None = None
) -> Response:
    """The event that says it."""
    return Response(
        event_id=event_id,
        producer=producer,
        occurred_at=now,
        recorded_at=now,
        exercise=alert.exercise,
        delegation=delegation,
        case_ref=alert.case_ref or "",
        kind=said.kind,
        reason=said.reason,
        outcome=said.outcome,
        eta=said.eta,
        revision=alert.revision or None,
        text=said.text,
    )


def _stand_in(digest: Alert, member: DigestMember) -> Alert:
    return digest.model_copy(
        update={
            "alert_id": member.alert_id,
            "case_ref": member.case_ref,
            "revision": 0,
            "digest": None,
            "acknowledged_at": None,
            "allowed_moves": (ResponseKind.REQUEST_DETAILS,),
        }
    )


def _listed(codes: type[AnswerReason | Outcome]) -> str:
    return ", ".join(code for code in codes if code != "UNKNOWN")
