"""An entry probes the window: which of the incidents that are kept could be about it, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemas import topics
from schemas.internal import Continue, Probe
from streams.stages import keys
from streams.stages.announcing import Announcing, cost_of
from streams.stages.contract import Send, State
from streams.stages.rules import SightingsRules
from streams.stages.sightings_state import ITEMS
from streams.stages.watchlist import Watchlist
from streams.stages.window import Window

PROBE_WORK = "probe"
"""Kind of Continue: the entry `key` at `version` was found for the items `keys`; those of them that still stand."""


class Probing:
    """Probes of one partition of sightings."""

    def __init__(
        self,
        partition: int,
        watchlist: Watchlist,
        window: Window,
        announcing: Announcing,
        rules: SightingsRules,
        counts: Counter[str],
    ) -> None:
        """`watchlist` is the worker's; `counts` is added to."""
        self._partition = partition
        self._watchlist = watchlist
        self._window = window
        self._announcing = announcing
        self._rules = rules
        self._counts = counts

    def probe(self, state: State, probe: Probe) -> list[Send]:
        """Search the window for each listed entry; those that are too many for one step go on as a Probe."""
        said: list[Send] = []
        work = 0
        for place, listed in enumerate(probe.entries):
            if work >= self._rules.fan_out:
                rest = Probe(entries=probe.entries[place:])
                return [*said, Send(topics.SIGHTINGS, listed.entry_key, rest, self._partition)]
            found = self._search(state, listed.entry_key, listed.entry_version)
            said += found
            work += max(cost_of(self._watchlist.subject(listed.entry_key)), len(found))
        return said

    def go_on(self, state: State, rest: Continue) -> list[Send]:
        """The rest of what a search found, unless a Probe of a newer version has come or will."""
        if self._watchlist.version(rest.key) > rest.version:
            return []
        return self._found(state, rest.key, rest.keys)

    def _search(self, state: State, entry_key: str, version: int) -> list[Send]:
        subject = self._watchlist.subject(entry_key)
        if subject is None:
            return []
        places, most = self._window.search(keys.mode_of(entry_key), subject), self._rules.fan_out
        said = self._found(state, entry_key, places[:most])
        for at in range(most, len(places), most):
            self._counts["continued"] += 1
            rest = Continue(work=PROBE_WORK, key=entry_key, version=version, keys=tuple(places[at : at + most]))
            said.append(Send(topics.SIGHTINGS, entry_key, rest, self._partition))
        return said

    def _found(self, state: State, entry_key: str, places: Sequence[str]) -> list[Send]:
        said: list[Send] = []
        for place in places:
            sighted = state.get(ITEMS, place)
            if sighted is not None and sighted.kept:
                (key, item_id) = keys.split(place)
                said += self._announcing.heard_of(state, key, item_id, entry_key, sighted)
        return said
