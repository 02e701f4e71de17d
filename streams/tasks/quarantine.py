"""A record that cannot be processed is set aside whole, with what is needed to find the defect and nothing personal."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from pathlib import PurePath

from schemas.partition import partition_of
from streams.tasks.errors import TaskError
from streams.tasks.log import Outgoing, Place, Record
from tocsin.runtime.errors import Unavailable

TOPIC = "quarantine"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record was set aside: never the exception's text, which may repeat the record."""

    kind: str
    """Type of the exception."""
    where: str
    """File, function and line where it was raised."""
    fingerprint: str
    """The same for the same defect: twelve hexadecimal digits of the trace's files and functions."""

    @classmethod
    def of(cls, error: BaseException) -> Fault:
        frames = traceback.extract_tb(error.__traceback__)
        trail = [f"{PurePath(frame.filename).name}:{frame.name}" for frame in frames]
        kind = type(error).__name__
        last = frames[-1] if frames else None
        where = f"{PurePath(last.filename).name}:{last.name}:{last.lineno}" if last else "?"
        return cls(kind, where, hashlib.sha256("\n".join([kind, *trail]).encode()).hexdigest()[:12])

    @staticmethod
    def infrastructure() -> tuple[type[BaseException], ...]:
        """Errors that are nobody's record's fault: they never count as a try."""
        return (TaskError, Unavailable, OSError, MemoryError)

    def __str__(self) -> str:
        return f"{self.kind} at {self.where} (fingerprint {self.fingerprint})"


def quarantined(record: Record, stage: str, fault: Fault, partitions: int) -> Outgoing:
    """`record` for the quarantine topic (of so many `partitions`): its bytes, its position as key, why in headers."""
    key = f"{record.place.topic}/{record.place.partition}/{record.offset}"
    reason = (("stage", stage), ("exception", fault.kind), ("where", fault.where), ("fingerprint", fault.fingerprint))
    headers = tuple((f"quarantine-{name}", text.encode()) for name, text in reason)
    # a name that was no UTF-8 came as lone surrogates, which nobody could write again
    names = (name.encode(errors="backslashreplace").decode() for name, _ in record.headers)
    kept = tuple((f"original-{name}", value) for name, (_, value) in zip(names, record.headers, strict=True))
    return Outgoing(Place(TOPIC, partition_of(key, partitions)), key.encode(), record.value, headers + kept)
