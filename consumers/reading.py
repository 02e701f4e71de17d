"""From records to messages: decoding, waiting for the registry, and knowing when to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from schemas.errors import NotProvisioned, SchemaError
from tocsin.runtime.consuming import AtEnd, Event, LineBack, LineLost, Record
from tocsin.runtime.errors import Unavailable

M = TypeVar("M", bound=BaseModel)
_WAIT = 2.0


class Source(Protocol):
    """Where events come from: a TopicReader, or a list in tests."""

    def poll(self, timeout: float = 0.2) -> Event | None:
        """What happened next, or None when nothing did for `timeout` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Got(Generic[M]):
    """A message with the record that carried it."""

    message: M
    record: Record


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that holds no message of the kind expected. Reading goes on behind it."""

    record: Record
    why: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing happened for a moment: time to look at clocks."""


Step = Got[M] | Unreadable | AtEnd | LineLost | LineBack | Quiet


def messages(
    source: Source,
    decode: Callable[[bytes], BaseModel],
    model: type[M],
    *,
    until_idle: float | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Step[M]]:
    """Everything that `source` hands out, decoded, for ever, or until the end was seen and it stays idle.

    `until_idle`: end after so many seconds without a new record once everything that was there has been read; time
    without a line does not count, since nothing could have arrived. A registry that is away is waited for.
    """
    at_end, lost, since = False, False, monotonic()
    while True:
        event = source.poll()
        match event:
            case None:
                yield Quiet()
            case Record():
                yield from _decoded(event, decode, model, sleep)
                since = monotonic()
            case AtEnd():
                at_end, since = True, monotonic()
                yield event
            case LineLost():
                lost = True
                yield event
            case LineBack():
                lost, since = False, monotonic()
                yield event
        if until_idle is not None and at_end and not lost and event is None and monotonic() - since >= until_idle:
            return


def _decoded(
    record: Record, decode: Callable[[bytes], BaseModel], model: type[M], sleep: Callable[[float], None]
) -> Iterator[Step[M]]:
    if record.value is None:
        yield Unreadable(record, "it has no content")
        return
    waiting = False
    while True:
        try:
            message = decode(record.value)
        except Unavailable as error:
            if not waiting:
                waiting = True
                yield LineLost(str(error))
            sleep(_WAIT)
            yield Quiet()
            continue
        except NotProvisioned:
            raise
        except SchemaError as error:
            step: Step[M] = Unreadable(record, str(error))
        else:
            step = (
                Got(message, record)
                if isinstance(message, model)
                else Unreadable(record, f"it is a {type(message).__name__}")
            )
        if waiting:
            yield LineBack()
        yield step
        return
