"""The shared answer to an alert: which moves are legal, for whom, and where they lead. Pure; `deadlines` has the clock.

OPEN → CONFIRM_REQUESTED (by the locator) → CONFIRMED, NOT_CONFIRMED or CONFIRM_LATER (by who answers for the entry)
→ ACTIONED (by the locator) → CLOSED. The locator may close without action, saying why. At home (scope DOMESTIC) one
bureau is both sides and makes the moves of both. RECEIPT and ACKNOWLEDGE are no moves: any holder may send them.
ESCALATED is a mark, not a state: with it `ccc` may answer too, and whoever answers first has answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codes import AnswerReason, Outcome, ResponseKind, Role, Scope, WorkflowState
from schemas.events import Response
from schemas.model import millis, timestamp
from streams.stages.cases.dissemination import Audience
from streams.stages.contract import Millis

_LOCATOR: dict[WorkflowState, dict[ResponseKind, WorkflowState]] = {
    WorkflowState.OPEN: {
        ResponseKind.REQUEST_CONFIRMATION: WorkflowState.CONFIRM_REQUESTED,
        ResponseKind.CLOSE: WorkflowState.CLOSED,
    },
    WorkflowState.CONFIRM_REQUESTED: {ResponseKind.CLOSE: WorkflowState.CLOSED},
    WorkflowState.CONFIRM_LATER: {ResponseKind.CLOSE: WorkflowState.CLOSED},
    WorkflowState.NOT_CONFIRMED: {ResponseKind.CLOSE: WorkflowState.CLOSED},
    WorkflowState.CONFIRMED: {
        ResponseKind.ACTION_TAKEN: WorkflowState.ACTIONED,
        ResponseKind.CLOSE: WorkflowState.CLOSED,
    },
    WorkflowState.ACTIONED: {ResponseKind.CLOSE: WorkflowState.CLOSED},
}
_ANSWERS = {
    ResponseKind.CONFIRM: WorkflowState.CONFIRMED,
    ResponseKind.NOT_CONFIRM: WorkflowState.NOT_CONFIRMED,
    ResponseKind.CONFIRM_LATER: WorkflowState.CONFIRM_LATER,
}
_ANSWERING: dict[WorkflowState, dict[ResponseKind, WorkflowState]] = {
    WorkflowState.CONFIRM_REQUESTED: _ANSWERS,
    WorkflowState.CONFIRM_LATER: _ANSWERS,
}
CLOSING_REASONS = frozenset(
    {AnswerReason.DIFFERENT_PERSON, AnswerReason.NOT_EXECUTABLE_HERE, AnswerReason.RECOVERED_DOCUMENT}
)
"""Why a locator may close a case without action."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an answer cannot be taken: the field that is wrong, or an empty `place` for an illegal move."""

    place: str
    detail: str


def moves_of(
    participant: str, state: WorkflowState, audience: Audience, *, escalated: bool = False
) -> dict[ResponseKind, WorkflowState]:
    """The moves that `participant` may make now, and where each leads."""
    moves: dict[ResponseKind, WorkflowState] = {}
    if audience.scope is Scope.DOMESTIC or audience.role_of(participant) is Role.LOCATOR:
        moves |= _LOCATOR.get(state, {})
    if participant == audience.answering or (escalated and audience.role_of(participant) is Role.COORDINATOR):
        moves |= _ANSWERING.get(state, {})
    return moves


def allowed(
    participant: str, state: WorkflowState, audience: Audience, *, escalated: bool = False
) -> tuple[ResponseKind, ...]:
    """What an officer of `participant` may answer now, as its view says it."""
    moves = moves_of(participant, state, audience, escalated=escalated)
    return (ResponseKind.ACKNOWLEDGE, *(kind for kind in ResponseKind if kind in moves))


def move(
    response: Response,
    participant: str,
    state: WorkflowState,
    audience: Audience,
    *,
    live: bool,
    escalated: bool = False,
    latest: Millis | None = None,
    now: Millis = 0,
) -> WorkflowState | Fault:
    """The state after `response` of `participant`, or what is wrong with it. Nothing moves while retracted.

    `latest` is the latest time to which an answer may be put off; None: any. It is `now`.
    """
    moves = moves_of(participant, state, audience, escalated=escalated) if live else {}
    following = moves.get(response.kind)
    if following is None:
        legal = ", ".join([ResponseKind.ACKNOWLEDGE, *sorted(moves)])
        return Fault("", f"This answer is not possible now. Possible for you: {legal}.")
    match response.kind:
        case ResponseKind.NOT_CONFIRM if response.reason in (None, AnswerReason.UNKNOWN):
            return Fault("reason", "Say why the match is not confirmed.")
        case ResponseKind.CONFIRM_LATER:
            return _put_off(response, latest, now) or following
        case ResponseKind.ACTION_TAKEN if response.outcome in (None, Outcome.UNKNOWN):
            return Fault("outcome", "Say what came of it.")
        case ResponseKind.CLOSE if state is not WorkflowState.ACTIONED and response.reason not in CLOSING_REASONS:
            return Fault("reason", f"To close without action say one of {', '.join(sorted(CLOSING_REASONS))}.")
    return following


def _put_off(response: Response, latest: Millis | None, now: Millis) -> Fault | None:
    if response.eta is None:
        return Fault("eta", "Say when the answer will come.")
    if latest is not None and max(now, millis(response.eta)) > latest:
        return Fault("eta", f"An answer can be put off until {timestamp(latest):%Y-%m-%d %H:%M} UTC at most.")
    return None
