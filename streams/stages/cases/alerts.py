"""From a judgement to what each participant is sent: revisions, retractions, withdrawals."""

from __future__ import annotations

from itertools import islice

from schemas.codes import AlertStatus, Scope
from streams.stages import keys
from streams.stages.cases import freshness
from streams.stages.cases.deadlines import adjusted, runs
from streams.stages.cases.floods import place_of, recounted
from streams.stages.cases.judgement import Judgement, judge
from streams.stages.cases.records import (
    CASES,
    ENTRIES,
    PAIRS,
    CaseState,
    DueKind,
    EntryState,
    Holder,
    PairState,
    pair_key,
)
from streams.stages.cases.running import Step
from streams.stages.cases.sending import sent
from streams.stages.cases.views import View, empty_view, live_view, priority

PAIRS_OF_ENTRY = "pairs"
"""The work of judging the rest of an entry's pairs again."""


def judge_pair(step: Step, before: PairState | None, pair: PairState) -> None:
    """Judge `pair` (whose stored state is `before`), tell whom it concerns, keep it or forget it.

    A pair that is no match, or whose match nobody may know, and that was never announced is forgotten: whatever may
    change that announces it anew.
    """
    entry = step.state.get(ENTRIES, pair.entry_key)
    judgement = judge(pair, entry, step.setting.participants, step.setting.decide)
    keep(step, before, announced(step, pair, entry, judgement))


def judge_entry(step: Step, entry_key: str, version: int, after: str = "") -> None:
    """Judge the pairs of an entry again, as many as one step takes; the rest is left to a Continue record."""
    most, work = step.setting.rules.pairs_per_step, 0
    entry = step.state.get(ENTRIES, entry_key)
    found = list(islice(step.state.scan(PAIRS, keys.joined(entry_key, ""), after), most + 1))
    for place, pair in found:
        if work >= most:
            step.go_on(PAIRS_OF_ENTRY, entry_key, version, after)
            return
        judge_pair(step, pair, pair)
        work += cost_of(pair, entry)
        after = place


_NAMES_AT_ONCE = 100
"""Pairs of names that take about as long to compare as the rest of judging a pair."""


def cost_of(pair: PairState, entry: EntryState | None) -> int:
    """How much judging `pair` takes, in pairs of ordinary size."""
    listed = entry.entry.subject if entry is not None else None
    if pair.subject is None or listed is None:
        return 1
    return 1 + len(pair.subject.names) * len(listed.names) // _NAMES_AT_ONCE


def announced(step: Step, pair: PairState, entry: EntryState | None, judgement: Judgement) -> PairState:
    """Send to each participant the view that changed for it; returns the pair as it is then.

    A recipient that keeps the right and loses the match gets a retraction; one that loses the right gets one
    withdrawal and nothing else, even where the match went at the same time; both only if they hold a LIVE alert.
    """
    raised = pair if pair.raised_at else pair.model_copy(update={"raised_at": step.now})
    raised = clocked(step, raised, judgement)
    place = place_of(step, raised, judgement)
    if place or raised.digest:
        raised = recounted(step, raised, entry, judgement, place)
    pair = pair.model_copy(update={"clock": raised.clock, "digest": raised.digest, "holders": raised.holders})
    if pair.digest:
        return pair
    views = _live_views(step, raised, entry, judgement)
    held = {holder.recipient: holder for holder in pair.holders}
    changed = [
        view for recipient, view in views.items() if recipient not in held or held[recipient].view != view.digest
    ]
    for recipient, holder in held.items():
        if holder.status is AlertStatus.LIVE and recipient not in views:
            keeps_right = judgement.audience.role_of(recipient) is not None
            status = AlertStatus.RETRACTED if keeps_right else AlertStatus.WITHDRAWN
            changed.append(empty_view(raised, status, recipient, holder.role, scope_of(pair)))
    if not changed:
        return pair
    number, age = pair.revision + 1, freshness.age(step, entry) if entry is not None else None
    for view in sorted(changed, key=lambda view: view.alert.recipient):
        recipient = view.alert.recipient
        role = view.alert.role
        holder = held.get(recipient) or Holder(recipient=recipient, role=role, status=AlertStatus.UNKNOWN)
        held[recipient] = sent(step, pair.incident_key, view, number, age, holder)
    holders = tuple(held[recipient] for recipient in sorted(held))
    return raised.model_copy(update={"revision": number, "holders": holders})


def clocked(step: Step, pair: PairState, judgement: Judgement) -> PairState:
    """The pair with its clock running or standing still, as the judgement says."""
    running = runs(judgement.audience, judgement.match is not None)
    interval = step.setting.rules.deadlines.interval(priority(pair.context))
    return pair.model_copy(update={"clock": adjusted(pair.clock, running, interval, step.now)})


def keep(step: Step, before: PairState | None, pair: PairState) -> None:
    """Store `pair` in place of `before`; a pair that was never announced, nor is counted in a digest, is not stored."""
    if pair == before:
        return
    key = pair_key(pair.entry_key, pair.incident_key, pair.item_id)
    if not pair.holders:
        if before is not None and before.holders:
            step.state.delete(PAIRS, key)
            step.state.delete(CASES, pair.alert_id)
            step.count("pairs", -1)
        return
    step.state.put(PAIRS, key, pair.model_copy(update={"changed_at": step.now}))
    step.set_deadline(before.clock.due_at if before else 0, pair.clock.due_at, DueKind.ANSWER, key)
    if before is None:
        step.state.put(CASES, pair.alert_id, CaseState(pair=key))
        step.remind(step.now + step.setting.rules.pair_age, DueKind.FORGET_PAIR, key)
        step.count("pairs")
    step.count("live", is_live(pair) - (before is not None and is_live(before)))


def is_live(pair: PairState) -> bool:
    """Does anybody hold the alert as LIVE?"""
    return any(holder.status is AlertStatus.LIVE for holder in pair.holders)


def scope_of(pair: PairState) -> Scope:
    """DOMESTIC when the owner met its own entry; it never changes for a pair."""
    own = keys.parse(pair.entry_key).participant == pair.context.producer
    return Scope.DOMESTIC if own else Scope.CROSS_BORDER


def _live_views(step: Step, pair: PairState, entry: EntryState | None, judgement: Judgement) -> dict[str, View]:
    """By recipient, what everybody who may know of the match is to see now."""
    if judgement.match is None or entry is None:
        return {}
    case_ref, size = str(keys.CaseRef(step.setting.partition, pair.alert_id)), step.setting.rules.view_size
    return {
        recipient: live_view(pair, entry, judgement.match, judgement.audience, recipient, case_ref, size)
        for recipient, _ in judgement.audience.roles
    }
