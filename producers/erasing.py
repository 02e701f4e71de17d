"""The last version of an entry: DELETED, and without whom or what it was about. The owner's own right. Pure.

It is said with the highest version there is, which the gate takes of deletions alone: so it counts whatever was
published before, by whomever, and whatever compaction left of it. And it is said in every mode, because the topic is
compacted by entry_id: a record in one mode removes what stood there of an entry in another.

Nobody hears that a version was taken in; what is refused comes back. So after each deletion something is published that
is refused because of it: another deletion with the same version. VERSION_CONFLICT says that the stage which owns the
entry holds its last version, and that is a deletion. The deletion itself is said once more behind it, the same bytes,
which counts as a duplicate, so that compaction keeps what was taken in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from producers.errors import ProducerError
from producers.list_steps import PublishedEntry
from producers.repairs.collecting import Position
from schemas.alerts import Reject
from schemas.codes import Action, EntryStatus, Instrument, Mode, RejectReason
from schemas.events import LAST_VERSION, WatchlistEntry
from schemas.topics import CASES

_BARE = {
    "subject": None,
    "object": None,
    "remarks": None,
    "linked_entry": None,
    "warnings": (),
    "operation": None,
    "correlation_id": None,
    "supersedes": None,
    "delegation": None,
    "status": EntryStatus.DELETED,
    "entry_version": LAST_VERSION,
}
_ASKED_BEFORE = timedelta(milliseconds=1)
"""What the message that is refused says otherwise: its time."""


class NothingToErase(ProducerError):
    """The owner's topic holds no such entry. See what it holds: tocsin publish watchlist --list --dry-run."""

    def __init__(self, owner: str, entry_id: str) -> None:
        super().__init__(
            f"watchlist.{owner} holds no entry {entry_id!r}, in no mode. If it was published, and something else has"
            " removed it from the topic since: --unseen"
        )


class NotErased(ProducerError):
    """The pipeline refused the deletion: the entry stands as it did. Mend what is said, and erase it again."""

    def __init__(self, entry_id: str, reject: Reject) -> None:
        self.never_an_entry = reject.reason is RejectReason.INVALID_FIELD and reject.place == "entry_id"
        """No entry can have this id: nothing was ever taken in under it."""
        super().__init__(
            f"{entry_id!r} is NOT erased: the stage {reject.stage} refused its deletion as {reject.reason}"
            f" ({reject.place or 'whole event'}: {reject.detail})"
        )


def is_erased(published: PublishedEntry | None) -> bool:
    """Does the owner's topic say already that it is gone for good?"""
    return published is not None and published.holds is not None and published.holds.entry_version == LAST_VERSION


def deletions(
    owner: str, entry_id: str, published: PublishedEntry | None, at: datetime, event_id: Callable[[], str]
) -> list[WatchlistEntry]:
    """What to publish, in this order, so that the entry is gone in every mode; its own mode comes last."""
    holds = published.holds if published is not None else None
    own = holds.exercise if holds is not None else Mode.ACTUAL
    said: list[WatchlistEntry] = []
    for mode in sorted((Mode.ACTUAL, Mode.EXERCISE, Mode.TEST), key=lambda mode: mode is own):
        entry = holds if holds is not None and mode is own else _never_seen(owner, entry_id, mode, at)
        gone = entry.model_copy(update=_BARE | {"event_id": event_id(), "occurred_at": at, "recorded_at": at})
        asks = gone.model_copy(update={"event_id": event_id(), "occurred_at": at - _ASKED_BEFORE})
        said += [gone, asks, gone]
    return said


class Erasing:
    """Whether the entry is gone, from where its deletions stand and what was refused of them."""

    def __init__(self, entry_id: str, places: Mapping[Position, WatchlistEntry]) -> None:
        """`places`: where the broker put what was published."""
        self._entry_id, self._places = entry_id, places
        self._modes = {entry.exercise for entry in places.values()}

    def is_told(self, refused: Mapping[Position, Reject]) -> bool:
        """Has every mode been judged? Raises NotErased when one was refused for another reason than being gone."""
        gone: set[Mode] = set()
        wrong: dict[Mode, list[Reject]] = {}
        for place, entry in self._places.items():
            reject = refused.get(place)
            if reject is None:
                continue
            if reject.reason is RejectReason.VERSION_CONFLICT and reject.stage == CASES:
                gone.add(entry.exercise)
            else:
                wrong.setdefault(entry.exercise, []).append(reject)
        for mode, rejects in wrong.items():
            if mode not in gone and len(rejects) == sum(one.exercise is mode for one in self._places.values()):
                raise NotErased(self._entry_id, rejects[0])
        return gone == self._modes


def _never_seen(owner: str, entry_id: str, mode: Mode, at: datetime) -> WatchlistEntry:
    return WatchlistEntry(
        event_id="",
        producer=owner,
        occurred_at=at,
        recorded_at=at,
        exercise=mode,
        entry_id=entry_id,
        instrument=Instrument.NATIONAL,
        action=Action.INFORM,
    )
