"""Forgetting. Due items lie in the state ordered by time; a Tick handles those whose time has come."""

from __future__ import annotations

from itertools import islice

from schemas.codes import EntryStatus
from streams.stages import keys
from streams.stages.cases.alerts import is_live
from streams.stages.cases.audit import audited
from streams.stages.cases.floods import forget_digest, forget_member
from streams.stages.cases.records import (
    CASES,
    DUE,
    ENTRIES,
    FLOODS,
    FOOTPRINTS,
    PAIRS,
    Due,
    DueKind,
    EntryState,
    Footprint,
)
from streams.stages.cases.running import Step, due_time

PAIRS_TO_BARE = "bare"
"""The work of taking persons out of the rest of a DELETED entry's pairs."""


def forget_what_is_due(step: Step) -> None:
    """Forget pairs and entries whose age is over, as many as one step takes; the rest waits for the next Tick."""
    for key, due in list(islice(step.state.scan(DUE), step.setting.rules.due_per_tick)):
        if due_time(key) > step.now:
            return
        step.state.delete(DUE, key)
        if due.kind is DueKind.FORGET_PAIR:
            _forget_pair(step, due)
        elif due.kind is DueKind.FORGET_ENTRY:
            _forget_entry(step, due)
        elif due.kind is DueKind.FORGET_FOOTPRINT:
            step.state.delete(FOOTPRINTS, due.key)
        elif due.kind is DueKind.FORGET_DIGEST:
            forget_digest(step, due.key)


def _forget_pair(step: Step, due: Due) -> None:
    """Forget a pair long after its last change; one that changed since is looked at again when that is long ago."""
    pair = step.state.get(PAIRS, due.key)
    if pair is None:
        return
    if pair.changed_at + step.setting.rules.pair_age > step.now:
        step.remind(pair.changed_at + step.setting.rules.pair_age, due.kind, due.key)
        return
    if pair.digest:
        forget_member(step, pair)
    step.state.delete(PAIRS, due.key)
    step.state.delete(CASES, pair.alert_id)
    step.set_deadline(pair.clock.due_at, 0, DueKind.ANSWER, due.key)
    step.count("pairs", -1)
    step.count("live", -is_live(pair))
    step.count("forgotten")
    audited(step, pair.context.producer, "FORGOTTEN", alert_id=pair.alert_id, revision=pair.revision)


def bare_pairs(step: Step, key: str, entry: EntryState, after: str = "") -> None:
    """Take out of the pairs of a DELETED entry whom they were about and what was written of them, then forget it.

    Ids and states stay, so that a corrected incident still finds the alert that it changes, and answers are refused in
    the same words. Should the entry be published anew, `sightings` tells again who was met. What one step cannot take
    is left to a Continue record.
    """
    most = step.setting.rules.pairs_per_step
    found = list(islice(step.state.scan(PAIRS, keys.joined(key, ""), after), most + 1))
    for place, pair in found[:most]:
        answers = tuple(answer.model_copy(update={"text": None}) for answer in pair.answers)
        bare = pair.model_copy(update={"subject": None, "object": None, "answers": answers})
        if bare != pair:
            step.state.put(PAIRS, place, bare)
    if len(found) > most:
        step.go_on(PAIRS_TO_BARE, key, entry.entry.entry_version, found[most - 1][0])
        return
    step.state.delete(ENTRIES, key)
    step.state.delete(FLOODS, key)
    step.state.put(FOOTPRINTS, key, Footprint(history=entry.history))
    step.remind(step.now + step.setting.rules.footprint_age, DueKind.FORGET_FOOTPRINT, key)
    step.count("entries", -1)
    step.count("forgotten")
    audited(step, keys.parse(key).participant, "FORGOTTEN", detail=f"{key}:{entry.entry.entry_version}")


def _forget_entry(step: Step, due: Due) -> None:
    """Forget an entry that has been DELETED long enough; one that was published anew since then stays."""
    state = step.state.get(ENTRIES, due.key)
    if state is None or state.entry.status is not EntryStatus.DELETED:
        return
    if state.passed_at + step.setting.rules.deleted_entry_age > step.now:
        return  # deleted again later: that has a due item of its own
    bare_pairs(step, due.key, state)
