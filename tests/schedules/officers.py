"""Officers who answer what is live, rightly and wrongly; and, in the oracle's own words, what must come of it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas import codes
from schemas.codes import AnswerReason, RejectReason, ResponseKind, WorkflowState
from schemas.events import Response
from schemas.model import timestamp
from schemas.partition import partition_of
from streams.stages import keys
from tests.schedules.histories import CODEC, PARTITIONS, START, History, Published, event_id
from tests.schedules.oracle import Case, Outcome

K, W = ResponseKind, WorkflowState
Said = dict[str, "Conversation"]
"""By alert_id."""
_MARKS = (K.RECEIPT, K.ACKNOWLEDGE)
_ANSWERS = {K.CONFIRM: W.CONFIRMED, K.NOT_CONFIRM: W.NOT_CONFIRMED, K.CONFIRM_LATER: W.CONFIRM_LATER}


@dataclass(slots=True)
class Conversation:
    """What was said about one alert, and where that leads."""

    case: Case
    workflow: WorkflowState = W.OPEN
    answers: list[tuple[str, ResponseKind]] = field(default_factory=list)
    escalated: bool = False

    @property
    def waits(self) -> bool:
        """Is an answer awaited that can come, by somebody who may know of it?"""
        asked = self.workflow in (W.CONFIRM_REQUESTED, W.CONFIRM_LATER)
        return asked and not self.case.home and self.case.locator in self.case.told and self._answering() is not None

    def legal(self, by: str) -> dict[ResponseKind, WorkflowState]:
        """What `by` may say now, and where it leads."""
        case, moves = self.case, {}
        if by == case.locator and self.workflow is not W.CLOSED:
            moves[K.CLOSE] = W.CLOSED
            if self.workflow is W.OPEN:
                moves[K.REQUEST_CONFIRMATION] = W.CONFIRM_REQUESTED
            if self.workflow is W.CONFIRMED:
                moves[K.ACTION_TAKEN] = W.ACTIONED
        answers = by == self._answering() or (by == "ccc" and self.escalated)
        if answers and self.workflow in (W.CONFIRM_REQUESTED, W.CONFIRM_LATER):
            moves |= _ANSWERS
        return moves

    def take(self, response: Response) -> RejectReason | None:
        """Take an answer in; returns why it must be refused, None when it must not."""
        by, kind = response.producer, response.kind
        if kind is K.CONFIRM_LATER and response.eta is None:
            return RejectReason.INVALID_FIELD
        if by not in self.case.told:
            return RejectReason.UNKNOWN_CASE
        if kind in _MARKS:
            return None
        if (following := self.legal(by).get(kind)) is None:
            return RejectReason.ILLEGAL_MOVE
        closes_early = kind is K.CLOSE and self.workflow is not W.ACTIONED
        if (kind is K.NOT_CONFIRM or closes_early) and response.reason is None:
            return RejectReason.INVALID_FIELD
        if kind is K.ACTION_TAKEN and response.outcome is None:
            return RejectReason.INVALID_FIELD
        self.workflow = following
        self.answers.append((by, kind))
        return None

    def heard(self, case: Case) -> Outcome:
        """What everybody who may know of `case` holds after all that was said."""
        escalated = self.escalated and "ccc" in case.told
        return case.outcome._replace(workflow=self.workflow, answers=tuple(self.answers), escalated=escalated)

    def _answering(self) -> str | None:
        case = self.case
        if case.home:
            return case.locator
        return next((code for code in (case.owner, "ccc") if code in case.told), None)


def answer(rng: random.Random, history: History, said: Said, live: Iterable[str], cases: dict[str, Case]) -> None:
    """One officer each says something about some of the alerts `live`: published into `history`, noted in `said`."""
    for alert_id in sorted(set(live) & cases.keys()):
        if rng.random() < 0.4:
            continue
        talk = said.setdefault(alert_id, Conversation(cases[alert_id]))
        talk.case = cases[alert_id]
        response = _response(rng, alert_id, talk)
        refused = talk.take(response)
        feed = (f"responses.{response.producer}", partition_of(response.case_ref, 2))
        record = Published(response.case_ref.encode(), CODEC.encode(response), refused)
        history.publish(feed, record)
        if refused is None and rng.random() < 0.1:
            history.publish(feed, record)
            history.duplicates += 1


def time_passes(said: Said, cases: dict[str, Case]) -> None:
    """Half a day and more goes by: what nobody answered is with `ccc`, if that may know of it."""
    for alert_id in said.keys() & cases.keys():
        talk = said[alert_id]
        talk.case = cases[alert_id]
        talk.escalated |= talk.waits and "ccc" in talk.case.told


def _response(rng: random.Random, alert_id: str, talk: Conversation) -> Response:
    case = talk.case
    may = [(by, kind) for by in sorted(case.told) for kind in talk.legal(by)]
    if may and rng.random() < 0.7:
        by, kind = rng.choice(may)
    elif rng.random() < 0.3:
        by, kind = rng.choice(sorted(case.told)), rng.choice(_MARKS)
    else:
        by, kind = rng.choice(("bd", "in", "fr", "un", "ccc")), rng.choice((*_ANSWERS, K.CLOSE, K.ACTION_TAKEN))
    whole = rng.random() < 0.8
    return Response(
        event_id=event_id(rng),
        producer=by,
        occurred_at=timestamp(START),
        recorded_at=timestamp(START),
        exercise=case.mode,
        case_ref=keys.case_ref(case.entry_key, alert_id, PARTITIONS),
        kind=kind,
        reason=AnswerReason.DIFFERENT_PERSON if whole else None,
        outcome=codes.Outcome.LOCATED if whole else None,
        eta=timestamp(START) if whole else None,
    )
