"""A Candidate: an incident's item as it is now, for an entry that it may match. The newest snapshot counts."""

from __future__ import annotations

from schemas.internal import Candidate
from streams.stages import keys
from streams.stages.cases.alerts import judge_pair
from streams.stages.cases.records import PAIRS, PairState, pair_key
from streams.stages.cases.running import Step


def on_candidate(step: Step, candidate: Candidate) -> None:
    """Take the snapshot in and judge the pair. An ABSENT item takes back what was announced of it."""
    before = step.state.get(PAIRS, pair_key(candidate.entry_key, candidate.incident_key, candidate.item_id))
    if before is None and candidate.subject is None and candidate.object is None:
        return
    snapshot = {"context": candidate.context, "subject": candidate.subject, "object": candidate.object}
    if before is None:
        pair = PairState(
            entry_key=candidate.entry_key,
            incident_key=candidate.incident_key,
            item_id=candidate.item_id,
            alert_id=keys.alert_id(candidate.incident_key, candidate.item_id, candidate.entry_key),
            context=candidate.context,
            subject=candidate.subject,
            object=candidate.object,
        )
    else:
        pair = before.model_copy(update=snapshot)
        if pair == before:
            return  # found once more, by another number or name: judged when it came first
    judge_pair(step, before, pair)
