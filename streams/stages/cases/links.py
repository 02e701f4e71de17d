"""An object's entry that is linked to a person's ends with it (domain, watchlist entry: retention).

Both belong to one owner and one mode, but each lies in the partition of its own key. So the entry that is linked says
so to the other (Link) whenever that changes, and the other answers, and says again with each version of its own, how
it stands (Ending). Each is said by one partition to one partition, in order, and what an entry says of itself is
judged by nobody else: whichever of the two is published first, in the end the object's entry knows how the newest
version of the person's stands. Until it has heard that, and while nobody has published the other, it has not ended.
"""

from __future__ import annotations

from itertools import islice

from schemas.codes import EntryStatus
from schemas.events import WatchlistEntry
from schemas.internal import Ending, Link
from schemas.topics import CASES
from streams.stages import keys
from streams.stages.cases.records import ENTRIES, FOOTPRINTS, LINKS, LinkedFrom
from streams.stages.cases.running import Step
from streams.stages.contract import Send

ENTRIES_LINKED = "linked"
"""The work of telling the rest of the entries that end with an entry how it stands."""

ENDED = frozenset(
    {
        EntryStatus.WITHDRAWN,
        EntryStatus.CANCELLED,
        EntryStatus.EXPIRED,
        EntryStatus.EXECUTED,
        EntryStatus.DELETED,
    }
)
"""SUSPENDED and DRAFT_IN_REVIEW are no end: the owner may go on with the entry, and the object is still sought."""


def linked_key(entry: WatchlistEntry | None) -> str | None:
    """Key of the entry with which `entry` ends; None: with none. Only an ACTIVE entry about an object is linked."""
    if entry is None or entry.linked_entry is None or entry.object is None:
        return None
    return keys.entry_key(entry.exercise, entry.producer, entry.linked_entry)


def link(step: Step, key: str, before: WatchlistEntry | None, entry: WatchlistEntry) -> None:
    """Say that `entry`, kept at `key` in place of `before`, is linked to another one than before."""
    was, now = linked_key(before), linked_key(entry)
    if was == now:
        return
    for other, present in ((was, False), (now, True)):
        if other is not None:
            step.say(Send(CASES, other, Link(entry_key=key, linked_key=other, present=present)))


def on_link(step: Step, said: Link) -> None:
    """Remember that an entry ends with one of ours, and tell it how that one stands, if it is known."""
    place = keys.joined(said.linked_key, said.entry_key)
    if not said.present:
        step.state.delete(LINKS, place)
        return
    step.state.put(LINKS, place, LinkedFrom())
    _tell(step, said.linked_key, said.entry_key)


def tell_linked(step: Step, key: str, version: int, after: str = "") -> None:
    """Tell the entries that end with `key` how it stands, as many as one step takes; the rest by a Continue record."""
    most = step.setting.rules.links_per_step
    found = list(islice(step.state.scan(LINKS, keys.joined(key, ""), after), most + 1))
    for place, _ in found[:most]:
        _tell(step, key, keys.split(place)[1])
    if len(found) > most:
        step.go_on(ENTRIES_LINKED, key, version, found[most - 1][0])


def _tell(step: Step, key: str, entry_key: str) -> None:
    known, footprint = step.state.get(ENTRIES, key), step.state.get(FOOTPRINTS, key)
    if known is not None:
        ended, expires_at = known.entry.status in ENDED, known.entry.expires_at
    elif footprint is not None:
        ended, expires_at = True, None  # only what was DELETED leaves one
    else:
        return
    step.say(Send(CASES, entry_key, Ending(entry_key=entry_key, linked_key=key, ended=ended, expires_at=expires_at)))
