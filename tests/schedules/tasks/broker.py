"""Kafka in memory: partitions with transactions and markers, transactional ids with epochs, stable offsets, timeouts.

A commit is decided before its markers are written, partition by partition; until then what it wrote, and what others
wrote behind it, is not to be read. An open transaction is aborted by the next owner of its id or after its timeout.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from streams.tasks.log import Bounds, Outgoing, Place, Record

TRANSACTION_TIMEOUT = 10_000


class Fenced(Exception):
    """A later producer has the transactional id, or the transaction was given up for it."""


class Fate(Enum):
    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(slots=True, eq=False)
class Transaction:
    opened_at: int
    fate: Fate = Fate.OPEN
    first: dict[Place, int] = field(default_factory=dict)
    """Its first offset in each partition that has no marker of it yet."""


@dataclass(slots=True)
class _Producing:
    """What the coordinator knows of a transactional id."""

    epoch: int = 0
    transaction: Transaction | None = None


@dataclass(slots=True)
class _Slot:
    """One offset: a record, or (None) the marker that ends a transaction."""

    record: Record | None
    transaction: Transaction | None


class Broker:
    """A broker's worth of partitions and transactional ids. `clock` gives append timestamps, milliseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._slots: dict[Place, list[_Slot]] = defaultdict(list)
        self._unsettled: dict[Place, list[Transaction]] = defaultdict(list)
        """By partition, what wrote to it and has no marker there yet."""
        self._ids: dict[str, _Producing] = defaultdict(_Producing)

    # Reading

    def bounds(self, place: Place) -> Bounds:
        end = len(self._slots[place])
        unsettled = self._unsettled[place]
        return Bounds(0, min(it.first[place] for it in unsettled) if unsettled else end, end)

    def committed(self, place: Place, start: int, end: int | None = None) -> Iterator[Record]:
        """What read_committed gives from `start` to `end` (or the stable end)."""
        stable = self.bounds(place).stable
        for slot in self._slots[place][start : stable if end is None else min(end, stable)]:
            if slot.record and (slot.transaction is None or slot.transaction.fate is Fate.COMMITTED):
                yield slot.record

    def places(self, topic: str) -> list[Place]:
        """Partitions of `topic` that were written to."""
        return sorted(place for place in self._slots if place.topic == topic)

    def topics(self) -> list[str]:
        """Topics that were written to."""
        return sorted({place.topic for place in self._slots})

    # Writing

    def append(self, outgoing: Outgoing) -> int:
        """Write one record outside any transaction; gives its offset."""
        return self._append(outgoing, None)

    def _append(self, outgoing: Outgoing, transaction: Transaction | None) -> int:
        place = outgoing.place
        slots = self._slots[place]
        record = Record(place, len(slots), self._clock(), outgoing.key, outgoing.value, outgoing.headers)
        slots.append(_Slot(record, transaction))
        if transaction is not None and place not in transaction.first:
            transaction.first[place] = record.offset
            self._unsettled[place].append(transaction)
        return record.offset

    # Transactional ids

    def fence(self, name: str) -> int:
        """Raise the epoch of an id and abort what is open; gives the epoch. It may write once it is settled."""
        producing = self._ids[name]
        producing.epoch += 1
        if producing.transaction is not None and producing.transaction.fate is Fate.OPEN:
            producing.transaction.fate = Fate.ABORTED
        return producing.epoch

    def epoch(self, name: str) -> int:
        """The newest epoch of an id."""
        return self._ids[name].epoch

    def settled(self, name: str) -> bool:
        """Has the last transaction of an id got all its markers?"""
        return self._ids[name].transaction is None

    def add(self, name: str, epoch: int, outgoing: Outgoing) -> int:
        """Write one record in the transaction of an id, which this opens; gives its offset. Raises Fenced."""
        producing = self._current(name, epoch)
        if producing.transaction is None:
            producing.transaction = Transaction(self._clock())
        assert producing.transaction.fate is Fate.OPEN, "written to a transaction that has ended"
        return self._append(outgoing, producing.transaction)

    def end(self, name: str, epoch: int, fate: Fate) -> None:
        """Decide the transaction of an id; again is the same. Raises Fenced."""
        producing = self._current(name, epoch)
        transaction = producing.transaction
        if transaction is not None and transaction.fate is Fate.OPEN:
            transaction.fate = fate

    def _current(self, name: str, epoch: int) -> _Producing:
        producing = self._ids[name]
        if producing.epoch != epoch:
            raise Fenced(name)
        return producing

    # What the broker does by itself

    def unfinished(self) -> list[tuple[str, Place | None]]:
        """Markers that are still to be written; None: none, and the coordinator has only to note it."""
        return [
            (name, place)
            for name, producing in self._ids.items()
            if (it := producing.transaction) is not None and it.fate is not Fate.OPEN
            for place in (*it.first, *(() if it.first else (None,)))
        ]

    def write_marker(self, name: str, place: Place | None) -> None:
        """End the decided transaction of an id in one partition."""
        producing = self._ids[name]
        transaction = producing.transaction
        assert transaction is not None
        if place is not None:
            self._slots[place].append(_Slot(None, transaction))
            self._unsettled[place].remove(transaction)
            del transaction.first[place]
        if not transaction.first:
            producing.transaction = None

    def open_since(self) -> Mapping[str, int]:
        """Ids with an open transaction, and when it was opened."""
        return {
            name: it.opened_at
            for name, producing in self._ids.items()
            if (it := producing.transaction) is not None and it.fate is Fate.OPEN
        }

    def give_up(self, names: Iterable[str]) -> None:
        """The timeout of these transactions has come."""
        for name in names:
            self.fence(name)
