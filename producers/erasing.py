"""The last version of an entry: DELETED, and without whom or what it was about. The owner's own right."""

from __future__ import annotations

from datetime import datetime

from producers.errors import ProducerError
from producers.list_steps import PublishedEntry
from schemas.codes import EntryStatus
from schemas.events import WatchlistEntry

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
}


class NothingToErase(ProducerError):
    """The owner's topic holds no such entry. See what it holds: tocsin publish watchlist --list --dry-run."""

    def __init__(self, owner: str, entry_id: str) -> None:
        super().__init__(f"watchlist.{owner} holds no entry {entry_id!r}, in no mode")


def erased(published: PublishedEntry, at: datetime, event_id: str) -> WatchlistEntry | None:
    """What to say so that the entry is gone; None when that is what was said last."""
    entry = published.entry
    if published.in_order and published.believed and entry == entry.model_copy(update=_BARE):
        return None
    says = {"event_id": event_id, "entry_version": entry.entry_version + 1, "occurred_at": at, "recorded_at": at}
    return entry.model_copy(update=_BARE | says)
