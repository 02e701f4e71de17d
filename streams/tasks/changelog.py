"""Bring a local store up to its changelog: from the offset that it remembers to the stable end.

To be called only after the earlier owner has been fenced: what it left open is then decided, and nothing can be
added behind our back.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from streams.tasks.errors import RestoreFailed
from streams.tasks.log import Log, Place
from streams.tasks.position import POSITION_KEY, Position
from streams.tasks.store import Store

_CHUNK = 2_000
_SETTLING = 10.0
"""Seconds that the stable offset may need to follow the end once the earlier owner's transaction has been ended."""
_PAUSE = 0.1


def restore(
    log: Log,
    place: Place,
    store: Store,
    discarded: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Read what `store` has not got of the changelog partition `place`; gives the number of records read.

    A store that is ahead of the changelog, or before its beginning, or the copy of another changelog, is wiped and
    `discarded` told why. Raises RestoreFailed when the changelog cannot be read, or does not end where it is stable
    (somebody's transaction hangs in it; `tocsin doctor` finds it).
    """
    bounds, waited = log.bounds([place])[place], 0.0
    while bounds.end != bounds.stable and waited < _SETTLING:
        sleep(_PAUSE)
        bounds, waited = log.bounds([place])[place], waited + _PAUSE
    if bounds.end != bounds.stable:
        raise RestoreFailed(
            f"the changelog {place} ends at {bounds.end} but is stable only to {bounds.stable}:"
            " a transaction hangs in it (tocsin doctor says how to end it)"
        )
    if not bounds.low <= store.changelog_offset <= bounds.end and store.changelog_offset != 0:
        discarded("range")
        store.wipe()
    count = _read(log, place, store)
    if count is None:
        discarded("replaced")
        store.wipe()
        count = _read(log, place, store)
        if count is None:
            raise RestoreFailed(f"the changelog {place} holds two different tasks")
    return count


def _read(log: Log, place: Place, store: Store) -> int | None:
    """Apply the records not yet read; None when the store turns out to be the copy of another changelog."""
    count, changes, following = 0, dict[bytes, bytes | None](), store.changelog_offset
    born = Position.decoded(known).born if (known := store.get(POSITION_KEY)) else None
    for record in log.read(place, following):
        if record.key is None:
            continue
        if record.key == POSITION_KEY and record.value:
            told = Position.decoded(record.value).born
            if born is not None and told != born:
                return None
            born = told
        changes[record.key] = record.value
        following = record.offset + 1
        count += 1
        # Cut anywhere: a restore that dies goes on from the remembered offset before anybody looks at the values.
        if len(changes) >= _CHUNK:
            store.write(changes, following)
            changes = {}
    if changes:
        store.write(changes, following)
    return count
