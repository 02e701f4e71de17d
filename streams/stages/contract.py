"""What a stage is, and what carries it.

A stage is a pure function ``(state, record, now) -> (state, outputs)``: :meth:`Stage.step` reads and writes the
:class:`State` that it is handed and returns what it says to others. It reads no clock, sends nothing itself and
remembers nothing outside its state but what :meth:`Stage.restore` can rebuild from it. Whoever carries it (the task
on Kafka, the in-memory log of the tests) makes state, outputs and the position in the input durable together, or
none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

Millis = int
"""A point in time: milliseconds since 1970-01-01 UTC."""

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A kind of state value. `name` is one short word, unique in its stage and first part of the key on disk."""

    name: str
    model: type[T]


class State(Protocol):
    """The state of one partition of one stage, as the step that is running sees it.

    Keys are text without NUL. Values are frozen models: change one by putting its successor.
    """

    def get(self, table: Table[T], key: str) -> T | None:
        """The value at `key`, or None."""
        ...

    def put(self, table: Table[T], key: str, value: T) -> None:
        """Set the value at `key`."""
        ...

    def delete(self, table: Table[T], key: str) -> None:
        """Forget `key`; nothing happens if there is none."""
        ...

    def scan(self, table: Table[T], prefix: str = "", after: str = "") -> Iterator[tuple[str, T]]:
        """Keys that begin with `prefix` and are greater than `after`, ascending by code point, with their values.

        What is put or deleted while scanning may or may not be seen: collect what you need before you write.
        """
        ...


class UnreadBatch(bytes):
    """Stands for the values of a batch of records that no reader takes. Who reads the log makes it; nobody can send it.

    It is empty but never None, which would say that something is deleted.
    """

    first: int
    """Offset of the first record that was not read."""
    last: int
    why: str
    """What is wrong with the batch, said of it as of an `it`."""

    def __new__(cls, first: int, last: int, why: str) -> UnreadBatch:
        made = super().__new__(cls)
        made.first, made.last, made.why = first, last, why
        return made


@dataclass(frozen=True, slots=True)
class Received:
    """One record of a stage's input, decoded."""

    topic: str
    partition: int
    offset: int
    timestamp: Millis
    """When the broker appended it (LogAppendTime)."""
    key: str | None
    message: BaseModel


@dataclass(frozen=True, slots=True)
class Send:
    """One record that a stage says.

    The partition is murmur2 of `key` unless given. `message` None is a tombstone (compacted topics only);
    `headers` are plain text.
    """

    topic: str
    key: str
    message: BaseModel | None
    partition: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Stage(Protocol):
    """One stage on one partition of its input topic."""

    name: str
    """Its name and that of its input topic: sightings, identifiers or cases."""

    def restore(self, state: State) -> None:
        """Rebuild what is derived from state (indexes). Called once, before the first step."""
        ...

    def ready(self, received: Received) -> bool:
        """False while the record must wait for something that this worker is still reading (see Probe).

        The carrier asks again until it is True before it steps this record; records behind it wait too.
        """
        ...

    def step(self, state: State, received: Received, now: Millis) -> Sequence[Send]:
        """Process one record. `now` is the largest append timestamp seen in this partition, never smaller than before.

        Bounded: at most a few hundred reads, writes and outputs (the rest goes on by a Continue record). Raises only
        on a defect of the program; bad input ends in a Reject among the outputs.
        """
        ...
