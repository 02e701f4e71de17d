"""The log as a task needs it: the port with two implementations, Kafka and memory.

Small on purpose, because a simulation runs the same task on the memory one: transactions are one call, reading is
what read_committed sees, and fencing happens when a writer is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Headers = tuple[tuple[str, bytes | None], ...]


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in the log."""

    place: Place
    offset: int
    timestamp: int
    """Append time, milliseconds since 1970-01-01 UTC."""
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    chain: int | None = None
    """Offset up to which everything has been handed out before this record; None when the reader cannot tell."""


class Outgoing(NamedTuple):
    """One record to be written."""

    place: Place
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Bounds(NamedTuple):
    """Offsets of a partition: the first still there, the first that read_committed cannot see yet, the next written."""

    low: int
    stable: int
    end: int


class Writer(Protocol):
    """The only writer of one transactional id: opening another with the same id fences this one."""

    def commit(self, records: Sequence[Outgoing]) -> int:
        """Write all `records` in one transaction; gives the offset of the last.

        Decided when this returns; readers may see it a moment later (a broker answers before it writes the markers).
        Raises TransactionAborted when nothing became visible and the same call may be made again, OwnershipLost
        when this writer can never write again (fenced, fatal, or no broker for 90 seconds).
        """
        ...

    def close(self) -> None:
        """Let go of the connection; an open transaction is left to the next owner or its timeout."""
        ...


class Log(Protocol):
    """Partitions that can be read and written."""

    def writer(self, transactional_id: str) -> Writer:
        """Fence the earlier writer of this id, end what it left open, and be its successor. Raises OwnershipLost."""
        ...

    def read(self, place: Place, offset: int) -> Iterator[Record]:
        """Committed records from `offset` to the stable end, which is asked at the call. Raises RestoreFailed."""
        ...

    def bounds(self, places: Iterable[Place]) -> Mapping[Place, Bounds]:
        """Where the partitions begin and end now. Raises RestoreFailed when the broker does not answer."""
        ...
