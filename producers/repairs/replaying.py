"""Which events of a repaired file are still to be said. Pure: what the topics hold goes in, what to say comes out.

An event is put back under an event_id that follows from where it was refused, so what stands in the participant's own
topics tells what was put back before: by a run that was killed in the middle, from another machine, by somebody else
from another copy of the file. No file of ours remembers it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ValidationError

from producers.errors import ProducerError
from producers.importers.results import RefusedRow, refused_by_model
from producers.repairs.collecting import Position
from producers.repairs.refused_event import KEPT_DAYS, RefusedEvent, digest
from schemas.codes import RejectReason
from schemas.envelope import Envelope
from schemas.events import Incident, WatchlistEntry
from schemas.topics import country_of

MENDED_ELSEWHERE = frozenset(
    {RejectReason.NOT_PROCESSED, RejectReason.UNKNOWN_SCHEMA, RejectReason.UNKNOWN_PARTICIPANT}
)
"""Refused for what others mend (a defect of ours, a schema or participant that was not known): worth another try as it
is. No fault of a signature is here, STALE neither: to put back what somebody forged, or kept and sent again, would be
to vouch for it."""


class NotYours(ProducerError):
    """The file holds events of another participant. Replay it as that one."""

    def __init__(self, ours: str, theirs: str) -> None:
        super().__init__(f"the file holds refused events of {theirs!r}; they cannot be put back as {ours!r}")


class Standing(StrEnum):
    """What becomes of a line."""

    PUBLISHED = "to be published"
    REPLAYED = "put back already"
    REFUSED_AGAIN = "put back already, and refused again"
    """What is wrong with it now is in the rejects: export it anew and repair that."""
    OVERTAKEN = "overtaken by a version published since"
    TAKEN_IN = "taken in already when it was first sent"
    """What was refused is a copy, sent again, of one that stands in the topic unrefused."""
    OF_A_SERVICE = "said by a service for the bureau, which says it again itself"
    """To put it back would be to say as the bureau what an officer or a service said, or somebody in their name."""
    UNREPAIRED = "not repaired"
    TOO_OLD = "too old"
    """Nobody can tell any more whether it was put back."""


class OwnTopics:
    """What a participant's own topics hold about the keys and replays of a file."""

    def __init__(self, lines: Iterable[RefusedEvent]) -> None:
        lines = list(lines)
        self._wanted = {line.replayed_id for line in lines}
        self._copied = {line.said_under for line in lines}
        self._originals: dict[str, dict[Position, str]] = {}
        self._replays: dict[str, set[Position]] = {}
        self._versions: dict[tuple[str, str], dict[Position, int]] = {}
        self._refused: set[Position] = set()

    def take(self, position: Position, event: BaseModel) -> None:
        """The event at `position`."""
        if not isinstance(event, Envelope):
            return
        if event.event_id in self._wanted:
            self._replays.setdefault(event.event_id, set()).add(position)
        if event.event_id in self._copied:
            said = digest(json.loads(event.model_dump_json(exclude_defaults=True)))
            self._originals.setdefault(event.event_id, {})[position] = said
        versioned = _versioned(event)
        if versioned is not None:
            key, version = versioned
            self._versions.setdefault((position[0], key), {})[position] = version

    def refused(self, position: Position) -> None:
        """The event at `position` was refused."""
        self._refused.add(position)

    def standing_of(self, line: RefusedEvent, event: Envelope) -> Standing:
        """Whether `event`, the repaired one of `line`, is still to be said."""
        if (replays := self._replays.get(line.replayed_id)) is not None:
            return Standing.REFUSED_AGAIN if replays <= self._refused else Standing.REPLAYED
        if self._was_taken_in(line):
            return Standing.TAKEN_IN
        versioned = _versioned(event)
        if versioned is not None:
            key, version = versioned
            said = self._versions.get((line.topic, key), {})
            if any(other >= version for position, other in said.items() if position not in self._refused):
                return Standing.OVERTAKEN
        return Standing.PUBLISHED

    def _was_taken_in(self, line: RefusedEvent) -> bool:
        """Stands the same elsewhere, unrefused? What says something else under its event_id is no copy of it."""
        return any(
            said == line.as_refused and position != line.position and position not in self._refused
            for position, said in self._originals.get(line.said_under or "", {}).items()
        )


class Replay:
    """Goes through a repaired file; `counts` says what became of its lines, `rows` names them."""

    def __init__(self, code: str, own: OwnTopics, now: datetime, *, unrepaired_too: bool = False) -> None:
        """`unrepaired_too`: also what says the same as when it was refused."""
        self._code, self._own, self._now = code, own, now
        self._unrepaired_too = unrepaired_too
        self.counts: Counter[Standing] = Counter()

    def events(self, lines: Iterable[RefusedEvent]) -> Iterator[Envelope | RefusedRow]:
        """What is to be said, and rows that are no event as they stand. Raises NotYours."""
        for number, line in enumerate(lines, 1):
            if (theirs := country_of(line.topic)) != self._code:
                raise NotYours(self._code, theirs)
            row = f"line {number}"
            worth_it = line.is_repaired or self._unrepaired_too or line.reason in MENDED_ELSEWHERE
            if line.event is None or not worth_it:
                self.counts[Standing.UNREPAIRED] += 1
                continue
            if line.event.get("delegation") is not None:
                self.counts[Standing.OF_A_SERVICE] += 1
                continue
            if line.sent_at < self._now - timedelta(days=KEPT_DAYS):
                self.counts[Standing.TOO_OLD] += 1
                continue
            try:
                event = line.repaired()
            except ValidationError as error:
                yield refused_by_model(row, error)
                continue
            standing = self._own.standing_of(line, event)
            self.counts[standing] += 1
            if standing is Standing.PUBLISHED:
                yield event


def _versioned(event: Envelope) -> tuple[str, int] | None:
    if isinstance(event, Incident):
        return event.incident_id, event.incident_version
    if isinstance(event, WatchlistEntry):
        return event.entry_id, event.entry_version
    return None
