"""The stage sightings: the only one that speaks for an incident.

Whatever finds an entry for an item (the search by name, Found, Probe), the item remembers the entry and sends it a
Candidate with the item as it is now; every new version, and an item that disappears, goes to all that it remembers.
So `cases` hears of a pair from one sender, in order. Whether the pair is a match is not asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemas import topics
from schemas.codes import RejectReason
from schemas.events import Incident
from schemas.internal import Continue, Found, GatedIncident, IncidentContext, Probe, Source, Tick
from schemas.model import millis, timestamp
from streams.stages import keys
from streams.stages.announcing import Announcing
from streams.stages.contract import Millis, Received, Send, Stage, State
from streams.stages.errors import UnexpectedMessage
from streams.stages.probing import Probing
from streams.stages.refusals import remember_refused, was_here_before
from streams.stages.rejects import reject
from streams.stages.rules import SightingsRules
from streams.stages.sightings_state import (
    INCIDENTS,
    ITEMS,
    PENDING,
    Life,
    SightedIncident,
)
from streams.stages.versions import History, Standing, judge
from streams.stages.watchlist import Watchlist
from streams.stages.window import Window

DUE_WORK = "due"
"""Kind of Continue: go on with what is due."""


class Sightings(Stage):
    """One partition of sightings."""

    name = topics.SIGHTINGS

    def __init__(
        self, partition: int, watchlist: Watchlist, partitions: int, rules: SightingsRules | None = None
    ) -> None:
        """`watchlist` is the worker's; `partitions` is P."""
        self._partition = partition
        self._watchlist = watchlist
        self._rules = rules or SightingsRules()
        self._window = Window(self._rules)
        self._waiting: tuple[int, int] | None = None
        self._now: Millis = 0
        self.counts: Counter[str] = Counter()
        """For metrics, since start: what happened, by a closed set of words (`stats` adds how full the window is)."""
        self._announcing = Announcing(partition, watchlist, self._window, self._rules, self.counts)
        self._probing = Probing(partition, watchlist, self._window, self._announcing, self._rules, self.counts)

    def restore(self, state: State) -> None:
        """Rebuild the index by name of what is in the window."""
        self._window.restore(state)

    def stats(self) -> dict[str, int]:
        """Rows in the window, how far back it can look (`horizon`, in milliseconds), and the counts since start."""
        return {"rows": self._window.totals.rows, "horizon": self._window.horizon(self._now), **self.counts}

    def ready(self, received: Received) -> bool:
        """A Probe waits until the worker's watchlist holds its entries at those versions or later ones.

        Or until the list has been read to an end that was asked for after the Probe came: then versions that are
        still not there have been compacted away, and what the list holds is newer than the Probe.
        """
        probe = received.message
        if not isinstance(probe, Probe):
            return True
        if all(self._watchlist.version(listed.entry_key) >= listed.entry_version for listed in probe.entries):
            return True
        if self._waiting is None or self._waiting[0] != received.offset:
            self._waiting = (received.offset, self._watchlist.ask_for_end())
        return self._watchlist.end_reached(self._waiting[1])

    def step(self, state: State, received: Received, now: Millis) -> Sequence[Send]:
        self._now = now
        match received.message:
            case GatedIncident() as gated:
                return self._incident(state, gated, received.timestamp, now)
            case Found() as found:
                return self._found(state, found)
            case Probe() as probe:
                return self._probing.probe(state, probe)
            case Continue(work="items" | "entries" | "remembered") as rest:
                return self._announcing.go_on(state, rest)
            case Continue(work="probe") as rest:
                return self._probing.go_on(state, rest)
            case Tick() | Continue(work="due"):
                return self._tick(state, now)
            case other:
                raise UnexpectedMessage(self.name, other)

    # An incident's version

    def _incident(self, state: State, gated: GatedIncident, passed_at: Millis, now: Millis) -> list[Send]:
        incident, source = gated.incident, gated.source
        key = keys.incident_key(incident.exercise, incident.producer, incident.incident_id)
        known = state.get(INCIDENTS, key)
        happened_at = millis(incident.occurred_at)
        if known is None and incident.incident_version > 1 and happened_at < passed_at - self._rules.footprint:
            return self._too_old(state, source, incident.event_id)
        history = known.history if known is not None else History()
        judged = judge(history, source, incident.event_id, incident.incident_version, gated.content)
        self.counts[judged.standing.lower()] += 1
        if judged.standing is Standing.NEWER:
            return self._accept(state, key, known, judged.history, incident, passed_at, now)
        if known is not None and judged.history != history:
            state.put(INCIDENTS, key, known.model_copy(update={"history": judged.history}))
        if judged.reason is None:
            return []
        place = "incident_version" if judged.place == "version" else judged.place
        return [reject(self.name, source, judged.reason, place, judged.detail, incident.event_id)]

    def _too_old(self, state: State, source: Source, event_id: str) -> list[Send]:
        if was_here_before(state, source):
            self.counts[Standing.REPEAT.lower()] += 1
            return []
        self.counts[Standing.REFUSED.lower()] += 1
        remember_refused(state, source)
        detail = "a correction of an incident that happened too long ago to be known any more"
        return [reject(self.name, source, RejectReason.TOO_OLD, "occurred_at", detail, event_id)]

    def _accept(
        self,
        state: State,
        key: str,
        before: SightedIncident | None,
        history: History,
        incident: Incident,
        passed_at: Millis,
        now: Millis,
    ) -> list[Send]:
        occurred_at = millis(incident.occurred_at)
        keep = passed_at - occurred_at <= self._rules.window
        self.counts["late"] += occurred_at < self._window.horizon(now)
        known = SightedIncident(
            history=history,
            occurred_at=occurred_at,
            passed_at=passed_at,
            context=_context(incident, passed_at),
            life=Life.KEPT if keep else Life.HELD,
            next_at=occurred_at + self._rules.window if keep else now + self._rules.snapshot,
        )
        self._window.reschedule(state, key, before, known)
        if before is not None and before.pending:
            state.delete(PENDING, key)
        return self._announcing.begin(state, key, known, incident) + self._window.make_room(state, now)

    # What entries say

    def _found(self, state: State, found: Found) -> list[Send]:
        item = state.get(ITEMS, keys.joined(found.incident_key, found.item_id))
        if item is None or found.number not in item.numbers:
            self.counts["found_gone"] += 1
            return []
        return self._announcing.heard_of(state, found.incident_key, found.item_id, found.entry_key, item)

    # Time

    def _tick(self, state: State, now: Millis) -> list[Send]:
        (said, more) = self._window.pass_time(state, now)
        return [*said, Send(self.name, DUE_WORK, Continue(work=DUE_WORK, key=""), self._partition)] if more else said


def _context(incident: Incident, passed_at: Millis) -> IncidentContext:
    return IncidentContext(
        producer=incident.producer,
        incident_id=incident.incident_id,
        incident_version=incident.incident_version,
        exercise=incident.exercise,
        incident_type=incident.incident_type,
        occurred_at=incident.occurred_at,
        zone=incident.zone,
        location=incident.location,
        detained=incident.detained,
        detention_basis=incident.detention_basis,
        handling=incident.handling,
        language=incident.language,
        passed_at=timestamp(passed_at),
    )
