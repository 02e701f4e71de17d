"""Everything that topics hold as of now, and then an end: what commands read that answer a question and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tocsin.runtime.consuming import AtEnd, LineLost, Record, TopicReader
from tocsin.runtime.errors import Unavailable


def records_to_end(
    reader: TopicReader,
    *,
    patience: float | None = None,
    on_waiting: Callable[[str], None] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Record]:
    """What `reader` has until everything that was there at its start has been handed out.

    A broker that is away is waited for (`on_waiting` hears why), for `patience` seconds without any record at most
    (None: for ever), then Unavailable is raised; NotAllowed and NotConfigured pass.
    """
    since = monotonic()
    while True:
        match reader.poll():
            case AtEnd():
                return
            case Record() as record:
                yield record
                since = monotonic()
            case LineLost(why=why):
                if on_waiting:
                    on_waiting(why)
            case _:
                if patience is not None and monotonic() - since > patience:
                    raise Unavailable(reader.trouble or f"nothing came for {patience:.0f} seconds")
