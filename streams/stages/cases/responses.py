"""An answer, an acknowledgement or a receipt: who may say it, and what it changes."""

from __future__ import annotations

from schemas.alerts import Answer
from schemas.codes import RejectReason, ResponseKind
from schemas.events import Response
from schemas.internal import GatedResponse
from schemas.model import millis, timestamp
from streams.stages import versions
from streams.stages.cases.alerts import announced, keep
from streams.stages.cases.audit import answered, audited, refused
from streams.stages.cases.deadlines import after_answer
from streams.stages.cases.details import NOT_BEFORE, on_digest_response
from streams.stages.cases.judgement import Judgement, judge
from streams.stages.cases.records import CASES, ENTRIES, PAIRS, Holder, PairState
from streams.stages.cases.running import Step
from streams.stages.cases.workflow import Fault, move
from streams.stages.refusals import remember_refused, was_here_before
from streams.stages.versions import Standing

_UNKNOWN = "No case with this case_ref, or none of yours. Repeat the case_ref of an alert that you received."


def on_response(step: Step, gated: GatedResponse) -> None:
    """Take an answer in, or say why not. "Unknown" and "not yours" are refused in the same words."""
    response, source = gated.response, gated.source
    if was_here_before(step.state, source):
        step.count("repeats")
        return
    if response.kind is ResponseKind.SUBJECT_SEARCH:
        remember_refused(step.state, source)  # nothing else is kept of it, and it is recorded once
        audited(step, response.producer, "SEARCHED", detail=response.event_id)
        return
    case = step.state.get(CASES, gated.alert_id)
    if case is not None and case.digest:
        on_digest_response(step, gated, case.digest, _UNKNOWN)
        return
    before = step.state.get(PAIRS, case.pair) if case else None
    holder = _holder(before, response.producer)
    if before is None or holder is None:
        remember_refused(step.state, source)
        refused(step, source, response.event_id, RejectReason.UNKNOWN_CASE, _UNKNOWN, place="case_ref")
        return
    heard = versions.judge(holder.heard, source, response.event_id, holder.heard.version + 1, source.sha256)
    if heard.standing is Standing.REPEAT:
        step.count("repeats")
        return
    pair = _with_holder(before, holder := holder.model_copy(update={"heard": heard.history}))
    entry = step.state.get(ENTRIES, pair.entry_key)
    judgement = judge(pair, entry, step.setting.participants, step.setting.decide)
    if heard.standing is Standing.NEWER:
        pair = _taken_in(step, pair, gated, judgement, holder)
    elif heard.reason is not None:
        refused(step, source, response.event_id, heard.reason, heard.detail, place=heard.place)
    else:
        step.count("duplicates")
    keep(step, before, announced(step, pair, entry, judgement))


def _holder(pair: PairState | None, participant: str) -> Holder | None:
    holders = pair.holders if pair else ()
    return next((holder for holder in holders if holder.recipient == participant), None)


def _with_holder(pair: PairState, holder: Holder) -> PairState:
    holders = tuple(holder if other.recipient == holder.recipient else other for other in pair.holders)
    return pair.model_copy(update={"holders": holders})


def _taken_in(step: Step, pair: PairState, gated: GatedResponse, judgement: Judgement, holder: Holder) -> PairState:
    """The pair with what was said; unchanged when it was refused."""
    response, source = gated.response, gated.source
    if response.exercise is not pair.context.exercise:
        detail = "An answer has the mode (ACTUAL, EXERCISE or TEST) of its alert."
        refused(step, source, response.event_id, RejectReason.MODE_CHANGED, detail, place="exercise")
        return pair
    if response.kind in (ResponseKind.RECEIPT, ResponseKind.ACKNOWLEDGE):
        # SHOWN and ACKED are each recipient's own: nobody else's view changes, and its own by ACKED alone
        field = "shown_at" if response.kind is ResponseKind.RECEIPT else "acknowledged_at"
        answered(step, pair.alert_id, response)
        return _with_holder(pair, holder.model_copy(update={field: getattr(holder, field) or step.now}))
    if judgement.audience.role_of(response.producer) is None:
        refused(step, source, response.event_id, RejectReason.UNKNOWN_CASE, _UNKNOWN, place="case_ref")
        return pair
    if pair.digest:
        if response.kind is ResponseKind.REQUEST_DETAILS:
            answered(step, pair.alert_id, response)
            return pair.model_copy(update={"released": True})
        refused(step, source, response.event_id, RejectReason.ILLEGAL_MOVE, NOT_BEFORE, place="kind")
        return pair
    live = judgement.match is not None
    result = move(
        response,
        response.producer,
        pair.workflow,
        judgement.audience,
        live=live,
        escalated=pair.clock.escalated,
        latest=(pair.clock.asked_at or step.now) + step.setting.rules.deadlines.postponement,
        now=step.now,
    )
    if isinstance(result, Fault):
        reason = RejectReason.INVALID_FIELD if result.place else RejectReason.ILLEGAL_MOVE
        refused(step, source, response.event_id, reason, result.detail, place=result.place or "kind")
        return pair
    answers, cut = _with_answer(step, pair, response)
    answered(step, pair.alert_id, response)
    eta = None if response.eta is None else millis(response.eta)
    clock = after_answer(pair.clock, response.kind, eta, step.now)
    return pair.model_copy(update={"workflow": result, "answers": answers, "answers_cut": cut, "clock": clock})


def _with_answer(step: Step, pair: PairState, response: Response) -> tuple[tuple[Answer, ...], int]:
    """The answers with this one, and how many were dropped or shortened so far."""
    rules, text, cut = step.setting.rules, response.text, pair.answers_cut
    if text is not None and len(text) > rules.answer_text:
        text, cut = text[: rules.answer_text] + " […]", cut + 1
    answer = Answer(
        by=response.producer,
        kind=response.kind,
        at=timestamp(step.appended_at),
        reason=response.reason,
        outcome=response.outcome,
        eta=response.eta,
        text=text,
        event_id=response.event_id,
    )
    answers = (*pair.answers, answer)
    dropped = max(0, len(answers) - rules.answers_per_case)
    return answers[dropped:], cut + dropped
