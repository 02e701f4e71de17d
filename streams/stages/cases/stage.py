"""The stage `cases`: one key is one watchlist entry, and with it every pair, alert and answer about it."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.internal import Candidate, Continue, Ending, GatedEntry, GatedResponse, Link, Tick
from schemas.participants import Participants
from schemas.topics import CASES
from streams.matching import decide as match_decide
from streams.matching import reference_numbers as match_reference_numbers
from streams.stages.cases import probes
from streams.stages.cases.alerts import PAIRS_OF_ENTRY, judge_entry
from streams.stages.cases.audit import chained
from streams.stages.cases.candidates import on_candidate
from streams.stages.cases.details import DETAILS_OF_DIGEST, send_details
from streams.stages.cases.entries import REFERENCES_OF_ENTRY, on_ending, on_entry, refer
from streams.stages.cases.forgetting import PAIRS_TO_BARE, bare_pairs, forget_what_is_due
from streams.stages.cases.judgement import Decide
from streams.stages.cases.links import ENTRIES_LINKED, on_link, tell_linked
from streams.stages.cases.records import ENTRIES, TOTALS, Totals
from streams.stages.cases.responses import on_response
from streams.stages.cases.rules import CasesRules
from streams.stages.cases.running import TOTALS_KEY, ReferenceNumbers, Setting, Step
from streams.stages.cases.unanswered import pursue_what_is_unanswered
from streams.stages.contract import Millis, Received, Send, Stage, State
from streams.stages.errors import UnexpectedMessage


class Cases(Stage):
    """The only stage that decides: it owns an entry's versions, its pairs, their alerts and the answers to them.

    Pure: the same state, record and `now` give the same state and outputs, in the same order.
    """

    name = CASES

    def __init__(
        self,
        partition: int,
        participants: Participants,
        partitions: int,
        rules: CasesRules | None = None,
        *,
        decide: Decide = match_decide,
        reference_numbers: ReferenceNumbers = match_reference_numbers,
    ) -> None:
        rules = rules or CasesRules()
        self._setting = Setting(partition, participants, partitions, rules, decide, reference_numbers)
        self._totals = Totals()

    def restore(self, state: State) -> None:
        """Nothing is derived from the state but the counts that metrics show."""
        self._totals = state.get(TOTALS, TOTALS_KEY) or Totals()

    def ready(self, received: Received) -> bool:
        """Always: this stage waits for nobody."""
        return True

    def stats(self) -> Totals:
        """Counts of this partition as of the last step."""
        return self._totals

    def step(self, state: State, received: Received, now: Millis) -> Sequence[Send]:
        """Process one record of the topic `cases`. Raises UnexpectedMessage for one that nobody may send it."""
        known = state.get(TOTALS, TOTALS_KEY) or Totals()
        step = Step(self._setting, state, now, received.timestamp, known)
        message = received.message
        match message:
            case GatedEntry():
                on_entry(step, message)
            case Candidate():
                on_candidate(step, message)
            case Link():
                on_link(step, message)
            case Ending():
                on_ending(step, message)
            case GatedResponse():
                on_response(step, message)
            case Tick():
                pursue_what_is_unanswered(step)
                forget_what_is_due(step)
                probes.on_tick(step)
            case Continue():
                _go_on(step, message)
            case _:
                raise UnexpectedMessage(CASES, message)
        self._totals = step.totals()
        return chained(step)


def _go_on(step: Step, rest: Continue) -> None:
    """Go on with work about an entry, unless a newer version has overtaken it: that one started the work anew."""
    if rest.work == DETAILS_OF_DIGEST:
        send_details(step, rest.key, rest.detail, rest.after)
        return
    entry = step.state.get(ENTRIES, rest.key)
    if entry is None or entry.entry.entry_version != rest.version:
        return
    if rest.work == PAIRS_OF_ENTRY:
        judge_entry(step, rest.key, rest.version, rest.after)
    elif rest.work == REFERENCES_OF_ENTRY:
        refer(step, rest.key, entry, rest.after)
    elif rest.work == ENTRIES_LINKED:
        tell_linked(step, rest.key, rest.version, rest.after)
    elif rest.work == PAIRS_TO_BARE:
        bare_pairs(step, rest.key, entry, rest.after)
    else:
        raise UnexpectedMessage(CASES, rest)
