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
from schemas.internal import Candidate, Continue, Found, GatedIncident, IncidentContext, Probe, Tick
from schemas.model import millis, timestamp
from schemas.subjects import Object, Subject
from streams.matching import reference_numbers
from streams.stages import keys
from streams.stages.contract import Millis, Received, Send, Stage, State
from streams.stages.errors import BrokenState, UnexpectedMessage
from streams.stages.rejects import reject
from streams.stages.rules import SightingsRules
from streams.stages.sightings_state import (
    ANNOUNCED,
    INCIDENTS,
    ITEMS,
    PENDING,
    Announced,
    Life,
    PendingIncident,
    SightedIncident,
    SightedItem,
)
from streams.stages.versions import History, Standing, judge
from streams.stages.watchlist import Watchlist
from streams.stages.window import Window

ITEMS_WORK = "items"
"""Kind of Continue: go on with the items of an incident (`key`) at `version`, after the pair `after`."""
PROBE_WORK = "probe"
"""Kind of Continue: go on searching the window for an entry (`key`) at `version`, after the item `after`."""
DUE_WORK = "due"
"""Kind of Continue: go on with what is due."""

_ITEM_COST = 10
"""What looking at an item or a listed entry counts for beside the outputs of a step."""


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
                return self._probe(state, probe)
            case Continue(work="items") as rest:
                return self._more_items(state, rest)
            case Continue(work="probe") as rest:
                return self._more_probing(state, rest)
            case Tick() | Continue(work="due"):
                return self._tick(state, now)
            case other:
                raise UnexpectedMessage(self.name, other)

    # An incident's version

    def _incident(self, state: State, gated: GatedIncident, passed_at: Millis, now: Millis) -> list[Send]:
        incident, source = gated.incident, gated.source
        key = keys.incident_key(incident.exercise, incident.producer, incident.incident_id)
        known = state.get(INCIDENTS, key)
        history = known.history if known is not None else History()
        judged = judge(history, source, incident.event_id, incident.incident_version, gated.content)
        self.counts[judged.standing.lower()] += 1
        occurred_at = millis(incident.occurred_at)
        if judged.standing is Standing.NEWER:
            if known is None and incident.incident_version > 1 and occurred_at < passed_at - self._rules.footprint:
                detail = "a correction of an incident that happened too long ago to be known any more"
                return [reject(self.name, source, RejectReason.TOO_OLD, "occurred_at", detail, incident.event_id)]
            return self._accept(state, key, known, judged.history, incident, passed_at, now)
        if known is not None and judged.history != history:
            state.put(INCIDENTS, key, known.model_copy(update={"history": judged.history}))
        if judged.reason is None:
            return []
        place = "incident_version" if judged.place == "version" else judged.place
        return [reject(self.name, source, judged.reason, place, judged.detail, incident.event_id)]

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
        return self._items(state, key, known, incident, "") + self._window.make_room(state, now)

    def _more_items(self, state: State, rest: Continue) -> list[Send]:
        known, pending = state.get(INCIDENTS, rest.key), state.get(PENDING, rest.key)
        if known is None or pending is None or known.history.version != rest.version:
            return []  # overtaken
        return self._items(state, rest.key, known, pending.incident, rest.after)

    def _items(self, state: State, key: str, known: SightedIncident, incident: Incident, after: str) -> list[Send]:
        """Look at the items one after the other, from the pair `after` on; what is too much goes on by a Continue."""
        said: list[Send] = []
        work = 0
        (start, announced) = keys.split(after) if after else ("", "")
        items = _items_of(incident)
        known_ids = {keys.split(place)[1] for place, _ in state.scan(ITEMS, keys.joined(key, ""))}
        for item_id in sorted(item_id for item_id in {*items, *known_ids} if item_id >= start):
            begun = item_id == start and announced != ""
            if not begun and work >= self._rules.fan_out:
                return said + self._pause(state, key, known, incident, keys.joined(item_id, ""))
            place, item = keys.joined(key, item_id), items.get(item_id)
            if not begun:
                said += self._window.set_item(state, place, self._sighted(key, known, item))
                work = max(work + _ITEM_COST, len(said))
            last = announced if begun else ""
            for entry_key in self._entries(state, key, place, item, last):
                if len(said) >= self._rules.fan_out and last:
                    return said + self._pause(state, key, known, incident, keys.joined(item_id, last))
                said.append(self._announce(state, key, known, item_id, entry_key, item))
                last = entry_key
            work = max(work, len(said))
            if item is None:
                state.delete(ITEMS, place)
        if known.pending:
            state.delete(PENDING, key)
            state.put(INCIDENTS, key, known.model_copy(update={"pending": False}))
        return said

    def _pause(self, state: State, key: str, known: SightedIncident, incident: Incident, after: str) -> list[Send]:
        if not known.pending:
            state.put(PENDING, key, PendingIncident(incident=incident))
            state.put(INCIDENTS, key, known.model_copy(update={"pending": True}))
        self.counts["continued"] += 1
        return [self._continue(Continue(work=ITEMS_WORK, key=key, version=known.history.version, after=after))]

    def _sighted(self, key: str, known: SightedIncident, item: Subject | Object | None) -> SightedItem:
        if item is None:
            return SightedItem(version=known.history.version)
        return SightedItem(
            version=known.history.version,
            subject=item if isinstance(item, Subject) else None,
            object=item if isinstance(item, Object) else None,
            numbers=tuple(sorted(reference_numbers(keys.mode_of(key), item))),
            kept=known.life is Life.KEPT,
        )

    def _entries(self, state: State, key: str, place: str, item: Subject | Object | None, after: str) -> list[str]:
        """Entries greater than `after` that must hear of the item: those on the list, and those that heard before."""
        found = self._watchlist.search(keys.mode_of(key), item) if isinstance(item, Subject) else []
        prefix = keys.joined(place, "")
        remembered = (heard.removeprefix(prefix) for heard, _ in state.scan(ANNOUNCED, prefix, prefix + after))
        return sorted({*(entry for entry in found if entry > after), *remembered})

    def _announce(
        self,
        state: State,
        key: str,
        known: SightedIncident,
        item_id: str,
        entry_key: str,
        item: Subject | Object | None,
    ) -> Send:
        heard = keys.joined(key, item_id, entry_key)
        if item is None:
            state.delete(ANNOUNCED, heard)  # should it come back, it is sought anew
        elif state.get(ANNOUNCED, heard) is None:
            state.put(ANNOUNCED, heard, Announced())
        self.counts["candidates"] += 1
        if known.context is None:
            raise BrokenState("an incident that is more than a footprint has no context")
        candidate = Candidate(
            entry_key=entry_key,
            incident_key=key,
            item_id=item_id,
            context=known.context,
            subject=item if isinstance(item, Subject) else None,
            object=item if isinstance(item, Object) else None,
        )
        return Send(topics.CASES, entry_key, candidate)

    # What entries say

    def _found(self, state: State, found: Found) -> list[Send]:
        item = state.get(ITEMS, keys.joined(found.incident_key, found.item_id))
        if item is None or found.number not in item.numbers:
            self.counts["found_gone"] += 1
            return []
        return self._heard_of(state, found.incident_key, found.item_id, found.entry_key, item)

    def _heard_of(self, state: State, key: str, item_id: str, entry_key: str, item: SightedItem) -> list[Send]:
        """An entry was found for an item. An item whose turn in the newest version is still to come tells it then."""
        known = state.get(INCIDENTS, key)
        if known is None:
            raise BrokenState("an item without its incident")
        if item.version < known.history.version:
            state.put(ANNOUNCED, keys.joined(key, item_id, entry_key), Announced())
            return []
        return [self._announce(state, key, known, item_id, entry_key, item.subject or item.object)]

    def _probe(self, state: State, probe: Probe) -> list[Send]:
        said: list[Send] = []
        work = 0
        for place, listed in enumerate(probe.entries):
            if work >= self._rules.fan_out:
                rest = Probe(entries=probe.entries[place:])
                return [*said, Send(self.name, listed.entry_key, rest, self._partition)]
            said += self._search_window(state, listed.entry_key, listed.entry_version, "")
            work = max(work + _ITEM_COST, len(said))
        return said

    def _more_probing(self, state: State, rest: Continue) -> list[Send]:
        if self._watchlist.version(rest.key) > rest.version:
            return []  # overtaken: a Probe of the newer version has come or will
        return self._search_window(state, rest.key, rest.version, rest.after)

    def _search_window(self, state: State, entry_key: str, version: int, after: str) -> list[Send]:
        subject = self._watchlist.subject(entry_key)
        if subject is None:
            return []
        said: list[Send] = []
        last = after
        for place in self._window.search(keys.mode_of(entry_key), subject):
            if place <= after:
                continue
            if len(said) >= self._rules.fan_out:
                self.counts["continued"] += 1
                return [*said, self._continue(Continue(work=PROBE_WORK, key=entry_key, version=version, after=last))]
            (key, item_id) = keys.split(place)
            item = state.get(ITEMS, place)
            if item is not None and item.kept:
                said += self._heard_of(state, key, item_id, entry_key, item)
            last = place
        return said

    # Time

    def _tick(self, state: State, now: Millis) -> list[Send]:
        (said, more) = self._window.pass_time(state, now)
        return [*said, self._continue(Continue(work=DUE_WORK, key=""))] if more else said

    def _continue(self, rest: Continue) -> Send:
        return Send(self.name, rest.key or rest.work, rest, self._partition)


def _items_of(incident: Incident) -> dict[str, Subject | Object]:
    items: dict[str, Subject | Object] = {subject.subject_id: subject for subject in incident.subjects}
    return items | {thing.object_id: thing for thing in incident.objects}


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
