"""What the gate may commit: everything below the first record that is not wholly acknowledged."""

from __future__ import annotations

import threading

from streams.tasks.log import Record
from streams.tasks.sequences import check_chain


class Unfinished:
    """Which records of one partition are not finished; used from the event loop and the producer's thread.

    Made anew with each assignment: reports that arrive for an earlier one change nothing.
    """

    def __init__(self) -> None:
        self._pending: dict[int, int] = {}  # offset to open reports, ascending by insertion
        self._taken: dict[int, int] = {}  # offset to append timestamp, of the same
        self._next: int | None = None
        self._lock = threading.Lock()

    def took(self, record: Record) -> None:
        """A record is in hand; it counts as one open report until :meth:`done` is called for it.

        Raises Hole when records of this assignment were skipped before it.
        """
        if self._next is not None:
            check_chain(record, self._next)
        offset = record.offset
        with self._lock:
            self._pending[offset] = 1
            self._taken[offset] = record.timestamp
            self._next = offset + 1

    def sending(self, offset: int) -> None:
        """One more report is to come before `offset` is finished."""
        with self._lock:
            self._pending[offset] += 1

    def done(self, offset: int) -> None:
        """One report fewer."""
        with self._lock:
            left = self._pending[offset] - 1
            if left:
                self._pending[offset] = left
            else:
                del self._pending[offset], self._taken[offset]

    def committable(self) -> int | None:
        """Everything below this offset is finished; None before the first record."""
        with self._lock:
            return next(iter(self._pending), self._next)

    def oldest(self) -> int | None:
        """Append timestamp, milliseconds, of the first record that is not finished; None when all are."""
        with self._lock:
            return next(iter(self._taken.values()), None)

    def __len__(self) -> int:
        return len(self._pending)
