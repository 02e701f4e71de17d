"""A list kept in step: what must be said so that what is published of it is what its file says. Pure.

Of each entry that is published under the list's name, or that the file holds:
- not published yet: added, as the file says it;
- published otherwise (leaving out what names, dates or signs the message): changed, with the next higher version;
- published and live, but not in the file: withdrawn, with the next higher version;
- published and the same: nothing;
- published, the same, and refused: said again, with the next higher version.

An entry that was erased has spent its id: nothing of it is published again. An entry_id that is published
under another list's name, or in another mode, is refused: two lists would take turns in withdrawing it. One that is
published under no name becomes the list's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from producers.errors import ProducerError
from producers.importers.results import RefusedRow
from schemas.codes import EntryStatus, Mode
from schemas.events import LAST_VERSION, WatchlistEntry

LARGEST_SHARE = 0.05
"""Share of a list's live entries that a file may take off without being asked about."""
LARGEST_NUMBER = 50
"""And how many."""
ENDED = frozenset(
    {EntryStatus.WITHDRAWN, EntryStatus.CANCELLED, EntryStatus.EXPIRED, EntryStatus.EXECUTED, EntryStatus.DELETED}
)
"""Entries that raise no alert again: nothing is left to withdraw."""
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_SAYS_NOTHING = {
    "event_id": "",
    "entry_version": 1,
    "occurred_at": _NO_TIME,
    "recorded_at": _NO_TIME,
    "supersedes": None,
    "delegation": None,
}
"""What differs from message to message that say the same."""


class IncompleteList(ProducerError):
    """The file does not hold the whole list: what it lacks would be withdrawn. Mend the file."""


class TooManyWithdrawn(ProducerError):
    """The file would take more entries off the list than goes without saying. Say that it is meant."""

    def __init__(self, withdrawn: int, live: int) -> None:
        super().__init__(
            f"{withdrawn} of the list's {live} entries are not in the file and would be withdrawn, which is more than"
            f" {LARGEST_SHARE:.0%} or {LARGEST_NUMBER} entries; nothing was published. Is the file whole? If it is"
            f" meant: --allow-withdraw {withdrawn}"
        )
        self.withdrawn = withdrawn
        self.live = live


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """What a participant's own topic says of one entry_id."""

    entry: WatchlistEntry
    """The message with the highest version."""
    in_order: bool = True
    """Was it also the last? Otherwise compaction keeps a lower version, and the entry has to be said again."""
    believed: bool = True
    """Was it taken in, as far as can be told? Otherwise it was refused: whatever it says has to be said again."""
    before: WatchlistEntry | None = None
    """The newest version that was taken in before one that was refused."""

    @property
    def holds(self) -> WatchlistEntry | None:
        """What the pipeline goes by; None: it never took the entry in, or that record is compacted away."""
        return self.entry if self.believed else self.before


@dataclass(slots=True)
class Steps:
    """What is to be published."""

    added: list[WatchlistEntry] = field(default_factory=list)
    changed: list[WatchlistEntry] = field(default_factory=list)
    withdrawn: list[WatchlistEntry] = field(default_factory=list)
    again: list[WatchlistEntry] = field(default_factory=list)
    """What was refused, and stands in the file as it did then."""
    unchanged: int = 0
    live: int = 0
    """Entries of the list that are published and not ended."""
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def events(self) -> list[WatchlistEntry]:
        """Everything to publish. Last what may be refused again: too much of that ends publishing."""
        return [*self.added, *self.changed, *self.withdrawn, *self.again]


def steps(
    published: Mapping[str, PublishedEntry],
    wanted: Iterable[WatchlistEntry],
    *,
    list_name: str,
    exercise: Mode,
    at: datetime,
    event_id: Callable[[], str],
) -> Steps:
    """What to say so that the list holds `wanted` and nothing else. `at` is when entries are withdrawn."""
    made = Steps()
    seen: set[str] = set()
    for raw in wanted:
        entry = raw.model_copy(update={"list_name": list_name, "exercise": exercise})
        if entry.entry_id in seen:
            made.refused.append(RefusedRow(f"entry {entry.entry_id}", "entry_id", "is in the file more than once"))
            continue
        seen.add(entry.entry_id)
        known = published.get(entry.entry_id)
        if known is None:
            made.added.append(entry)
        elif known.holds is not None and (why := _taken(known.holds, list_name, exercise)):
            made.refused.append(RefusedRow(f"entry {entry.entry_id}", "entry_id", why))
        elif (same := _content(known.entry) == _content(entry)) and known.in_order and known.believed:
            made.unchanged += 1
        else:
            version = max(known.entry.entry_version + 1, entry.entry_version)
            more = made.again if same and not known.believed else made.changed
            more.append(entry.model_copy(update={"entry_version": version}))
    for entry_id, known in published.items():
        entry = known.holds or known.entry
        if entry.list_name != list_name or entry.exercise is not exercise or entry.status in ENDED:
            continue
        made.live += 1
        if entry_id not in seen:
            made.withdrawn.append(_withdrawn(entry, known.entry.entry_version + 1, at, event_id()))
    return made


def judge_withdrawals(made: Steps, allowed: int | None) -> None:
    """Raises TooManyWithdrawn when more entries would be withdrawn than goes without saying, or than `allowed`."""
    count = len(made.withdrawn)
    free = count <= LARGEST_NUMBER and count <= LARGEST_SHARE * made.live
    if not free and (allowed is None or count > allowed):
        raise TooManyWithdrawn(count, made.live)


def _content(entry: WatchlistEntry) -> WatchlistEntry:
    return entry.model_copy(update=_SAYS_NOTHING)


def _taken(entry: WatchlistEntry, list_name: str, exercise: Mode) -> str | None:
    if entry.entry_version >= LAST_VERSION:
        return "was erased for good: take it out of the file, or give it an id of its own if somebody else is meant"
    if entry.exercise is not exercise:
        return f"is published already in mode {entry.exercise}: the mode of an entry never changes"
    if entry.list_name not in (None, list_name):
        return f"is published already on the list {entry.list_name!r}: give the entry an id of its own"
    return None


def _withdrawn(entry: WatchlistEntry, version: int, at: datetime, event_id: str) -> WatchlistEntry:
    return entry.model_copy(
        update={
            "event_id": event_id,
            "entry_version": version,
            "status": EntryStatus.WITHDRAWN,
            "occurred_at": at,
            "recorded_at": at,
            "supersedes": None,
            "delegation": None,
        }
    )
