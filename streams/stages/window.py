"""The window of sightings: which incidents an entry can still find, for how long, and how they are forgotten.

An incident is KEPT until its window is over (or the row budget makes it leave early), then HELD for a while for
answers that are under way, then a FOOTPRINT for corrections, then gone. Leaving takes back the References and tells
`cases` nothing: what was alerted stays so.
"""

from __future__ import annotations

from itertools import islice

from schemas import topics
from schemas.codes import Mode
from schemas.internal import Reference, Side
from schemas.subjects import Subject
from streams.stages import keys
from streams.stages.contract import Millis, Send, State, T, Table
from streams.stages.errors import BrokenState
from streams.stages.persons import PersonsByMode
from streams.stages.rules import SightingsRules
from streams.stages.sightings_state import (
    ANNOUNCED,
    FADING,
    INCIDENTS,
    ITEMS,
    LEAVING,
    TOTALS,
    Life,
    SightedIncident,
    SightedItem,
    WindowDue,
    WindowTotals,
)

_DUE_AT_ONCE = 50
"""Incidents whose deadline one step looks at."""
_EARLY_AT_ONCE = 20
"""Incidents that one step makes leave early: more than one comes in, so the budget is kept."""


class Window:
    """The items of one partition that are kept, their index by name, and the deadlines of every incident."""

    def __init__(self, rules: SightingsRules) -> None:
        self._rules = rules
        self._persons = PersonsByMode()
        self.totals = WindowTotals()
        """As of the last step, for metrics."""

    def restore(self, state: State) -> None:
        """Rebuild the index by name."""
        self._persons = PersonsByMode()
        for place, item in state.scan(ITEMS):
            if item.kept and item.subject is not None:
                self._persons.put(place, item.subject)
        self.totals = state.get(TOTALS, "") or WindowTotals()

    def search(self, mode: Mode, subject: Subject) -> list[str]:
        """Places (incident key, item id) of kept subjects that `subject` could match by name, ascending."""
        return self._persons.search(mode, subject)

    def set_item(self, state: State, place: str, item: SightedItem) -> list[Send]:
        """Make `item` what is known at `place` (incident key, item id); says which numbers came and went.

        An item that is not kept shows its numbers once, to find the entries that have them, and takes them back.
        """
        before = state.get(ITEMS, place) or SightedItem()
        state.put(ITEMS, place, item)
        self._index(place, before, item)
        if before.kept != item.kept:
            self._count(state, 1 if item.kept else -1)
        held, wanted = set(before.numbers if before.kept else ()), set(item.numbers)
        gone = held - wanted if item.kept else held | wanted
        said = [self._reference(place, number, True) for number in sorted(wanted - held)]
        return said + [self._reference(place, number, False) for number in sorted(gone)]

    def _index(self, place: str, before: SightedItem, item: SightedItem) -> None:
        if item.kept and item.subject is not None:
            if before.subject != item.subject or not before.kept:
                self._persons.put(place, item.subject)
        elif before.kept:
            self._persons.remove(place)

    def _count(self, state: State, more: int) -> None:
        totals = state.get(TOTALS, "") or WindowTotals()
        self._put_totals(state, totals.model_copy(update={"rows": totals.rows + more}))

    def _put_totals(self, state: State, totals: WindowTotals) -> None:
        state.put(TOTALS, "", totals)
        self.totals = totals

    @staticmethod
    def _reference(place: str, number: str, present: bool) -> Send:
        (incident_key, item_id) = keys.split(place)
        reference = Reference(side=Side.INCIDENT, key=incident_key, item_id=item_id, number=number, present=present)
        return Send(topics.IDENTIFIERS, number, reference)

    def reschedule(self, state: State, key: str, before: SightedIncident | None, after: SightedIncident | None) -> None:
        """Make `after` what is known of the incident `key` (None: nothing), and its deadline the one that counts."""
        if before is not None:
            table, place = _deadline(key, before)
            state.delete(table, place)
        if after is None:
            state.delete(INCIDENTS, key)
            return
        state.put(INCIDENTS, key, after)
        table, place = _deadline(key, after)
        state.put(table, place, WindowDue())

    def pass_time(self, state: State, now: Millis) -> tuple[list[Send], bool]:
        """Do what is due at `now`, at most about a step's worth; True: there is more to do."""
        said: list[Send] = []
        work = 0
        for table in (LEAVING, FADING):
            for place in [place for place, _ in islice(state.scan(table), _DUE_AT_ONCE)]:
                (at, key) = keys.split(place)
                if int(at) > now:
                    break
                if work == _DUE_AT_ONCE - 1 or len(said) >= self._rules.fan_out:
                    return said, True
                work += 1
                step = self._leave if table is LEAVING else self._fade
                (more, done) = step(state, key, now)
                said += more
                if not done:
                    return said, True
        return said, False

    def make_room(self, state: State, now: Millis) -> list[Send]:
        """Let the oldest incidents leave while there are more rows than the budget has."""
        said: list[Send] = []
        if self.totals.rows <= self._rules.rows:
            return said
        for place in [place for place, _ in islice(state.scan(LEAVING), _EARLY_AT_ONCE)]:
            if self.totals.rows <= self._rules.rows or len(said) >= self._rules.fan_out:
                break
            key = keys.split(place)[1]
            occurred_at = _known(state, key).occurred_at
            said += self._leave(state, key, now)[0]
            totals = self.totals
            if occurred_at > totals.left_early:
                self._put_totals(state, totals.model_copy(update={"left_early": occurred_at}))
        return said

    def horizon(self, now: Millis) -> Millis:
        """How far back the window can look at `now`: incidents that happened before are not found by later entries."""
        return max(now - self._rules.window, self.totals.left_early)

    def _leave(self, state: State, key: str, now: Millis) -> tuple[list[Send], bool]:
        said: list[Send] = []
        for place, item in list(state.scan(ITEMS, keys.joined(key, ""))):
            if not item.kept:
                continue
            if len(said) >= self._rules.fan_out:
                return said, False
            state.put(ITEMS, place, item.model_copy(update={"kept": False}))
            self._index(place, item, SightedItem())
            self._count(state, -1)
            said += [self._reference(place, number, False) for number in item.numbers]
        known = _known(state, key)
        held = {"life": Life.HELD, "next_at": now + self._rules.snapshot}
        self.reschedule(state, key, known, known.model_copy(update=held))
        return said, True

    def _fade(self, state: State, key: str, now: Millis) -> tuple[list[Send], bool]:
        known = _known(state, key)
        if known.life is Life.FOOTPRINT:
            return [], self._forget(state, key, known)
        if known.pending:  # its items still have their turn: look again later
            again = known.model_copy(update={"next_at": now + self._rules.snapshot})
            self.reschedule(state, key, known, again)
            return [], True
        work = 0
        for place, item in list(state.scan(ITEMS, keys.joined(key, ""))):
            if item == SightedItem():
                continue
            if work >= self._rules.fan_out:
                return [], False
            work += 1
            if next(state.scan(ANNOUNCED, keys.joined(place, "")), None) is None:
                state.delete(ITEMS, place)
            else:
                state.put(ITEMS, place, SightedItem())
        ends = max(now, known.passed_at + self._rules.footprint)
        faded = {"life": Life.FOOTPRINT, "context": None, "next_at": ends}
        self.reschedule(state, key, known, known.model_copy(update=faded))
        return [], True

    def _forget(self, state: State, key: str, known: SightedIncident) -> bool:
        if not self._clear(state, ANNOUNCED, key) or not self._clear(state, ITEMS, key):
            return False
        self.reschedule(state, key, known, None)
        return True

    def _clear(self, state: State, table: Table[T], key: str) -> bool:
        places = [place for place, _ in islice(state.scan(table, keys.joined(key, "")), self._rules.fan_out)]
        for place in places:
            state.delete(table, place)
        return len(places) < self._rules.fan_out


def _deadline(key: str, known: SightedIncident) -> tuple[Table[WindowDue], str]:
    return LEAVING if known.life is Life.KEPT else FADING, keys.joined(f"{known.next_at:015d}", key)


def _known(state: State, key: str) -> SightedIncident:
    known = state.get(INCIDENTS, key)
    if known is None:
        raise BrokenState("a deadline without its incident")
    return known
