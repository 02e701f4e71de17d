"""The log in memory, with transactions, fencing, markers and read_committed, for simulations and tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from streams.tasks.errors import OwnershipLost, TransactionAborted
from streams.tasks.log import Bounds, Outgoing, Place, Record, Writer


class _Fate(Enum):
    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


@dataclass(slots=True)
class _Transaction:
    fate: _Fate = _Fate.OPEN
    places: set[Place] = field(default_factory=set)


@dataclass(slots=True)
class _Slot:
    """One offset: a record, or (record None) the marker that ends a transaction."""

    record: Record | None
    transaction: _Transaction | None


class MemoryLog:
    """A broker's worth of partitions. `clock` gives append timestamps (milliseconds). Not for several threads."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._slots: dict[Place, list[_Slot]] = defaultdict(list)
        self._epochs: dict[str, int] = defaultdict(int)
        self._open: dict[str, _Transaction] = {}

    def append(self, outgoing: Outgoing, transaction: _Transaction | None = None) -> int:
        """Write one record outside any transaction (or, for writers, inside one); gives its offset."""
        slots = self._slots[outgoing.place]
        record = Record(outgoing.place, len(slots), self._clock(), outgoing.key, outgoing.value, outgoing.headers)
        slots.append(_Slot(record, transaction))
        if transaction:
            transaction.places.add(outgoing.place)
        return record.offset

    def writer(self, transactional_id: str, crash: Callable[[str], None] | None = None) -> Writer:
        """As the port has it; `crash` is called at "begun", "written" and "committed" and may raise to die there,
        or raise TransactionAborted.
        """
        self._epochs[transactional_id] += 1
        if left := self._open.pop(transactional_id, None):
            self.end(left, _Fate.ABORTED)
        return _MemoryWriter(self, transactional_id, self._epochs[transactional_id], crash or (lambda _: None))

    def end(self, transaction: _Transaction, fate: _Fate) -> None:
        """End a transaction; its marker occupies one offset in every partition that it wrote to."""
        transaction.fate = fate
        for place in transaction.places:
            self._slots[place].append(_Slot(None, transaction))

    def read(self, place: Place, offset: int) -> Iterator[Record]:
        slots = self._slots[place]
        for slot in slots[offset : self._stable(slots)]:
            if slot.record and (slot.transaction is None or slot.transaction.fate is _Fate.COMMITTED):
                yield slot.record

    def bounds(self, places: Iterable[Place]) -> Mapping[Place, Bounds]:
        return {place: Bounds(0, self._stable(self._slots[place]), len(self._slots[place])) for place in places}

    @staticmethod
    def _stable(slots: list[_Slot]) -> int:
        for offset, slot in enumerate(slots):
            if slot.transaction and slot.transaction.fate is _Fate.OPEN:
                return offset
        return len(slots)

    def begin(self, transactional_id: str, epoch: int) -> _Transaction:
        """Open a transaction. Raises OwnershipLost when a later writer has the id."""
        self.check(transactional_id, epoch)
        return self._open.setdefault(transactional_id, _Transaction())

    def commit(self, transactional_id: str, epoch: int) -> None:
        """Make the open transaction visible. Raises OwnershipLost when a later writer has the id."""
        self.check(transactional_id, epoch)
        self.end(self._open.pop(transactional_id), _Fate.COMMITTED)

    def abort(self, transactional_id: str, epoch: int) -> None:
        """Undo the open transaction. Raises OwnershipLost when a later writer has the id."""
        self.check(transactional_id, epoch)
        self.end(self._open.pop(transactional_id), _Fate.ABORTED)

    def check(self, transactional_id: str, epoch: int) -> None:
        """Raises OwnershipLost when a later writer has the id."""
        if self._epochs[transactional_id] != epoch:
            raise OwnershipLost(f"{transactional_id} has been fenced")


@dataclass(slots=True)
class _MemoryWriter:
    log: MemoryLog
    transactional_id: str
    epoch: int
    crash: Callable[[str], None]

    def commit(self, records: Sequence[Outgoing]) -> int:
        transaction = self.log.begin(self.transactional_id, self.epoch)
        try:
            return self._write(transaction, records)
        except TransactionAborted:
            self.log.abort(self.transactional_id, self.epoch)
            raise

    def _write(self, transaction: _Transaction, records: Sequence[Outgoing]) -> int:
        self.crash("begun")
        last = -1
        for record in records:
            self.log.check(self.transactional_id, self.epoch)
            last = self.log.append(record, transaction)
        self.crash("written")
        self.log.commit(self.transactional_id, self.epoch)
        self.crash("committed")
        return last

    def close(self) -> None:
        return
