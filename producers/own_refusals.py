"""Who publishes looks at what is refused of it meanwhile, and stops when that is too much: nobody else is held up.

A file with its columns mixed up is refused row by row, faster than anybody reads it. The producer stops itself: the
pipeline goes on for everybody else, and what was taken stays.
"""

from __future__ import annotations

import time
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from producers.errors import ProducerError
from producers.repairs.collecting import Position, position_of
from schemas import topics
from schemas.alerts import Reject
from schemas.codec import Codec
from schemas.codes import RejectReason
from schemas.errors import SchemaError
from tocsin.runtime.consuming import AtEnd, LineLost, Record, TopicReader
from tocsin.runtime.errors import NotAllowed, NotConfigured, Unavailable
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import Connection

_LOOK_EVERY = 0.2
"""Seconds between two looks."""
_AT_A_LOOK = 1_000
"""Rejects taken in by one look."""
_WAIT_FOR_END = 5.0
"""Seconds that finding the end of the rejects may take; a broker that is away is waited for by the producer."""
_REMEMBERED = 10_000
"""Rejects remembered whose events are not known to be ours (yet)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """When too many are refused: more than `least` and `share` of what was judged, as in the rule RejectsHigh."""

    share: float = 0.05
    least: int = 20


class TooManyRefused(ProducerError):
    """Too much of what was published is refused. Mend it, put it back with `tocsin replay`, and publish the rest."""

    def __init__(self, code: str, refused: int, judged: int, reason: RejectReason) -> None:
        super().__init__(
            f"publishing as {code} was stopped: {refused} of the {judged} events judged so far were refused"
            f" ({refused / judged:.0%}), most of them as {reason}. What was taken stays; what was not sent yet was not"
            f" sent. See them: tocsin rejects {code} --export FILE. To publish all the same: --go-on"
        )
        self.refused = refused
        self.judged = judged


class OwnRefusals:
    """How much of what one producer sent was refused. Pure."""

    def __init__(self, code: str, bound: Bound) -> None:
        self._code, self._bound = code, bound
        self._delivered: dict[tuple[str, int], list[int]] = {}
        self._last: dict[tuple[str, int], int] = {}
        self._strange: dict[Position, RejectReason] = {}
        self.reasons: Counter[RejectReason] = Counter()
        """What was refused of it, by reason."""

    def delivered(self, topic: str, partition: int, offset: int) -> None:
        """The broker has taken one of our events. It may have been refused before we hear of that."""
        offsets = self._delivered.setdefault((topic, partition), [])
        insort(offsets, offset)  # they come in order: at the end
        reason = self._strange.pop((topic, partition, offset), None)
        if reason is not None:
            self._count((topic, partition, offset), reason)

    def refused(self, position: Position, reason: RejectReason) -> None:
        """An event of the participant was refused: ours, or one that it published by another way."""
        offsets = self._delivered.get(position[:2], [])
        at = bisect_right(offsets, position[2])
        if at and offsets[at - 1] == position[2]:
            self._count(position, reason)
        elif len(self._strange) < _REMEMBERED:
            self._strange[position] = reason

    @property
    def judged(self) -> int:
        """How many of ours the gate has come to: those up to the last one refused in each partition."""
        return sum(bisect_right(self._delivered[place], last) for place, last in self._last.items())

    def judge(self) -> None:
        """Raises TooManyRefused."""
        refused, judged = self.reasons.total(), self.judged
        if refused > self._bound.least and refused > self._bound.share * judged:
            raise TooManyRefused(self._code, refused, judged, self.reasons.most_common(1)[0][0])

    def _count(self, position: Position, reason: RejectReason) -> None:
        self.reasons[reason] += 1
        place = position[:2]
        self._last[place] = max(self._last.get(place, -1), position[2])


class RefusalWatch:
    """Reads a participant's rejects while it publishes. Use it as a context manager, around the producer.

    Where they cannot be read it watches nothing: publishing needs no right to read.
    """

    def __init__(
        self,
        code: str,
        connection: Connection,
        bound: Bound | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without a `bound` it only counts."""
        self._code, self._connection, self._bound, self._monotonic = code, connection, bound, monotonic
        self._reader: TopicReader | None = None
        self._codec = Codec(RegistrySchemaIds(connection.registry, patience=0.0, ca_file=connection.ca_file))
        self._next = 0.0
        self._started = False
        self.own = OwnRefusals(code, bound or Bound())

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Find the end of the rejects, before the first event is sent; done once."""
        if self._started:
            return
        self._started = True
        reader = TopicReader(self._connection, [topics.rejects(self._code)], purpose="publishing", from_beginning=False)
        until = self._monotonic() + _WAIT_FOR_END
        try:
            while self._monotonic() < until and not isinstance(reader.poll(), AtEnd | LineLost):
                pass
        except (NotAllowed, NotConfigured):
            reader.close()
        else:
            self._reader = reader

    def __exit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.close()

    def look(self, *, now: bool = False) -> None:
        """Take in what was refused since the last look, a few times a second at most. Raises TooManyRefused."""
        if self._reader is None or (self._monotonic() < self._next and not now):
            return
        self._next = self._monotonic() + _LOOK_EVERY
        for _ in range(_AT_A_LOOK):
            event = self._reader.poll(0)
            if event is None:
                break
            if isinstance(event, Record) and event.value:
                self._take(event.value)
        if self._bound is not None:
            self.own.judge()

    def _take(self, value: bytes) -> None:
        try:
            reject = self._codec.decode(value)
        except (SchemaError, Unavailable):
            return
        if isinstance(reject, Reject):
            self.own.refused(position_of(reject), reject.reason)
