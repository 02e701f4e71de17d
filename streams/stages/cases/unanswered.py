"""Deadlines that have passed, as a Tick finds them: what was not answered is requested again, then escalated."""

from __future__ import annotations

from itertools import islice

from streams.stages.cases.alerts import announced, cost_of, keep
from streams.stages.cases.audit import audited
from streams.stages.cases.deadlines import can_escalate, run_out
from streams.stages.cases.dissemination import COORDINATOR
from streams.stages.cases.floods import tell_again
from streams.stages.cases.judgement import judge
from streams.stages.cases.records import DEADLINES, ENTRIES, PAIRS, DueKind
from streams.stages.cases.running import Step, due_time
from streams.stages.cases.views import priority


def pursue_what_is_unanswered(step: Step) -> None:
    """Request again, escalate, or revise a digest, as many as one step takes; the rest waits for the next Tick."""
    most, work = step.setting.rules.deadlines_per_tick, 0
    for key, due in list(islice(step.state.scan(DEADLINES), most)):
        if due_time(key) > step.now or work >= most:
            return
        step.state.delete(DEADLINES, key)
        if due.kind is DueKind.DIGEST:
            tell_again(step, due.key, due_time(key))
            work += 1
        else:
            work += _pursue(step, due.key, due_time(key))


def _pursue(step: Step, key: str, due_at: int) -> int:
    """One more request of the pair at `key`, or its escalation; nothing if its clock does not say so any more.

    Returns how much work it was.
    """
    before = step.state.get(PAIRS, key)
    if before is None or before.clock.due_at != due_at:
        return 0
    entry = step.state.get(ENTRIES, before.entry_key)
    judgement = judge(before, entry, step.setting.participants, step.setting.decide)
    audience = judgement.audience
    most = step.setting.rules.deadlines.most_requests(priority(before.context), audience)
    clock = run_out(before.clock, most, can_escalate(audience), step.now)
    pair = before.model_copy(update={"clock": clock})
    if clock.requests > before.clock.requests:
        step.count("requested_again")
        audited(step, audience.answering or "", "REQUESTED_AGAIN", alert_id=pair.alert_id, detail=str(clock.requests))
    elif clock.escalated and not before.clock.escalated:
        step.count("escalated")
        audited(step, COORDINATOR, "ESCALATED", alert_id=pair.alert_id)
    keep(step, before, announced(step, pair, entry, judgement))
    return cost_of(pair, entry)
