"""A refused event as a line of a file: why and where it was refused, what it said, and its bytes.

JSON Lines, what is read first standing first. `event` is what its sender repairs; the rest says which event it was and
is left alone. The bytes are there for what cannot be read as an event, and as proof of what was sent.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Self

from pydantic import ValidationError, model_validator

from producers.identity import drawn_event_id
from producers.repairs.errors import UnusableExport
from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.envelope import Envelope
from schemas.events import Incident, Response, WatchlistEntry
from schemas.model import Model, Timestamp

KEPT_DAYS = 30
"""How long rejects are kept, and so for how long it is known what was replayed (schemas.topics)."""
EVENTS: dict[str, type[Envelope]] = {"incidents": Incident, "watchlist": WatchlistEntry, "responses": Response}
"""The event of each kind of country topic."""


class RefusedEvent(Model):
    """One refused event, and what its sender makes of it."""

    reason: RejectReason
    """Why it was refused."""
    place: str
    """Path of the field that was wrong; empty for the whole event."""
    detail: str
    """What was wrong and what to do."""
    event: dict[str, Any] | None
    """What it said, without fields at their defaults: repair this. None where its bytes cannot be read as an event:
    write one, or publish it anew."""
    topic: str
    """Where it was published: its topic ..."""
    partition: int
    """... the partition ..."""
    offset: int
    """... and the offset."""
    sent_at: Timestamp
    """When the broker appended it."""
    event_id: str | None
    """Its event_id, where it could be read."""
    key: str | None
    """The record's key."""
    as_refused: str
    """SHA-256 of `event` as it was written here: tells whether it was repaired since. Empty without an event."""
    sha256: str
    """SHA-256 of its bytes, hexadecimal."""
    size: int
    """How many bytes it had."""
    whole: bool
    """`content` holds all of them; otherwise the first 64 KiB, the rest having left the topic."""
    content: bytes
    """Its bytes, in base64."""

    @model_validator(mode="after")
    def _is_of_a_country_topic(self) -> Self:
        if self.topic.partition(".")[0] not in EVENTS:
            raise ValueError("topic is none of incidents.CC, watchlist.CC, responses.CC")
        return self

    @property
    def position(self) -> tuple[str, int, int]:
        """Topic, partition and offset: no two events share it."""
        return self.topic, self.partition, self.offset

    @property
    def is_repaired(self) -> bool:
        """Whether `event` says something else than when it was refused."""
        return self.event is not None and digest(self.event) != self.as_refused

    @property
    def said_under(self) -> str | None:
        """The event_id that it was said under: a reject of what could not be processed does not name it."""
        return self.event_id or (self.event or {}).get("event_id")

    @property
    def replayed_id(self) -> str:
        """The event_id that it is put back under: always the same, whatever was repaired, by whoever, whenever."""
        seed = f"{self.topic}:{self.partition}:{self.offset}:{self.sha256}"
        return drawn_event_id(Random(seed), self.sent_at)

    def repaired(self) -> Envelope:
        """The event to put back. Raises pydantic's ValidationError; ValueError without an event.

        The same bytes for the same line: should it be said twice after all, the pipeline counts a duplicate.
        """
        if self.event is None:
            raise ValueError("there is no event in this line")
        ours = {"event_id": self.replayed_id, "supersedes": self.event.get("supersedes") or self.event_id}
        model = EVENTS[self.topic.partition(".")[0]]
        # Whoever signed it signed other bytes; the participant itself says it now.
        return model.model_validate_json(json.dumps(self.event | ours | {"delegation": None}))


def digest(event: dict[str, Any]) -> str:
    """SHA-256 of an event in JSON, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


def of_reject(reject: Reject, content: bytes | None, key: str | None, event: dict[str, Any] | None) -> RefusedEvent:
    """The line about `reject`; `content` and `key` as its topic holds them, None when it no longer does."""
    whole = content if content is not None else reject.head
    return RefusedEvent(
        reason=reject.reason,
        place=reject.place,
        detail=reject.detail,
        event=event,
        topic=reject.source_topic,
        partition=reject.source_partition,
        offset=reject.source_offset,
        sent_at=reject.source_timestamp,
        event_id=reject.event_id,
        key=key,
        as_refused=digest(event) if event is not None else "",
        sha256=reject.sha256.hex(),
        size=reject.size,
        whole=len(whole) == reject.size,
        content=whole,
    )


def written(path: Path, events: Iterable[RefusedEvent]) -> int:
    """Write a new file that its owner alone can read; returns how many lines. Raises UnusableExport if it is there."""
    count = 0
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            for count, event in enumerate(events, 1):  # noqa: B007 (counted)
                stream.write(json.dumps(event.model_dump(mode="json")) + "\n")
    except FileExistsError:
        why = "is there already, and may hold repairs: it is not written over. Name another file"
        raise UnusableExport(path, why) from None
    except OSError as error:
        raise UnusableExport(path, f"cannot be written: {error.strerror or error}") from error
    return count


def read_refused(path: Path) -> Iterator[RefusedEvent]:
    """The lines of a file. Raises UnusableExport at the first that is none."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parsed(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableExport(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _parsed(path: Path, number: int, line: str) -> RefusedEvent:
    try:
        return RefusedEvent.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        why = f"line {number} is no line of tocsin rejects --export ({place or 'JSON'}: {first['msg']})"
        raise UnusableExport(path, why) from None
