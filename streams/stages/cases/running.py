"""One step while it runs: what it was given, what it says, what it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.codes import Mode
from schemas.internal import Continue
from schemas.participants import Participants
from schemas.subjects import Object, Subject
from schemas.topics import CASES
from streams.stages import keys
from streams.stages.cases.judgement import Decide
from streams.stages.cases.records import DEADLINES, TOTALS, Due, DueKind, Totals
from streams.stages.cases.records import DUE as DUE_TABLE
from streams.stages.cases.rules import CasesRules
from streams.stages.contract import Millis, Send, State

TOTALS_KEY = "totals"
ReferenceNumbers = Callable[[Mode, Subject | Object], frozenset[str]]
"""How :func:`streams.matching.reference_numbers` looks."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every step of a partition."""

    partition: int
    participants: Participants
    partitions: int
    """P: of every internal topic."""
    rules: CasesRules
    decide: Decide
    reference_numbers: ReferenceNumbers


@dataclass(slots=True)
class Step:
    """One record being processed."""

    setting: Setting
    state: State
    now: Millis
    """The largest append timestamp of the partition so far."""
    appended_at: Millis
    """When this record was appended."""
    known: Totals
    """The counts before this step."""
    outputs: list[Send] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """What to add to the fields of Totals."""

    def say(self, *sends: Send) -> None:
        """Add to what this step says."""
        self.outputs.extend(sends)

    def count(self, field_of_totals: str, by: int = 1) -> None:
        """Add to a count."""
        self.counts[field_of_totals] = self.counts.get(field_of_totals, 0) + by

    def total(self, field_of_totals: str) -> int:
        """A count as it stands now."""
        before: int = getattr(self.known, field_of_totals)
        return before + self.counts.get(field_of_totals, 0)

    def go_on(self, work: str, key: str, version: int, after: str, *, detail: str = "") -> None:
        """Leave the rest of `work` about the entry (or digest) `key` to a record of its own."""
        rest = Continue(work=work, key=key, version=version, after=after, detail=detail)
        self.say(Send(CASES, key, rest, partition=self.setting.partition))

    def remind(self, at: Millis, kind: DueKind, key: str) -> None:
        """Look at `key` again when the time `at` has passed in this partition."""
        self.state.put(DUE_TABLE, due_key(at, kind, key), Due(kind=kind, key=key))

    def set_deadline(self, before: Millis, at: Millis, kind: DueKind, key: str) -> None:
        """Put the deadline of `key` to `at` instead of `before`; 0: none. So each is kept once and fires once."""
        if before == at:
            return
        if before:
            self.state.delete(DEADLINES, due_key(before, kind, key))
        if at:
            self.state.put(DEADLINES, due_key(at, kind, key), Due(kind=kind, key=key))

    def totals(self) -> Totals:
        """The counts after this step; written back when they changed."""
        update = {name: self.total(name) for name in self.counts}
        after = self.known.model_copy(update=update)
        if after != self.known:
            self.state.put(TOTALS, TOTALS_KEY, after)
        return after


def due_key(at: Millis, kind: DueKind, key: str) -> str:
    """State key of a due item: ascending by time."""
    return keys.joined(f"{at:015d}", kind, key)


def due_time(key: str) -> Millis:
    """When the due item at `key` is due."""
    return int(key[:15])
