"""Rejects and the participant's own records to lines that can be repaired."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from producers.repairs.refused_event import EVENTS, RefusedEvent, of_reject
from schemas.alerts import Reject
from tocsin.runtime.consuming import Record

Position = tuple[str, int, int]


class Collected:
    """The rejects of a participant, one an event, and what its own topics hold about them."""

    def __init__(self, rejects: Iterable[Reject]) -> None:
        self._rejects: dict[Position, Reject] = {}
        for reject in rejects:
            if reject.source_topic.partition(".")[0] in EVENTS:
                self._rejects.setdefault(position_of(reject), reject)
        self._records: dict[Position, tuple[bytes | None, str | None]] = {}
        self._replays = {of_reject(one, None, None, None).replayed_id: at for at, one in self._rejects.items()}
        self._replayed: set[Position] = set()

    @property
    def since(self) -> int | None:
        """When the first of the events was appended, in milliseconds; None: there is none."""
        times = [round(one.source_timestamp.timestamp() * 1000) for one in self._rejects.values()]
        return min(times, default=None)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that the events stand in."""
        return tuple(sorted({topic for topic, _, _ in self._rejects}))

    @property
    def replayed(self) -> int:
        """How many of the events were put back already."""
        return len(self._replayed)

    def take(self, record: Record, event_id: str | None) -> None:
        """The next record of one of the topics, with the event_id in it, if it can be read."""
        position = (record.topic, record.partition, record.offset)
        if position in self._rejects:
            self._records[position] = (record.value, record.key)
        elif event_id is not None and (replayed := self._replays.get(event_id)) is not None:
            self._replayed.add(replayed)

    def lines(self, readable: Callable[[bytes], BaseModel | None]) -> Iterator[RefusedEvent]:
        """A line for each event that was not put back yet, in the order in which they were refused.

        `readable`: that of the codec.
        """
        for position, reject in self._rejects.items():
            if position in self._replayed:
                continue
            content, key = self._records.get(position, (None, None))
            yield of_reject(reject, content, key, _event(reject, content, readable))


def position_of(reject: Reject) -> Position:
    """Where the event stands that `reject` is about."""
    return reject.source_topic, reject.source_partition, reject.source_offset


def _event(
    reject: Reject, content: bytes | None, readable: Callable[[bytes], BaseModel | None]
) -> dict[str, Any] | None:
    """What it said, as JSON; None where that cannot be read."""
    data = content if content is not None else reject.head
    if len(data) < reject.size or not data:
        return None
    event = readable(data)
    if not isinstance(event, EVENTS[reject.source_topic.partition(".")[0]]):
        return None
    try:
        said: dict[str, Any] = json.loads(event.model_dump_json(exclude_defaults=True))
    except ValueError:  # text that is none (half a surrogate pair): only its bytes can show it
        return None
    return said
