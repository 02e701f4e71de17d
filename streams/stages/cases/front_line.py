"""What the officer at the post may be shown of a match: what to do, to whom or what, and the dangers. Nothing else.

The rules, in this order:

- A discreet check is to OBSERVE whatever else is true: any other action would be noticed (domain rule 7).
- A record of a document is about the document: it is seized or reported, and nothing is done to its holder, who may be
  its rightful owner (rule 9).
- Where a victim's misused identity was met (rule 8), or the match is no more than POSSIBLE, or rests on a name alone
  however rare (a name alone never confirms), identity is verified and no more, until the owner has confirmed.
- Else the owner's action.
"""

from __future__ import annotations

from schemas.alerts import FrontLineView, Match
from schemas.codes import Action, Band, FrontLineAction, FrontLineTarget, Verdict, WorkflowState
from schemas.events import WatchlistEntry
from streams.matching import MISUSED_FEATURE, SHARED_BY_MANY
from streams.stages.cases.records import PairState

ACTIONS: dict[Action, FrontLineAction] = {
    Action.UNKNOWN: FrontLineAction.INFORM_BUREAU,
    Action.ARREST: FrontLineAction.ARREST,
    Action.LOCATE: FrontLineAction.LOCATE,
    Action.DISCREET_CHECK: FrontLineAction.OBSERVE,
    Action.INQUIRY_CHECK: FrontLineAction.INTERVIEW,
    Action.SPECIFIC_CHECK: FrontLineAction.SEARCH,
    Action.PROTECT: FrontLineAction.PROTECT,
    Action.SEIZE: FrontLineAction.SEIZE,
    Action.REFUSE_ENTRY: FrontLineAction.REFUSE_ENTRY,
    Action.INFORM: FrontLineAction.INFORM_BUREAU,
}
"""What the front line is told for each action of an owner, where nothing lowers it. An action that is newer than this
program is left to the bureau."""

_OF_DOCUMENTS = (FrontLineAction.SEIZE, FrontLineAction.INFORM_BUREAU)
_CONFIRMED = (WorkflowState.CONFIRMED, WorkflowState.ACTIONED)


def front_line(pair: PairState, entry: WatchlistEntry, match: Match) -> FrontLineView:
    """The view of the officers who met the pair's item."""
    target = _target(entry)
    return FrontLineView(
        item_id=pair.item_id,
        action=action(entry.action, target, match, pair.workflow),
        target=target,
        warnings=entry.warnings,
        band=match.band,
    )


def action(asked: Action, target: FrontLineTarget, match: Match, workflow: WorkflowState) -> FrontLineAction:
    """What the front line is told where the owner asks for `asked`."""
    told = ACTIONS[asked]
    if told in (FrontLineAction.OBSERVE, FrontLineAction.INFORM_BUREAU):
        return told
    unsure = match.band not in (Band.STRONG, Band.EXACT) or is_misused(match) or is_by_name_alone(match)
    if unsure and workflow not in _CONFIRMED:
        return FrontLineAction.VERIFY_IDENTITY
    if target is FrontLineTarget.DOCUMENT and told not in _OF_DOCUMENTS:
        return FrontLineAction.VERIFY_IDENTITY
    return told


def is_misused(match: Match) -> bool:
    """Did a name agree that is known to be a victim's, misused by somebody else?"""
    return any(piece.feature == MISUSED_FEATURE for piece in match.evidence)


def is_by_name_alone(match: Match) -> bool:
    """Does everything that agrees belong to many people: no date of birth, no number?"""
    agreeing = [piece.feature for piece in match.evidence if piece.verdict in (Verdict.AGREES, Verdict.CLOSE)]
    return bool(agreeing) and SHARED_BY_MANY.issuperset(agreeing)


def _target(entry: WatchlistEntry) -> FrontLineTarget:
    if entry.object is None:
        return FrontLineTarget.PERSON
    return FrontLineTarget.DOCUMENT if entry.object.document is not None else FrontLineTarget.OBJECT
