"""How far events were refused about which nothing else is kept, so that what the gate says again is not refused again.

An event of a known incident, entry or case is judged by that one's history (`versions`). One that is refused because
nothing is known of it leaves no history; a history each would be as many as somebody cares to make up. So the stage
remembers one position for each partition of a country topic: the last one refused. The gate says the events of a
partition in their order, and after a crash some of them again from an earlier one on; an event that is not above the
last refused position of its partition has therefore been here before, unless the topic was made anew (`versions`).
"""

from __future__ import annotations

from schemas.internal import Source
from schemas.model import Model, millis
from streams.stages import keys
from streams.stages.contract import State, Table
from streams.stages.versions import said_again


class RefusedUpTo(Model):
    """The last event of a partition of a country topic that was refused as unknown. Key: topic, partition."""

    offset: int
    """Its offset."""
    appended: int = 0
    """The latest time at which one of them was appended: milliseconds since 1970; 0: not known."""


REFUSED = Table("refused", RefusedUpTo)
"""As many values as country topics have partitions, at most."""


def was_here_before(state: State, source: Source) -> bool:
    """Whether the event at `source` is one that the gate says again."""
    last = state.get(REFUSED, _place(source))
    return last is not None and said_again(source, last.offset, last.appended)


def remember_refused(state: State, source: Source) -> None:
    """The event at `source`, which was not here before, is refused."""
    place = _place(source)
    last = state.get(REFUSED, place)
    appended = max(last.appended if last is not None else 0, millis(source.timestamp))
    state.put(REFUSED, place, RefusedUpTo(offset=source.offset, appended=appended))


def _place(source: Source) -> str:
    return keys.joined(source.topic, str(source.partition))
