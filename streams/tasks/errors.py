"""Errors of tasks, sorted by what must happen to the process."""

from __future__ import annotations

from tocsin.runtime.errors import TocsinError


class TaskError(TocsinError):
    """Root of what a task raises on purpose."""


class TransactionAborted(TaskError):
    """The transaction was aborted and nothing of it is visible: do the same batch again from memory."""


class OwnershipLost(TaskError):
    """Another worker owns the partition now, or the producer can do nothing more. End the process with code 70."""


class GroupLost(TaskError):
    """The client no longer takes part in its group, or fetches, for an error it did not expect. End with code 70."""


class Hole(TaskError):
    """Something that was written has not reached this task. End the process with code 70; see the runbook."""


class RestoreFailed(TaskError):
    """The state could not be read from the changelog, or is not complete. End the process with code 70."""


class StateUnreadable(TaskError):
    """A state value is of a format that this program does not read. End the process with code 70."""


class StoreInUse(TaskError):
    """Another live process has the local store open: two workers were given the same name."""


class StoreBroken(TaskError):
    """The local store failed, or its disk takes no more. End the process with code 70. When the disk is to blame the
    copy is kept, else it is discarded when it is next opened."""


class UnknownTopic(TaskError):
    """A stage sends to a topic whose partition count the wiring did not give. A defect of the program."""


class SendFailed(TaskError):
    """The gate could not deliver what a record became. End the process; the record is processed again."""


class ListUnreadable(TaskError):
    """The watchlist can no longer be followed. End the process with code 70: it is read anew at the next start."""


class Slowed(TaskError):
    """Too much of a topic is refused: its next record is judged in `seconds`, those of other topics before."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds
