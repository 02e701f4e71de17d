"""Two counters that prove that nothing was skipped: offsets have legal holes (transaction markers, compaction).

Chain: the reader says of each record up to which offset everything has been handed out before it; if that is beyond
the task's position, something was skipped on the way from the broker to the task.

Sequence: each task numbers what it sends per destination partition, from 1; the receiver keeps the last number per
source. It also sees what was lost before it ever reached the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from streams.tasks.errors import Hole
from streams.tasks.log import Headers, Place, Record

SOURCE_HEADER = "task"
NUMBER_HEADER = "number"


class Arrival(Enum):
    """What the number of a record says about it."""

    NEXT = "next"
    REPEAT = "repeat"
    UNNUMBERED = "unnumbered"


def check_chain(record: Record, position: int) -> None:
    """Raises Hole when records between `position` and this one were never handed out."""
    if record.chain is not None and record.chain > position:
        raise Hole(
            f"{record.place}: records from offset {position} to {record.chain} were skipped before {record.offset}"
        )


class Sent:
    """Numbers given to what this task sends. `known` is what its state says: destination to last number."""

    def __init__(self, source: str, known: Mapping[str, int]) -> None:
        self._source = source.encode()
        self._last = dict(known)
        self._changed: set[str] = set()

    def number(self, destination: Place) -> Headers:
        """The headers of the next record to `destination`."""
        name = str(destination)
        self._last[name] = number = self._last.get(name, 0) + 1
        self._changed.add(name)
        return ((SOURCE_HEADER, self._source), (NUMBER_HEADER, b"%d" % number))

    def take_changes(self) -> Mapping[str, int]:
        """Last numbers that changed since this was last asked."""
        changed, self._changed = self._changed, set()
        return {name: self._last[name] for name in changed}


class Heard:
    """Numbers heard from each source. `known` is what the task's state says: source to last number.

    `from_start` False: the task was born when older input had already gone, so a source may begin above 1.
    """

    def __init__(self, known: Mapping[str, int], from_start: bool) -> None:
        self._last = dict(known)
        self._from_start = from_start
        self._changed: set[str] = set()

    def hear(self, record: Record) -> Arrival:
        """Note the record's number. Raises Hole when numbers before it never came."""
        source, number = origin(record.headers)
        if source is None:
            return Arrival.UNNUMBERED
        last = self._last.get(source)
        if last is not None and number <= last:
            return Arrival.REPEAT
        if number != (last or 0) + 1 and (last is not None or self._from_start):
            raise Hole(f"{record.place}: {source} sent number {number} at offset {record.offset} after {last or 0}")
        self._last[source] = number
        self._changed.add(source)
        return Arrival.NEXT

    def take_changes(self) -> Mapping[str, int]:
        """Last numbers that changed since this was last asked."""
        changed, self._changed = self._changed, set()
        return {name: self._last[name] for name in changed}


def origin(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str | None, int]:
    """Source and number in `headers`; (None, 0) when they are not both there."""
    known = {name: value or b"" for name, value in headers if name in (SOURCE_HEADER, NUMBER_HEADER)}
    source, number = known.get(SOURCE_HEADER, b"").decode(errors="replace"), known.get(NUMBER_HEADER, b"")
    return (source, int(number)) if source and number.isdigit() else (None, 0)
