"""What becomes of what was just published: nobody hears what is taken in, but what is refused comes back.

So whoever must know publishes, behind it and under the same key, something that is refused after it was judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Self

from producers.country import CountryProducer
from producers.repairs.collecting import Position, position_of
from schemas import topics
from schemas.alerts import Reject
from schemas.codec import Codec
from schemas.events import Incident, Response, WatchlistEntry
from tocsin.runtime.consuming import Record, TopicReader
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.settings import Connection
from tocsin.runtime.to_end import records_to_end

_SLOW = 5.0
"""Seconds of waiting after which that is told."""


class Hearing:
    """What one participant says, and its refusals from before that on. Use it as a context manager."""

    def __init__(
        self,
        code: str,
        connection: Connection,
        codec: Codec,
        *,
        patience: float | None = None,
        on_waiting: Callable[[str], None] = lambda why: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`patience`: seconds to wait, for the broker and for what becomes of it; None waits for ever."""
        self._code, self._connection = code, connection
        self._codec, self._patience, self._monotonic = codec, patience, monotonic
        self._on_waiting = on_waiting
        self._reader = TopicReader(connection, [topics.rejects(code)], purpose="hearing", from_beginning=False)
        self._refused: dict[Position, Reject] = {}

    def __enter__(self) -> Self:
        """Find the end of the rejects. Raises Unavailable, NotAllowed and NotConfigured."""
        try:
            for _ in records_to_end(self._reader, patience=self._patience, on_waiting=self._on_waiting):
                pass
        except BaseException:
            self._reader.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def say(self, events: Iterable[Incident | WatchlistEntry | Response], refused: str) -> list[Position]:
        """Publish `events`, which have one key, and wait until they are taken; where each stands, in their order.

        Raises Unavailable, with `refused` ({}: why) where the broker does not take one.
        """
        places: list[Position] = []
        with CountryProducer(
            self._code, self._connection, patience=self._patience, on_delivered=lambda *place: places.append(place)
        ) as producer:
            for event in events:
                producer.publish(event)
        if producer.refused:
            raise Unavailable(refused.format(", ".join(producer.refused)))
        return sorted(places)  # one key, one partition: the broker has them in the order in which they were sent

    def until(self, told: Callable[[Mapping[Position, Reject]], bool]) -> None:
        """Wait until `told` of what was refused since the beginning, by where it stands. Raises what `told` raises.

        Raises Unavailable at the end of patience: what was published is not lost, and may be judged yet.
        """
        since, said = self._monotonic(), False
        while not told(self._refused):
            waited = self._monotonic() - since
            if self._patience is not None and waited > self._patience:
                raise Unavailable(
                    f"published, but the pipeline has not judged it within {self._patience:.0f} s, so that it is not"
                    " known whether it was taken in; run it again"
                )
            if waited > _SLOW and not said:
                said = True
                self._on_waiting("published; until the pipeline has judged it")
            event = self._reader.poll()
            if isinstance(event, Record) and isinstance(reject := self._codec.readable(event.value), Reject):
                self._refused.setdefault(position_of(reject), reject)
