"""What a participant has published of its watchlist, read back from its own topics: committed records only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from producers.list_steps import PublishedEntry
from producers.repairs.own_topics import OwnRecords
from schemas import topics
from schemas.events import LAST_VERSION, WatchlistEntry
from tocsin.runtime.consuming import Record

_NOBODY_COUNTS_SO_FAR = LAST_VERSION // 2
"""A version above this was forged by somebody who may write to the topic, and refused."""


def published_entries(
    own: OwnRecords, *, believed: Callable[[Record], bool] = lambda record: True
) -> dict[str, PublishedEntry]:
    """By entry_id, what watchlist.<code> says up to its end as of now.

    What `own` reads in its rejects was refused, whatever for and by which stage; they reach back 30 days. `believed`
    says of a record whether its signature counts, which can be told for ever. A broker or registry that is away is
    waited for, then Unavailable is raised; NotAllowed and NotConfigured pass. Records that are no entries are passed
    over: the gate refused them.
    """
    topic = topics.watchlist(own.code)
    refused = own.refused(topic)  # first: a reject that comes meanwhile is about what the next call reads
    codec = own.codec()
    found: dict[str, PublishedEntry] = {}
    for record in own.records([topic]):
        entry = codec.readable(record.value)
        if isinstance(entry, WatchlistEntry) and entry.producer == own.code and entry.entry_id == record.key:
            position = (record.topic, record.partition, record.offset)
            remember(found, entry, believed=position not in refused and believed(record))
    return found


def remember(found: dict[str, PublishedEntry], entry: WatchlistEntry, *, believed: bool = True) -> None:
    """Take in the next message about an entry: the highest version holds, whatever the order."""
    known = found.get(entry.entry_id)
    if not believed and entry.entry_version > _NOBODY_COUNTS_SO_FAR:
        # To say something above it would leave no room for what comes after: it only stands in the way of compaction.
        if known is not None:
            found[entry.entry_id] = replace(known, in_order=False)
            return
        entry = entry.model_copy(update={"entry_version": 0})
    if known is None:
        found[entry.entry_id] = PublishedEntry(entry, believed=believed)
    elif entry.entry_version >= known.entry.entry_version:
        found[entry.entry_id] = PublishedEntry(entry, believed=believed, before=None if believed else known.holds)
    else:
        before = known.before
        if believed and not known.believed and (before is None or entry.entry_version >= before.entry_version):
            before = entry
        found[entry.entry_id] = replace(known, in_order=False, before=before)
