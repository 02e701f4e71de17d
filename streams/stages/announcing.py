"""Which entries an item of an incident is told to: those that the search finds and all that heard of it before.

An item's turn in a version is one step: it is searched for once, remembered as it is now, and told to as many entries
as a step may touch. The rest goes on by Continue records that carry what was found, so nothing is searched twice; one
that a newer version has overtaken is dropped, for that version tells everybody anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from schemas import topics
from schemas.events import Incident
from schemas.internal import Candidate, Continue
from schemas.subjects import Object, Subject
from streams.matching import reference_numbers
from streams.stages import keys
from streams.stages.contract import Send, State
from streams.stages.errors import BrokenState
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
from streams.stages.watchlist import Watchlist
from streams.stages.window import Window

ITEMS_WORK = "items"
"""Kind of Continue: go on with the items of an incident (`key`) at `version`, from the item `after` on."""
ENTRIES_WORK = "entries"
"""Kind of Continue: tell the item `detail` of an incident (`key`) at `version` to the entries `keys`."""
REMEMBERED_WORK = "remembered"
"""Kind of Continue: tell the item `detail` of an incident (`key`) at `version` to all that heard, beyond `after`."""

Item = Subject | Object


def cost_of(item: Item | None) -> int:
    """What searching for `item` counts for beside the outputs of a step: a search is as long as there are words."""
    return 4 + sum(len(name.full.split()) for name in item.names) if isinstance(item, Subject) else 4


class Announcing:
    """Items of the incidents of one partition, told to entries."""

    def __init__(
        self, partition: int, watchlist: Watchlist, window: Window, rules: SightingsRules, counts: Counter[str]
    ) -> None:
        """`watchlist` is the worker's; `counts` is added to."""
        self._partition = partition
        self._watchlist = watchlist
        self._window = window
        self._rules = rules
        self._counts = counts

    def begin(self, state: State, key: str, known: SightedIncident, incident: Incident) -> list[Send]:
        """Look at the items of a new version, whose `known` is stored already, one after the other."""
        said = self._items(state, key, known, incident, "")
        self._settle(state, key, known, said)
        return said

    def go_on(self, state: State, rest: Continue) -> list[Send]:
        """Do what was too much for one step, unless a newer version has overtaken it."""
        known = state.get(INCIDENTS, rest.key)
        if known is None or known.history.version != rest.version:
            return []
        known = known.model_copy(update={"pending": known.pending - 1})
        match rest.work:
            case "items":
                pending = state.get(PENDING, rest.key)
                if pending is None:
                    raise BrokenState("the rest of an incident's items without the incident")
                said = self._items(state, rest.key, known, pending.incident, rest.after)
            case "entries":
                said = self._tell(state, rest.key, known, rest.detail, self._item(state, rest), rest.keys)
            case _:
                said = self._remembered(state, rest.key, known, rest.detail, self._item(state, rest), rest.after)
        self._settle(state, rest.key, known, said)
        return said

    def heard_of(self, state: State, key: str, item_id: str, entry_key: str, sighted: SightedItem) -> list[Send]:
        """An entry was found for an item. An item whose turn in the newest version is still to come tells it then."""
        known = state.get(INCIDENTS, key)
        if known is None:
            raise BrokenState("an item without its incident")
        if sighted.version < known.history.version:
            heard = keys.joined(key, item_id, entry_key)
            if state.get(ANNOUNCED, heard) is None:
                state.put(ANNOUNCED, heard, Announced())
            return []
        return [self._announce(state, key, known, item_id, entry_key, sighted.subject or sighted.object)]

    def _items(self, state: State, key: str, known: SightedIncident, incident: Incident, start: str) -> list[Send]:
        said: list[Send] = []
        work = 0
        items = _items_of(incident)
        known_ids = {keys.split(place)[1] for place, _ in state.scan(ITEMS, keys.joined(key, ""))}
        for item_id in sorted(item_id for item_id in {*items, *known_ids} if item_id >= start):
            if work >= self._rules.fan_out:
                if not start:
                    state.put(PENDING, key, PendingIncident(incident=incident))
                rest = Continue(work=ITEMS_WORK, key=key, version=known.history.version, after=item_id)
                return [*said, self._continue(rest)]
            turn = self._turn(state, key, known, item_id, items.get(item_id), self._rules.fan_out - work)
            said += turn
            work += max(cost_of(items.get(item_id)), len(turn))
        if start:
            state.delete(PENDING, key)
        return said

    def _turn(
        self, state: State, key: str, known: SightedIncident, item_id: str, item: Item | None, room: int
    ) -> list[Send]:
        """The turn of one item: what it is now, its numbers, and whom of the list and of those who heard it tells."""
        place = keys.joined(key, item_id)
        said = self._window.set_item(state, place, _sighted(key, known, item))
        found = self._watchlist.search(keys.mode_of(key), item) if isinstance(item, Subject) else []
        said += self._tell(state, key, known, item_id, item, found[:room])
        most = self._rules.fan_out
        for at in range(room, len(found), most):
            rest = Continue(
                work=ENTRIES_WORK,
                key=key,
                version=known.history.version,
                detail=item_id,
                keys=tuple(found[at : at + most]),
            )
            said.append(self._continue(rest))
        return said + self._remembered(state, key, known, item_id, item, "")

    def _tell(
        self,
        state: State,
        key: str,
        known: SightedIncident,
        item_id: str,
        item: Item | None,
        entries: Sequence[str],
    ) -> list[Send]:
        """Tell the item to those of `entries` that have not heard of it in this version."""
        said = []
        for entry_key in entries:
            heard = state.get(ANNOUNCED, keys.joined(key, item_id, entry_key))
            if heard is None or heard.version < known.history.version:
                said.append(self._announce(state, key, known, item_id, entry_key, item))
        return said

    def _remembered(
        self, state: State, key: str, known: SightedIncident, item_id: str, item: Item | None, after: str
    ) -> list[Send]:
        """Tell the item to those that heard of it in an earlier version, beyond `after`; ABSENT is forgotten then."""
        prefix, most = keys.joined(key, item_id, ""), self._rules.fan_out
        places = [place for place, _ in islice(state.scan(ANNOUNCED, prefix, prefix + after), most + 1)]
        entries = [place.removeprefix(prefix) for place in places]
        said = self._tell(state, key, known, item_id, item, entries[:most])
        if len(entries) > most:
            version, last = known.history.version, entries[most - 1]
            rest = Continue(work=REMEMBERED_WORK, key=key, version=version, detail=item_id, after=last)
            said.append(self._continue(rest))
        elif item is None:
            state.delete(ITEMS, keys.joined(key, item_id))
        return said

    def _announce(
        self, state: State, key: str, known: SightedIncident, item_id: str, entry_key: str, item: Item | None
    ) -> Send:
        heard, version = keys.joined(key, item_id, entry_key), known.history.version
        if item is None:
            state.delete(ANNOUNCED, heard)  # should it come back, it is sought anew
        else:
            state.put(ANNOUNCED, heard, Announced(version=version))
        self._counts["candidates"] += 1
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

    def _item(self, state: State, rest: Continue) -> Item | None:
        sighted = state.get(ITEMS, keys.joined(rest.key, rest.detail))
        return (sighted.subject or sighted.object) if sighted is not None else None

    def _settle(self, state: State, key: str, known: SightedIncident, said: Sequence[Send]) -> None:
        """Note how many Continue records of the version are under way: until none is, the incident may not fade."""
        more = sum(isinstance(send.message, Continue) for send in said)
        self._counts["continued"] += more
        known = known.model_copy(update={"pending": known.pending + more})
        if known != state.get(INCIDENTS, key):
            state.put(INCIDENTS, key, known)

    def _continue(self, rest: Continue) -> Send:
        return Send(topics.SIGHTINGS, rest.key, rest, self._partition)


def _sighted(key: str, known: SightedIncident, item: Item | None) -> SightedItem:
    if item is None:
        return SightedItem(version=known.history.version)
    return SightedItem(
        version=known.history.version,
        subject=item if isinstance(item, Subject) else None,
        object=item if isinstance(item, Object) else None,
        numbers=tuple(sorted(reference_numbers(keys.mode_of(key), item))),
        kept=known.life is Life.KEPT,
    )


def _items_of(incident: Incident) -> dict[str, Item]:
    items: dict[str, Item] = {subject.subject_id: subject for subject in incident.subjects}
    return items | {thing.object_id: thing for thing in incident.objects}
