"""When the rows of a source were first published, so that publishing them again says the same again.

A file that does not say when its incidents happened has them happen when they are published. Said at another time the
same row would be other content under the same version: a VERSION_CONFLICT instead of a duplicate. So one file a
source in the state folder remembers up to which row the source was published when. A row that is new gets the time of
its own first publication; a corrected one (with a higher version) keeps it.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from producers.errors import UnwritableState
from schemas.codes import Mode

FOLDER = "published"
KEPT_DAYS = 120
"""How long a source is remembered after its last new row: as long as a correction of its incidents is taken."""


class _Rows(BaseModel):
    """Rows that were first published together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    last: int | None = Field(None, ge=1)
    """The last of them; None: the publication did not end, and whatever came after belonged to it."""
    at: datetime
    """When."""


class _Source(BaseModel):
    """What is remembered of one source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    producer: str
    exercise: Mode
    source: str
    rows: tuple[_Rows, ...] = ()
    """Ascending by `last`."""


class FirstPublished:
    """The rows of one source of a producer, remembered in the folder `state`. Use it as a context manager.

    The time of new rows is written down before the first of them is handed out, and how far they went at the end: a
    publication that is killed is remembered too. Raises UnwritableState when the state folder cannot hold that, or
    holds something else.
    """

    def __init__(self, state: Path, producer: str, exercise: Mode, source: str, now: datetime | None = None) -> None:
        name = hashlib.sha256(f"{producer}\n{exercise}\n{source}".encode()).hexdigest()[:32]
        self._path = state / FOLDER / f"{name}.json"
        self._now = (now or datetime.now(UTC)).astimezone(UTC)
        self._known = self._read(_Source(producer=producer, exercise=exercise, source=source))
        self._last = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        rows = self._known.rows
        if self._last and rows and rows[-1].last is None:
            self._write((*rows[:-1], rows[-1].model_copy(update={"last": self._last})))

    def at(self, row: int) -> datetime:
        """When `row` (counted from 1, rows asked for in their order) was first published; a new one: now."""
        self._last = max(self._last, row)
        for rows in self._known.rows:
            if rows.last is None or row <= rows.last:
                return rows.at
        self._write((*self._known.rows, _Rows(at=self._now)))
        return self._now

    def _read(self, nothing: _Source) -> _Source:
        try:
            return _Source.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return nothing
        except (OSError, ValidationError) as error:
            raise UnwritableState(
                f"{self._path} cannot be read as the record of what was published when: mend it, or move it away (then"
                " rows without a time happen now), or say --at"
            ) from error

    def _forget(self) -> None:
        oldest = self._now.timestamp() - KEPT_DAYS * 86_400
        for path in self._path.parent.glob("*.json"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _write(self, rows: tuple[_Rows, ...]) -> None:
        self._known = self._known.model_copy(update={"rows": rows})
        self._forget()
        staging = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(self._known.model_dump_json(indent=1) + "\n")
            staging.replace(self._path)
        except OSError as error:
            raise UnwritableState(
                f"{self._path}: when rows are first published cannot be remembered ({error.strerror}); say --at"
            ) from error
