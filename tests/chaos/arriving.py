"""What of the publication stands in the broker's log, and where.

A client that cannot tell whether a broker that died took its last batches begins a new epoch and sends them again, so
that a record may stand in its partition a second time, a little after the first. Whoever reads is to bear that: the
gate drops what it has seen. But the places of all that follows are no longer those of the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from deploy.stack.running import Stack
from schemas.alerts import Reject
from streams.tasks.log import Record
from tests.chaos.hearing import Reading
from tests.schedules.histories import History, Published
from tocsin.runtime.settings import connect

_FRAMING = 5
"""Bytes before the content of an event: which schema it was written with differs between registries."""

Feed = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What stands in the log."""

    places: Mapping[Feed, Mapping[int, int]] = field(default_factory=dict)
    """By feed: the place in the history of the record at each offset."""
    again: frozenset[tuple[Feed, int]] = frozenset()
    """Where a record stands that stood before it already, by its client's doing."""
    trouble: tuple[str, ...] = ()
    """What was published and is not there, or is there and was not published."""

    def in_history(self, reject: Reject) -> Reject | None:
        """`reject` with the place in the history of what it refuses; None when it refuses what was sent again."""
        feed = (reject.source_topic, reject.source_partition)
        if (feed, reject.source_offset) in self.again:
            return None
        place = self.places.get(feed, {}).get(reject.source_offset, reject.source_offset)
        return reject.model_copy(update={"source_offset": place})


def arrived(stack: Stack, history: History, since: float) -> Arrived:
    """What has come of `history`, published since `since` (seconds since 1970), on a stack with its partitions."""
    standing: dict[Feed, list[Record]] = defaultdict(list)
    with closing(Reading(connect("admin", stack.settings), sorted({topic for topic, _ in history.feeds}))) as reading:
        for record in reading.all():
            if record.timestamp / 1000 >= since:
                standing[record.place].append(record)
    places: dict[Feed, dict[int, int]] = {}
    again: set[tuple[Feed, int]] = set()
    trouble: list[str] = []
    for feed, wanted in history.feeds.items():
        places[feed], repeated, said = aligned(standing[feed], wanted)
        again |= {(feed, offset) for offset in repeated}
        trouble += [f"{feed}: {what}" for what in said]
    return Arrived(places, frozenset(again), tuple(trouble))


def aligned(standing: list[Record], wanted: list[Published]) -> tuple[dict[int, int], list[int], list[str]]:
    """Places in the history by offset, offsets of what stands there again, and what fits nowhere."""
    places: dict[int, int] = {}
    again: list[int] = []
    following = 0
    for record in standing:
        found = (record.key or b"", (record.value or b"")[_FRAMING:])
        if following < len(wanted) and found == _content(wanted[following]):
            places[record.offset] = following
            following += 1
        elif found in map(_content, wanted[:following]):
            again.append(record.offset)
        else:
            return places, again, [f"at offset {record.offset} stands what was not published there"]
    missing = len(wanted) - following
    return places, again, [f"{missing} of {len(wanted)} records are not there"] if missing else []


def _content(record: Published) -> tuple[bytes, bytes]:
    return record.key, record.value[_FRAMING:]
