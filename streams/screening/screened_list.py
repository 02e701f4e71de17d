"""A watchlist held in memory, checked as the gate checks it and searched as the pipeline searches it.

What the stages do with records, this does at once: the gate's checks on each entry, the index by name and the numbers
that both joins find by, and `decide` on whatever either found. A match here is an alert there, and the other way round.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from schemas import topics
from schemas.alerts import Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Band, CrossingMode, DetentionBasis, IncidentType, Mode, RejectReason
from schemas.envelope import Handling
from schemas.events import Location, WatchlistEntry
from schemas.internal import GatedEntry, IncidentContext, Source
from schemas.model import millis
from schemas.participants import Participants
from schemas.subjects import Subject
from streams.matching import PersonIndex, decide, probability, reference_numbers
from streams.matching.decide import POSSIBLE, STRONG
from streams.screening.explanation import explained
from streams.stages import checks_items
from streams.stages.cases.judgement import raises_alerts
from streams.stages.cases.links import ENDED, linked_key
from streams.stages.checks import Problem
from streams.stages.checks_fields import fields
from streams.stages.gate import Gate
from streams.stages.versions import History, Standing, judge

_BEST_FIRST = {Band.EXACT: 0, Band.STRONG: 1, Band.POSSIBLE: 2}
_AT_LEAST = {Band.EXACT: STRONG, Band.STRONG: STRONG, Band.POSSIBLE: POSSIBLE}
_TRAVELLER = "subjects.0."


@dataclass(frozen=True, slots=True)
class Hit:
    """A match of POSSIBLE or better."""

    entry_id: str
    band: Band
    score: float
    """Between 0 and 1, as `compare_pair` gives it."""
    explanation: str


class _Version(NamedTuple):
    """The first version of an entry, which most lists hold alone: less than a History, until there is a second."""

    version: int
    content: bytes
    event_id: str
    sha256: bytes

    def history(self, next_source: Source) -> History:
        """The history with this version, as it was before the record at `next_source`."""
        source = next_source.model_copy(update={"offset": 0, "sha256": self.sha256})
        return judge(History(), source, self.event_id, self.version, self.content).history


class ScreenedList:
    """Watchlist entries of one mode, for travellers who are met at one time."""

    def __init__(self, at: datetime, mode: Mode, participants: Participants, *, now: datetime | None = None) -> None:
        """`at` is when the travellers are met: entries that are not valid then raise nothing. `now` (default: the same)
        is when list and travellers are received: nothing may be later.
        """
        codec = Codec(LocalSchemaIds())
        self._encode = codec.encode
        self._gate = Gate(participants.without_signatures(), codec.decode)
        self._now = millis(now or at)
        self._mode = mode
        self._context = _context(at, mode)
        self._index = PersonIndex()
        self._entries: dict[str, WatchlistEntry] = {}
        self._by_number: defaultdict[str, set[str]] = defaultdict(set)
        self._ends: dict[str, bool] = {}
        """Of each entry: would what is linked to it have ended with it?"""
        self._first: dict[str, _Version] = {}
        self._histories: dict[str, History] = {}
        self._offset = 0

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: WatchlistEntry) -> Problem | None:
        """Take in an entry, or say why the pipeline would refuse it.

        One that raises no alert at this time (suspended, expired, of another mode) is taken and never found.
        """
        try:
            data = self._encode(entry)
        except (TypeError, ValueError, OverflowError, struct.error):
            return Problem(RejectReason.INVALID_FIELD, "", "a value does not fit the schema")
        topic, key = topics.watchlist(entry.producer), entry.entry_id.encode(errors="surrogatepass")
        self._offset += 1
        (said,) = self._gate.process(topic, 0, self._offset, self._now, key, data)
        if isinstance(said.message, Reject):
            return Problem(said.message.reason, said.message.place, said.message.detail)
        return self._take(said.key, said.message) if isinstance(said.message, GatedEntry) else None

    def raises_alerts(self, entry: WatchlistEntry) -> bool:
        """Does the entry itself raise alerts at this time (active, valid, of this mode)?"""
        return raises_alerts(entry, self._context)

    def search(self, met: Subject) -> list[Hit]:
        """Every match of a traveller, best first."""
        said = self._index.weigh(met)
        found = set(said)
        for number in reference_numbers(self._mode, met):
            found |= self._by_number.get(number, set())
        hits = []
        for key in sorted(found):
            linked = linked_key(self._entries[key])
            if linked is not None and self._ends.get(linked, False):
                continue
            match = decide(met, self._entries[key], said.get(key))
            if match is not None:
                score = round(probability(max(match.score, _AT_LEAST[match.band])), 6)
                hit = Hit(self._entries[key].entry_id, match.band, score, explained(match.evidence))
                hits.append((_BEST_FIRST[match.band], -match.score, key, hit))
        return [hit for *_, hit in sorted(hits, key=lambda ranked: ranked[:3])]

    def refuses(self, met: Subject) -> Problem | None:
        """Why the gate would refuse an incident about this traveller; None where it would not."""
        for problem in fields(met, _TRAVELLER):
            return problem
        return next(checks_items.subject(met, _TRAVELLER, self._now), None)

    def _take(self, key: str, gated: GatedEntry) -> Problem | None:
        entry = gated.entry
        first = self._first.get(key)
        if first is None:
            self._first[key] = _Version(entry.entry_version, gated.content, entry.event_id, gated.source.sha256)
        else:
            history = self._histories.get(key) or first.history(gated.source)
            version = judge(history, gated.source, entry.event_id, entry.entry_version, gated.content)
            self._histories[key] = version.history
            if version.standing is not Standing.NEWER:
                return Problem(version.reason, version.place, version.detail) if version.reason else None
        self._forget(key)
        expired = entry.expires_at is not None and entry.expires_at <= self._context.occurred_at
        self._ends[key] = entry.status in ENDED or expired
        if self.raises_alerts(entry):
            self._entries[key] = entry
            if entry.subject is not None:
                self._index.put(key, entry.subject)
            for number in _numbers(self._mode, entry):
                self._by_number[number].add(key)
        return None

    def _forget(self, key: str) -> None:
        before = self._entries.pop(key, None)
        if before is not None:
            self._index.remove(key)
            for number in _numbers(self._mode, before):
                self._by_number[number].discard(key)


def _numbers(mode: Mode, entry: WatchlistEntry) -> frozenset[str]:
    item = entry.subject or entry.object
    return reference_numbers(mode, item) if item is not None else frozenset()


def _context(at: datetime, mode: Mode) -> IncidentContext:
    return IncidentContext(
        producer="",
        incident_id="",
        incident_version=1,
        exercise=mode,
        incident_type=IncidentType.BORDER_CHECK,
        occurred_at=at,
        zone="UTC",
        location=Location(country="", mode=CrossingMode.UNKNOWN),
        detained=False,
        detention_basis=DetentionBasis.NONE,
        handling=Handling(),
        passed_at=at,
    )
