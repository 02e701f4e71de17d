"""What a participant has published of its watchlist, read back from its own topic: committed records only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from producers.list_steps import PublishedEntry
from schemas import topics
from schemas.codec import Codec
from schemas.events import WatchlistEntry
from tocsin.runtime.consuming import Record, TopicReader
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection
from tocsin.runtime.to_end import records_to_end

_AGAIN = 1.0


def published_entries(
    code: str,
    connection: Connection,
    *,
    patience: float | None = None,
    on_record: Callable[[int], None] | None = None,
    on_waiting: Callable[[str], None] | None = None,
    believed: Callable[[Record], bool] = lambda record: True,
    monotonic: Callable[[], float] = time.monotonic,
) -> dict[str, PublishedEntry]:
    """By entry_id, what watchlist.<code> says up to its end as of now.

    `believed` says of a record whether its signature counts. A broker or registry that is away is waited for,
    `patience` seconds at most (None: for ever), then Unavailable is raised; NotAllowed and NotConfigured pass. Records
    that are no entries are passed over: the gate refused them.
    """
    codec = Codec(RegistrySchemaIds(connection.registry, patience=_AGAIN, ca_file=connection.ca_file))
    found: dict[str, PublishedEntry] = {}
    with TopicReader(connection, [topics.watchlist(code)], purpose="list", from_beginning=True) as reader:
        records = records_to_end(reader, patience=patience, on_waiting=on_waiting, monotonic=monotonic)
        for read, record in enumerate(records, 1):
            value = record.value
            entry = _decoded(codec, value, patience, on_waiting, monotonic) if value else None
            if entry is not None and entry.producer == code and entry.entry_id == record.key:
                remember(found, entry, believed=believed(record))
            if on_record:
                on_record(read)
    return found


def remember(found: dict[str, PublishedEntry], entry: WatchlistEntry, *, believed: bool = True) -> None:
    """Take in the next message about an entry: the highest version holds, whatever the order."""
    known = found.get(entry.entry_id)
    if known is None or entry.entry_version >= known.entry.entry_version:
        found[entry.entry_id] = PublishedEntry(entry, believed=believed)
    else:
        found[entry.entry_id] = replace(known, in_order=False)


def _decoded(
    codec: Codec,
    data: bytes,
    patience: float | None,
    on_waiting: Callable[[str], None] | None,
    monotonic: Callable[[], float],
) -> WatchlistEntry | None:
    since = monotonic()
    while True:
        try:
            message = codec.readable(data)
        except Unavailable as error:
            if patience is not None and monotonic() - since > patience:
                raise
            if on_waiting:
                on_waiting(str(error))
            time.sleep(_AGAIN)
        else:
            return message if isinstance(message, WatchlistEntry) else None
